"""Results as one styled group of layers on top of the layer tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsVectorLayer

from ...backend.cscl.contract.errors import UserError
from .inputs import open_raster
from .styles import apply_style

# Role, name in the layer tree, whether it is shown at first; the first lies on top.
SHOWN: Tuple[Tuple[str, str, bool], ...] = (
    ("sample", "Points to label", True),
    ("unit_areas", "Areas by unit", True),
    ("inspection", "Parcels to inspect", False),
    ("parcels", "Parcels", True),
    ("layer", "Exported layer", True),
    ("crop_map_2m5", "Crop map 2.5 m", True),
    ("crop_map", "Crop map 10 m", True),
    ("confidence_2m5", "Confidence 2.5 m", False),
    ("confidence", "Confidence 10 m", False),
    ("truth", "Truth 2.5 m", True),
)
RASTER_ENDINGS = (".tif", ".tiff")


@dataclass(frozen=True)
class Result:
    """One result to show: its role, path, name and place in the group."""

    role: str
    path: str
    name: str
    visible: bool
    rank: int


def results_of(outputs: Dict[str, str]) -> List[Result]:
    """Return the results of a job that can be shown, the topmost first."""
    return [
        Result(role, outputs[role], name, visible, rank)
        for rank, (role, name, visible) in enumerate(SHOWN)
        if role in outputs and Path(outputs[role]).is_file()
    ]


def open_result(result: Result) -> QgsMapLayer:
    """Open one result with its style; writes nothing beside it. Raises `UserError`."""
    if Path(result.path).suffix.lower() in RASTER_ENDINGS:
        layer: QgsMapLayer = open_raster(result.path, result.name)
    else:
        options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
        layer = QgsVectorLayer(result.path, result.name, "ogr", options)
    if not layer.isValid():
        raise UserError(
            "result_not_readable",
            result.path,
            "QGIS cannot open it as a layer",
            "Open the file with a program that reads its format.",
        )
    apply_style(layer, result.role, result.path)
    return layer


def add_results(
    outputs: Dict[str, str], title: str, project: Optional[QgsProject] = None
) -> Optional[QgsLayerTreeGroup]:
    """Add the results of a job as one group on top; `None` where there is nothing to show."""
    target = project or QgsProject.instance()
    layers = [(result, open_result(result)) for result in results_of(outputs)]
    if not layers:
        return None
    group = target.layerTreeRoot().insertGroup(0, title)
    for result, layer in layers:
        target.addMapLayer(layer, False)
        node = group.addLayer(layer)
        node.setItemVisibilityChecked(result.visible)
        node.setExpanded(result.visible)
    return group
