"""The list of parcels whose map and declaration differ, the surest first."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ....backend.cscl.contract.classes import ClassTable
from ...words import tr
from ..painting import as_number
from ..parts import plain_label
from .parcel_table import ParcelRow, disagreeing
from .swatch import swatch

PARCEL, DECLARED, MAPPED, SURE = range(4)


class DisagreementModel(QAbstractTableModel):
    """Rows of parcels; colours come from the class table."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._rows: List[ParcelRow] = []
        self._icons: Dict[str, QIcon] = {}
        self._by_value: Dict[str, QIcon] = {}

    def show_rows(self, rows: List[ParcelRow], table: Optional[ClassTable]) -> None:
        """Show these rows in their order."""
        self.beginResetModel()
        self._rows = rows
        classes = table.classes if table is not None else ()
        self._icons = {item.name: swatch(item.colour) for item in classes}
        self._by_value = {
            value: self._icons[item.name] for item in classes for value in item.values
        }
        self.endResetModel()

    def parcel(self, row: int) -> ParcelRow:
        """Return the parcel of a row."""
        return self._rows[row]

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the number of parcels."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the number of columns."""
        return 0 if parent.isValid() else 4

    def headerData(  # noqa: N802
        self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the columns' names and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("Parcel"), tr("Declared"), tr("Mapped"), tr("Sure"))[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                tr("The parcel's id in its layer"),
                tr("The class that was declared"),
                tr("The class that the map shows in the parcel"),
                tr("The calibrated probability of the mapped class"),
            )[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.label, row.declared, row.crop, f"{100 * row.confidence:.0f} %")[column]
        if role == Qt.ItemDataRole.DecorationRole and column in (DECLARED, MAPPED):
            icons, name = (
                (self._by_value, row.declared) if column == DECLARED else (self._icons, row.crop)
            )
            return icons.get(name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _details(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SURE:
            return as_number(Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter)
        return None


class DisagreementList(QWidget):
    """The table with what can be left out of it; `picked` follows the selected row."""

    picked = pyqtSignal(object)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._all: List[ParcelRow] = []
        self._table: Optional[ClassTable] = None
        self.model = DisagreementModel(self)
        self.view = _table_view(self.model)
        self.summary = plain_label("cscl_disagreements_summary")
        self.unseen = QCheckBox(tr("Only parcels that the model has not seen"))
        self.unseen.setObjectName("cscl_only_unseen")
        self.unseen.setToolTip(
            tr("A model that was trained on a parcel tends to repeat its declaration, right or not")
        )
        layout = QVBoxLayout(self)
        layout.addWidget(self.summary)
        layout.addWidget(self.unseen)
        layout.addWidget(self.view, 1)
        self.unseen.toggled.connect(self._show)
        self.view.selectionModel().currentRowChanged.connect(self._row_changed)
        self.show_parcels([], None)

    def show_parcels(self, rows: List[ParcelRow], table: Optional[ClassTable]) -> None:
        """Show the parcels of a layer that differ from their declaration."""
        self._all, self._table = rows, table
        self._show()

    def say(self, text: str) -> None:
        """Say why there is no list, or that it is being read."""
        self.show_parcels([], None)
        self.summary.setText(text)

    def _show(self, *_: object) -> None:
        found = disagreeing(self._all, self.unseen.isChecked())
        self.model.show_rows(found, self._table)
        self.view.resizeColumnToContents(PARCEL)
        self.view.resizeColumnToContents(SURE)
        told = [row for row in self._all if row.agrees is not None]
        if self.unseen.isChecked():
            told = [row for row in told if row.unseen]
        self.summary.setText(
            tr("Map and declaration differ in {count} of {all} parcels, the surest first. Choose a "
               "row to see it on the map.", count=len(found), all=len(told))
        )  # fmt: skip

    def _row_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(self.model.parcel(current.row()))


def _table_view(model: DisagreementModel) -> QTableView:
    view = QTableView()
    view.setObjectName("cscl_disagreements")
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    height = view.fontMetrics().height()
    view.setIconSize(QSize(height - 2, height - 2))
    view.verticalHeader().setDefaultSectionSize(height + 6)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    for column in (DECLARED, MAPPED):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    return view


def _details(row: ParcelRow) -> str:
    lines = [tr("{declared} was declared, {crop} is mapped", declared=row.declared or "–",
                crop=row.crop)]  # fmt: skip
    if row.second:
        lines.append(tr("Next: {crop}", crop=row.second))
    if row.reason:
        lines.append(tr("Take care: {reason}", reason=row.reason))
    if row.split:
        lines.append(tr("In training its ground was of the split {split}", split=row.split))
    return "\n".join(lines)
