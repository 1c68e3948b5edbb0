"""A polygon drawn on the map: a click a corner, the right button ends it."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

COLOUR = "#d6604d"
FEWEST = 3


class DrawPolygon(QgsMapTool):
    """Draws one polygon; `drawn` gives it in the map's reference system, `left` ends the tool."""

    drawn = pyqtSignal(QgsGeometry, QgsCoordinateReferenceSystem)
    left = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._corners: List[QgsPointXY] = []
        self._band: Optional[QgsRubberBand] = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802 - Qt's names
        """Add a corner, or end the polygon."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._corners.append(self.toMapCoordinates(event.pos()))
            self._show(self._corners)
        elif event.button() == Qt.MouseButton.RightButton:
            self._finish()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        """Show the polygon as a click here would make it."""
        if self._corners:
            self._show([*self._corners, self.toMapCoordinates(event.pos())])

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802
        """End the polygon as the right button does."""
        self._finish()

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        """Take back a corner, or end without a polygon."""
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and self._corners:
            self._corners.pop()
            self._show(self._corners)
            event.ignore()  # or QGIS deletes selected features
        elif event.key() == Qt.Key.Key_Escape:
            self._canvas.unsetMapTool(self)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        else:
            event.ignore()

    def deactivate(self) -> None:
        """Take the unfinished polygon off the map; called by the canvas."""
        super().deactivate()
        self._corners = []
        self._show([])
        self.left.emit()

    def _finish(self) -> None:
        corners = [
            corner for at, corner in enumerate(self._corners)
            if at == 0 or corner != self._corners[at - 1]
        ]  # fmt: skip
        if len(corners) < FEWEST:
            return
        shape = QgsGeometry.fromPolygonXY([[*corners, corners[0]]])
        crs = self._canvas.mapSettings().destinationCrs()
        self._canvas.unsetMapTool(self)
        self.drawn.emit(shape, crs)

    def _show(self, corners: List[QgsPointXY]) -> None:
        if self._band is not None:
            self._canvas.scene().removeItem(self._band)
            self._band = None
        if corners:
            shape = QgsGeometry.fromPolygonXY([corners])
            crs = self._canvas.mapSettings().destinationCrs()
            self._band = outline(self._canvas, shape, crs)


def outline(
    canvas: QgsMapCanvas, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem
) -> QgsRubberBand:
    """Return a polygon marked on the map; the caller takes it off again."""
    band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
    band.setToGeometry(shape, crs)
    fill = QColor(COLOUR)
    fill.setAlpha(40)
    band.setStrokeColor(QColor(COLOUR))
    band.setFillColor(fill)
    band.setWidth(2)
    return band
