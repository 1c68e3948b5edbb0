"""A line over the map that can be drawn aside: another layer lies to its right."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPen
from qgis.PyQt.QtWidgets import QStyleOptionGraphicsItem, QWidget

STEP = 0.05


class SwipeItem(QgsMapCanvasItem):
    """The picture of the compared layer, right of a line; lies above the map and its layers."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._picture: Optional[QImage] = None
        self.share = 0.5
        self.setZValue(50)

    def show_picture(self, picture: Optional[QImage]) -> None:
        """Show a picture of the whole canvas, or none."""
        self._picture = picture
        self.update()

    def move_to(self, share: float) -> None:
        """Move the line to a share of the canvas's width."""
        self.share = min(max(share, 0.0), 1.0)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """Return the whole canvas."""
        ground = self._canvas.viewport()
        return QRectF(0, 0, ground.width(), ground.height())

    def paint(
        self,
        painter: QPainter,
        option: Optional[QStyleOptionGraphicsItem] = None,
        widget: Optional[QWidget] = None,
    ) -> None:
        """Draw the picture right of the line, then the line."""
        width, height = self.boundingRect().width(), self.boundingRect().height()
        at = self.share * width
        if self._picture is not None:
            scale = self._picture.width() / width
            source = QRectF(at * scale, 0, (width - at) * scale, height * scale)
            painter.drawImage(QRectF(at, 0, width - at, height), self._picture, source)
        # Dark in light, so that the line shows on any map.
        for colour, thickness in ((QColor(255, 255, 255), 4), (QColor(30, 30, 30), 2)):
            painter.setPen(QPen(colour, thickness))
            painter.drawLine(int(at), 0, int(at), int(height))


class SwipeTool(QgsMapTool):
    """Draws the line aside by mouse or arrow keys, and keeps the picture up to date."""

    ended = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._layers: List[QgsMapLayer] = []
        self._item: Optional[SwipeItem] = None
        self._job: Optional[QgsMapRendererParallelJob] = None
        self._leaving: List[QgsMapRendererParallelJob] = []
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def compare(self, layers: List[QgsMapLayer]) -> None:
        """Show these layers right of the line, the first on top."""
        self._layers = list(layers)
        if self._canvas.mapTool() is not self:
            self._canvas.setMapTool(self)
        else:
            self._render()

    def activate(self) -> None:
        """Show the line; called by the canvas."""
        super().activate()
        if self._item is None:
            self._item = SwipeItem(self._canvas)
            self._canvas.mapCanvasRefreshed.connect(self._render)
            self._canvas.layersChanged.connect(self._render)
            self._canvas.extentsChanged.connect(self._outdated)
        self._render()

    def deactivate(self) -> None:
        """Take the line away; called by the canvas when another tool is chosen."""
        super().deactivate()
        self._let_go()
        self.ended.emit()

    def close(self) -> None:
        """Take everything away, for the end of the plugin."""
        self._let_go()
        for job in self._leaving:
            job.cancel()
        self._leaving.clear()
        if self._canvas.mapTool() is self:
            self._canvas.unsetMapTool(self)

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        """Move the line to the mouse."""
        self._follow(event)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        """Move the line with the mouse while its button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        """Move the line by the arrow keys, end by Escape."""
        steps = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP}
        if event.key() == Qt.Key.Key_Escape:
            self._canvas.unsetMapTool(self)
        elif self._item is not None and event.key() in steps:
            self._item.move_to(self._item.share + steps[event.key()])
        else:
            event.ignore()

    def _follow(self, event: QgsMapMouseEvent) -> None:
        if self._item is not None:
            self._item.move_to(event.pos().x() / max(self._canvas.viewport().width(), 1))

    def _outdated(self) -> None:
        """The map moves: a picture of another place is worse than none."""
        if self._item is not None:
            self._item.show_picture(None)

    def _render(self) -> None:
        """Draw the compared layers beside the main thread; the picture comes when it is done."""
        if self._item is None:
            return
        self._stop_job()
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers([layer for layer in self._layers if _is_there(layer)])
        settings.setBackgroundColor(self._canvas.canvasColor())
        job = self._job = QgsMapRendererParallelJob(settings)
        job.finished.connect(self._rendered)
        job.start()

    def _rendered(self) -> None:
        self._leaving = [job for job in self._leaving if job.isActive()]
        job = self._job
        if job is not None and not job.isActive() and self._item is not None:
            self._job = None
            self._item.show_picture(job.renderedImage())

    def _stop_job(self) -> None:
        job, self._job = self._job, None
        if job is not None and job.isActive():
            # It must live until its threads have ended, which is not waited for.
            self._leaving.append(job)
            job.cancelWithoutBlocking()

    def _let_go(self) -> None:
        self._stop_job()
        if self._item is None:
            return
        self._canvas.mapCanvasRefreshed.disconnect(self._render)
        self._canvas.layersChanged.disconnect(self._render)
        self._canvas.extentsChanged.disconnect(self._outdated)
        item, self._item = self._item, None
        self._canvas.scene().removeItem(item)


def _is_there(layer: QgsMapLayer) -> bool:
    try:
        return bool(layer.isValid())
    except RuntimeError:  # the layer was removed from the project meanwhile
        return False
