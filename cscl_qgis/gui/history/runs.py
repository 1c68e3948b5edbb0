"""All runs that are known: asked of the engine, one folder after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Optional, Set, Tuple

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from . import known

COMPLETE, RUNNING = "complete", "running"
UNFINISHED = ("failed", "cancelled", "interrupted")


@dataclass(frozen=True)
class Run:
    """One run: `folder` holds its record, `output` its results; times are seconds since 1970."""

    folder: str
    job: str
    state: str
    began: float
    output: str
    seconds: Optional[float] = None
    parameters: Dict[str, Any] = field(default_factory=dict)
    figures: Dict[str, Optional[float]] = field(default_factory=dict)
    error: str = ""

    @property
    def name(self) -> str:
        """The name of its output."""
        return Path(self.output or self.folder).name

    @property
    def resumable(self) -> bool:
        """Whether the same job with the same output goes on from here."""
        return self.state in UNFINISHED

    def figure(self, *names: str) -> Optional[float]:
        """Return the first of some figures that the run has."""
        return next((self.figures[name] for name in names if self.figures.get(name) is not None),
                    None)  # fmt: skip


class RunList(QObject):
    """Keeps the runs of all known folders, the latest first; `changed` when they were asked."""

    changed = pyqtSignal()

    def __init__(self, questions: Any, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._questions = questions
        self._asked: Set[int] = set()
        self._found: Dict[str, Run] = {}
        self.runs: Tuple[Run, ...] = ()
        self.problem = ""

    def is_busy(self) -> bool:
        """Tell whether answers are awaited."""
        return bool(self._asked)

    def refresh(self) -> None:
        """Ask anew; what was asked before is taken back."""
        self.close_down()
        self._found, self.problem = {}, ""
        self._ask({})
        for folder in known.chosen():
            self._ask({"folder": folder})

    def close_down(self) -> None:
        """Take back what is asked."""
        for number in self._asked:
            self._questions.forget(number)
        self._asked.clear()

    def _ask(self, values: Dict[str, Any]) -> None:
        number = 0

        def answered(answer: Dict[str, Any]) -> None:
            self._asked.discard(number)
            for row in answer["runs"]:
                run = _run_of(row)
                self._found[run.folder] = run
            self._tell()

        def refused(error: UserError) -> None:
            self._asked.discard(number)
            # A folder that was chosen once may be gone; that none can be asked is said.
            if not values:
                self.problem = str(error)
            self._tell()

        number = self._questions.ask("runs", values, answered, refused)
        self._asked.add(number)

    def _tell(self) -> None:
        if not self._asked:
            found = self._found.values()
            self.runs = tuple(sorted(found, key=lambda run: run.began, reverse=True))
            self.changed.emit()


def _run_of(row: Dict[str, Any]) -> Run:
    parameters, figures = row.get("parameters"), row.get("figures")
    return Run(
        folder=str(row["folder"]),
        job=str(row["job"]),
        state=str(row["state"]),
        began=float(row["began"] or 0.0),
        output=str(row.get("output") or row["folder"]),
        seconds=row.get("seconds"),
        parameters=dict(parameters) if isinstance(parameters, dict) else {},
        figures=dict(figures) if isinstance(figures, dict) else {},
        error=str(row.get("error") or ""),
    )


def state_title(state: str) -> str:
    """Return a state in words."""
    titles = {
        "complete": tr("Complete"), "running": tr("Running"), "failed": tr("Failed"),
        "cancelled": tr("Cancelled"), "interrupted": tr("Interrupted"),
    }  # fmt: skip
    return titles.get(state, state)
