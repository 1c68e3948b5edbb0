"""Import and export of the class table."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..parts import named_button
from ..workspace import Workspace
from .legend import Row
from .model import LegendModel

ENDING = ".csv"


class TableExchange(QWidget):
    """Reads class tables of people and of EuroCrops, and writes the legend as one."""

    imported = pyqtSignal()

    def __init__(
        self, workspace: Workspace, model: LegendModel, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = model
        self.import_button = named_button(
            "cscl_import_classes", tr("Import…"),
            tr("Take names, codes and colours from a class table (CSV), EuroCrops' columns too"),
        )  # fmt: skip
        self.export_button = named_button(
            "cscl_export_classes", tr("Export…"), tr("Write the classes as a class table (CSV)")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.import_button)
        layout.addWidget(self.export_button)
        layout.addStretch(1)
        self.import_button.clicked.connect(self._choose_import)
        self.export_button.clicked.connect(self._choose_export)
        model.edited.connect(self._enable)
        self._enable()

    def import_file(self, path: str) -> None:
        """Put the table of a file in place of what was made of the values."""
        self._workspace.questions.ask("class_table", {"path": path}, self._take, self._refused)

    def export_file(self, path: str) -> None:
        """Write the classes to a file; values that are ignored are not in it."""
        rows: List[Dict[str, Any]] = [
            {"value": row.value, "name": row.name, "code": row.code, "colour": row.colour,
             "hcat": row.hcat}
            for row in self._model.legend.rows
            if row.code is not None
        ]  # fmt: skip
        target = path if path.lower().endswith(ENDING) else path + ENDING
        self._workspace.questions.ask(
            "save_class_table", {"path": target, "rows": rows}, self._saved, self._refused
        )

    def _take(self, answer: Dict[str, Any]) -> None:
        table = [
            Row(item["value"], item["name"], item["code"], item["colour"], item["hcat"],
                item["name"], item["hcat"])
            for item in answer["rows"]
        ]  # fmt: skip
        missing = 0

        def take() -> None:
            nonlocal missing
            missing = self._model.legend.take(table)

        self._model.change(take)
        for note in answer["notes"]:
            self._workspace.tell(note)
        if missing:
            self._workspace.tell(
                tr("Values that are not in the table: {count}. They are ignored until you tick "
                   "them.", count=missing)
            )  # fmt: skip
        self.imported.emit()

    def _saved(self, answer: Dict[str, Any]) -> None:
        self._workspace.tell(
            tr("The class table is written: {path}", path=answer["path"]),
            Qgis.MessageLevel.Success,
        )

    def _refused(self, error: UserError) -> None:
        self._workspace.warn(str(error))

    def _choose_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Import a class table"), "", tr("Tables (*.csv);;All files (*)")
        )
        if path:
            self.import_file(path)

    def _choose_export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export the class table"), "", tr("Tables (*.csv)")
        )
        if path:
            self.export_file(path)

    def _enable(self) -> None:
        self.export_button.setEnabled(bool(self._model.legend.codes()))
