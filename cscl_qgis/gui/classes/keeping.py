"""The class table as a file that the next pages and the job read."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import QObject

from ....backend.cscl.contract.classes import ClassTable
from ....backend.cscl.contract.errors import UserError
from ...layers.class_file import keep_class_table
from ...words import tr
from ..background import Background
from ..parts import one_shot
from ..workspace import Workspace

KEEP_MS = 300  # after the last change of the table it is written


class ClassFile(QObject):
    """Writes a class table beside the main thread: now and then as offered, or on demand.

    `table` returns the table as it stands, `None` where the chosen parcels have none.
    """

    def __init__(
        self, workspace: Workspace, table: Callable[[], Optional[ClassTable]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._table = table
        self._offering, self._demanded = Background(self), Background(self)
        self._timer = one_shot(self, KEEP_MS, self._offer)

    def offer(self) -> None:
        """Give the table to the next pages once it has not changed for a moment."""
        self._timer.start()

    def is_busy(self) -> bool:
        """Tell whether somebody waits for the file."""
        return self._demanded.is_busy()

    def demand(self, then: Callable[[str], None], refused: Callable[[UserError], None]) -> None:
        """Write the table and pass its path on, empty where there is none."""
        self._write(self._demanded, then, refused)

    def close_down(self) -> None:
        """Stop and wait; for the end of the plugin or of QGIS."""
        self._timer.stop()
        self._offering.close()
        self._demanded.close()

    def _offer(self) -> None:
        self._write(
            self._offering,
            lambda path: self._workspace.choose("classes", path),
            lambda error: self._workspace.warn(str(error)),
        )

    def _write(
        self,
        background: Background,
        then: Callable[[str], None],
        refused: Callable[[UserError], None],
    ) -> None:
        table = self._table()
        if table is None:
            then("")
            return
        background.do(
            tr("Crop mapping: class table"), lambda _: keep_class_table(table), then, refused
        )
