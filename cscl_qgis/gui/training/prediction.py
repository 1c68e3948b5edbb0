"""The picture of a validation chip: its image, its truth, and what the network makes of it."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QRect, QSize, Qt
from qgis.PyQt.QtGui import QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from ...words import tr
from ..background import Background
from ..painting import as_number, painting, text_colour

PANELS = 3
GAP = 6


class PredictionView(QWidget):
    """Shows three squares with their titles; the newest picture of a run takes the place."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_prediction")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._reading = Background(self)
        self.image = QImage()
        self.step = 0
        self.setToolTip(tr("One validation chip, which the network is not trained on"))

    def show_picture(self, path: str, step: int = 0) -> None:
        """Read a picture beside the main thread and show it; one that is gone is not shown."""

        def shown(image: QImage) -> None:
            if not image.isNull():
                self.image, self.step = image, step
                self._keep_height()
                self.update()

        self._reading.do(tr("Reading a picture"), lambda _: QImage(path), shown, lambda _: None)

    def clear(self) -> None:
        """Show no picture any more."""
        self._reading.stop()
        self.image, self.step = QImage(), 0
        self._keep_height()
        self.update()

    def close_down(self) -> None:
        """Wait for a picture that is being read."""
        self._reading.close()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - the names that Qt calls
        """Return the least width, which has room for the titles."""
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(title) for title in _titles())
        return QSize(PANELS * widest + (PANELS - 1) * GAP, 2 * metrics.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Be as high as three squares of the width are, or as a line of text."""
        self._keep_height()

    def _keep_height(self) -> None:
        line = self.fontMetrics().height()
        self.setFixedHeight(
            3 * line if self.image.isNull() else self._side(self.width()) + int(1.5 * line)
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the three squares, each pixel of theirs a sharp one."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        colour = text_colour(self)
        colour.setAlpha(190)
        painter.setPen(colour)
        line = self.fontMetrics().height()
        if self.image.isNull():
            flags = as_number(Qt.AlignmentFlag.AlignCenter, Qt.TextFlag.TextWordWrap)
            text = tr("A picture of the prediction comes with the first validation.")
            painter.drawText(self.rect(), flags, text)
            return
        side = self._side(self.width())
        part = self.image.width() // PANELS
        left = (self.width() - PANELS * side - (PANELS - 1) * GAP) // 2
        for number, title in enumerate(_titles()):
            place = QRect(left + number * (side + GAP), int(1.3 * line), side, side)
            head = QRect(place.left(), 0, side, line)
            painter.drawText(head, as_number(Qt.AlignmentFlag.AlignLeft), title)
            painter.fillRect(place, self.palette().color(QPalette.ColorRole.Base))
            painter.drawImage(place, self.image, QRect(number * part, 0, part, self.image.height()))

    def _side(self, width: int) -> int:
        most = 14 * self.fontMetrics().height()
        return max(1, min(most, (width - (PANELS - 1) * GAP) // PANELS))


def _titles() -> "tuple[str, str, str]":
    return tr("Image"), tr("Truth"), tr("Prediction")
