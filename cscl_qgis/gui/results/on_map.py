"""Parcels shown on QGIS's map: moved to, flashed, selected."""

from __future__ import annotations

from typing import Any, List

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapCanvas

from .parcel_table import ParcelRow, extent_of

# A parcel fills a third of the map, so that its neighbours are seen.
AROUND = 3.0
AROUND_MANY = 1.1


def move_to(canvas: QgsMapCanvas, layer: QgsVectorLayer, rows: List[ParcelRow]) -> bool:
    """Move the map to parcels of a layer; `False` where they lie nowhere on it."""
    extent = extent_of(rows)
    if extent.isEmpty():
        return False
    transform = _to_canvas(canvas, layer)
    try:
        extent = transform.transformBoundingBox(extent)
    except QgsCsException:
        return False
    extent.scale(AROUND if len(rows) == 1 else AROUND_MANY)
    canvas.setExtent(extent)
    canvas.refresh()
    return True


def flash(canvas: QgsMapCanvas, layer: QgsVectorLayer, row: ParcelRow) -> None:
    """Let one parcel light up."""
    geometry = layer.getFeature(row.feature).geometry()
    if not geometry.isNull():
        canvas.flashGeometries([geometry], layer.crs())


def select(canvas: QgsMapCanvas, layer: QgsVectorLayer, rows: List[ParcelRow]) -> None:
    """Select parcels in a layer of ours and move the map to them."""
    layer.selectByIds([row.feature for row in rows])
    move_to(canvas, layer, rows)


def move_to_layer(canvas: QgsMapCanvas, layer: Any) -> None:
    """Move the map to a layer's extent."""
    try:
        extent = _to_canvas(canvas, layer).transformBoundingBox(layer.extent())
    except QgsCsException:
        return  # the layer lies where the map's projection cannot show it
    if not extent.isEmpty():
        extent.scale(AROUND_MANY)
        canvas.setExtent(extent)
        canvas.refresh()


def _to_canvas(canvas: QgsMapCanvas, layer: Any) -> QgsCoordinateTransform:
    target = canvas.mapSettings().destinationCrs()
    return QgsCoordinateTransform(layer.crs(), target, QgsProject.instance())
