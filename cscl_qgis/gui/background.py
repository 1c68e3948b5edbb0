"""Work beside the main thread: one piece after another, the last one asked for wins."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt.QtCore import QObject

from ...backend.cscl.contract.errors import UserError
from ..words import tr

STOP_MS = 2000


class Work(QgsTask):
    """Calls a function in a thread; it is given a way to ask whether it is still wanted."""

    def __init__(self, title: str, function: Callable[[Callable[[], bool]], Any]) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self._function = function
        self.answer: Any = None
        self.error: Optional[Exception] = None

    def run(self) -> bool:
        """Do the work; called by QGIS in a thread of its own."""
        try:
            self.answer = self._function(self.isCanceled)
        except Exception as error:  # a task must not raise: it is said in words
            self.error = error
        return self.error is None


class Background(QObject):
    """Does one piece of work at a time; what a newer one has overtaken is never answered."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._work: Optional[Work] = None

    def is_busy(self) -> bool:
        """Tell whether an answer is awaited."""
        return self._work is not None

    def do(
        self,
        title: str,
        function: Callable[[Callable[[], bool]], Any],
        answered: Callable[[Any], None],
        refused: Callable[[UserError], None],
    ) -> None:
        """Start `function(is_cancelled)`; its value or its error comes to the main thread."""
        self.stop()
        work = self._work = Work(title, function)
        work.taskCompleted.connect(partial(self._ended, work, answered, refused))
        work.taskTerminated.connect(partial(self._ended, work, answered, refused))
        QgsApplication.taskManager().addTask(work)

    def stop(self) -> None:
        """Forget the work under way; it ends at its next look at whether it is wanted."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()

    def close(self) -> None:
        """Stop and wait for the end of the thread, as its layers may go away now."""
        work = self._work
        self.stop()
        if work is not None:
            work.waitForFinished(STOP_MS)

    def _ended(
        self, work: Work, answered: Callable[[Any], None], refused: Callable[[UserError], None]
    ) -> None:
        if work is not self._work:
            return
        self._work = None
        if isinstance(work.error, UserError):
            refused(work.error)
        elif work.error is not None:
            refused(_unexpected(work))
        else:
            answered(work.answer)


def _unexpected(work: Work) -> UserError:
    found = f"{type(work.error).__name__}: {work.error}"
    return UserError(
        "reading_failed", work.description(), tr("it failed ({found})", found=found),
        tr("Open the results again; if it stays, tell the makers of the plugin."),
    )  # fmt: skip
