"""Small bars: how large each class is, or how it is shared among the splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QEvent, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..painting import as_number, painting, text_colour
from ..tips import plain_tip

NAME_SHARE = 0.34
GAP = 6
SHADES = (1.0, 0.6, 0.3)  # how much of the theme's highlight colour the parts of a bar have


@dataclass(frozen=True)
class Bar:
    """One line: a name, the parts of its bar as shares of the whole width, and what they say.

    Without a colour the parts are shades of the theme's highlight colour.
    """

    name: str
    parts: Tuple[float, ...]
    text: str
    tip: str = ""
    colour: str = ""


class Bars(QWidget):
    """Paints one bar a line, the names at the left and what they say at the right."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._bars: List[Bar] = []
        self._keys: Tuple[str, ...] = ()
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Fixed)

    def show_bars(self, bars: Sequence[Bar], keys: Sequence[str] = ()) -> None:
        """Show these bars; `keys` name their parts in a line above them."""
        self._bars, self._keys = list(bars), tuple(keys)
        self.setVisible(bool(self._bars))
        self.setAccessibleDescription("\n".join(f"{bar.name}: {bar.text}" for bar in bars))
        self.updateGeometry()
        self.update()

    def bars(self) -> List[Bar]:
        """Return what is shown."""
        return list(self._bars)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the height of all lines."""
        return QSize(20 * self._line(), self._line() * (len(self._bars) + bool(self._keys)) + 2)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the height of all lines; any width will do."""
        return QSize(10 * self._line(), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Say more of the line under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = event.pos().y() // self._line() - bool(self._keys)
            tip = self._bars[row].tip if 0 <= row < len(self._bars) else ""
            QToolTip.showText(event.globalPos(), plain_tip(tip), self)
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the key and the bars."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0
        if self._keys:
            self._paint_keys(painter)
            top = self._line()
        texts = [self.fontMetrics().horizontalAdvance(bar.text) for bar in self._bars]
        room = max(texts, default=0)
        for number, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, top + number * self._line(), room)

    def _paint_bar(self, painter: QPainter, bar: Bar, top: int, room: int) -> None:
        line, width = self._line(), self.width()
        left = int(width * NAME_SHARE)
        name = self.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, left - GAP)
        painter.setPen(text_colour(self))
        middle = as_number(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(0, top, left, line), middle, name)
        right = as_number(Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight)
        painter.drawText(QRectF(width - room, top, room, line), right, bar.text)
        whole = max(width - room - GAP - left, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        at = float(left)
        colours = self._colours(bar.colour)
        for number, part in enumerate(bar.parts):
            painter.setBrush(colours[number])
            painter.drawRect(QRectF(at, top + line * 0.22, whole * part, line * 0.56))
            at += whole * part

    def _paint_keys(self, painter: QPainter) -> None:
        line, at = self._line(), 0.0
        colours = self._colours("")
        for number, key in enumerate(self._keys):
            side = line * 0.5
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours[number])
            painter.drawRect(QRectF(at, (line - side) / 2, side, side))
            painter.setPen(text_colour(self))
            room = self.fontMetrics().horizontalAdvance(key)
            middle = as_number(Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(at + side + GAP / 2, 0, room + 1, line), middle, key)
            at += side + room + 2 * GAP

    def _colours(self, colour: str) -> List[QColor]:
        if colour:
            return [QColor(colour)]
        strong = self.palette().color(QPalette.ColorRole.Highlight)
        ground = self.palette().color(QPalette.ColorRole.Window)
        return [_between(strong, ground, share) for share in SHADES]

    def _line(self) -> int:
        return int(self.fontMetrics().height() + 4)


def _between(strong: QColor, ground: QColor, share: float) -> QColor:
    def mixed(one: int, other: int) -> int:
        return round(share * one + (1 - share) * other)

    return QColor(
        mixed(strong.red(), ground.red()),
        mixed(strong.green(), ground.green()),
        mixed(strong.blue(), ground.blue()),
    )
