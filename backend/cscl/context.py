"""What a running job says to whoever started it, and what it hears from them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from cscl.contract.errors import Cancelled, Finding

Item = TypeVar("Item")


class Listener(Protocol):
    """Receives the events of a job; implemented by the protocol, the terminal and the tests."""

    def progress(self, stage: str, done: int, total: int) -> None: ...
    def metric(self, name: str, step: int, value: float) -> None: ...
    def note(self, text: str) -> None: ...
    def picture(self, name: str, step: int, path: Path) -> None: ...
    def artifact(self, role: str, path: Path) -> None: ...


class Silent:
    """A listener that keeps what it hears, for tests and for use as a library."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.metrics: list[tuple[str, int, float]] = []
        self.pictures: list[tuple[str, int, Path]] = []
        self.artifacts: dict[str, Path] = {}
        self.stages: dict[str, tuple[int, int]] = {}

    def progress(self, stage: str, done: int, total: int) -> None:
        self.stages[stage] = (done, total)

    def metric(self, name: str, step: int, value: float) -> None:
        self.metrics.append((name, step, value))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def picture(self, name: str, step: int, path: Path) -> None:
        self.pictures.append((name, step, path))

    def artifact(self, role: str, path: Path) -> None:
        self.artifacts[role] = path


class JobContext:
    """Progress, notes, figures and cancellation of one running job.

    Every call checks for cancellation first, so code that reports often enough needs no further
    checks; a cancelled job sees `Cancelled`.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self.listener: Listener = listener if listener is not None else Silent()
        self.cancelled = False
        self.paused = False
        self.finish_requested = False
        # Cores that a job leaves to the person's desktop.
        self.spared_cores = 0
        self._noted: list[str] = []
        self._found: list[Finding] = []

    @property
    def noted(self) -> tuple[str, ...]:
        """Everything noted so far, in order: what was assumed, adapted or done instead."""
        return tuple(self._noted)

    @property
    def found(self) -> tuple[Finding, ...]:
        """Every finding that did not stop the job, in order."""
        return tuple(self._found)

    def check(self) -> None:
        """Raise `Cancelled` if the person asked for it; wait here while the job is paused."""
        while self.paused and not self.cancelled:
            time.sleep(0.05)
        if self.cancelled:
            raise Cancelled()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say that `done` of `total` steps of a stage are finished."""
        self.check()
        self.listener.progress(stage, done, total)

    def track(self, stage: str, items: Iterable[Item], total: int) -> Iterator[Item]:
        """Yield `items`, reporting progress after each."""
        self.progress(stage, 0, total)
        for index, item in enumerate(items):
            yield item
            self.progress(stage, index + 1, total)

    def metric(self, name: str, step: int, value: float) -> None:
        """Report one figure, for example a validation score after an epoch."""
        self.check()
        self.listener.metric(name, step, value)

    def note(self, text: str) -> None:
        """Say something the person should read; kept for the report."""
        self.check()
        if text not in self._noted:
            self._noted.append(text)
            self.listener.note(text)

    def warn(self, finding: Finding) -> None:
        """Note a finding that does not stop the job; kept for its list of findings."""
        if finding not in self._found:
            self._found.append(finding)
        self.note(str(finding))

    def picture(self, name: str, step: int, path: Path) -> None:
        """Announce a picture of the work at a step, which stands whole at its path."""
        self.check()
        self.listener.picture(name, step, path)

    def heed_finish(self) -> None:
        """Take note that training finished as asked, so that what follows it starts afresh."""
        self.finish_requested = False

    def artifact(self, role: str, path: Path) -> None:
        """Announce a finished output."""
        self.check()
        self.listener.artifact(role, path)
