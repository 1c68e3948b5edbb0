"""Results into the project, one layer a turn of the main loop, so that QGIS stays alive."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...layers.folder import ResultsFolder
from ...layers.results import Result, add_to_group, folder_results, group_of, new_group
from ..parts import one_shot


class GroupAdder(QObject):
    """Adds the group of a folder; a group that is there already is only shown."""

    refused = pyqtSignal(object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._folder: Optional[ResultsFolder] = None
        self._waiting: List[Result] = []
        self._then: List[Callable[[Any], None]] = []
        self._timer = one_shot(self, 0, self._next)

    def add(self, folder: ResultsFolder, then: Callable[[Any], None]) -> None:
        """Add the results; `then` is called with the group, or `None` where nothing can be shown.

        It is called at once where the group is there.
        """
        if self._folder is not None and self._folder.folder == folder.folder:
            self._then.append(then)
            return
        self.stop()
        group = group_of(folder.folder)
        if group is not None:
            group.setItemVisibilityChecked(True)
            then(group)
            return
        self._folder, self._waiting, self._then = folder, folder_results(folder), [then]
        if self._waiting:
            new_group(folder)
        self._timer.start(0)

    def stop(self) -> None:
        """Add no more."""
        self._timer.stop()
        self._folder, self._waiting, self._then = None, [], []

    def _next(self) -> None:
        folder = self._folder
        if folder is None:
            return
        group = group_of(folder.folder)
        if group is not None and self._waiting:
            try:
                add_to_group(group, self._waiting.pop(0), folder)
            except UserError as error:
                self.refused.emit(error)
            self._timer.start(0)
            return
        # All are there, or the person removed the group meanwhile.
        then = self._then
        self.stop()
        for call in then:
            call(group)
