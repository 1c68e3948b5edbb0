"""The log of a job, as plain text."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import QPlainTextEdit, QWidget

from ..words import tr

MOST_LINES = 5000


class LogView(QPlainTextEdit):
    """Shows lines as they are: nothing in them is taken for markup."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setMaximumBlockCount(MOST_LINES)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setPlaceholderText(tr("What the job says appears here."))
        self.setMinimumHeight(6 * self.fontMetrics().height())

    def add(self, text: str) -> None:
        """Add a message at the end."""
        self.appendPlainText(text)
