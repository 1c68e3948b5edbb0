"""Layers of a time series that QGIS's temporal controller plays, in a group of ours."""

from __future__ import annotations

from itertools import takewhile
from typing import Any, List, Optional, Sequence

from qgis.core import (
    Qgis,
    QgsContrastEnhancement,
    QgsDateTimeRange,
    QgsInterval,
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsLayerTreeNode,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsTemporalNavigationObject,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ...backend.cscl.contract.errors import UserError
from ..words import tr
from .inputs import open_raster
from .true_colour import Picture, Pictures

GROUP_SERIES = "cscl/series"


def shown_times(pictures: Pictures) -> List[QgsDateTimeRange]:
    """Return from when to when each pass is the newest; passes of a day share their time."""
    days = sorted({picture.day for picture in pictures.pictures})
    ends = {day: _day(following) for day, following in zip(days, days[1:])}  # noqa: B905 - 3.9
    season = _day(pictures.season.split("/")[-1])
    return [
        QgsDateTimeRange(
            _midnight(_day(item.day)),
            # A step that begins with the next pass must not show this one.
            _midnight(ends.get(item.day) or max(season, _day(item.day)).addDays(1)).addSecs(-1),
        )
        for item in pictures.pictures
    ]


def open_picture(picture: Picture, period: QgsDateTimeRange) -> QgsRasterLayer:
    """Open one pass in its colours, shown while the map's time lies in its period.

    Reads no pixels and writes nothing beside the file. Raises `UserError`.
    """
    layer = open_raster(picture.source, picture.day)
    if not layer.isValid():
        raise UserError(
            "image_not_readable", picture.name, tr("QGIS cannot open it as a layer"),
            tr("Check that the file is where it was when the time series was defined."),
        )  # fmt: skip
    layer.setRenderer(_renderer(layer, picture))
    properties = layer.temporalProperties()
    properties.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    properties.setFixedTemporalRange(period)
    properties.setIsActive(True)
    metadata = layer.metadata()
    metadata.setTitle(picture.name)
    layer.setMetadata(metadata)
    return layer


def new_group(series: str, title: str) -> QgsLayerTreeGroup:
    """Return an empty group for a time series; the group that showed it before goes.

    It lies on top, but below vector layers: outlines of parcels are to be seen on the images.
    """
    root = QgsProject.instance().layerTreeRoot()
    old = group_of(series)
    if old is not None:
        QgsProject.instance().removeMapLayers(old.findLayerIds())
        old.parent().removeChildNode(old)
    vectors = takewhile(_is_vector, root.children())
    group = root.insertGroup(sum(1 for _ in vectors), title)
    group.setCustomProperty(GROUP_SERIES, series)
    group.setExpanded(False)
    return group


def _is_vector(node: QgsLayerTreeNode) -> bool:
    return isinstance(node, QgsLayerTreeLayer) and isinstance(node.layer(), QgsVectorLayer)


def group_of(series: str) -> Optional[QgsLayerTreeGroup]:
    """Return the group that shows a time series, if it is in the project."""
    groups = QgsProject.instance().layerTreeRoot().findGroups(True)
    return next((item for item in groups if item.customProperty(GROUP_SERIES) == series), None)


def prepare_playing(canvas: Any, periods: Sequence[QgsDateTimeRange]) -> bool:
    """Set the canvas's temporal controller to one step a date; tell whether it has one."""
    controller = canvas.temporalController()
    if not isinstance(controller, QgsTemporalNavigationObject) or not periods:
        return False
    begins, ends = [item.begin() for item in periods], [item.end() for item in periods]
    steps = {item.begin().toMSecsSinceEpoch(): item for item in periods}
    controller.setAvailableTemporalRanges([steps[begin] for begin in sorted(steps)])
    controller.setFrameDuration(QgsInterval(1, QgsUnitTypes.TemporalUnit.TemporalIrregularStep))
    controller.setTemporalExtents(QgsDateTimeRange(min(begins), max(ends)))
    controller.setNavigationMode(QgsTemporalNavigationObject.NavigationMode.Animated)
    controller.rewindToStart()
    return True


def _renderer(layer: QgsRasterLayer, picture: Picture) -> QgsMultiBandColorRenderer:
    provider = layer.dataProvider()
    renderer = QgsMultiBandColorRenderer(provider, *picture.bands)
    setters = (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )
    algorithm = QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
    for place, setter in enumerate(setters):
        low, high = picture.ranges[place]
        enhancement = QgsContrastEnhancement(provider.dataType(picture.bands[place]))
        enhancement.setMinimumValue(low)
        enhancement.setMaximumValue(high)
        enhancement.setContrastEnhancementAlgorithm(algorithm)
        setter(enhancement)
    return renderer


def _day(text: str) -> QDate:
    return QDate.fromString(text.strip(), Qt.DateFormat.ISODate)


def _midnight(day: QDate) -> QDateTime:
    return QDateTime(day, QTime(0, 0), Qt.TimeSpec.UTC)
