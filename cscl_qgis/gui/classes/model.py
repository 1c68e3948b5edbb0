"""The legend as a table that Qt shows and edits."""

from __future__ import annotations

from typing import Any, Callable, List, Sequence

from qgis.PyQt.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
    pyqtSignal,
)
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtWidgets import QApplication

from ...words import tr
from ..painting import as_number
from ..tips import plain_tip
from .legend import Legend, Row

COLOUR, VALUE, NAME, CODE, AREA, COUNT, HCAT = range(7)
NO_CODE = 1000  # where an ignored value stands in the order of the codes
MOST_UNDONE = 50


class LegendModel(QAbstractTableModel):
    """One line a value; every change can be taken back."""

    edited = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.legend = Legend()
        self._before: List[List[Row]] = []

    def change(self, action: Callable[[], Any]) -> None:
        """Do something to the legend and show what came of it."""
        before = list(self.legend.rows)
        action()
        if self.legend.rows != before:
            self._before = [*self._before[-MOST_UNDONE:], before]
            self._show(len(before))

    def renew(self, action: Callable[[], Any]) -> None:
        """Do something to the legend that cannot be taken back, such as reading a layer."""
        before = len(self.legend.rows)
        action()
        self._before = []
        self._show(before)

    def can_undo(self) -> bool:
        """Tell whether there is a change to take back."""
        return bool(self._before)

    def undo(self) -> None:
        """Take the last change back."""
        if self._before:
            before = len(self.legend.rows)
            self.legend.rows = self._before.pop()
            self._show(before)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the number of values."""
        return 0 if parent.isValid() else len(self.legend.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the number of columns."""
        return 0 if parent.isValid() else HCAT + 1

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:  # noqa: N802
        """Return the titles of the columns and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _titles()[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _helps()[section]
        return None

    def flags(self, index: QModelIndex) -> Any:
        """Tell what can be done with a cell."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == VALUE:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in (NAME, CODE, HCAT) else flags

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """Return what a cell shows."""
        row, column = self.legend.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.UserRole, Qt.ItemDataRole.EditRole):
            return _value(row, column)
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tip(row, column))
        if role == Qt.ItemDataRole.CheckStateRole and column == VALUE:
            return Qt.CheckState.Unchecked if row.code is None else Qt.CheckState.Checked
        if role == Qt.ItemDataRole.DecorationRole and column == COLOUR and row.code is not None:
            return QColor(row.colour)
        if role == Qt.ItemDataRole.ForegroundRole and row.code is None:
            group, role_ = QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text
            return QApplication.palette().color(group, role_)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (CODE, COUNT, AREA):
            return as_number(Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = 2) -> bool:  # noqa: N802
        """Take what was typed or checked."""
        row, column, legend = index.row(), index.column(), self.legend
        if role == Qt.ItemDataRole.CheckStateRole and column == VALUE:
            used = Qt.CheckState(value) == Qt.CheckState.Checked
            self.change(lambda: legend.use([row]) if used else legend.ignore([row]))
        elif role != Qt.ItemDataRole.EditRole:
            return False
        elif column == NAME:
            self.change(lambda: legend.rename(row, str(value)))
        elif column == CODE:
            self.change(lambda: legend.recode(row, int(value)))
        elif column == HCAT:
            self.change(lambda: legend.set_hcat(row, str(value)))
        return True

    def _show(self, before: int) -> None:
        rows = len(self.legend.rows)
        if rows != before or not rows:
            self.beginResetModel()
            self.endResetModel()
        else:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, HCAT))
        self.edited.emit()


class LegendFilter(QSortFilterProxyModel):
    """The rows whose value, name, code or HCAT code holds a text, in the order of a column."""

    def __init__(self, model: LegendModel) -> None:
        super().__init__()
        self._text = ""
        self._model = model
        self.setSourceModel(model)
        self.setSortRole(Qt.ItemDataRole.UserRole)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        # A row that is being edited must stay where it is.
        self.setDynamicSortFilter(False)

    def look_for(self, text: str) -> None:
        """Show the rows that hold `text`, all where it is empty."""
        self._text = text.strip().casefold()
        self.invalidateFilter()

    def rows_of(self, indexes: Sequence[QModelIndex]) -> List[int]:
        """Return the legend's rows of shown indexes, each once, ascending."""
        return sorted({self.mapToSource(index).row() for index in indexes})

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:  # noqa: N802
        """Tell whether a row is shown."""
        row = self._model.legend.rows[source_row]
        texts = (row.value, row.name, row.hcat, _shown(row, CODE))
        return not self._text or any(self._text in text.casefold() for text in texts)


def _titles() -> List[str]:
    return ["", tr("Value"), tr("Name"), tr("Code"), tr("ha"), tr("Parcels"), tr("HCAT")]


def _helps() -> List[str]:
    return [
        tr("Colour of the class; click to change it"),
        tr("Value of the class field; without its tick its parcels count as unknown"),
        tr("Name of the class; values of one name are one class"),
        tr("Code of the class in maps, 1 to 253; values of one code are one class"),
        tr("Area of the parcels with this value, in hectares"),
        tr("Number of parcels with this value"),
        tr("Code of the class in the crop taxonomy HCAT"),
    ]


def _value(row: Row, column: int) -> Any:
    code = NO_CODE if row.code is None else row.code
    return (row.colour, row.value, row.name, code, row.area, row.count, row.hcat)[column]


def _shown(row: Row, column: int) -> str:
    if column == COLOUR:
        return ""
    if column == CODE:
        return "" if row.code is None else str(row.code)
    if column == COUNT:
        return str(QLocale().toString(row.count))
    if column == AREA:
        return str(QLocale().toString(row.area, "f", 1 if row.area < 1000 else 0))
    return str(_value(row, column))


def _tip(row: Row, column: int) -> str:
    if column == COLOUR:
        return tr("{colour}; click to change it", colour=row.colour)
    if row.code is None:
        return tr("{value}: ignored, its parcels count as unknown", value=row.value)
    return _shown(row, column)
