"""A line above the pages while there is no engine, with the way to get one."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QWidget

from ...words import tr
from ..parts import named_button, plain_label


class SetupBanner(QFrame):
    """Says that jobs need an engine first."""

    wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_setup_banner")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.button = named_button(
            "cscl_setup_open", tr("Set up…"), tr("Install the engine, or name one that is there")
        )
        layout = QHBoxLayout(self)
        layout.addWidget(plain_label(text=tr("Jobs need the engine.")), 1)
        layout.addWidget(self.button)
        self.button.clicked.connect(self.wanted)
