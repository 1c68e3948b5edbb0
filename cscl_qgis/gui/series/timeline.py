"""The dates along a line: how cloudy each is, what is left out, and where the season lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QDate, QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...words import tr
from ..painting import painting, text_colour, write_hint
from ..ticks import day_number, day_ticks

REACH = 12.0
RADIUS = 4.0
SEASON_ALPHA = 46


@dataclass(frozen=True)
class Dot:
    """One image: its row in the table, its day, its clouds (0..1) and whether it is used."""

    row: int
    day: str
    cloud: Optional[float]
    used: bool


class Timeline(QWidget):
    """Dots lie lower the cloudier they are; a click chooses the image."""

    picked = pyqtSignal(int)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_series_timeline")
        self.setAccessibleName(tr("Timeline"))
        self._dots: Tuple[Dot, ...] = ()
        self._season = ""
        self._numbers: Dict[str, int] = {}
        # The first and last day that are shown: of the images, and of the season.
        self._range: Optional[Tuple[float, float]] = None
        self._chosen = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(tr("Each dot is an image: the lower, the cloudier. The season is shaded."))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_dots(self, dots: Sequence[Dot], season: str) -> None:
        """Show images with a date, and the season START/END or an empty text."""
        self._dots, self._season = tuple(dot for dot in dots if dot.day), season
        self._numbers = {dot.day: _number(dot.day) for dot in self._dots}
        self._range = self._whole_range()
        self.update()

    def choose(self, row: int) -> None:
        """Ring the image of a row of the table."""
        self._chosen = row
        self.update()

    def dots(self) -> Tuple[Dot, ...]:
        """Return the images that are shown."""
        return self._dots

    def sizeHint(self) -> QSize:  # noqa: N802 - the names that Qt calls
        """Return a height that follows the font."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 40, round(metrics.height() * 4.2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a smaller width."""
        return QSize(self.fontMetrics().averageCharWidth() * 20, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the image under the mouse."""
        dot = self._nearest(QPointF(event.pos()))
        if dot is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(dot.row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell day and clouds of the image under the mouse."""
        dot = self._nearest(QPointF(event.pos()))
        text = self.text_of(dot) if dot is not None else ""
        QToolTip.showText(self.mapToGlobal(event.pos()), text, self)

    def keyPressEvent(self, event: QEvent) -> None:  # noqa: N802
        """Go to the image before or after the chosen one."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        ordered = sorted(self._dots, key=lambda dot: (dot.day, dot.row))
        if event.key() not in steps or not ordered:
            super().keyPressEvent(event)
            return
        rows = [dot.row for dot in ordered]
        start = rows.index(self._chosen) if self._chosen in rows else -1
        self.picked.emit(rows[min(max(start + steps[event.key()], 0), len(rows) - 1)])

    def place_of(self, row: int) -> Optional[QPointF]:
        """Return where the dot of a row lies."""
        return next((self._place(dot) for dot in self._dots if dot.row == row), None)

    def text_of(self, dot: Dot) -> str:
        """Return what a dot says."""
        if dot.cloud is None:
            return dot.day
        return tr("{day}: {share} % clouds", day=dot.day, share=round(100 * dot.cloud))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint season, months and dots."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        if self._range is None:
            text = tr("Dates and clouds through the season")
            write_hint(painter, self.rect(), text, self)
            return
        self._paint_season(painter)
        self._paint_months(painter)
        for dot in self._dots:
            self._paint_dot(painter, dot)

    def _paint_season(self, painter: QPainter) -> None:
        days = _days_of(self._season)
        if days is None:
            return
        colour = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        colour.setAlpha(SEASON_ALPHA)
        area = self._area()
        left, right = self._x(days[0] - 0.5), self._x(days[1] + 0.5)
        painter.fillRect(QRectF(left, area.top() - 6, right - left, area.height() + 12), colour)

    def _paint_months(self, painter: QPainter) -> None:
        metrics, area = QFontMetricsF(self.font()), self._area()
        text = text_colour(self)
        text.setAlpha(190)
        grid = QColor(text)
        grid.setAlpha(38)
        low, high = self._range or (0, 1)
        room = metrics.horizontalAdvance("MMM 0000") + metrics.averageCharWidth()
        free = -1e9
        for number, label in day_ticks(low, high, max(2, int(area.width() / room))):
            x = self._x(number)
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(x, area.top() - 6), QPointF(x, area.bottom() + 6))
            width = metrics.horizontalAdvance(label)
            start = min(max(x - width / 2, 1.0), self.width() - width - 1)
            if start > free:
                painter.setPen(text)
                painter.drawText(QPointF(start, self.height() - metrics.descent() - 1), label)
                free = start + width + metrics.averageCharWidth()

    def _paint_dot(self, painter: QPainter, dot: Dot) -> None:
        place, palette = self._place(dot), self.palette()
        text, base = text_colour(self), palette.color(QPalette.ColorRole.Base)
        clear = palette.color(QPalette.ColorRole.Highlight)
        grey = _between(base, text, 0.5)
        known = dot.cloud is not None
        colour = _between(clear, grey, dot.cloud or 0.0) if known else text
        colour = colour if dot.used else grey
        painter.setPen(QPen(colour, 1.4))
        if dot.used:
            painter.setBrush(base if dot.cloud is None else colour)
            painter.drawEllipse(place, RADIUS, RADIUS)
        else:
            for way in (QPointF(3, 3), QPointF(3, -3)):
                painter.drawLine(place - way, place + way)
        if dot.row == self._chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(text, 1.6))
            painter.drawEllipse(place, RADIUS + 3, RADIUS + 3)

    def _area(self) -> QRectF:
        metrics = QFontMetricsF(self.font())
        edge = RADIUS + 8
        below = metrics.height() + edge
        return QRectF(edge, edge, self.width() - 2 * edge, self.height() - edge - below)

    def _whole_range(self) -> Optional[Tuple[float, float]]:
        days: List[int] = list(self._numbers.values())
        season = _days_of(self._season)
        if season is not None:
            days += season
        if not days:
            return None
        low, high = min(days), max(days)
        return (low, high) if high > low else (low - 1, high + 1)

    def _x(self, number: float) -> float:
        area, (low, high) = self._area(), self._range or (0, 1)
        return area.left() + (number - low) / (high - low) * area.width()

    def _place(self, dot: Dot) -> QPointF:
        area = self._area()
        share = 0.5 if dot.cloud is None else dot.cloud
        return QPointF(self._x(self._numbers[dot.day]), area.top() + share * area.height())

    def _nearest(self, position: QPointF) -> Optional[Dot]:
        best, found = REACH * REACH, None
        for dot in self._dots:
            way = self._place(dot) - position
            distance = way.x() ** 2 + way.y() ** 2
            if distance < best:
                best, found = distance, dot
        return found


def _number(day: str) -> int:
    return day_number(QDate.fromString(day, Qt.DateFormat.ISODate))


def _days_of(season: str) -> Optional[Tuple[int, int]]:
    start, _, end = season.partition("/")
    days = [QDate.fromString(day.strip(), Qt.DateFormat.ISODate) for day in (start, end)]
    if not all(day.isValid() for day in days):
        return None
    return day_number(days[0]), day_number(days[1])


def _between(first: QColor, second: QColor, share: float) -> QColor:
    """Return a colour between two."""
    return QColor(
        *(
            round((1 - share) * one + share * other)
            for one, other in (
                (first.red(), second.red()),
                (first.green(), second.green()),
                (first.blue(), second.blue()),
            )
        )
    )
