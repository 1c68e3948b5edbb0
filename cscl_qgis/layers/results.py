"""Results as one styled group of layers on top of the layer tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsVectorLayer

from ...backend.cscl.contract.errors import UserError
from ..words import tr
from .agreement import show_agreement
from .folder import ResultsFolder
from .inputs import open_raster
from .metadata import describe
from .styles import apply_style

# Role and whether it is shown at first; the first lies on top.
SHOWN: Tuple[Tuple[str, bool], ...] = (
    ("sample", True),
    ("unit_areas", True),
    ("inspection", False),
    ("agreement", False),
    ("parcels", True),
    ("layer", True),
    ("crop_map_2m5", True),
    ("crop_map_5m", True),
    ("crop_map", True),
    ("confidence_2m5", False),
    ("confidence_5m", False),
    ("confidence", False),
    ("truth", True),
)
RASTER_ENDINGS = (".tif", ".tiff")
# What a group and its layers are known by, whatever they are called.
GROUP_OUTPUT = "cscl/output"
LAYER_ROLE = "cscl/role"


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
    names = layer_names()
    return [
        Result(role, outputs[role], names[role], visible, rank)
        for rank, (role, visible) in enumerate(SHOWN)
        if role in outputs and Path(outputs[role]).is_file()
    ]


def layer_names() -> Dict[str, str]:
    """Return what the layer of each role is called."""
    return {
        "sample": tr("Points to label"),
        "unit_areas": tr("Areas by unit"),
        "inspection": tr("Parcels to inspect"),
        "agreement": tr("Map against declaration"),
        "parcels": tr("Parcels"),
        "layer": tr("Exported layer"),
        "crop_map_2m5": tr("Crop map 2.5 m"),
        "crop_map_5m": tr("Crop map 5 m"),
        "crop_map": tr("Crop map 10 m"),
        "confidence_2m5": tr("Confidence 2.5 m"),
        "confidence_5m": tr("Confidence 5 m"),
        "confidence": tr("Confidence 10 m"),
        "truth": tr("Truth 2.5 m"),
    }


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
            tr("QGIS cannot open it as a layer"),
            tr("Open the file with a program that reads its format."),
        )
    apply_style(layer, result.role, result.path)
    layer.setCustomProperty(LAYER_ROLE, result.role)
    return layer


def add_results(
    outputs: Dict[str, str], title: str, project: Optional[QgsProject] = None
) -> Optional[QgsLayerTreeGroup]:
    """Add the results of a job as one group on top; `None` where there is nothing to show."""
    layers = [(result, open_result(result)) for result in results_of(outputs)]
    if not layers:
        return None
    target = project or QgsProject.instance()
    group = target.layerTreeRoot().insertGroup(0, title)
    for result, layer in layers:
        _add_layer(group, result, layer, target)
    return group


def folder_results(folder: ResultsFolder) -> List[Result]:
    """Return the results of a folder that can be shown, the map against the declaration too."""
    found = []
    for result in results_of(folder.outputs):
        if result.role == "parcels":
            rank = [role for role, _ in SHOWN].index("agreement")
            found.append(
                replace(
                    result, role="agreement", name=layer_names()["agreement"],
                    visible=SHOWN[rank][1], rank=rank,
                )
            )  # fmt: skip
        found.append(result)
    return found


def new_group(folder: ResultsFolder) -> QgsLayerTreeGroup:
    """Add an empty group for the results of a folder on top of the project."""
    root = QgsProject.instance().layerTreeRoot()
    group = root.insertGroup(0, tr("Crop map: {name}", name=folder.name))
    group.setCustomProperty(GROUP_OUTPUT, folder.folder)
    return group


def add_to_group(group: QgsLayerTreeGroup, result: Result, folder: ResultsFolder) -> bool:
    """Add one result below those that are there, with where it comes from; raises `UserError`.

    `False` where there is nothing to show: parcels that were compared with no declaration.
    """
    layer = open_result(result)
    if result.role == "agreement" and not show_agreement(layer):
        return False
    describe(layer, folder)
    _add_layer(group, result, layer, QgsProject.instance())
    return True


def add_folder(folder: ResultsFolder) -> Optional[QgsLayerTreeGroup]:
    """Add all results of a folder at once; `None` where there is nothing to show."""
    results = folder_results(folder)
    if not results:
        return None
    group = new_group(folder)
    for result in results:
        add_to_group(group, result, folder)
    return group


def group_of(folder: str) -> Optional[QgsLayerTreeGroup]:
    """Return the group that holds the results of a folder, if it is in the project."""
    groups = QgsProject.instance().layerTreeRoot().findGroups(True)
    return next((item for item in groups if item.customProperty(GROUP_OUTPUT) == folder), None)


def layer_of(folder: str, role: str) -> Optional[QgsMapLayer]:
    """Return the layer of a role in the group of a folder, if it is in the project."""
    group = group_of(folder)
    nodes = group.findLayers() if group is not None else []
    layers = [node.layer() for node in nodes if node.layer() is not None]
    return next((item for item in layers if item.customProperty(LAYER_ROLE) == role), None)


def _add_layer(
    group: QgsLayerTreeGroup, result: Result, layer: QgsMapLayer, project: QgsProject
) -> None:
    project.addMapLayer(layer, False)
    node = group.addLayer(layer)
    node.setItemVisibilityChecked(result.visible)
    node.setExpanded(result.visible)
