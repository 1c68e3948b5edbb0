"""List every text of the plugin in resources/translations/cscl_LANGUAGE.ts.

The texts are read from the sources: what stands in `tr("...")`, titles that classes of the plugin
carry, and what the contract's fields, jobs, stages and outputs say. A finished translation is kept,
one whose text is gone is dropped, a new one is marked as unfinished; Qt Linguist edits the files.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "cscl_qgis"
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("de", "fr")
# What a class of the plugin carries in words and shows through `told` or `tr`.
CARRIED = frozenset(("title", "short"))

Contexts = dict[str, list[str]]


def main() -> None:
    """Bring the files of all languages up to date and say what is unfinished."""
    texts = listed()
    for language in LANGUAGES:
        path = FOLDER / f"cscl_{language}.ts"
        kept = finished(path)
        write(path, language, texts, kept)
        open_ones = [text for part in texts.values() for text in part if text not in kept]
        print(f"{path.relative_to(ROOT)}: {sum(map(len, texts.values()))} texts, "
              f"{len(open_ones)} unfinished")  # fmt: skip


def listed() -> Contexts:
    """Return every text once, by where it comes from."""
    contract = sorted(set(contract_texts()))
    plugin = sorted(set(plugin_texts()) - set(contract))
    return {"contract": contract, "plugin": plugin}


def plugin_texts() -> Iterator[str]:
    """Yield the texts of the plugin's modules; raises `ValueError` where one is no literal."""
    for path in sorted(PLUGIN.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) == "tr":
                yield from _argument(node, path)
            elif isinstance(node, ast.ClassDef):
                yield from _carried(node)


def _argument(call: ast.Call, path: Path) -> Iterator[str]:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
    elif not (isinstance(first, ast.Attribute) and first.attr in CARRIED):
        raise ValueError(f"{path.relative_to(ROOT)}:{call.lineno}: tr() needs a literal")


def _carried(owner: ast.ClassDef) -> Iterator[str]:
    for node in owner.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & CARRIED and node.value.value:
                yield str(node.value.value)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def contract_texts() -> Iterator[str]:
    """Yield what the contract says to people and the plugin shows."""
    sys.path.insert(0, str(ROOT / "backend"))
    from cscl.contract.fields import fields_of
    from cscl.contract.jobs import JOBS
    from cscl.contract.roles import ROLES, role_title
    from cscl.contract.stages import STAGES

    for name, job in JOBS.items():
        yield str(job.__doc__).split("\n", 1)[0]
        yield from (stage.title for stage in STAGES[name])
        yield from (role_title(role) for role, _ in ROLES[name])
        for field in fields_of(job):
            yield from (text for text in (field.title, field.help, field.unit) if text)
            yield from (title for _, title in field.choices)


def finished(path: Path) -> dict[str, str]:
    """Return the finished translations of a file."""
    if not path.is_file():
        return {}
    found = {}
    for message in ElementTree.parse(path).iter("message"):
        translation = message.find("translation")
        if translation is not None and translation.get("type") is None:
            found[message.findtext("source", "")] = translation.text or ""
    return found


def write(path: Path, language: str, texts: Contexts, kept: dict[str, str]) -> None:
    """Write a file of translations, whole or not at all."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name, part in texts.items():
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        for text in part:
            message = ElementTree.SubElement(context, "message")
            ElementTree.SubElement(message, "source").text = text
            translation = ElementTree.SubElement(message, "translation")
            if kept.get(text):
                translation.text = kept[text]
            else:
                translation.set("type", "unfinished")
    ElementTree.indent(root, "  ")
    body = ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    part_file = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    part_file.write_text(f"{head}{body}\n", encoding="utf-8")
    os.replace(part_file, path)


if __name__ == "__main__":
    main()
