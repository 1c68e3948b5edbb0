"""A line above the pages while there is no engine, with the way to get one."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ...words import tr


class SetupBanner(QFrame):
    """Says that jobs need an engine first."""

    wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_setup_banner")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        text = QLabel(tr("Jobs need the engine."))
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        self.button = QPushButton(tr("Set up…"))
        self.button.setObjectName("cscl_setup_open")
        self.button.setToolTip(tr("Install the engine, or name one that is there"))
        layout = QHBoxLayout(self)
        layout.addWidget(text, 1)
        layout.addWidget(self.button)
        self.button.clicked.connect(self.wanted)
