"""What widgets that paint themselves share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from qgis.PyQt.QtCore import QRect, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPalette
from qgis.PyQt.QtWidgets import QLabel, QWidget

HINT_OPACITY = 0.65
_PROBE = "cscl_text_colour"


@contextmanager
def painting(device: Any) -> Iterator[QPainter]:
    """Yield a painter that has ended when the block has.

    One that lives on, as long as a stack trace of its function is kept, ends the program.
    """
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def as_number(*flags: Any) -> int:
    """Return flags as the one number that `drawText` and models take; those of Qt 6 are none."""
    number = 0
    for flag in flags:
        number |= int(getattr(flag, "value", flag))
    return number


def text_colour(widget: QWidget) -> QColor:
    """Return the colour in which a label inside a widget would be written.

    The themes of QGIS are style sheets that colour labels and know nothing of a widget that paints
    itself: its own palette stays that of the light theme.
    """
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    label = widget.findChild(QLabel, _PROBE, direct)
    if label is None:
        label = QLabel(widget)
        label.setObjectName(_PROBE)
        label.hide()
    label.ensurePolished()
    return QColor(label.palette().color(QPalette.ColorRole.WindowText))


def write_hint(painter: QPainter, area: QRect, text: str, widget: QWidget) -> None:
    """Write in the middle of an empty widget what it is for, and what to do."""
    painter.setOpacity(HINT_OPACITY)
    painter.setPen(text_colour(widget))
    flags = as_number(Qt.AlignmentFlag.AlignCenter, Qt.TextFlag.TextWordWrap)
    painter.drawText(area.adjusted(8, 4, -8, -4), flags, text)
