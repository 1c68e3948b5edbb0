"""The checks of the zip find what the plugin site would refuse, and names that Qt 6 lacks."""

from __future__ import annotations

import ast
import importlib
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
QTCORE = """
class QObject: ...
class Qt:
    class AlignmentFlag(enum.Flag):
        AlignTop = ... # type: Qt.AlignmentFlag
class QTimer(QObject):
    timeout: typing.ClassVar[pyqtSignal]
    def start(self, msec: int, *args: int, /) -> None: ...
def qVersion() -> str: ...
"""
QTGUI = """
class QAction(QtCore.QObject): ...
class QImage:
    class Format(enum.Enum):
        Format_RGB32 = ...
"""


@pytest.fixture()
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of scripts, to import from."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))


@pytest.fixture()
def check(scripts: None) -> ModuleType:
    """The script that checks the zip."""
    return importlib.import_module("package_check")


@pytest.fixture()
def names(
    scripts: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:  # fmt: skip
    """The script that compares names, with short lists in the place of PyQt6's."""
    folder = tmp_path / "PyQt6"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "QtCore.pyi").write_text(QTCORE, encoding="utf-8")
    (folder / "QtGui.pyi").write_text(QTGUI, encoding="utf-8")
    (folder / "QtWidgets.pyi").write_text("class QWidget(QtCore.QObject): ...", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "PyQt6", raising=False)
    return importlib.import_module("qt6_names")


def found(names: ModuleType, folder: Path, text: str) -> list[str]:
    """Return what is found in one module of a plugin."""
    module = folder / "plugin" / "cscl_qgis" / "a.py"
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(text, encoding="utf-8")
    return list(names.unknown(folder / "plugin"))


@pytest.mark.parametrize(
    "text",
    [
        "from qgis.PyQt.QtCore import Qt\nQt.AlignmentFlag.AlignTop\n",
        "from qgis.PyQt.QtCore import QTimer as T, qVersion\nT.timeout\nT.start.__name__\n",
        "from qgis.PyQt.QtWidgets import QAction, QWidget\n",
        "from qgis.PyQt.QtGui import QImage\nQImage.Format.Format_RGB32\n",
        "Other = 1\nOther.AlignTop.x\n",
    ],
)
def test_names_that_qt_6_has(names: ModuleType, tmp_path: Path, text: str) -> None:
    assert found(names, tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from qgis.PyQt.QtCore import Qt\nQt.AlignTop\n", "Qt.AlignTop"),
        ("from qgis.PyQt.QtCore import Qt\nQt.AlignmentFlag.AlignSide\n", "AlignSide"),
        ("from qgis.PyQt.QtCore import QRegExp\n", "QtCore.QRegExp"),
        ("dialog = object()\ndialog.exec_()\n", "exec_"),
        (
            "from qgis.PyQt.QtCore import Qt\nint(Qt.AlignmentFlag.AlignTop)\n",
            "flags that are numbers",
        ),
        ("from qgis.PyQt.QtGui import QImage\nQImage.Format_RGB32\n", "QImage.Format_RGB32"),
    ],
)
def test_names_that_qt_6_lacks(names: ModuleType, tmp_path: Path, text: str, name: str) -> None:
    said = found(names, tmp_path, text)
    assert len(said) == 1
    assert said[0].startswith("cscl_qgis/a.py:")
    assert said[0].endswith(name)


def test_what_the_plugin_site_refuses(check: ModuleType, tmp_path: Path) -> None:
    plugin = tmp_path / "cscl_qgis"
    plugin.mkdir()
    (plugin / "__init__.py").touch()
    (plugin / "library.so").write_bytes(b"\x7fELF\0")
    (plugin / "icon.png").write_bytes(b"\x89PNG\0")
    (plugin / "metadata.txt").write_text(
        "[general]\nname=My QGIS tool\nversion=2\nchangelog=1 old\nicon=icon.png\n",
        encoding="utf-8",
    )
    said = list(check.of_files(plugin))
    assert said == [
        "LICENSE: it is missing", "library.so: it is binary", "library.so: it is a program",
    ]  # fmt: skip
    said = list(check.of_metadata(plugin))
    assert "metadata.txt: about is missing" in said
    assert "metadata.txt: changelog does not begin with the version" in said
    assert "metadata.txt: the name may hold neither QGIS nor plugin" in said
    assert "metadata.txt: there is no icon icon.png" not in said


def test_what_a_zip_must_not_hold(
    check: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("cscl_qgis/a.py", "other/a.py", "cscl_qgis/.git/x", "cscl_qgis/../x",
                     "cscl_qgis/__pycache__/a.pyc"):  # fmt: skip
            archive.writestr(name, "x")
    monkeypatch.setattr(check, "TARGET", target)
    monkeypatch.setattr(check, "LARGEST", 10)
    with zipfile.ZipFile(target) as archive:
        said = list(check.of_archive(archive))
    assert len(said) == 5
    assert said[0].endswith("are more than 10")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "cscl_qgis").rglob("*.py")), ids=lambda path: path.stem
)
def test_the_plugin_speaks_to_qt_5_and_6_alike(scripts: None, path: Path) -> None:
    """Imported through qgis.PyQt alone, and nothing called that Qt 6 has no more."""
    gone = importlib.import_module("qt6_names").GONE
    tree = ast.parse(path.read_text(encoding="utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert attributes & gone == set()
