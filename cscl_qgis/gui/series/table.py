"""The view of the table of images: narrow columns, pictures beside dates, several rows mended."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPaintEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ...words import tr
from ..painting import painting, write_hint
from .images import ImageRow
from .model import BANDS, CLOUDS, DATE, SOURCE, VALID, ImagesModel

ROWS = 5
FILLED = "cscl_filled"


class KeepTyped(QStyledItemDelegate):
    """Leaves what is being typed as it is when a picture or a share comes in meanwhile."""

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:  # noqa: N802
        """Fill a new editor."""
        if not editor.property(FILLED):
            editor.setProperty(FILLED, True)
            super().setEditorData(editor, index)


class ImagesTable(QTableView):
    """Shows an `ImagesModel`; the row that is chosen is told to the timeline."""

    row_chosen = pyqtSignal(int)

    def __init__(self, model: ImagesModel, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_series_table")
        self.setAccessibleName(tr("Dates of the images"))
        self.setModel(model)
        self.images = model
        self.setItemDelegate(KeepTyped(self))
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        side = model.picture_size()
        self.setIconSize(QSize(side, side))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(side + 4)
        self._size_columns()
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    def choose_row(self, place: int) -> None:
        """Choose a row and bring it into sight."""
        flags = QItemSelectionModel.SelectionFlag
        index = self.images.index(place, DATE)
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)

    def chosen_rows(self) -> List[ImageRow]:
        """Return the selected rows in the table's order."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.images.rows[place] for place in places]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - the name that Qt calls
        """Say what to do where there are no rows."""
        super().paintEvent(event)
        if self.images.rowCount() == 0:
            text = tr("The images' dates appear here.")
            with painting(self.viewport()) as painter:
                write_hint(painter, self.viewport().rect(), text, self)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return room for some rows."""
        height = self.verticalHeader().defaultSectionSize() * ROWS
        return QSize(200, height + self.horizontalHeader().sizeHint().height())

    def _size_columns(self) -> None:
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        self.setColumnWidth(DATE, self._width_of_date())
        for column, sample in ((CLOUDS, "100 %"), (VALID, "100 %"), (BANDS, "11/11")):
            title = header.sectionSizeHint(column)
            self.setColumnWidth(column, max(title, metrics.horizontalAdvance(sample) + 12))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        self.setColumnWidth(SOURCE, metrics.averageCharWidth() * 9)

    def _width_of_date(self) -> int:
        """Return what tick, picture and date need in the style of the screen."""
        option = QStyleOptionViewItem()
        option.initFrom(self)
        features = QStyleOptionViewItem.ViewItemFeature
        option.features = features.HasCheckIndicator | features.HasDecoration | features.HasDisplay
        option.decorationSize = self.iconSize()
        option.text = "0000-00-00"
        kind = QStyle.ContentsType.CT_ItemViewItem
        return int(self.style().sizeFromContents(kind, option, QSize(), self).width()) + 6

    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        self.row_chosen.emit(current.row())
