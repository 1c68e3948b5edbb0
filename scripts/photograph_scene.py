"""The part of scripts/photograph.py that lays out the scene as a person has it before a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.utils import iface

MONTHS = ("05", "06")  # cereals are green and maize is bare then
BRIGHTEST = 2200  # numbers of reflectance x 10000 that are shown white
OUTLINE = {"style": "no", "outline_color": "255,255,255,235", "outline_width": "0.35"}


def add_scene(demo: Path) -> QgsVectorLayer:
    """Add the clearest image of early summer in true colour, and the outlines of the parcels."""
    project = QgsProject.instance()
    for layer in (clearest_image(demo), parcel_outlines(demo)):
        project.addMapLayer(layer)
    for node in project.layerTreeRoot().findLayers():
        node.setExpanded(False)
    iface.setActiveLayer(layer)
    iface.mapCanvas().setDestinationCrs(layer.crs())
    iface.mapCanvas().setExtent(layer.extent())
    return layer


def clearest_image(demo: Path) -> QgsRasterLayer:
    """Return a layer of the image of early summer with the most valid pixels."""
    series = json.loads((demo / "scene.series.json").read_text("utf-8"))
    dates = [
        (item["properties"]["cscl:valid_share"], item["properties"]["datetime"][:10])
        for item in series["features"]
        if item["properties"]["datetime"][5:7] in MONTHS
    ]
    day = max(dates)[1]
    (path,) = (demo / "scene").glob(f"S2_*{day.replace('-', '')}.tif")
    layer = QgsRasterLayer(str(path), f"Image of {day}")
    provider = layer.dataProvider()
    renderer = QgsMultiBandColorRenderer(provider, 3, 2, 1)
    setters: tuple[Any, ...] = (
        renderer.setRedContrastEnhancement, renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )  # fmt: skip
    for band, use in zip((3, 2, 1), setters, strict=True):
        enhancement = QgsContrastEnhancement(provider.dataType(band))
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        enhancement.setMinimumValue(0)
        enhancement.setMaximumValue(BRIGHTEST)
        use(enhancement)
    layer.setRenderer(renderer)
    return layer


def parcel_outlines(demo: Path) -> QgsVectorLayer:
    """Return the declared parcels as outlines."""
    layer = QgsVectorLayer(str(demo / "scene" / "parcels.gpkg"), "parcels", "ogr")
    layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(OUTLINE)))
    return layer
