"""The classes of a model as coloured squares with names, in as many lines as they need."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QRect, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from ..painting import as_number, painting, text_colour


class ClassChips(QWidget):
    """Paints names with their colours; the text is there for screen readers as well."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._classes: List[Tuple[str, QColor]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_classes(self, classes: Sequence[Tuple[str, str]]) -> None:
        """Show names and colours, the latter as #rrggbb."""
        self._classes = [(name, QColor(colour)) for name, colour in classes]
        self.setAccessibleName(", ".join(name for name, _ in classes))
        self._keep_height()
        self.update()

    def names(self) -> List[str]:
        """Return the names that are shown."""
        return [name for name, _ in self._classes]

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - the names that Qt has
        """Return the width of the longest name."""
        widest = max((self._width(name) for name, _ in self._classes), default=0)
        return QSize(widest, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Break the lines anew."""
        super().resizeEvent(event)
        self._keep_height()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw each square and its name."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, gap = self._side(), self._gap()
        text = text_colour(self)
        places = self._places()
        for at, (name, colour) in enumerate(self._classes):
            place = places[at]
            top = place.top() + (place.height() - side) / 2
            painter.setPen(QPen(QColor(127, 127, 127), 1))
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(place.left() + 0.5, top, side, side), 2, 2)
            painter.setPen(text)
            painter.drawText(
                place.adjusted(side + gap, 0, 0, 0),
                as_number(Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter),
                name,
            )

    def _places(self) -> List[QRect]:
        """Return where each name stands, left to right and then down."""
        height, gap = self.fontMetrics().height() + 2, self._gap()
        places, left, top = [], 0, 0
        for name, _ in self._classes:
            width = self._width(name)
            if left and left + width > self.width():
                left, top = 0, top + height
            places.append(QRect(left, top, width, height))
            left += width + 2 * gap
        return places

    def _keep_height(self) -> None:
        places = self._places()
        self.setMinimumHeight(places[-1].bottom() + 1 if places else 0)

    def _width(self, name: str) -> int:
        return self._side() + self._gap() + self.fontMetrics().horizontalAdvance(name) + 1

    def _side(self) -> int:
        return int(self.fontMetrics().ascent())

    def _gap(self) -> int:
        return max(4, self.fontMetrics().averageCharWidth())
