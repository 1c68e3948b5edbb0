"""The way to an engine in the dock, clicked through with an engine that installs in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window, settle, shown_dock, too_small
from fake_engine_parts import (
    Parts,
    has_venv,
    make_parts,
    make_template,
    quick_python,
    tamper,
)
from qgis.core import QgsSettings
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QListWidget, QPlainTextEdit, QPushButton, QWidget

pytestmark = pytest.mark.skipif(not has_venv(), reason="python3-venv is not installed")
WAIT_MS = 240_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One environment with pip."""
    return make_template(tmp_path_factory.mktemp("template") / "environment")


@pytest.fixture()
def parts(tmp_path: Path) -> Parts:
    """What is installed here in the engine's place."""
    return make_parts(tmp_path / "parts")


class FirstStart:
    """The dock of a person who has just installed the plugin."""

    def __init__(self, plugin: SimpleNamespace, window: Window, qtbot: Any) -> None:
        self.window, self._qtbot = window, qtbot
        self.places = plugin.load("cscl_qgis.engine.install.places")
        self.dock = shown_dock(plugin.load("cscl_qgis.gui.dock"), window)
        self.page = self.dock.setup
        self.until(lambda: not self.page.choices.missing())

    def until(self, condition: Any) -> None:
        """Let Qt work until a condition holds."""
        self._qtbot.waitUntil(condition, timeout=WAIT_MS)

    def click(self, name: str) -> None:
        """Click a button with the mouse."""
        button = self.dock.findChild(QPushButton, name)
        assert button.isVisible() and button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def text(self, name: str) -> str:
        """Return what a label says, empty where it is not shown."""
        label = self.dock.findChild(QLabel, name)
        return label.text() if label.isVisible() else ""

    def choose_folder(self, parts: Parts) -> None:
        """Choose the folder of wheels."""
        source = self.dock.findChild(QComboBox, "cscl_setup_source")
        source.setCurrentIndex(source.findData("folder"))
        assert not self.dock.findChild(QPushButton, "cscl_setup_install").isEnabled()
        assert self.text("cscl_setup_note") == "Choose the folder of wheels."
        self.dock.findChild(QgsFileWidget, "cscl_setup_folder").setFilePath(str(parts.wheels))

    def install(self) -> None:
        """Press Install and wait for the end."""
        self.click("cscl_setup_install")
        assert self.page.busy
        self.until(lambda: not self.page.busy)


@pytest.fixture()
def first_start(
    plugin: SimpleNamespace,
    window: Window,
    qtbot: Any,
    template: Path,
    parts: Parts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FirstStart]:
    """A dock without an engine, which installs small parts."""
    QgsSettings().remove("cscl")
    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CSCL_BACKEND_PYTHON")
    load = plugin.load
    sources = load("cscl_qgis.engine.install.plan").Sources(
        parts.requirements, parts.backend, "off"
    )
    installer = load("cscl_qgis.engine.install.installer").Installer
    stamp = load("cscl_qgis.engine.install.places").backend_stamp(parts.backend)
    python = str(quick_python(tmp_path / "quick", template))
    monkeypatch.setattr(
        load("cscl_qgis.gui.setup.page"), "Installer", lambda parent: installer(sources, parent)
    )
    monkeypatch.setattr(load("cscl_qgis.engine.locate"), "_bundled_stamp", lambda: stamp)
    choices = load("cscl_qgis.gui.setup.choices")
    monkeypatch.setattr(choices, "candidates", lambda: [python])
    monkeypatch.setattr(choices, "find_uv", lambda: "")
    monkeypatch.setattr(choices.machine, "gpu_question", lambda parent, answered: None)
    made = FirstStart(plugin, window, qtbot)
    yield made
    made.dock.close_down()
    QgsSettings().remove("cscl")


def test_f16_the_first_start_shows_a_page_and_no_error(
    first_start: FirstStart, tmp_path: Path
) -> None:
    page = first_start.page
    assert page.isVisible()
    assert first_start.text("cscl_engine_problem") == ""
    assert page.choices.place.text() == str(tmp_path / "home" / "engine")
    assert page.choices.python.text() == f"{tmp_path / 'quick' / 'python'} (3.12.0)"
    assert page.choices.build.currentData() == "cpu"
    note = first_start.text("cscl_setup_note")
    assert "PyTorch 2.13.0 and 97 libraries, each checked by its hash." in note
    assert "Downloads about" in note and "GB are free" in note
    assert too_small(first_start.dock) == []
    assert first_start.window.message() == ""


def test_a_graphics_card_that_is_told_is_chosen_and_can_be_changed(
    first_start: FirstStart,
) -> None:
    choices = first_start.page.choices
    small = choices.size()
    choices._card_told("NVIDIA RTX 4090")
    if choices.build.count() > 1:  # the platforms whose builds are known
        assert choices.build.currentText() == "Graphics card: NVIDIA RTX 4090"
        assert choices.wishes().build == "gpu"
        assert choices.size().download > small.download
        choices.build.setCurrentIndex(0)
    assert choices.wishes().build == "cpu"


def test_a_python_without_environments_is_told_before(
    first_start: FirstStart, tmp_path: Path
) -> None:
    """Debian's, without the package python3-venv."""
    bare = self_made(tmp_path / "bare", "echo 'python [\"/bare\", 3, 11, 2, 64, false]'")
    first_start.page.choices._look_for([str(bare)])
    first_start.until(lambda: "/bare" in first_start.page.choices.python.text())
    assert "python3-venv" in first_start.text("cscl_setup_note")
    assert not first_start.dock.findChild(QPushButton, "cscl_setup_install").isEnabled()
    assert too_small(first_start.dock) == []


def test_installed_by_clicks_from_a_folder(
    first_start: FirstStart, parts: Parts, plugin: SimpleNamespace
) -> None:
    settings = plugin.load("cscl_qgis.settings")
    assert first_start.dock.workspace.engine_present is False
    first_start.choose_folder(parts)
    first_start.install()
    said = first_start.text("cscl_setup_done")
    assert said.startswith("The engine is ready.\nlibraries: 2 load")
    assert first_start.dock.workspace.engine_present is True
    assert settings.read_settings().backend_python == ""
    engine = plugin.load("cscl_qgis.engine.locate").locate_engine()
    environment = first_start.places.current_environment()
    assert engine.python == str(first_start.places.python_of(environment))
    assert too_small(first_start.dock) == []
    first_start.click("cscl_setup_leave")
    assert not first_start.page.isVisible()
    assert first_start.dock.page("whole").run_button.isEnabled()


def test_f17_a_failure_is_said_and_the_next_attempt_succeeds(
    first_start: FirstStart, parts: Parts
) -> None:
    wheel = parts.wheel("other")
    good = wheel.read_bytes()
    tamper(wheel)
    first_start.choose_folder(parts)
    first_start.install()
    assert "other==2.5 is not the file" in first_start.text("cscl_engine_problem")
    assert too_small(first_start.dock) == []
    first_start.click("cscl_setup_details")
    dialog = next(
        widget
        for widget in first_start.window.findChildren(QWidget)
        if type(widget).__name__ == "DetailsDialog"
    )
    assert "DO NOT MATCH THE HASHES" in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.reject()
    wheel.write_bytes(good)
    first_start.install()
    assert first_start.text("cscl_setup_done") != ""
    assert first_start.text("cscl_engine_problem") == ""


def test_f18_cancelled_by_a_click(
    first_start: FirstStart, parts: Parts, template: Path, tmp_path: Path
) -> None:
    slow = quick_python(tmp_path / "slow", template, delay=30)
    first_start.page.choices._look_for([str(slow)])
    first_start.until(lambda: str(slow) in first_start.page.choices.python.text())
    first_start.choose_folder(parts)
    first_start.click("cscl_setup_install")
    first_start.until(lambda: first_start.text("cscl_setup_status").startswith("Preparing pip"))
    assert too_small(first_start.dock) == []
    first_start.click("cscl_setup_cancel")
    first_start.until(lambda: not first_start.page.busy)
    assert first_start.text("cscl_engine_problem") == ""
    assert first_start.dock.findChild(QPushButton, "cscl_setup_install").isEnabled()
    assert first_start.places.current_environment() is None


def test_f19_the_other_window_is_named(
    first_start: FirstStart, parts: Parts, plugin: SimpleNamespace
) -> None:
    module = plugin.load("cscl_qgis.engine.install.lock")
    lock = module.InstallLock(first_start.places.engine_folder())
    lock.take()
    first_start.choose_folder(parts)
    first_start.click("cscl_setup_install")
    assert "another window of QGIS" in first_start.text("cscl_engine_problem")
    assert not first_start.page.busy
    lock.release()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 3", "it is no Python that starts"),
        ("echo 'python [\"/x\", 3, 9, 1, 64, true]'", "it is Python 3.9.1"),
        (
            'case "$*" in *doctor*) echo "failed libraries: no torch"; exit 1;; esac\n'
            "echo 'python [\"/x\", 3, 12, 1, 64, true]'",
            "the engine does not work with it (libraries: no torch)",
        ),
    ],
)
def test_f16_an_existing_python_is_tried_first(
    first_start: FirstStart, plugin: SimpleNamespace, tmp_path: Path, script: str, words: str
) -> None:
    python = self_made(tmp_path / "mine", script)
    first_start.page.try_existing(str(python))
    first_start.until(lambda: first_start.text("cscl_engine_problem") != "")
    assert words in first_start.text("cscl_engine_problem")
    assert plugin.load("cscl_qgis.settings").read_settings().backend_python == ""


def test_an_existing_python_that_works_is_used(
    first_start: FirstStart, plugin: SimpleNamespace, tmp_path: Path
) -> None:
    answer = "echo 'python [\"/x\", 3, 12, 1, 64, true]'\necho 'ok libraries'"
    python = self_made(tmp_path / "mine", answer)
    first_start.page.try_existing(str(python))
    first_start.until(lambda: first_start.page.present)
    assert plugin.load("cscl_qgis.settings").read_settings().backend_python == str(python)
    assert first_start.text("cscl_setup_done").startswith("The engine is ready.")


def test_pages_can_be_looked_at_without_an_engine(first_start: FirstStart) -> None:
    dock = first_start.dock
    pages = dock.findChild(QListWidget, "cscl_pages")
    place = pages.visualItemRect(pages.item(0)).center()
    QTest.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle()
    assert not first_start.page.isVisible()
    assert dock.findChild(QWidget, "cscl_setup_banner").isVisible()
    assert not dock.page("whole").run_button.isEnabled()
    first_start.click("cscl_setup_open")
    assert first_start.page.isVisible()


def test_the_demonstration_starts_and_shows_the_pages(
    first_start: FirstStart, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(
        first_start.dock.workspace, "run", lambda job, values: started.append((job, values))
    )
    first_start.choose_folder(parts)
    first_start.install()
    first_start.click("cscl_setup_demo")
    assert started == [("demo", {"output": str(tmp_path / "home" / "demo")})]
    assert not first_start.page.isVisible()


def self_made(path: Path, script: str) -> Path:
    """Write a program in an interpreter's place."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
