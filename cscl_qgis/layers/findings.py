"""The findings of a check: read in a task, and shown as layers of our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Tuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsLayerTreeGroup,
    QgsMarkerSymbol,
    QgsProject,
    QgsRendererCategory,
    QgsVectorLayer,
)

from ...backend.cscl.contract.errors import Cancelled, UserError

AREAS, POINTS = "findings", "findings_points"
GROUP_FINDINGS = "cscl/findings"
# One a kind, strong enough for images and maps below.
COLOURS = (
    "#1f78b4", "#b15928", "#a6761d", "#6a3d9a", "#c51b7d", "#8073ac", "#e31a1c", "#ff7f00",
    "#00868b", "#33a02c", "#4d4d4d", "#d95f02",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One finding of the check; `placed` tells whether its place is anywhere."""

    code: str
    text: str
    severity: str
    value: str
    parcel: Optional[int]
    place: QgsGeometry
    placed: bool


@dataclass(frozen=True)
class FindingsRead:
    """All findings of a check, in their order, and the reference system of their places."""

    items: Tuple[Found, ...]
    crs: QgsCoordinateReferenceSystem


def read_findings(path: str, is_cancelled: Callable[[], bool]) -> FindingsRead:
    """Read the findings that a check wrote; called in a task. Raises `UserError`, `Cancelled`."""
    points = {
        (item["parcel"], item["code"], item["text"]): QgsGeometry(item.geometry())
        for item in _features(path, POINTS, is_cancelled)
    }
    layer = _open(path, AREAS)
    items = []
    for feature in _features(path, AREAS, is_cancelled):
        key = (feature["parcel"], feature["code"], feature["text"])
        place = QgsGeometry(feature.geometry())
        if place.isEmpty():
            place = points.get(key, place)
        parcel = feature["parcel"]
        items.append(
            Found(
                str(feature["code"]), str(feature["text"]), str(feature["severity"]),
                str(feature["value"] or ""), parcel if isinstance(parcel, int) else None,
                place, not place.isEmpty(),
            )
        )  # fmt: skip
    return FindingsRead(tuple(items), QgsCoordinateReferenceSystem(layer.crs()))


def show_findings(path: str, title: str, titles: Dict[str, str]) -> QgsLayerTreeGroup:
    """Add the findings as a group of two layers on top, in place of those of an earlier check.

    `titles` are the words for the kinds of findings, by code. Raises `UserError`.
    """
    layers = [_open(path, POINTS), _open(path, AREAS)]
    root = QgsProject.instance().layerTreeRoot()
    group = findings_group()
    if group is None:
        group = root.insertGroup(0, title)
        group.setCustomProperty(GROUP_FINDINGS, "1")
    QgsProject.instance().removeMapLayers(group.findLayerIds())
    for layer in layers:
        layer.setRenderer(_renderer(titles, layer.name() == POINTS))
        layer.setName(title)
        layer.setReadOnly(True)
        QgsProject.instance().addMapLayer(layer, False)
        group.addLayer(layer).setExpanded(False)
    return group


def findings_group() -> Optional[QgsLayerTreeGroup]:
    """Return the group that shows findings, if it is in the project."""
    groups = QgsProject.instance().layerTreeRoot().findGroups()
    return next((item for item in groups if item.customProperty(GROUP_FINDINGS)), None)


def _open(path: str, name: str) -> QgsVectorLayer:
    options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr", options)
    if not layer.isValid():
        raise UserError(
            "result_not_readable", path, f"QGIS cannot open its layer {name}",
            "Check the parcels again.",
        )  # fmt: skip
    return layer


def _features(path: str, name: str, is_cancelled: Callable[[], bool]) -> List[QgsFeature]:
    features = []
    for feature in _open(path, name).getFeatures():
        if is_cancelled():
            raise Cancelled()
        features.append(QgsFeature(feature))
    return features


def _renderer(titles: Dict[str, str], points: bool) -> QgsCategorizedSymbolRenderer:
    categories = []
    for number, (code, title) in enumerate(titles.items()):
        colour = COLOURS[number % len(COLOURS)]
        if points:
            symbol = QgsMarkerSymbol.createSimple(
                {"color": colour, "size": "2", "outline_style": "no"}
            )
        else:
            symbol = QgsFillSymbol.createSimple(
                {"style": "no", "outline_color": colour, "outline_width": "0.6"}
            )
        categories.append(QgsRendererCategory(code, symbol, title))
    return QgsCategorizedSymbolRenderer("code", categories)
