"""What lies behind the details button of a message."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from .log import LogView
from .parts import plain_label


class DetailsDialog(QDialog):
    """A message and the engine's own last words, as plain text that can be copied."""

    def __init__(self, text: str, details: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Crop mapping (CSCL)")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        lines = LogView()
        lines.add(details)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label(text=text))
        layout.addWidget(lines, 1)
        layout.addWidget(buttons)
        self.resize(640, 420)
