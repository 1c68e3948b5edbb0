"""Questions to the engine: one idle process, asked without ever waiting for it."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Callable, Deque, Dict, Optional

from qgis.PyQt.QtCore import QObject, QProcess, QTimer

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.events import LineSplitter
from ...backend.cscl.contract.questions import (
    LONGEST_ANSWER,
    Answer,
    Asked,
    Forget,
    Forgotten,
    Ready,
    Refusal,
    checked_answer,
    decode_reply,
    encode_request,
)
from ..words import tr
from .launch import MODULE, engine_process, kill_group
from .process import not_started, reinstall
from .values import asked_values

TURN_SECONDS = 0.010
# An engine that does not let go of a question within this time is started anew.
FORGET_MS = 5000
# Nor does one live on that has been silent so long while a question waits: a folder of ten
# thousand images on a slow network is looked at in less.
SILENCE_MS = 10 * 60 * 1000
ERROR_BYTES = 4000

Answered = Callable[[Dict[str, Any]], None]
Refused = Callable[[UserError], None]


@dataclass(frozen=True)
class Waiting:
    """A question without an answer, and whom to tell it."""

    asked: Asked
    answered: Answered
    refused: Refused
    forgotten: bool = False


class Questions(QObject):
    """Asks the engine; the process starts with the first question and ends with this object."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._process: Optional[QProcess] = None
        self._pid = 0
        self._number = 0
        self._waiting: Dict[int, Waiting] = {}
        self._closed = False
        self._ready = False
        self._splitter = LineSplitter(LONGEST_ANSWER)
        self._lines: Deque[bytes] = deque()
        self._errors = b""
        self._refusals: Dict[int, UserError] = {}
        self._turn = self._timer(0, self._read)
        self._refuse_later = self._timer(0, self._refuse)
        self._unheeded = self._timer(FORGET_MS, self.start_anew)
        self._silence = self._timer(SILENCE_MS, self._silent)

    def ask(self, name: str, values: Dict[str, Any], answered: Answered, refused: Refused) -> int:
        """Ask, and return the question's number; `answered` or `refused` is called later, once.

        Both are called in the main thread, never before this returns. Neither is called after
        `forget` or `close`.
        """
        self._number += 1
        asked = Asked(self._number, name, dict(values))
        self._waiting[self._number] = Waiting(asked, answered, refused)
        try:
            asked = replace(asked, values=asked_values(name, values))
            self._waiting[self._number] = Waiting(asked, answered, refused)
            self._write(encode_request(asked))
        except UserError as error:
            self._later(asked.number, error)
        return self._number

    def forget(self, number: int) -> None:
        """Take a question back; the engine leaves it at its next check."""
        waiting = self._waiting.get(number)
        if waiting is None or waiting.forgotten:
            return
        if self._process is None:
            del self._waiting[number]
            return
        self._waiting[number] = replace(waiting, forgotten=True)
        self._process.write(encode_request(Forget(number)))
        if not self._unheeded.isActive():
            self._unheeded.start()

    def start_anew(self) -> None:
        """Replace the process, of an engine that is another now or does not let go of a question.

        What still waits for an answer is asked again.
        """
        self._end_process()
        kept = [item for item in self._waiting.values() if not item.forgotten]
        self._waiting = {item.asked.number: item for item in kept}
        for item in kept:
            try:
                self._write(encode_request(item.asked))
            except UserError as error:
                self._later(item.asked.number, error)

    def close(self) -> None:
        """End the process and answer nothing more; for the end of the plugin or of QGIS."""
        self._closed = True
        self._waiting.clear()
        self._refuse_later.stop()
        self._end_process()
        # Qt complains of a process that still runs when its object goes; a killed one is quick.
        for process in self.findChildren(QProcess):
            process.waitForFinished(1000)

    # The process.

    def _write(self, line: bytes) -> None:
        if self._closed:
            raise UserError(
                "closed", tr("engine"), tr("QGIS is closing it"), tr("Start QGIS again.")
            )
        if self._process is None:
            self._start()
        if not self._silence.isActive():
            self._silence.start()
        if self._process is not None:
            self._process.write(line)

    def _start(self) -> None:
        process = engine_process(self)
        self._ready = False
        self._splitter = LineSplitter(LONGEST_ANSWER)
        self._lines.clear()
        self._errors = b""
        process.setWorkingDirectory(tempfile.gettempdir())
        process.setArguments([*MODULE, "serve"])
        process.readyReadStandardOutput.connect(self._read_output)
        process.readyReadStandardError.connect(self._read_error)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._process = process
        process.start()
        self._pid = int(process.processId() or 0)

    def _end_process(self) -> None:
        """End the process, if there is one, and hear no more of it."""
        for timer in (self._turn, self._unheeded, self._silence):
            timer.stop()
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (
            process.readyReadStandardOutput,
            process.readyReadStandardError,
            process.finished,
            process.errorOccurred,
        ):
            signal.disconnect()
        if process.state() == QProcess.ProcessState.NotRunning:
            process.deleteLater()
        else:
            process.finished.connect(process.deleteLater)
            kill_group(self._pid)
            process.kill()
        self._pid = 0

    def _finished(self, *_: object) -> None:
        self._read_output()
        while self._lines and self._process is not None:
            self._take(self._lines.popleft())
        if self._process is None:
            return
        said = self._errors.decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][:400]
        found = tr("it ended before it answered")
        if said:
            found = tr("it ended before it answered; it said: {said}", said=said)
        remedy = tr("Ask again: it is started anew.") if self._ready else reinstall()
        self._break(UserError("engine_ended", tr("engine"), found, remedy))

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error != QProcess.ProcessError.FailedToStart or self._process is None:
            return
        self._break(not_started(self._process))

    def _silent(self) -> None:
        minutes = SILENCE_MS // 60000
        self._break(
            UserError(
                "engine_silent", tr("engine"),
                tr("it gave no answer for {minutes} minutes", minutes=minutes),
                tr(
                    "Ask again: it is started anew. Files on a slow network are better copied "
                    "first."
                ),
            )
        )  # fmt: skip

    def _break(self, error: UserError) -> None:
        """End the process and refuse all that waits; the next question starts another."""
        self._end_process()
        waiting, self._waiting = self._waiting, {}
        for item in waiting.values():
            if not item.forgotten:
                item.refused(error)

    # What comes from it.

    def _read_error(self) -> None:
        if self._process is not None:
            self._errors += bytes(self._process.readAllStandardError())
            self._errors = self._errors[-ERROR_BYTES:]

    def _read_output(self) -> None:
        if self._process is None:
            return
        piece = bytes(self._process.readAllStandardOutput())
        try:
            self._lines.extend(self._splitter.feed(piece))
        except UserError as error:
            self._break(error)
            return
        self._read()

    def _read(self) -> None:
        """Pass on answers for a hundredth of a second at most, then let QGIS have its turn."""
        until = time.monotonic() + TURN_SECONDS
        while self._lines and self._process is not None and time.monotonic() < until:
            self._take(self._lines.popleft())
        if self._lines:
            self._turn.start()

    def _take(self, raw: bytes) -> None:
        try:
            reply = decode_reply(raw)
            if isinstance(reply, Ready) != (not self._ready):
                raise UserError(
                    "protocol_error", tr("engine"), tr("it sent {text}", text=repr(raw[:80])),
                    tr("Reinstall the engine."),
                )  # fmt: skip
        except UserError as error:
            self._break(error)
            return
        if isinstance(reply, Ready):
            self._ready = True
            return
        waiting = self._waiting.pop(reply.number, None)
        self._watch(waiting is not None and waiting.forgotten)
        if waiting is None or waiting.forgotten or isinstance(reply, Forgotten):
            return
        if isinstance(reply, Refusal):
            waiting.refused(reply.error)
        elif isinstance(reply, Answer):
            self._pass(waiting, reply.values)

    def _pass(self, waiting: Waiting, values: Dict[str, Any]) -> None:
        try:
            checked = checked_answer(waiting.asked.name, values)
        except UserError as error:
            waiting.refused(error)
            return
        waiting.answered(checked)

    def _watch(self, let_go: bool) -> None:
        """Wait on for what is still open; silence counts from the last line."""
        self._silence.stop()
        if self._waiting:
            self._silence.start()
        if let_go:
            self._unheeded.stop()
            if any(item.forgotten for item in self._waiting.values()):
                self._unheeded.start()

    def _later(self, number: int, error: UserError) -> None:
        """Refuse a question once whoever asked it has its number."""
        self._refusals[number] = error
        self._refuse_later.start()

    def _refuse(self) -> None:
        refusals, self._refusals = self._refusals, {}
        for number, error in refusals.items():
            waiting = self._waiting.pop(number, None)
            if waiting is not None and not waiting.forgotten:
                waiting.refused(error)

    def _timer(self, milliseconds: int, action: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(action)
        return timer
