"""Text that wraps and is never cut off."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget


class WrappedLabel(QLabel):
    """Plain text of as many lines as its width makes of it.

    Splitters and scroll areas do not ask how high a text is at a width, so the label tells them.
    """

    def __init__(self, text: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - the names that Qt has
        """Show another text."""
        super().setText(text)
        self._keep_height()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Follow the width."""
        super().resizeEvent(event)
        self._keep_height()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the height of the lines there are, as Qt would make room for more of them."""
        return QSize(super().sizeHint().width(), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the width of the longest words, so that a dock may be narrow."""
        return QSize(self.fontMetrics().averageCharWidth() * 12, super().minimumSizeHint().height())

    def _keep_height(self) -> None:
        # Qt answers no less than the least height there is: the one of before must not count.
        self.setMinimumHeight(0)
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.text() else 0)
        self.updateGeometry()
