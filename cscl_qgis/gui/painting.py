"""What widgets that paint themselves share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from qgis.PyQt.QtCore import QRect, Qt
from qgis.PyQt.QtGui import QPainter, QPalette

HINT_OPACITY = 0.65


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


def write_hint(painter: QPainter, area: QRect, text: str, palette: QPalette) -> None:
    """Write in the middle of an empty widget what it is for, and what to do."""
    painter.setOpacity(HINT_OPACITY)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    flags = as_number(Qt.AlignmentFlag.AlignCenter, Qt.TextFlag.TextWordWrap)
    painter.drawText(area.adjusted(8, 4, -8, -4), flags, text)
