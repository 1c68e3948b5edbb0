"""Work on files beside the main thread."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from qgis.core import QgsApplication, QgsTask

from ....backend.cscl.contract.errors import UserError
from ...words import tr

_running: List["FileTask"] = []


class FileTask(QgsTask):
    """Calls a function in a thread of its own, then another in the main thread with the outcome."""

    def __init__(
        self, title: str, work: Callable[[], Any], done: Callable[[Any, Optional[UserError]], None]
    ) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self._work = work
        self._done = done
        self._value: Any = None
        self._error: Optional[UserError] = None

    def run(self) -> bool:
        """Do the work; called by QGIS."""
        try:
            self._value = self._work()
        except UserError as error:
            self._error = error
        except Exception as error:  # a task must not raise: it is said in words
            self._error = UserError(
                "unexpected", tr("engine"), f"{type(error).__name__}: {error}",
                tr("Try again; if it stays, report it with the diagnostics of Settings > Options."),
            )  # fmt: skip
        return True

    def finished(self, well: bool) -> None:
        """Pass the outcome on; called by QGIS in the main thread."""
        if self in _running:
            _running.remove(self)
        self._done(self._value, self._error)


def beside(
    title: str, work: Callable[[], Any], done: Callable[[Any, Optional[UserError]], None]
) -> None:
    """Start a `FileTask`; `done` gets what `work` returned, or the error it ended with."""
    task = FileTask(title, work, done)
    _running.append(task)  # QGIS keeps no Python object of it alive
    QgsApplication.taskManager().addTask(task)
