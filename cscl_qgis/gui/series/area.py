"""Over which area clouds and valid pixels are counted."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtWidgets import QComboBox

from ...words import tr
from ..editors import ChoiceBox
from ..workspace import Workspace

IMAGES, CANVAS, PARCELS = "images", "canvas", "parcels"
# Numbers that are read in about a second; larger images are counted when that is asked for.
QUICK_PIXELS = 1_500_000


class AreaBox(ChoiceBox):
    """Chooses the whole images, what the map shows now, or the extent of the parcels."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.setObjectName("cscl_series_area")
        self.setToolTip(tr("Area over which clouds and valid pixels are counted"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.addItem(tr("Whole images"), IMAGES)
        self.addItem(tr("Map view"), CANVAS)
        self.addItem(tr("Parcels"), PARCELS)

    def values(self) -> Dict[str, Any]:
        """Return the area as questions take it; nothing for the whole images."""
        if self.currentData() == CANVAS:
            canvas = self._workspace.iface.mapCanvas()
            return _area(canvas.extent(), canvas.mapSettings().destinationCrs())
        if self.currentData() == PARCELS:
            layer = QgsProject.instance().mapLayer(self._workspace.chosen("parcels"))
            if isinstance(layer, QgsVectorLayer) and layer.featureCount():
                return _area(layer.extent(), layer.crs())
        return {}


def _area(extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> Dict[str, Any]:
    if extent.isEmpty() or not extent.isFinite():
        return {}
    corners = [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()]
    return {"area": corners, "area_crs": crs.authid() or crs.toWkt()}
