"""Every text of the plugin is listed and translated, and keeps what is filled into it."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "fr")
# What shows its text to a person.
SHOWS = frozenset(
    (
        "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QToolButton", "QAction",
        "QgsCollapsibleGroupBox", "setText", "setToolTip", "setPlaceholderText", "setWindowTitle",
        "setTitle", "addItem", "addTab", "addRow", "setStatusTip", "setInformativeText",
        "setNullRepresentation", "setSpecialValueText", "setHeaderLabels",
        "setHorizontalHeaderLabels", "getOpenFileName", "getSaveFileName", "getExistingDirectory",
    )
)  # fmt: skip
# What a person is told in these goes through the translations; their first argument is a code.
SAYS = frozenset(("UserError", "Finding", "error", "warning"))
# Names that are the same in every language.
NAMES = frozenset(
    ("Python", "NDVI", "HCAT", "Crop mapping (CSCL)", "NAME.series.json", "cscl.txt", "*.txt")
)


def within_plugin(path: Path) -> str:
    """Return the name of a module by its place in the plugin."""
    return path.relative_to(ROOT / "cscl_qgis").as_posix()


@pytest.fixture()
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that lists the texts."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("translations")


def finished(script: ModuleType, language: str) -> dict[str, str]:
    """Return the finished translations into a language."""
    return dict(script.finished(script.FOLDER / f"cscl_{language}.ts"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_unfinished_and_none_superfluous(script: ModuleType, language: str) -> None:
    """`make translations` lists what is new; Qt Linguist, or any editor, finishes it."""
    texts = {text for part in script.listed().values() for text in part}
    done = finished(script, language)
    assert sorted(texts - set(done)) == []
    assert sorted(set(done) - texts) == []
    assert all(text.strip() for text in done.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_has_its_place_in_every_language(
    script: ModuleType, language: str
) -> None:
    for text, translation in finished(script, language).items():
        assert places(text) == places(translation), text
        assert text.count("\n") == translation.count("\n"), text
        assert text.endswith("…") == translation.endswith("…"), text
        assert ("(*" in text) == ("(*" in translation), text


def places(text: str) -> list[str]:
    """Return the names in braces."""
    return sorted(re.findall(r"\{(\w*)\}", text))


def test_the_listing_finds_every_kind_of_text(script: ModuleType) -> None:
    listed = script.listed()
    assert "Map crops" in listed["plugin"]
    assert "Cancel" in listed["plugin"]
    for text in ("Mapping", "Season", "pixels", "Crop map 2.5 m", "Easy", "Test"):
        assert text in listed["contract"], text
    assert "Map crops with a trained model." in listed["contract"]


def test_a_text_that_is_no_literal_is_refused(script: ModuleType) -> None:
    call = ast.parse("tr(name)").body[0].value
    with pytest.raises(ValueError, match="needs a literal"):
        list(script._argument(call, script.PLUGIN / "a.py"))


def test_what_is_finished_is_kept(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    script.write(path, "de", {"plugin": ["One & <two>", "Three"]}, {"One & <two>": "Eins & <zwei>"})
    assert script.finished(path) == {"One & <two>": "Eins & <zwei>"}
    script.write(path, "de", {"plugin": ["Three"]}, {**script.finished(path), "Three": "Drei"})
    assert script.finished(path) == {"Three": "Drei"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "cscl_qgis").rglob("*.py")), ids=lambda path: path.stem
)
def test_what_is_shown_goes_through_the_translations(path: Path) -> None:
    """A widget that is given a literal of words shows English to everybody."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and called(node.func) in SHOWS:
            texts = [item.value for item in node.args if isinstance(item, ast.Constant)]
            found += [(node.lineno, text) for text in texts if are_words(text)]
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "cscl_qgis").rglob("*.py")), ids=within_plugin)
def test_what_is_said_of_errors_goes_through_the_translations(path: Path) -> None:
    """A finding whose words are no `tr` is English to everybody."""
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('UserError("code_of_ours", path, tr("it is one"), tr("Choose."))', []),
        ('UserError("code_of_ours", path, "it is one", tr("Choose."))', ["it is one"]),
        ('UserError("c", f"layer {name}", found, remedy)', ["layer "]),
        ('UserError("c", f"{field} {name!r}", str(error), remedy)', []),
        ('findings.error("c", path, tr("it is") if a else "it is not", remedy)', ["it is not"]),
        ('findings.warning("c", path, found=found, remedy="Choose.")', ["Choose."]),
        ('findings.warning("c", path, tr("it is {name}", name="layer"), remedy)', []),
        ('def f():\n found = "it is one"\n raise UserError("c", path, found, "")', ["it is one"]),
        ('def f():\n found = ""\n found += "it was"\n UserError("c", p, found, "")', ["it was"]),
        ('def f():\n a, b = tr("it is"), "it was"\n UserError("c", p, a, b)', ["it was"]),
        ('found = "it"\ndef f():\n found = tr("it is")\n UserError("c", p, found, "")', []),
        ('self.error("c")', []),
    ],
)
def test_untranslated_words_of_errors_are_found(source: str, found: list[str]) -> None:
    assert [text for _, text in untranslated(source)] == found


def untranslated(source: str) -> list[tuple[int, str]]:
    """Return the words of errors that no translation is looked up for, with their lines.

    Names are followed to what the same function gives them; what other functions return is not.
    """
    found = []
    for scope in scopes(ast.parse(source)):
        given = assignments(scope)
        for node in within(scope):
            if isinstance(node, ast.Call) and called(node.func) in SAYS:
                said = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
                followed = [item for text in said for item in given.get(name_of(text), [])]
                texts = [item for text in (*said, *followed) for item in literals(text)]
                found += [(item.lineno, item.value) for item in texts if are_words(item.value)]
    return sorted(set(found))


def scopes(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield a module and every function in it."""
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def within(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a scope, without the functions in it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
            yield from within(child)


def assignments(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """Return all that a scope's names are given."""
    given: dict[str, list[ast.expr]] = {}
    for node in within(scope):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, (ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            targets = [node.target]
        for target in targets:
            for name, value in pairs(target, node.value):  # type: ignore[attr-defined]
                given.setdefault(name, []).append(value)
    return given


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and what each is given."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for name, part in zip(target.elts, value.elts, strict=False):
            yield from pairs(name, part)


def name_of(node: ast.expr) -> str:
    """Return the name that an expression is, if it is one."""
    return node.id if isinstance(node, ast.Name) else ""


def literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the constants in an expression that are not looked up in a translation."""
    if isinstance(node, ast.Call) and called(node.func) in ("tr", "told"):
        return
    if isinstance(node, ast.Constant):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def called(function: ast.expr) -> str:
    """Return the last name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def are_words(text: object) -> bool:
    """Tell whether a constant is a text in words, and no name of ours."""
    if not isinstance(text, str) or text in NAMES or text.startswith("cscl_"):
        return False
    return re.search(r"[A-Za-z]{3}", text) is not None
