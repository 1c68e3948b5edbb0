"""Which parcel lies under a click, looked for beside the main thread."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..parcel_source import ParcelSource

# Part of the layer's unit: a rectangle without extent would select nothing.
NEAR = 1e-9


def search_at(
    layer: QgsVectorLayer, point: QgsPointXY, crs: QgsCoordinateReferenceSystem
) -> Callable[[Callable[[], bool]], Optional[QgsGeometry]]:
    """Return what finds the parcel at a point, for a task; it gives `None` where there is none.

    Raises `UserError` where the point has no place in the layer's reference system.
    """
    try:
        way = QgsCoordinateTransform(crs, layer.crs(), QgsProject.instance().transformContext())
        place = way.transform(point)
    except QgsCsException:
        raise UserError(
            "outside_crs", layer.name(), tr("the place lies beyond its reference system"),
            tr("Click on the images."),
        ) from None  # fmt: skip
    source = ParcelSource(layer)
    reach = NEAR * max(1.0, abs(place.x()), abs(place.y()))
    corners = (place.x() - reach, place.y() - reach, place.x() + reach, place.y() + reach)
    request = QgsFeatureRequest(QgsRectangle(*corners)).setNoAttributes()

    def search(is_cancelled: Callable[[], bool]) -> Optional[QgsGeometry]:
        target = QgsGeometry.fromPointXY(place)
        for feature in source.getFeatures(request):
            if is_cancelled():
                return None
            if feature.geometry().intersects(target):
                return QgsGeometry(feature.geometry())
        return None

    return search
