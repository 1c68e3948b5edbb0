"""Small parts that are made alike everywhere."""

from __future__ import annotations

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QWidget


def plain_label(name: str, text: str = "") -> QLabel:
    """Return a label that wraps and takes nothing for markup."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def named_button(name: str, text: str, tip: str) -> QPushButton:
    """Return a button with its tooltip."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


def scrolled(content: QWidget) -> QgsScrollArea:
    """Return an area without a frame that scrolls up and down where there is too little room."""
    area = QgsScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QgsScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area
