"""A small map of the middle of the canvas, computed in seconds and shown as a layer of its own."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject
from qgis.gui import QgsMapCanvas

from ....backend.cscl.contract.codes import OUTSIDE, OUTSIDE_COLOUR
from ....backend.cscl.contract.errors import UserError
from ...layers.inputs import open_raster
from ...layers.styles import show_classes
from ...words import tr

SIDE = 96  # pixels of the images, about a kilometre
PREVIEW = "cscl/preview"


def preview_values(canvas: QgsMapCanvas) -> Dict[str, Any]:
    """Return where and how large a preview shall be, as the question takes it."""
    centre, crs = canvas.center(), canvas.mapSettings().destinationCrs()
    if not crs.isValid():
        raise UserError(
            "no_place", tr("Map"), tr("the project has no coordinate reference system"),
            tr("Add a layer to the project, or set its reference system."),
        )  # fmt: skip
    return {
        "centre": [centre.x(), centre.y()],
        "crs": crs.authid() or crs.toWkt(),
        "size": SIDE,
    }


def add_preview(path: str, resolution: str, classes: List[Dict[str, Any]]) -> QgsMapLayer:
    """Show a preview on top of the project, in place of the one before.

    `classes` are those of the answer to the question `card`. Raises `UserError`.
    """
    layer = open_raster(path, tr("Preview {resolution} m", resolution=resolution))
    if not layer.isValid():
        raise UserError(
            "result_not_readable", path, tr("QGIS cannot open it as a layer"),
            tr("Ask for the preview again."),
        )  # fmt: skip
    shown: List[Tuple[int, str, str]] = [
        (item["code"], item["name"], item["colour"]) for item in classes
    ]
    show_classes(layer, [*shown, (OUTSIDE, tr("other land"), OUTSIDE_COLOUR)])
    layer.setCustomProperty(PREVIEW, True)
    remove_previews()
    project = QgsProject.instance()
    project.addMapLayer(layer, False)
    node = _group().addLayer(layer)
    node.setExpanded(False)
    return layer


def remove_previews() -> None:
    """Take earlier previews out of the project."""
    project = QgsProject.instance()
    old = [
        key
        for key, layer in project.mapLayers().items()
        if layer.customProperty(PREVIEW) is not None
    ]
    project.removeMapLayers(old)


def _group() -> QgsLayerTreeGroup:
    root = QgsProject.instance().layerTreeRoot()
    for group in root.findGroups():
        if group.customProperty(PREVIEW) is not None:
            return group
    group = root.insertGroup(0, tr("Crop mapping: preview"))
    group.setCustomProperty(PREVIEW, True)
    return group
