"""The findings of a check: read in a task, and shown as layers of our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Tuple

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
from ..words import tr

AREAS, POINTS = "findings", "findings_points"
GROUP_FINDINGS = "cscl/findings"
# One a kind, strong enough for images and maps below.
COLOURS = (
    "#1f78b4", "#b15928", "#a6761d", "#6a3d9a", "#c51b7d", "#8073ac", "#e31a1c", "#ff7f00",
    "#00868b", "#33a02c", "#4d4d4d", "#d95f02",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One finding of the check and its place."""

    code: str
    text: str
    value: str
    parcel: int
    place: QgsGeometry


@dataclass(frozen=True)
class FindingsRead:
    """What a check found in single parcels, by kind.

    `counts` are the findings of each kind; `places` those that have a place, in their order: the
    key of the feature in the layer of areas, or less zero in that of points.
    """

    counts: Dict[str, int]
    places: Tuple[Tuple[str, int], ...]


def read_findings(path: str, is_cancelled: Callable[[], bool]) -> FindingsRead:
    """Read which findings there are; called in a task. Raises `UserError`, `Cancelled`.

    Nothing but numbers is kept: an object for each of many thousand findings would hold QGIS up
    when it comes and when it goes.
    """
    counts: Dict[str, int] = {}
    places: List[Tuple[str, int]] = []
    elsewhere: Dict[Tuple[Any, ...], int] = {}
    for feature in _features(path, AREAS, is_cancelled):
        key = tuple(feature.attribute(name) for name in ("parcel", "code", "text"))
        if not isinstance(key[0], int):
            continue
        counts[key[1]] = counts.get(key[1], 0) + 1
        if feature.hasGeometry() and not feature.geometry().isEmpty():
            places.append((key[1], feature.id()))
        else:
            elsewhere[key] = len(places)
            places.append((key[1], 0))
    for feature in _features(path, POINTS, is_cancelled) if elsewhere else ():
        key = tuple(feature.attribute(name) for name in ("parcel", "code", "text"))
        if key in elsewhere:
            places[elsewhere[key]] = (key[1], -feature.id())
    return FindingsRead(counts, tuple(item for item in places if item[1]))


class FindingsLayers:
    """The layers of a check, from which one finding after another is taken."""

    def __init__(self, path: str) -> None:
        self._areas = open_findings(path, AREAS)
        self._points = open_findings(path, POINTS)

    def crs(self) -> QgsCoordinateReferenceSystem:
        """Return the reference system of the places."""
        return self._areas.crs()

    def finding(self, number: int) -> Found:
        """Return the finding with a number of `FindingsRead.places`."""
        layer = self._areas if number > 0 else self._points
        feature = layer.getFeature(abs(number))
        value = feature["value"]
        return Found(
            str(feature["code"]), str(feature["text"]), str(value) if value else "",
            int(feature["parcel"]), QgsGeometry(feature.geometry()),
        )  # fmt: skip


def show_findings(
    path: str, title: str, titles: Dict[str, str], kinds: FrozenSet[str]
) -> QgsLayerTreeGroup:
    """Add the findings as a group of two layers on top, in place of those of an earlier check.

    `titles` are the words for all kinds of findings, by code; the legend lists the `kinds` that
    there are, each always in the same colour. Raises `UserError`.
    """
    layers = [open_findings(path, POINTS), open_findings(path, AREAS)]
    root = QgsProject.instance().layerTreeRoot()
    group = findings_group()
    if group is None:
        group = root.insertGroup(0, title)
        group.setCustomProperty(GROUP_FINDINGS, "1")
    QgsProject.instance().removeMapLayers(group.findLayerIds())
    for layer in layers:
        layer.setRenderer(_renderer(titles, kinds, layer.name() == POINTS))
        layer.setName(title)
        layer.setReadOnly(True)
        QgsProject.instance().addMapLayer(layer, False)
        group.addLayer(layer).setExpanded(False)
    return group


def findings_group() -> Optional[QgsLayerTreeGroup]:
    """Return the group that shows findings, if it is in the project."""
    groups = QgsProject.instance().layerTreeRoot().findGroups()
    return next((item for item in groups if item.customProperty(GROUP_FINDINGS)), None)


def open_findings(path: str, name: str) -> QgsVectorLayer:
    """Open one of the layers of a check. Raises `UserError`."""
    options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr", options)
    if not layer.isValid():
        raise UserError(
            "result_not_readable", path, tr("QGIS cannot open its layer {name}", name=name),
            tr("Check the parcels again."),
        )  # fmt: skip
    return layer


def _features(path: str, name: str, is_cancelled: Callable[[], bool]) -> Iterator[QgsFeature]:
    layer = open_findings(path, name)
    for feature in layer.getFeatures():
        if is_cancelled():
            raise Cancelled()
        yield feature


def _renderer(
    titles: Dict[str, str], kinds: FrozenSet[str], points: bool
) -> QgsCategorizedSymbolRenderer:
    categories = []
    for number, (code, title) in enumerate(titles.items()):
        if code not in kinds:
            continue
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
