"""Runs as rows of a list."""

from __future__ import annotations

from typing import Callable, Iterable, Optional, Sequence

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from .runs import Run

FOLDER = Qt.ItemDataRole.UserRole


class RunRows(QTreeWidget):
    """Runs in columns, the first of which takes the room that is left; one may be selected."""

    def __init__(self, name: str, titles: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHeaderLabels(titles)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def chosen(self, runs: Iterable[Run]) -> Optional[Run]:
        """Return the one of these runs that is selected."""
        folder = self._chosen_folder()
        return next((run for run in runs if run.folder == folder), None)

    def show_runs(self, runs: Iterable[Run], row: Callable[[Run], QTreeWidgetItem]) -> None:
        """Show these runs and no others, each as `row` makes it; the selection stays if it can."""
        kept = self._chosen_folder()
        self.blockSignals(True)
        self.clear()
        for run in runs:
            item = row(run)
            item.setData(0, FOLDER, run.folder)
            self.addTopLevelItem(item)
            if run.folder == kept:
                item.setSelected(True)
        self.blockSignals(False)

    def _chosen_folder(self) -> Optional[str]:
        items = self.selectedItems()
        return items[0].data(0, FOLDER) if items else None
