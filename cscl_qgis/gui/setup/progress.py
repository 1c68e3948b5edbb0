"""An installation under way: where it stands, what its programs say, and the way to stop it."""

from __future__ import annotations

import time
from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ...words import tr
from ..log import LogView
from ..parts import named_button, plain_label
from ..time_left import in_words, seconds_left

STEPS = 1000


class InstallProgress(QWidget):
    """A line in words, a bar, and the lines of pip or uv."""

    cancelled = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._began = 0.0
        self.text = plain_label("cscl_setup_status")
        self.bar = QProgressBar()
        self.bar.setObjectName("cscl_setup_progress")
        self.bar.setRange(0, STEPS)
        self.cancel_button = named_button(
            "cscl_setup_cancel", tr("Cancel"), tr("Stop; what was downloaded is kept")
        )
        self.log = LogView()
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addLayout(row)
        layout.addWidget(self.log, 1)
        self.cancel_button.clicked.connect(self._cancel)

    def begin(self) -> None:
        """Start anew."""
        self._began = time.monotonic()
        self.bar.setValue(0)
        self.log.clear()
        self.cancel_button.setEnabled(True)

    def show_share(self, share: float, title: str) -> None:
        """Show how much is done, and what is being done."""
        self.bar.setValue(max(self.bar.value(), round(STEPS * share)))
        left = in_words(seconds_left(time.monotonic() - self._began, share))
        self.text.setText(f"{title} – {left}" if left else f"{title}…")

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.cancelled.emit()
