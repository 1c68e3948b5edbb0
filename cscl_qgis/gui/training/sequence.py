"""Jobs of a training, one after the other."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...engine.outcome import Outcome
from ..workspace import Workspace
from .plan import Step


class Jobs(QObject):
    """Starts each job when the one before it is complete; one that fails ends the rest."""

    # Whether all of them are complete.
    ended = pyqtSignal(bool)

    def __init__(self, workspace: Workspace, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._waiting: List[Step] = []
        self._running: Optional[Step] = None
        workspace.job_ended.connect(self._job_ended)

    def is_running(self) -> bool:
        """Tell whether one of the jobs is under way or waits."""
        return self._running is not None

    def start(self, steps: Sequence[Step]) -> None:
        """Start the first of the jobs; raises `UserError` where it cannot be made."""
        self._waiting = list(steps)
        self._next()

    def _next(self) -> None:
        step = self._waiting.pop(0)
        self._workspace.run(*step)
        self._running = step

    def _job_ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        if self._running is None or self._running[0] != job:
            return
        self._running = None
        if not outcome.succeeded:
            self._waiting = []
        if not self._waiting:
            self.ended.emit(outcome.succeeded)
            return
        self._running = self._waiting[0]
        # Whoever else hears of the end does so first.
        QTimer.singleShot(0, self._go_on)

    def _go_on(self) -> None:
        if not self._waiting:
            return
        try:
            self._next()
        except UserError as error:
            self._running, self._waiting = None, []
            self._workspace.warn(str(error))
            self.ended.emit(False)
