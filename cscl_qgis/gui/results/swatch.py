"""Small squares of colour for lists, trees and tables."""

from __future__ import annotations

from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from ..painting import painting

# Painted once at a size that is large enough for screens of twice and thrice the pixels.
PIXELS = 48


def swatch(colour: str) -> QIcon:
    """Return a rounded square of a colour, thinly outlined so that it shows on any ground."""
    pixmap = QPixmap(PIXELS, PIXELS)
    pixmap.fill(QColor(0, 0, 0, 0))
    with painting(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(127, 127, 127), PIXELS / 24, Qt.PenStyle.SolidLine))
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(3, 3, PIXELS - 6, PIXELS - 6), 8, 8)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint the colour in a selected row
    return icon
