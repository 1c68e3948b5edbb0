"""Lines over numbers or days, painted in the colours of the person's theme."""

from __future__ import annotations

import math
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..words import tr
from .chart_lines import Frame, Line, ranges_of, runs
from .painting import painting, text_colour, write_hint
from .ticks import day_of, day_ticks, number_ticks, short_number

REACH = 14.0
GRID_ALPHA = 38
BAND_ALPHA = 48
MOST_ROWS = 8


class LineChart(QWidget):
    """Shows lines with round ticks, a legend that wraps and the value under the mouse."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._lines: Tuple[Line, ...] = ()
        self._x_title = ""
        self._y_title = ""
        self._dates = False
        self._empty = tr("Nothing to show yet")
        self._near: Optional[Tuple[Line, int]] = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_lines(
        self, lines: Sequence[Line], x_title: str = "", y_title: str = "", dates: bool = False
    ) -> None:
        """Show lines in place of the earlier ones; `dates`: x are days since 1970-01-01."""
        self._lines = tuple(lines)
        self._x_title, self._y_title, self._dates = x_title, y_title, dates
        self._near = None
        self.update()

    def set_empty(self, text: str) -> None:
        """Set what is written where there is no point to show."""
        self._empty = text
        self.update()

    def lines(self) -> Tuple[Line, ...]:
        """Return the lines that are shown."""
        return self._lines

    def value_at(self, position: QPointF) -> str:
        """Return the name, place and value of the point that is nearest, or an empty text."""
        near = self._nearest(position)
        if near is None:
            return ""
        line, index = near
        x = float(line.x[index])
        place = day_of(x).toString(Qt.DateFormat.ISODate) if self._dates else short_number(x)
        value = short_number(float(line.y[index] or 0.0))
        return f"{line.name}\n{place}: {value}" if line.name else f"{place}: {value}"

    def sizeHint(self) -> QSize:  # noqa: N802 - the names that Qt calls
        """Return a size that follows the font."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 40, metrics.height() * 13)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the least size at which the labels have room."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 24, metrics.height() * 8)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Mark the point under the mouse and show its value."""
        position = QPointF(event.pos())
        near = self._nearest(position)
        if near != self._near:
            self._near = near
            self.update()
        QToolTip.showText(self.mapToGlobal(event.pos()), self.value_at(position), self)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Mark no point any more."""
        self._near = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the chart."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        frame = self._frame()
        if frame is None:
            write_hint(painter, self.rect(), self._empty, self)
            return
        self._paint_axes(painter, frame)
        self._paint_legend(painter)
        painter.setClipRect(frame.area.adjusted(-4, -4, 4, 4))
        for line in self._lines:
            _paint_band(painter, frame, line)
        for line in self._lines:
            _paint_line(painter, frame, line, self.palette().color(QPalette.ColorRole.Base))
        if self._near is not None:
            line, index = self._near
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(text_colour(self), 1.5))
            painter.drawEllipse(frame.point(line.x[index], line.y[index] or 0.0), 6, 6)

    def _nearest(self, position: QPointF) -> Optional[Tuple[Line, int]]:
        frame = self._frame()
        best, found = REACH * REACH, None
        for line in self._lines if frame is not None else ():
            for index, y in enumerate(line.y):
                if y is None or not math.isfinite(y):
                    continue
                way = frame.point(line.x[index], y) - position  # type: ignore[union-attr]
                distance = way.x() ** 2 + way.y() ** 2
                if distance < best:
                    best, found = distance, (line, index)
        return found

    def _frame(self) -> Optional[Frame]:
        """Return where the lines lie, once the labels have their room."""
        ranges = ranges_of(self._lines)
        if ranges is None:
            return None
        (left, right), (low, high) = ranges
        metrics = QFontMetricsF(self.font())
        gap = metrics.height() / 2
        above = self._legend_height() + (metrics.height() + gap if self._y_title else 0.0) + gap
        below = metrics.height() * (2 if self._x_title else 1) + gap * 1.5
        rows = int((self.height() - above - below) / (1.3 * metrics.height()))
        ticks = number_ticks(low, high, min(max(rows, 2), MOST_ROWS))
        margin = max((metrics.horizontalAdvance(label) for _, label in ticks), default=0.0)
        area = QRectF(
            margin + 1.5 * gap,
            above,
            self.width() - margin - 3 * gap,
            self.height() - above - below,
        )
        wide = metrics.horizontalAdvance("MMMM" if self._dates else "000.0") + gap
        columns = max(2, int(area.width() / wide))
        along = (day_ticks if self._dates else number_ticks)(left, right, columns)
        return Frame(area, (left, right), (low, high), tuple(along), tuple(ticks))

    def _paint_axes(self, painter: QPainter, frame: Frame) -> None:
        metrics = QFontMetricsF(self.font())
        text = self._muted_colour()
        grid = QColor(text)
        grid.setAlpha(GRID_ALPHA)
        area = frame.area
        for value, label in frame.y_ticks:
            y = frame.point(frame.x_range[0], value).y()
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(text)
            start = area.left() - metrics.height() / 4 - metrics.horizontalAdvance(label)
            painter.drawText(QPointF(start, y + metrics.ascent() / 2 - 1), label)
        base, free = area.bottom() + metrics.height(), -1e9
        for value, label in frame.x_ticks:
            x = frame.point(value, frame.y_range[0]).x()
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            width = metrics.horizontalAdvance(label)
            start = min(max(x - width / 2, 1.0), self.width() - width - 1)
            if start > free:
                painter.setPen(text)
                painter.drawText(QPointF(start, base), label)
                free = start + width + metrics.averageCharWidth()
        painter.setPen(text)
        if self._x_title:
            start = area.center().x() - metrics.horizontalAdvance(self._x_title) / 2
            painter.drawText(QPointF(start, base + metrics.height()), self._x_title)
        if self._y_title:
            above = area.top() - metrics.height() / 2
            painter.drawText(QPointF(metrics.height() / 4, above), self._y_title)

    def _legend(self) -> List[Tuple[QPointF, str, Line]]:
        """Return where the sample of each name begins, the name as far as it fits, and its line."""
        metrics = QFontMetricsF(self.font())
        sample, gap = 1.4 * metrics.height(), metrics.height() / 2
        entries: List[Tuple[QPointF, str, Line]] = []
        names = set()
        x, y = gap, gap + metrics.height() / 2
        for line in self._lines:
            if not line.name or line.name in names:
                continue
            names.add(line.name)
            room = self.width() - 2 * gap - sample
            name = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, room)
            width = sample + metrics.horizontalAdvance(name) + 1.5 * gap
            if x > gap and x + width - gap > self.width():
                x, y = gap, y + 1.1 * metrics.height()
            entries.append((QPointF(x, y), name, line))
            x += width
        return entries

    def _legend_height(self) -> float:
        entries = self._legend()
        return entries[-1][0].y() + QFontMetricsF(self.font()).height() / 2 if entries else 0.0

    def _paint_legend(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(self.font())
        for place, name, line in self._legend():
            end = QPointF(place.x() + metrics.height(), place.y())
            painter.setPen(_pen(line))
            painter.drawLine(place, end)
            if line.dots:
                painter.setBrush(QColor(line.colour))
                painter.drawEllipse((place + end) / 2, 3, 3)
            painter.setPen(text_colour(self))
            start = QPointF(
                place.x() + 1.4 * metrics.height(), place.y() + metrics.ascent() / 2 - 1
            )
            painter.drawText(start, name)

    def _muted_colour(self) -> QColor:
        colour = text_colour(self)
        colour.setAlpha(190)
        return colour


def _pen(line: Line) -> QPen:
    style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
    return QPen(QColor(line.colour), 1.8, style)


def _paint_band(painter: QPainter, frame: Frame, line: Line) -> None:
    colour = QColor(line.colour)
    colour.setAlpha(BAND_ALPHA)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    count = min(len(line.x), len(line.low), len(line.high))
    for run in runs([line.low[i] is not None and line.high[i] is not None for i in range(count)]):
        upper = [frame.point(line.x[i], line.high[i] or 0.0) for i in run]
        lower = [frame.point(line.x[i], line.low[i] or 0.0) for i in reversed(run)]
        painter.drawPolygon(QPolygonF(upper + lower))


def _paint_line(painter: QPainter, frame: Frame, line: Line, base: QColor) -> None:
    places = [
        None if y is None or not math.isfinite(y) else frame.point(line.x[index], y)
        for index, y in enumerate(line.y)
    ]
    # A point that is muted is no end of the line: it goes on to the next that is not.
    joined = [index for index in range(len(places)) if not line.is_muted(index)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(line))
    for run in runs([places[index] is not None for index in joined]):
        points = [places[joined[i]] for i in run]
        if len(points) == 1:
            painter.drawPoint(points[0])
        painter.drawPolyline(QPolygonF(points))
    painter.setPen(QPen(QColor(line.colour), 1.4))
    for index, place in enumerate(places):
        muted = line.is_muted(index)
        if place is not None and (line.dots or muted):
            painter.setBrush(base if muted else QColor(line.colour))
            painter.drawEllipse(place, 2.8, 2.8)
