"""The running job below the pages: what it can be told, and what is asked before it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dock_windows import Window, press, settle, too_small
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QMessageBox

FakeEngine = Callable[[str], Path]


def start(dock: Any, tmp_path: Path, job: str = "finetune") -> None:
    """Start a job for an engine that does not look at it."""
    data = {"images" if job == "series" else "dataset": str(tmp_path)}
    dock.workspace.run(job, {**data, "output": str(tmp_path / "out")})


def log_of(dock: Any) -> str:
    return str(dock.panel.log.toPlainText())


class TestCommands:
    def test_pause_continue_and_keep_the_best(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:  # fmt: skip
        fake_engine("trainer")
        start(dock, tmp_path)
        panel = dock.panel
        qtbot.waitUntil(lambda: panel.finish_button.isEnabled(), timeout=10000)
        settle()
        assert too_small(dock) == []
        press(qtbot, dock.panel, "cscl_pause")
        assert panel.status.line.text() == "Paused"
        assert panel.pause_button.text() == "Continue"
        qtbot.waitUntil(lambda: "told to pause" in log_of(dock), timeout=5000)
        assert panel.status.line.text() == "Paused"
        press(qtbot, dock.panel, "cscl_pause")
        qtbot.waitUntil(lambda: "told to resume" in log_of(dock), timeout=5000)
        assert panel.status.line.text() == "Fine-tuning"
        with qtbot.waitSignal(dock.workspace.runner.ended, timeout=5000) as ended:
            press(qtbot, dock.panel, "cscl_finish")
        assert ended.args[0].outputs == {"model": "/nowhere/model"}
        assert "told to finish" in log_of(dock)
        assert not panel.pause_button.isVisible() and not panel.finish_button.isVisible()

    def test_a_paused_training_that_shall_finish_goes_on_first(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:  # fmt: skip
        fake_engine("trainer")
        start(dock, tmp_path)
        qtbot.waitUntil(lambda: dock.panel.finish_button.isEnabled(), timeout=10000)
        press(qtbot, dock.panel, "cscl_pause")
        with qtbot.waitSignal(dock.workspace.runner.ended, timeout=5000) as ended:
            press(qtbot, dock.panel, "cscl_finish")
        assert ended.args[0].succeeded
        assert dock.panel.pause_button.text() == "Pause"

    def test_a_job_without_training_has_no_best_to_keep(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:  # fmt: skip
        fake_engine("obedient")
        start(dock, tmp_path, "series")
        qtbot.waitUntil(lambda: dock.panel.pause_button.isVisible(), timeout=10000)
        assert not dock.panel.finish_button.isVisible()

    def test_the_time_of_a_pause_does_not_count(
        self, plugin: SimpleNamespace, qgis_app: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        status = plugin.load("cscl_qgis.gui.status")
        progress = plugin.load("backend.cscl.contract.events").Progress
        now = [0.0]
        monkeypatch.setattr(status.time, "monotonic", lambda: now[0])
        view = status.StatusView()
        view.begin("pretrain")
        now[0] = 600.0
        view.progress(progress("pretrain", 1, 2))
        assert view.line.text() == "Pretraining – about 10 min left"
        view.hold(True)
        now[0] = 6000.0
        view.progress(progress("pretrain", 1, 2))
        assert view.line.text() == "Paused"
        view.hold(False)
        view.progress(progress("pretrain", 1, 2))
        assert view.line.text() == "Pretraining – about 10 min left"


class TestLog:
    """The log of a job takes room from the pages."""

    def run(self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path, mode: str) -> Any:
        """Run a job, cancel one that waits for that, and tell whether its log stays."""
        fake_engine(mode)
        with qtbot.waitSignal(dock.workspace.job_ended, timeout=10000):
            start(dock, tmp_path, "series")
            assert dock.panel.log.isVisible()
            if mode == "obedient":
                qtbot.waitUntil(lambda: "Engine 0.1.0" in log_of(dock), timeout=10000)
                press(qtbot, dock.panel, "cscl_cancel")
        return dock.panel.log.isVisible()

    def test_a_failure_stays_to_be_read_until_another_job_is_over(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:
        assert not dock.panel.log.isVisible()
        assert self.run(dock, qtbot, fake_engine, tmp_path, "killed")
        assert not self.run(dock, qtbot, fake_engine, tmp_path, "obedient")
        assert not dock.panel.log_button.isChecked()

    def test_notes_stay_to_be_read(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:
        assert self.run(dock, qtbot, fake_engine, tmp_path, "good")
        assert "Note: all is well" in log_of(dock)
        assert not self.run(dock, qtbot, fake_engine, tmp_path, "obedient")

    def test_a_log_that_the_person_opened_stays_open(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:
        dock.panel.log_button.click()
        assert self.run(dock, qtbot, fake_engine, tmp_path, "obedient")
        dock.panel.log_button.click()
        assert not self.run(dock, qtbot, fake_engine, tmp_path, "obedient")


class TestSilence:
    def test_f05_an_engine_that_hangs_is_told_and_may_be_ended(
        self, dock: Any, plugin: SimpleNamespace, qtbot: Any, fake_engine: FakeEngine,
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        process = plugin.load("cscl_qgis.engine.process")
        assert process.SILENCE_MS == 30_000
        monkeypatch.setattr(process, "SILENCE_MS", 400)
        fake_engine("frozen")
        start(dock, tmp_path)
        panel = dock.panel
        qtbot.waitUntil(lambda: panel.silence.isVisible(), timeout=10000)
        settle()
        assert too_small(dock) == []
        ticks: list[int] = []
        timer = QTimer()
        timer.timeout.connect(lambda: ticks.append(1))
        timer.start(5)
        qtbot.waitUntil(lambda: len(ticks) >= 20, timeout=2000)
        timer.stop()
        with qtbot.waitSignal(dock.workspace.runner.ended, timeout=2000) as ended:
            press(qtbot, dock.panel, "cscl_kill")
        assert ended.args[0].code == "backend_died"
        assert "goes on from its last checkpoint" in ended.args[0].message
        assert not panel.silence.isVisible()

    def test_f05_an_engine_that_comes_back_is_left_alone(
        self, dock: Any, plugin: SimpleNamespace, qtbot: Any, fake_engine: FakeEngine,
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(plugin.load("cscl_qgis.engine.process"), "SILENCE_MS", 400)
        fake_engine("frozen")
        start(dock, tmp_path)
        qtbot.waitUntil(lambda: dock.panel.silence.isVisible(), timeout=10000)
        (number,) = [
            line.split()[-1] for line in log_of(dock).splitlines() if line.startswith("Note: ")
        ]
        os.kill(int(number), signal.SIGCONT)
        qtbot.waitUntil(lambda: "Note: awake" in log_of(dock), timeout=5000)
        assert dock.workspace.runner.is_running()
        os.kill(int(number), signal.SIGKILL)
        qtbot.waitUntil(lambda: not dock.workspace.runner.is_running(), timeout=5000)

    def test_f05_a_job_that_hangs_can_be_cancelled(
        self, dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path
    ) -> None:  # fmt: skip
        """A stopped process hears neither a message nor SIGTERM; after 5 s it is killed."""
        fake_engine("frozen")
        start(dock, tmp_path)
        qtbot.waitUntil(lambda: "Note: " in log_of(dock), timeout=10000)
        with qtbot.waitSignal(dock.workspace.runner.ended, timeout=8000) as ended:
            press(qtbot, dock.panel, "cscl_cancel")
        assert ended.args[0].state == "cancelled"


def open_boxes(window: Window) -> list[QMessageBox]:
    """Return the questions about a running job that are open."""
    boxes = window.findChildren(QMessageBox, "cscl_job_running")
    return [box for box in boxes if box.isVisible()]


class Asked:
    """Answers the questions about a running job with a click, and keeps what was asked."""

    def __init__(self, window: Window, answer: str) -> None:
        self.texts: list[str] = []
        self._window, self._answer = window, answer
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    def _look(self) -> None:
        for box in open_boxes(self._window):
            self.texts.append(box.text())
            for button in box.buttons():
                if button.text() == self._answer:
                    self._timer.stop()
                    button.click()
                    return
            raise AssertionError([button.text() for button in box.buttons()])

    def stop(self) -> None:
        self._timer.stop()


@pytest.fixture()
def guarded(
    plugin: SimpleNamespace, dock: Any, window: Window
) -> Iterator[Any]:  # fmt: skip
    """The guard of a dock, as the plugin puts it there."""
    guard = plugin.load("cscl_qgis.gui.closing").ClosingGuard(window, dock.workspace)
    yield guard
    guard.close_down()
    assert window.blockers == []


def training(dock: Any, qtbot: Any, fake_engine: FakeEngine, tmp_path: Path) -> None:
    """Start a training that goes on until it is told otherwise."""
    fake_engine("trainer")
    start(dock, tmp_path)
    qtbot.waitUntil(lambda: dock.panel.finish_button.isEnabled(), timeout=10000)


class TestClosing:
    def test_f66_qgis_asks_before_it_closes(
        self, dock: Any, window: Window, guarded: Any, qtbot: Any,
        fake_engine: FakeEngine, tmp_path: Path, provider: Any,
    ) -> None:  # fmt: skip
        (blocker,) = window.blockers
        assert blocker.allowExit()
        training(dock, qtbot, fake_engine, tmp_path)
        asked = Asked(window, "Keep QGIS open")
        assert not blocker.allowExit()
        assert asked.texts[0].startswith("A job is running: Fine-tune a network. If QGIS closes")
        assert dock.workspace.runner.is_running()
        asked = Asked(window, "Stop the job and close")
        assert blocker.allowExit()
        assert len(asked.texts) == 1
        QgsProject.instance().clear()
        settle()
        assert open_boxes(window) == []
        dock.close_down()
        assert not dock.workspace.runner.is_running()

    def test_f66_nothing_is_asked_any_more_once_the_job_has_ended(
        self, dock: Any, window: Window, guarded: Any, qtbot: Any,
        fake_engine: FakeEngine, tmp_path: Path,
    ) -> None:  # fmt: skip
        training(dock, qtbot, fake_engine, tmp_path)
        QTimer.singleShot(300, dock.panel.finish)
        assert guarded.allowExit()
        assert not dock.workspace.runner.is_running()

    @pytest.mark.parametrize(
        ("answer", "running"), [("Let it go on", True), ("Stop the job", False)]
    )
    def test_f66_a_project_is_closed_and_the_job_asked_about(
        self, dock: Any, window: Window, guarded: Any, qtbot: Any,
        fake_engine: FakeEngine, tmp_path: Path, answer: str, running: bool,
    ) -> None:  # fmt: skip
        QgsProject.instance().clear()
        settle()
        assert open_boxes(window) == []
        training(dock, qtbot, fake_engine, tmp_path)
        asked = Asked(window, answer)
        QgsProject.instance().clear()
        assert dock.workspace.runner.is_running()
        qtbot.waitUntil(lambda: bool(asked.texts), timeout=2000)
        if not running:
            qtbot.waitUntil(lambda: not dock.workspace.runner.is_running(), timeout=5000)
        assert dock.workspace.runner.is_running() is running
        assert "goes on; its results are found in the history" in asked.texts[0]

    @pytest.mark.parametrize("stopped", [True, False])
    def test_f66_the_plugin_is_unloaded_when_the_job_has_ended(
        self, dock: Any, window: Window, guarded: Any, qtbot: Any,
        fake_engine: FakeEngine, tmp_path: Path, stopped: bool,
    ) -> None:  # fmt: skip
        training(dock, qtbot, fake_engine, tmp_path)
        asked = Asked(window, "Stop the job now" if stopped else "no button")
        if not stopped:
            asked.stop()
            QTimer.singleShot(300, dock.panel.finish)
        loop = QEventLoop()
        came: list[bool] = []

        def unload() -> None:
            guarded.before_unload()
            came.append(dock.workspace.runner.is_running())
            loop.quit()

        QTimer.singleShot(0, unload)
        loop.exec()
        assert came == [stopped]

    def test_f66_a_killed_job_is_listed_as_interrupted(
        self, dock: Any, plugin: SimpleNamespace, qtbot: Any, tmp_path: Path
    ) -> None:  # fmt: skip
        """The dock goes in the middle of a job of the real engine, as when QGIS closes."""
        folder = tmp_path / "scene"
        dock.workspace.run("simulate", {"output": str(folder), "size": 512, "dates": 100})
        qtbot.waitUntil(lambda: dock.panel.status.bar.value() > 0, timeout=60000)
        dock.close_down()
        QgsApplication.processEvents()
        read = plugin.load("backend.cscl.contract.manifest").read_manifest
        assert read(folder).state == "interrupted"
