"""Small parts that are made alike everywhere."""

from __future__ import annotations

from typing import Callable

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtCore import QObject, Qt, QTimer
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QPushButton, QToolButton, QWidget


def plain_label(name: str = "", text: str = "") -> QLabel:
    """Return a label that wraps and takes nothing for markup."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def named_button(name: str, text: str = "", tip: str = "") -> QPushButton:
    """Return a button with its tooltip."""
    button = QPushButton()
    _name(button, name, text, tip)
    return button


def named_tool_button(name: str, text: str, tip: str) -> QToolButton:
    """Return a small button with its tooltip."""
    button = QToolButton()
    _name(button, name, text, tip)
    return button


def _name(button: QAbstractButton, name: str, text: str, tip: str) -> None:
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(tip)


def scrolled(content: QWidget) -> QgsScrollArea:
    """Return an area without a frame that scrolls up and down where there is too little room."""
    area = QgsScrollArea()
    scroll_down(area, content)
    return area


def scroll_down(area: QgsScrollArea, content: QWidget) -> None:
    """Fill an area whose content is as wide as it is, and scrolls up and down alone."""
    area.setWidgetResizable(True)
    area.setFrameShape(QgsScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)


def one_shot(parent: QObject, milliseconds: int, action: Callable[[], None]) -> QTimer:
    """Return a timer that acts once, so long after it was last started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(action)
    return timer
