"""The page under Settings > Options: the engine, what is kept and its removal, diagnostics."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window, settle, shown_dock, too_small
from qgis.core import QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialog, QLabel, QMessageBox, QPushButton, QVBoxLayout

WAIT_MS = 120_000


class Options:
    """The page in a dialog, as QGIS shows it."""

    def __init__(self, plugin: SimpleNamespace, window: Window, qtbot: Any) -> None:
        self._qtbot = qtbot
        self.dock = shown_dock(plugin.load("cscl_qgis.gui.dock"), window)
        self.dialog = QDialog(window)
        self.page = plugin.load("cscl_qgis.gui.options").OptionsPage(self.dock, self.dialog)
        QVBoxLayout(self.dialog).addWidget(self.page)
        self.dialog.resize(560, 520)
        self.dialog.show()
        self.until(lambda: self.text("cscl_options_size_engine") != "…")

    def until(self, condition: Any) -> None:
        """Let Qt work until a condition holds."""
        self._qtbot.waitUntil(condition, timeout=WAIT_MS)

    def button(self, name: str) -> QPushButton:
        """Return a button."""
        return self.page.findChild(QPushButton, name)

    def click(self, name: str) -> None:
        """Click a button with the mouse."""
        assert self.button(name).isEnabled(), name
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def text(self, name: str) -> str:
        """Return what a label says."""
        return self.page.findChild(QLabel, name).text()

    def remove(self, key: str, answer: Any) -> str:
        """Press Remove of one kind, answer the question and return it."""
        self.click(f"cscl_options_remove_{key}")
        box = self.page.findChild(QMessageBox, "cscl_options_question")
        said = f"{box.text()} {box.informativeText()}"
        QTest.mouseClick(box.button(answer), Qt.MouseButton.LeftButton)
        settle()
        box.setParent(None)
        return said


@pytest.fixture()
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with something of every kind."""
    folder = tmp_path / "Müller KG" / "cscl"
    monkeypatch.setenv("CSCL_HOME", str(folder))
    QgsSettings().remove("cscl")
    for name, size in (("engine/env-00000000/lib", 3_000_000), ("runs/one", 40_000),
                       ("reports/a", 2_000), ("demo/map", 1_500_000_000),
                       ("classes/mine.csv", 5)):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as handle:
            handle.truncate(size)  # takes no room on the disk
    return folder


@pytest.fixture()
def options(plugin: SimpleNamespace, window: Window, qtbot: Any, home: Path) -> Iterator[Options]:
    """The page, with a dock behind it."""
    made = Options(plugin, window, qtbot)
    yield made
    made.dialog.close()
    made.dock.close_down()
    QgsSettings().remove("cscl")


YES = QMessageBox.StandardButton.Yes
CANCEL = QMessageBox.StandardButton.Cancel


def test_sizes_are_shown_and_nothing_is_cut_off(options: Options) -> None:
    assert options.text("cscl_options_size_engine") == "3 MB"
    assert options.text("cscl_options_size_runs") == "42 kB"
    assert options.text("cscl_options_size_demo") == "1.5 GB"
    assert options.text("cscl_options_size_copies") == "–"
    assert not options.button("cscl_options_remove_copies").isEnabled()
    assert options.text("cscl_options_engine") == f"In use: {os.environ['CSCL_BACKEND_PYTHON']}"
    assert too_small(options.dialog) == []


def test_records_are_removed_after_a_question(options: Options, home: Path) -> None:
    said = options.remove("runs", CANCEL)
    assert said.startswith("Remove: Records of runs?")
    assert "results stay" in said
    assert (home / "runs" / "one").is_file()
    options.remove("runs", YES)
    options.until(lambda: options.text("cscl_options_size_runs") == "–")
    assert not (home / "runs").exists() and not (home / "reports").exists()
    assert (home / "engine").exists() and (home / "classes" / "mine.csv").is_file()


def test_f19_an_engine_that_is_being_installed_is_not_removed(options: Options, home: Path) -> None:
    started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    lock = home / "engine" / "install.lock"
    lock.write_text(json.dumps({"pid": os.getpid(), "started": int(started)}))
    options.remove("engine", YES)
    options.until(lambda: "another window of QGIS" in options.text("cscl_options_said"))
    assert (home / "engine" / "env-00000000" / "lib").is_file()
    lock.unlink()


def test_the_engine_is_removed_and_the_dock_knows(
    options: Options, home: Path, plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CSCL_BACKEND_PYTHON")
    options.remove("engine", YES)
    options.until(lambda: options.text("cscl_options_size_engine") == "–")
    assert sorted(path.name for path in (home / "engine").iterdir()) == ["install.guard"]
    assert options.dock.workspace.engine_present is False
    assert "no engine is installed" in options.text("cscl_options_engine")
    options.click("cscl_options_setup")
    assert options.dock.setup.isVisible()
    assert not options.dialog.isVisible()


def test_a_python_that_is_named_is_kept_with_ok(
    options: Options, plugin: SimpleNamespace, tmp_path: Path
) -> None:
    settings = plugin.load("cscl_qgis.settings")
    options.page.python.setFilePath(str(tmp_path / "python"))
    assert settings.read_settings().backend_python == ""
    options.page.apply()
    assert settings.read_settings().backend_python == str(tmp_path / "python")
    assert options.dock.workspace.engine_present is False


def test_diagnostics_hold_nothing_private(
    options: Options, plugin: SimpleNamespace, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32631", "Fields of Mrs Jones", "memory")
    QgsProject.instance().addMapLayer(layer)
    monkeypatch.setenv("PIP_INDEX_URL", "https://anna:geheim@index.example/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:geheim@proxy.example:1")
    QGuiApplication.clipboard().clear()
    options.click("cscl_options_copy")
    options.until(lambda: QGuiApplication.clipboard().text() != "")
    text = QGuiApplication.clipboard().text()
    version = plugin.load("backend.cscl.contract.version").VERSION
    assert f"plugin {version}" in text
    assert "QGIS 3." in text and "PIP_INDEX_URL" in text
    assert "torch " in text.partition("[engine says]")[2]
    for private in ("Müller", "anna", "geheim", "example", "Jones", str(Path.home()), str(home),
                    str(plugin.root)):  # fmt: skip
        assert private not in text
    assert options.text("cscl_options_said").startswith("Copied")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("in /data/Anna/x.tif, done", "in <path>, done"),
        ("in C:\\Users\\Anna\\x.tif: no", "in <path>: no"),
        ("at \\\\server\\share\\x", "at <path>"),
        ("GDAL 3.10.3, cpu 1/2", "GDAL 3.10.3, cpu 1/2"),
    ],
)
def test_every_other_path_is_taken_out(plugin: SimpleNamespace, text: str, clean: str) -> None:
    assert plugin.load("cscl_qgis.gui.diagnostics").without_private(text) == clean


def test_the_plugin_adds_the_page_and_takes_it_away(
    plugin: SimpleNamespace, window: Window, home: Path
) -> None:
    import cscl_qgis

    made = cscl_qgis.classFactory(window)
    made.initProcessing = lambda: None  # the provider is registered already
    made.initGui()
    assert [factory.title() for factory in window.options] == ["Crop mapping (CSCL)"]
    page = window.options[0].createWidget(window)
    assert page.objectName() == "cscl_options"
    page.deleteLater()
    made.unload()
    assert window.options == []
