"""What the engine says, from bytes to events and to the outcome; knows nothing of processes."""

from __future__ import annotations

import json
import math
from collections import deque
from typing import Deque, List, Optional, Union

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.events import (
    Done,
    Event,
    Failed,
    Hello,
    LineSplitter,
    Progress,
    decode,
)
from ..words import tr
from .outcome import Outcome

ERROR_BYTES = 256 * 1024
LONGEST_PROGRESS = 1000
DETAIL_LINES = 50
# The plugin checks a job as its own contract has it, so only another contract refuses it so.
OF_ANOTHER_VERSION = ("unknown_job", "unknown_field", "invalid_job")
LOG_LINES_A_TURN = 100
LONGEST_LOG_LINE = 2000


class Conversation:
    """The events of one engine process, and what it wrote besides.

    Feed it the bytes of both streams, take events from `next_event`, lines for the log from
    `take_log`, and the outcome at the end. After the first line that is no event, `broken` is set
    and nothing more is read.
    """

    def __init__(self) -> None:
        self._splitter = LineSplitter()
        self._lines: Deque[bytes] = deque()
        self._log: Deque[str] = deque(maxlen=LOG_LINES_A_TURN)
        self._errors = bytearray()
        self._error_rest = b""
        self._greeted = False
        self.last: Optional[Union[Done, Failed]] = None
        self.broken: Optional[UserError] = None

    # Standard output: events.

    def feed_output(self, piece: bytes) -> None:
        """Take a piece of the engine's standard output."""
        if self.broken is not None:
            return
        try:
            self._lines.extend(self._splitter.feed(piece))
        except UserError as error:
            self._break(error, piece[:80])

    def end_of_output(self) -> None:
        """Take note that nothing more comes; half a line is no event."""
        rest = self._splitter.pending
        if rest and self.broken is None:
            self._lines.append(rest)
            self._splitter = LineSplitter()

    @property
    def waiting(self) -> bool:
        """Whether there are lines not yet read."""
        return bool(self._lines) and self.broken is None

    def next_event(self) -> Optional[Event]:
        """Read one line and return its event, or `None` where it says nothing new."""
        raw = self._lines.popleft()
        try:
            event = self._decode(raw)
        except UserError as error:
            self._break(error, raw)
            return None
        if self.last is not None:
            self.note(f"After its last event the engine sent another, which is ignored: {raw!r}")
            return None
        if isinstance(event, (Done, Failed)):
            self.last = event
        return event

    def _decode(self, raw: bytes) -> Event:
        event = _lenient_progress(raw) or decode(raw)
        if isinstance(event, Hello):
            self._greeted = True
        elif not self._greeted and not isinstance(event, Failed):
            raise UserError(
                "protocol_error", tr("engine"),
                tr("its first event is {kind}, not hello", kind=event.kind),
                tr("Reinstall the engine."),
            )  # fmt: skip
        return event

    def _break(self, error: UserError, raw: bytes) -> None:
        self.broken = error
        self._lines.clear()
        self.note(f"The engine sent what is no event: {raw[:400]!r} ({error})")

    # Standard error: the log.

    def feed_error(self, piece: bytes) -> None:
        """Take a piece of the engine's standard error."""
        self._errors += piece
        if len(self._errors) > ERROR_BYTES:
            del self._errors[: len(self._errors) - ERROR_BYTES]
        # A progress bar of some library returns to the start of its line.
        lines = (self._error_rest + piece).replace(b"\r", b"\n").split(b"\n")
        self._error_rest = lines.pop()[-LONGEST_LOG_LINE:]
        for line in lines[-LOG_LINES_A_TURN:]:
            text = line[:LONGEST_LOG_LINE].decode("utf-8", "replace").rstrip()
            if text:
                self._log.append(text)

    def note(self, text: str) -> None:
        """Add a line of our own to the log."""
        self._log.append(text[:LONGEST_LOG_LINE])

    def take_log(self) -> List[str]:
        """Return the lines for the log since the last call, the newest hundred at most."""
        lines = list(self._log)
        self._log.clear()
        return lines

    @property
    def details(self) -> str:
        """The last fifty lines that the engine wrote besides its events."""
        text = self._errors.decode("utf-8", "replace").replace("\r", "\n")
        lines = [line.rstrip() for line in text.split("\n") if line.strip()]
        return "\n".join(lines[-DETAIL_LINES:])

    # The end.

    def outcome(self, exit_code: int, crashed: bool, cancelled: bool) -> Outcome:
        """Return how the job ended; `exit_code` is the signal's number where it crashed."""
        last = self.last
        if isinstance(last, Done) and not crashed and exit_code == 0 and self.broken is None:
            return Outcome("complete", dict(last.outputs), details=self.details)
        if cancelled or (isinstance(last, Failed) and last.code == "cancelled"):
            code, message, state = "cancelled", tr("The job was cancelled."), "cancelled"
        else:
            code, message, state = (*self._failure(exit_code, crashed), "failed")
        report = last.report if isinstance(last, Failed) else ""
        return Outcome(state, {}, code, message, report, self.details, exit_code)

    def _failure(self, exit_code: int, crashed: bool) -> "tuple[str, str]":
        if self.broken is not None:
            return self.broken.code, str(self.broken)
        if isinstance(self.last, Failed):
            return self.last.code, _with_hint(self.last.code, self.last.message)
        if crashed:
            return "backend_died", _joined(
                tr(
                    "The engine was ended by signal {signal} before the job was complete.",
                    signal=exit_code,
                ),
                _go_on(),
            )
        if isinstance(self.last, Done):
            return "backend_died", tr(
                "The engine ended with status {status} although it had said that the job was done, "
                "so its results are not used. Run the job again.",
                status=exit_code,
            )
        if exit_code == 0:
            return "no_result", _joined(
                tr("The engine ended without saying that the job was done."),
                tr("Reinstall the engine."),
            )
        return self._stopped(exit_code)

    def _stopped(self, exit_code: int) -> "tuple[str, str]":
        said = self.details.rsplit("\n", 1)[-1][:400]
        said = tr("It said: {text}", text=said) if said else ""
        if self._greeted:
            return "backend_died", _joined(
                tr(
                    "The engine stopped with status {status} before the job was complete.",
                    status=exit_code,
                ),
                said,
                _go_on(),
            )
        return "engine_start_failed", _joined(
            tr("The engine did not start (status {status}).", status=exit_code),
            said,
            tr("Reinstall the engine, or choose another Python for it in the settings."),
        )


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _go_on() -> str:
    return tr("Run the job again with the same output: it goes on from its last checkpoint.")


def _with_hint(code: str, message: str) -> str:
    """Say what to do about an engine whose libraries or whose version are not the plugin's."""
    hint = ""
    if "ModuleNotFoundError" in message or "ImportError" in message:
        hint = tr("A library of the engine is missing or broken: reinstall the engine.")
    elif code in OF_ANOTHER_VERSION:
        hint = tr("The engine is of another version than the plugin: reinstall the engine.")
    return _joined(message, hint)


def _lenient_progress(raw: bytes) -> Optional[Progress]:
    """Return a progress event with its numbers clamped, `None` where the line is none.

    Progress moves a bar and nothing else, so a wrong number in it is no reason to lose a job;
    that is why a short line is read less strictly here than all other JSON.
    """
    if len(raw) > LONGEST_PROGRESS or b'"progress"' not in raw[:200]:
        return None
    try:
        value = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or set(value) != {"event", "stage", "done", "total"}:
        return None
    done, total = value["done"], value["total"]
    if value["event"] != "progress" or not isinstance(value["stage"], str):
        return None
    if not (_is_number(done) and _is_number(total)):
        return None
    whole = int(total) if math.isfinite(total) and total > 0 else 1
    part = min(max(int(done), 0), whole) if math.isfinite(done) else 0
    return Progress(value["stage"], part, whole)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
