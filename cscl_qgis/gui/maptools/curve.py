"""The map tool that asks for a place, marks it, and gives the canvas back its former tool."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

COLOUR = "#e31a1c"


class _Click(QgsMapTool):
    """Tells where the map was clicked."""

    clicked = pyqtSignal(QgsPointXY)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the place; other buttons are the canvas's own."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.toMapCoordinates(event.pos()))


class PlaceTool(QObject):
    """Asks for places while it is on; another tool that is chosen on the map turns it off."""

    picked = pyqtSignal(QgsPointXY, QgsCoordinateReferenceSystem)
    switched = pyqtSignal(bool)

    def __init__(self, canvas: QgsMapCanvas, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._tool: Optional[_Click] = None
        self._former: Any = None
        self._marker: Optional[QgsVertexMarker] = None
        self._outline: Optional[QgsRubberBand] = None

    def is_on(self) -> bool:
        """Tell whether clicks on the map come here."""
        return self._tool is not None and self._canvas.mapTool() is self._tool

    def turn_on(self) -> None:
        """Take the clicks on the map."""
        if self.is_on():
            return
        self._former = self._canvas.mapTool()
        self._tool = _Click(self._canvas)
        self._tool.clicked.connect(self._clicked)
        self._tool.deactivated.connect(self._deactivated)
        self._canvas.setMapTool(self._tool)
        self.switched.emit(True)

    def turn_off(self) -> None:
        """Give the canvas back its former tool; marks on the map go."""
        if self.is_on():
            if self._former is not None:
                self._canvas.setMapTool(self._former)
            else:
                self._canvas.unsetMapTool(self._tool)
        self.unmark()

    def mark_point(self, point: QgsPointXY) -> None:
        """Mark a place of the map."""
        self.unmark()
        self._marker = QgsVertexMarker(self._canvas)
        self._marker.setCenter(point)
        self._marker.setColor(QColor(COLOUR))
        self._marker.setIconType(QgsVertexMarker.IconType.ICON_CROSS)
        self._marker.setPenWidth(2)

    def mark_polygon(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        """Mark a polygon by its outline."""
        self.unmark()
        self._outline = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._outline.setToGeometry(shape, crs)
        self._outline.setStrokeColor(QColor(COLOUR))
        self._outline.setFillColor(QColor(0, 0, 0, 0))
        self._outline.setWidth(2)

    def unmark(self) -> None:
        """Take the marks off the map."""
        for item in (self._marker, self._outline):
            if item is not None:
                self._canvas.scene().removeItem(item)
        self._marker = self._outline = None

    def _clicked(self, point: QgsPointXY) -> None:
        self.picked.emit(point, self._canvas.mapSettings().destinationCrs())

    def _deactivated(self) -> None:
        tool, self._tool, self._former = self._tool, None, None
        if tool is not None:
            tool.deleteLater()
        self.switched.emit(False)
