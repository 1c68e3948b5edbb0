"""A confusion matrix as a table; a click on a cell says which classes were meant."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPainter
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyle,
    QStyleOptionHeader,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ....backend.cscl.contract.classes import ClassTable
from ...words import tr
from ..editors import ChoiceBox
from ..painting import as_number, text_colour
from ..parts import plain_label
from .matrices import Matrix, class_name
from .swatch import swatch

MARGIN = 4
# The most of a cell's ground that is covered by its share of the row.
FULL_TINT = 170


class MatrixModel(QAbstractTableModel):
    """Counts, the last column the recall of a row, the last row the precision of a column."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._matrix: Optional[Matrix] = None
        self._names: List[str] = []
        self._icons: List[QIcon] = []

    def show_matrix(self, matrix: Optional[Matrix], table: Optional[ClassTable]) -> None:
        """Show a matrix with the names and colours of its classes."""
        self.beginResetModel()
        shown = matrix is not None and table is not None
        self._matrix = matrix if shown else None
        self._names = [class_name(table, code) for code in matrix.codes] if shown else []
        self._icons = [swatch(table.colour_of(code)) for code in matrix.codes] if shown else []
        self.endResetModel()

    @property
    def size(self) -> int:
        """The number of classes."""
        return len(self._names)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the classes and the row of shares."""
        return 0 if parent.isValid() or not self._names else len(self._names) + 1

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the classes and the column of shares."""
        return self.rowCount(parent)

    def headerData(  # noqa: N802
        self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the names of the classes."""
        is_row = orientation == Qt.Orientation.Vertical
        if section >= self.size:
            if role == Qt.ItemDataRole.DisplayRole:
                return tr("Precision, %") if is_row else tr("Recall, %")
            if role == Qt.ItemDataRole.ToolTipRole:
                return (
                    tr("Share of what is mapped as a class that is it (user's accuracy)")
                    if is_row
                    else tr("Share of a class that is mapped as it (producer's accuracy)")
                )
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._names[section]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icons[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if self._matrix is None:
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return as_number(Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._ground(row, column)
        return None

    def _text(self, row: int, column: int) -> str:
        matrix, size = self._matrix, self.size
        if matrix is None or (row == size and column == size):
            return ""
        if row == size or column == size:
            share = matrix.precision(column) if row == size else matrix.recall(row)
            return "–" if share is None else f"{100 * share:.0f}"
        return str(matrix.counts[row][column] or "")

    def _tip(self, row: int, column: int) -> str:
        matrix, size = self._matrix, self.size
        if matrix is None or row >= size or column >= size:
            return ""
        return tr(
            "{count} {unit} of {truth} mapped as {mapped}", count=matrix.counts[row][column],
            unit=matrix.unit, truth=self._names[row], mapped=self._names[column],
        )  # fmt: skip

    def _ground(self, row: int, column: int) -> Any:
        matrix, size = self._matrix, self.size
        if matrix is None or row >= size or column >= size or not matrix.counts[row][column]:
            return None
        share = matrix.counts[row][column] / max(sum(matrix.counts[row]), 1)
        colour = QColor("#4393c3") if row == column else QColor("#d6604d")
        colour.setAlpha(int(30 + (FULL_TINT - 30) * share))
        return colour


class UprightHeader(QHeaderView):
    """Names of columns that stand on their side, so that columns may be as narrow as counts."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(True)
        self.setSectionsClickable(False)

    def sectionSizeFromContents(self, section: int) -> QSize:  # noqa: N802 - Qt's name
        """Return the room that a name on its side needs."""
        metrics = self.fontMetrics()
        return QSize(metrics.height() + 2 * MARGIN, self._longest() + metrics.height() + 4 * MARGIN)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        """Draw the header's ground as the style does, then the name upwards and its colour."""
        option = QStyleOptionHeader()
        self.initStyleOption(option)
        option.rect = rect
        option.section = section
        painter.save()
        self.style().drawControl(QStyle.ControlElement.CE_HeaderSection, option, painter, self)
        painter.restore()
        name = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        icon = self.model().headerData(
            section, Qt.Orientation.Horizontal, Qt.ItemDataRole.DecorationRole
        )
        side = self.fontMetrics().height() - 2
        painter.save()
        painter.setPen(text_colour(self))
        painter.translate(rect.left(), rect.bottom())
        painter.rotate(-90)
        start = MARGIN
        if icon is not None:
            icon.paint(painter, QRect(start, (rect.width() - side) // 2, side, side))
            start += side + MARGIN
        painter.drawText(
            QRect(start, 0, rect.height() - start, rect.width()),
            as_number(Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter),
            name,
        )
        painter.restore()

    def _longest(self) -> int:
        model, metrics = self.model(), self.fontMetrics()
        names = [
            str(model.headerData(section, Qt.Orientation.Horizontal) or "")
            for section in range(model.columnCount())
        ]
        return max((metrics.horizontalAdvance(name) for name in names), default=0)


class MatrixView(QWidget):
    """A choice of matrices and the one that is shown; `cell_clicked` gives row and column."""

    cell_clicked = pyqtSignal(object, int, int)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._matrices: List[Matrix] = []
        self._classes: Optional[ClassTable] = None
        self.choice = ChoiceBox()
        self.choice.setObjectName("cscl_matrix_choice")
        self.choice.setToolTip(tr("What is counted"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        self.model = MatrixModel(self)
        self.table = QTableView()
        self.table.setObjectName("cscl_matrix")
        self.table.setModel(self.model)
        self.table.setHorizontalHeader(UprightHeader(self.table))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        height = self.table.fontMetrics().height()
        self.table.setIconSize(QSize(height - 2, height - 2))
        self.table.verticalHeader().setDefaultSectionSize(height + 6)
        self.table.horizontalHeader().setMinimumSectionSize(height + 2 * MARGIN)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.summary = plain_label("cscl_matrix_summary")
        layout = QVBoxLayout(self)
        layout.addWidget(self.choice)
        layout.addWidget(self.summary)
        layout.addWidget(self.table, 1)
        self.choice.currentIndexChanged.connect(self._show)
        self.table.clicked.connect(self._clicked)
        self.say("")

    def show_matrices(self, matrices: List[Matrix], table: Optional[ClassTable]) -> None:
        """Offer matrices; the one that was shown stays where it is among them."""
        key = self.choice.currentData()
        self._matrices, self._classes = matrices, table
        self.choice.blockSignals(True)
        self.choice.clear()
        for matrix in matrices:
            self.choice.addItem(matrix.title, matrix.key)
            self.choice.setItemData(
                self.choice.count() - 1, matrix.title, Qt.ItemDataRole.ToolTipRole
            )
        self.choice.setCurrentIndex(max(self.choice.findData(key), 0) if matrices else -1)
        self.choice.blockSignals(False)
        self._show()

    def say(self, text: str) -> None:
        """Say why there is no matrix, or that it is being read."""
        self.show_matrices([], None)
        self.summary.setText(text)

    def _shown(self) -> Optional[Matrix]:
        index = self.choice.currentIndex()
        return self._matrices[index] if 0 <= index < len(self._matrices) else None

    def _show(self, *_: object) -> None:
        matrix = self._shown()
        self.choice.setVisible(bool(self._matrices))
        self.table.setVisible(matrix is not None)
        self.model.show_matrix(matrix, self._classes)
        if matrix is None:
            return
        share = f"{100 * matrix.right / matrix.total:.1f}" if matrix.total else "–"
        self.summary.setText(
            tr("{share} % of {count} {unit} are on the diagonal. Rows are what was declared or "
               "true, columns what is mapped. Click a cell to select its parcels.",
               share=share, count=matrix.total, unit=matrix.unit)
        )  # fmt: skip

    def _clicked(self, index: QModelIndex) -> None:
        matrix = self._shown()
        if matrix is not None and max(index.row(), index.column()) < self.model.size:
            self.cell_clicked.emit(matrix, index.row(), index.column())
