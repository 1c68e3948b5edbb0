"""The engine's process: started, listened to and stopped without ever blocking QGIS."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

from qgis.PyQt.QtCore import QObject, QProcess, QTimer, pyqtSignal

from ...backend.cscl.contract import strict_json
from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.events import Event, Progress, command_line
from ...backend.cscl.contract.jobs import job_document
from ..words import tr
from .conversation import Conversation
from .launch import MODULE, engine_process, kill_group
from .outcome import Outcome

TERMINATE_MS = 2000
KILL_MS = 5000
TURN_SECONDS = 0.008
# The engine says every five seconds that it lives.
SILENCE_MS = 30000


class EngineProcess(QObject):
    """One job in one process; `ended` is emitted exactly once, with the `Outcome`.

    The process belongs to the thread that made this object. It stops by itself when its standard
    input ends, so it does not outlive QGIS.
    """

    event_received = pyqtSignal(object)
    log_received = pyqtSignal(str)
    ended = pyqtSignal(object)
    # False once nothing was heard for half a minute, True when there is word again.
    responding = pyqtSignal(bool)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._conversation = Conversation()
        self._process: Optional[QProcess] = None
        self._folder: Optional[Path] = None
        self._pid = 0
        self._cancelled = False
        self._exit: Optional["tuple[int, bool]"] = None
        self._over = False
        self._turn = self._timer(0, self._read)
        self._terminate_later = self._timer(TERMINATE_MS, self._terminate)
        self._kill_later = self._timer(KILL_MS, self.kill)
        self._silence = self._timer(SILENCE_MS, self._fell_silent)

    def start(self, job: Any) -> None:
        """Start the job; raises `EngineMissing` where there is no engine."""
        if self._process is not None:
            raise RuntimeError("an engine process runs one job")
        process = self._process = engine_process(self)
        self._folder = Path(tempfile.mkdtemp(prefix="cscl-job-"))
        file = self._folder / "job.json"
        # Nobody reads it before the engine starts, and to flush it to the disk would hold QGIS up.
        file.write_text(strict_json.dump(job_document(job)), encoding="utf-8")
        process.setWorkingDirectory(str(self._folder))
        process.setArguments([*MODULE, "run", "--protocol", str(file)])
        process.readyReadStandardOutput.connect(self._read_output)
        process.readyReadStandardError.connect(self._read_error)
        process.finished.connect(self._process_finished)
        process.errorOccurred.connect(self._process_error)
        process.start()
        self._silence.start()
        self._pid = int(process.processId() or 0)

    def is_running(self) -> bool:
        """Tell whether the job has started and not yet ended."""
        return self._process is not None and not self._over

    def command(self, name: str) -> None:
        """Send pause, resume or finish."""
        if self._process is not None and not self._over:
            self._process.write(command_line(name))

    def cancel(self) -> None:
        """Ask the job to stop; terminate its process after 2 s, kill its group after 5 s."""
        if not self.is_running() or self._cancelled:
            return
        self._cancelled = True
        self.command("cancel")
        self._terminate_later.start()
        self._kill_later.start()

    def kill(self) -> None:
        """End the process and all it started, now."""
        kill_group(self._pid)
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process now and emit nothing more; for the end of the plugin or of QGIS."""
        if self._process is None or self._over:
            return
        self._over = True
        self.kill()
        self._process.waitForFinished(1000)
        self._clean_up()

    # What comes from the process.

    def _read_output(self) -> None:
        if self._process is None or self._over:
            return
        self._heard()
        self._conversation.feed_output(bytes(self._process.readAllStandardOutput()))
        # Two turns in a row would hold QGIS up twice as long.
        if not self._turn.isActive():
            self._read()

    def _read_error(self) -> None:
        if self._process is None or self._over:
            return
        self._heard()
        self._conversation.feed_error(bytes(self._process.readAllStandardError()))
        self._pass_log()

    def _heard(self) -> None:
        was_silent = not self._silence.isActive()
        self._silence.start()
        if was_silent:
            self.responding.emit(True)

    def _fell_silent(self) -> None:
        self.responding.emit(False)

    def _read(self) -> None:
        """Pass on events for some milliseconds at most, then let QGIS have its turn."""
        until = time.monotonic() + TURN_SECONDS
        held: Optional[Event] = None
        while self._conversation.waiting and not self._over and time.monotonic() < until:
            event = self._conversation.next_event()
            if event is None:
                continue
            if _supersedes(event, held):
                held = event
                continue
            if held is not None:
                self.event_received.emit(held)
            held = event
        if held is not None and not self._over:
            self.event_received.emit(held)
        self._pass_log()
        if self._over:
            return
        if self._conversation.broken is not None and self._exit is None:
            self.kill()
        if self._conversation.waiting:
            self._turn.start()
        elif self._exit is not None:
            self._end(self._conversation.outcome(*self._exit, self._cancelled))

    def _pass_log(self) -> None:
        for line in self._conversation.take_log():
            self.log_received.emit(line)

    def _process_finished(self, exit_code: int, exit_status: QProcess.ExitStatus) -> None:
        if self._process is None or self._over:
            return
        self._conversation.feed_output(bytes(self._process.readAllStandardOutput()))
        self._conversation.feed_error(bytes(self._process.readAllStandardError()))
        self._conversation.end_of_output()
        self._exit = (exit_code, exit_status == QProcess.ExitStatus.CrashExit)
        self._read()

    def _process_error(self, error: QProcess.ProcessError) -> None:
        if error != QProcess.ProcessError.FailedToStart or self._over or self._process is None:
            return
        refusal = not_started(self._process)
        self._end(Outcome("failed", {}, refusal.code, str(refusal), exit_code=-1))

    # The end.

    def _end(self, outcome: Outcome) -> None:
        self._over = True
        if not outcome.succeeded:
            kill_group(self._pid)  # what the engine had started may have outlived it
        self._clean_up()
        self.ended.emit(outcome)

    def _terminate(self) -> None:
        if self._process is not None and not self._over:
            self._process.terminate()

    def _clean_up(self) -> None:
        for timer in (self._turn, self._terminate_later, self._kill_later, self._silence):
            timer.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _timer(self, milliseconds: int, action: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(action)
        return timer


def not_started(process: QProcess) -> UserError:
    """Return in words why the engine's process did not start."""
    found = tr("the engine did not start ({reason})", reason=process.errorString())
    return UserError("engine_start_failed", process.program(), found, reinstall())


def reinstall() -> str:
    """Say what helps against an engine that cannot work."""
    return tr("Reinstall the engine, or choose another Python for it in the settings.")


def _supersedes(event: Event, held: Optional[Event]) -> bool:
    """Tell whether `held` need not be shown, because `event` says the same of a later moment."""
    return isinstance(event, Progress) and isinstance(held, Progress) and event.stage == held.stage
