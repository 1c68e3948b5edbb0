"""Every text of the plugin is listed and translated, and keeps what is filled into it."""

from __future__ import annotations

import ast
import importlib
import re
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
# Names that are the same in every language.
NAMES = frozenset(
    ("Python", "NDVI", "HCAT", "Crop mapping (CSCL)", "NAME.series.json", "cscl.txt", "*.txt")
)


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
