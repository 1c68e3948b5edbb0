"""The images as a table: dates with their pictures, clouds, valid pixels, bands and source."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Optional, Set, Tuple

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QIcon, QPalette, QPixmap
from qgis.PyQt.QtWidgets import QApplication

from ...words import tr
from ..painting import as_number
from .hardly import hardly_tip
from .images import ImageRow

DATE, CLOUDS, VALID, BANDS, SOURCE = range(5)
ROLE = Qt.ItemDataRole


class ImagesModel(QAbstractTableModel):
    """Rows as the engine told them, and what the person says by editing cells.

    Pictures are wanted when a view first asks for them, so that only rows on screen load any.
    """

    picture_wanted = pyqtSignal(str)
    date_told = pyqtSignal(object, str)
    bands_told = pyqtSignal(object, str)
    switched = pyqtSignal(str, bool)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: List[ImageRow] = []
        self.wanted_bands: Tuple[str, ...] = ()
        self.off: FrozenSet[str] = frozenset()
        self.hardly: FrozenSet[str] = frozenset()
        self._shares: Dict[str, Tuple[Optional[float], Optional[float], str]] = {}
        self._pictures: Dict[str, QPixmap] = {}
        self._no_pictures: Dict[str, str] = {}
        self._asked: Set[str] = set()
        self._blank = QPixmap(self.picture_size(), self.picture_size())
        self._blank.fill(QColor(0, 0, 0, 0))

    def picture_size(self) -> int:
        """Return the side of a picture in pixels of the screen's own measure."""
        return 2 * QFontMetrics(QApplication.font()).height() if QApplication.instance() else 32

    def show_rows(self, rows: List[ImageRow], wanted_bands: Tuple[str, ...]) -> None:
        """Show other rows; pictures and shares of images that stay are kept."""
        self.beginResetModel()
        self.rows, self.wanted_bands = rows, wanted_bands
        names = {row.id for row in rows}
        self._pictures = {key: value for key, value in self._pictures.items() if key in names}
        self._shares = {key: value for key, value in self._shares.items() if key in names}
        for row in rows:
            if row.cloud is not None or row.valid is not None:
                self._shares[row.id] = (row.cloud, row.valid, "")
        self._asked, self._no_pictures = set(self._pictures), {}
        self.endResetModel()

    def show_off(self, days: FrozenSet[str]) -> None:
        """Show which days are left out."""
        self.off = days
        self._tell_all(DATE)

    def show_hardly(self, names: FrozenSet[str]) -> None:
        """Show which images a series leaves out because hardly a pixel of theirs is valid."""
        if names != self.hardly:
            self.hardly = names
            self._tell_all(DATE)

    def forget_shares(self) -> None:
        """Show no shares, as they were of another area."""
        self._shares = {}
        self._tell_all(CLOUDS)

    def show_shares(
        self, name: str, cloud: Optional[float], valid: Optional[float], problem: str = ""
    ) -> None:
        """Show the shares of one image, or why there are none."""
        self._shares[name] = (cloud, valid, problem)
        self._tell(name, CLOUDS, VALID)

    def show_picture(self, name: str, path: str) -> None:
        """Show the picture of one image."""
        side, ratio = self.picture_size(), QApplication.instance().devicePixelRatio()
        picture = QPixmap(path)
        if not picture.isNull():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode
            picture = picture.scaled(
                QSize(round(side * ratio), round(side * ratio)), keep, smooth.SmoothTransformation
            )
            picture.setDevicePixelRatio(ratio)
            self._pictures[name] = picture
            self._tell(name, DATE, DATE)

    def show_no_picture(self, name: str, problem: str) -> None:
        """Keep why there is no picture of an image, for its tooltip."""
        self._no_pictures[name] = problem

    def shares(self, row: ImageRow) -> Tuple[Optional[float], Optional[float]]:
        """Return the shares of clouds and valid pixels of an image, as far as they are known."""
        return self._shares.get(row.id, (None, None, ""))[:2]

    def has_shares(self, row: ImageRow) -> bool:
        """Tell whether the shares of an image are known, or cannot be."""
        return row.id in self._shares

    def is_on(self, row: ImageRow) -> bool:
        """Tell whether an image's day is not left out."""
        return row.date not in self.off

    def is_used(self, row: ImageRow) -> bool:
        """Tell whether a series uses an image, as far as is known."""
        return row.used and self.is_on(row) and row.id not in self.hardly

    # What Qt asks.

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the number of images."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """Return the number of columns."""
        return 0 if parent.isValid() else SOURCE + 1

    def headerData(self, section: int, orientation: Any, role: int = ROLE.DisplayRole) -> Any:  # noqa: N802
        """Return a column's name, and what it means as its tooltip."""
        if orientation != Qt.Orientation.Horizontal or role not in (
            ROLE.DisplayRole,
            ROLE.ToolTipRole,
        ):
            return None
        return headings()[section][0 if role == ROLE.DisplayRole else 1]

    def flags(self, index: QModelIndex) -> Any:
        """Return what can be done with a cell."""
        flags = super().flags(index)
        row = self.rows[index.row()]
        if index.column() == DATE:
            flags |= Qt.ItemFlag.ItemIsUserCheckable if row.date else Qt.ItemFlag.NoItemFlags
            flags |= Qt.ItemFlag.ItemIsEditable if row.takes_date else Qt.ItemFlag.NoItemFlags
        if index.column() == BANDS and row.takes_bands:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = ROLE.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == ROLE.DisplayRole:
            return self._text(row, column)
        if role == ROLE.EditRole:
            return row.date if column == DATE else " ".join(row.bands)
        if role == ROLE.ToolTipRole:
            return self._tip(row, column)
        if role == ROLE.CheckStateRole and column == DATE and row.date:
            return Qt.CheckState.Checked if self.is_on(row) else Qt.CheckState.Unchecked
        if role == ROLE.DecorationRole and column == DATE:
            return self._picture(row)
        if role == ROLE.TextAlignmentRole and column in (CLOUDS, VALID):
            return as_number(Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter)
        return self._look(row, column, role)

    def setData(self, index: QModelIndex, value: Any, role: int = ROLE.EditRole) -> bool:  # noqa: N802
        """Tell what the person said; the table shows it once the engine has looked again."""
        row = self.rows[index.row()]
        if role == ROLE.CheckStateRole and index.column() == DATE:
            self.switched.emit(row.date, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role != ROLE.EditRole or str(value).strip() == self.data(index, ROLE.EditRole):
            return False
        signal = self.date_told if index.column() == DATE else self.bands_told
        signal.emit(row, str(value))
        return True

    def _text(self, row: ImageRow, column: int) -> str:
        if column == DATE:
            return row.date or tr("no date")
        if column in (CLOUDS, VALID):
            share = self.shares(row)[column - CLOUDS]
            return "" if share is None else f"{round(100 * share)} %"
        if column == BANDS:
            wanted = [name for name in self.wanted_bands if name in row.bands]
            return f"{len(wanted)}/{len(self.wanted_bands)}"
        return row.source

    def _tip(self, row: ImageRow, column: int) -> str:
        if column in (CLOUDS, VALID) and self._shares.get(row.id, (0, 0, ""))[2]:
            return self._shares[row.id][2]
        if row.problem:
            return row.problem
        if column in (DATE, VALID) and row.id in self.hardly:
            return hardly_tip()
        if column == DATE:
            return self._no_pictures.get(row.id, "")
        if column == BANDS:
            lacking = [name for name in self.wanted_bands if name not in row.bands]
            found = tr("Found: {names}", names=", ".join(row.bands) or "–")
            lacks = tr("Lacking: {names}", names=", ".join(lacking)) if lacking else ""
            return "\n".join(part for part in (found, lacks) if part)
        if column == SOURCE:
            facts = " · ".join(part for part in (row.level, row.baseline, row.grid) if part)
            return "\n".join(part for part in (row.path, facts) if part)
        return ""

    def _look(self, row: ImageRow, column: int, role: int) -> Any:
        """Return how a cell is drawn: what is not used is pale, what is wrong stands out."""
        if role == ROLE.ForegroundRole:
            if row.problem and column in (DATE, BANDS):
                return warning_colour(QApplication.palette())
            if not self.is_used(row):
                group = QPalette.ColorGroup.Disabled
                return QApplication.palette().color(group, QPalette.ColorRole.Text)
        if role == ROLE.FontRole and column == DATE and (not row.date or not self.is_on(row)):
            font = QFont(QApplication.font())
            font.setItalic(not row.date)
            font.setStrikeOut(bool(row.date))
            return font
        return None

    def _picture(self, row: ImageRow) -> Any:
        if row.id not in self._asked and not row.problem:
            self._asked.add(row.id)
            self.picture_wanted.emit(row.id)
        return QIcon(self._pictures.get(row.id, self._blank))

    def _tell(self, name: str, first: int, last: int) -> None:
        for place, row in enumerate(self.rows):
            if row.id == name:
                self.dataChanged.emit(self.index(place, first), self.index(place, last))

    def _tell_all(self, first: int) -> None:
        if self.rows:
            last = self.index(len(self.rows) - 1, SOURCE)
            self.dataChanged.emit(self.index(0, first), last)


def headings() -> Tuple[Tuple[str, str], ...]:
    """Return each column's name and what it means."""
    return (
        (tr("Date"), tr("Day of the image; untick it to leave the day out, edit it to mend it")),
        (tr("Clouds"), tr("Share of the area that clouds and their shadows hide")),
        (tr("Valid"), tr("Share of the area that is known and clear in all bands")),
        (tr("Bands"), tr("How many of the bands that are needed the image has; edit it to name the "
                         "file's bands in their order, - for one that is not used")),
        (tr("Source"), tr("The product, file or item that the image comes from")),
    )  # fmt: skip


def warning_colour(palette: QPalette) -> QColor:
    """Return a colour of warning that can be read on the palette's ground."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    return QColor("#ff9d6b" if dark else "#b3400e")
