"""From map layers and feature sources to local paths that the engine can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Iterable, List, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsRasterLayer,
)

from ...backend.cscl.contract.errors import Findings, UserError
from ...backend.cscl.contract.paths import path_problem

SEPARATOR = ";"


def raster_path(layer: QgsMapLayer) -> str:
    """Return the file of a raster layer; raises `UserError` where it is no local file."""
    findings = Findings()
    path = _checked_raster(layer, findings)
    findings.raise_errors()
    return path


def images_of_layers(layers: Iterable[QgsMapLayer]) -> str:
    """Return the files of raster layers, one a date, joined as the engine wants them.

    Raises one `UserError` that names every layer that cannot be used.
    """
    findings = Findings()
    paths: List[str] = []
    for layer in layers:
        path = _checked_raster(layer, findings)
        if path and path not in paths:
            paths.append(path)
    findings.raise_errors()
    if not paths:
        raise UserError(
            "no_images", "image layers", "none is given", "Choose one raster layer a date."
        )
    return SEPARATOR.join(paths)


def _checked_raster(layer: QgsMapLayer, findings: Findings) -> str:
    subject = f"layer {layer.name()!r}"
    if not isinstance(layer, QgsRasterLayer):
        findings.error("not_a_raster", subject, "it is no raster layer", "Choose raster layers.")
        return ""
    if layer.providerType() != "gdal":
        findings.error(
            "layer_not_local",
            subject,
            f"it comes from a service ({layer.providerType()}), not from a file",
            "Download the images and choose the files.",
        )
        return ""
    parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    path = str(parts.get("path") or layer.source())
    problem = path_problem(path) or path_problem(layer.source())
    if not problem and parts.get("layerName"):
        problem = "it is one part of a file with several"
    if not problem and SEPARATOR in path:
        problem = f"its path holds the character {SEPARATOR!r}, which separates paths"
    if not problem and not os.path.isfile(path):
        problem = "there is no such file"
    if problem:
        findings.error(
            "layer_not_local", f"{subject} ({path})", problem, "Choose layers of local image files."
        )
        return ""
    return os.path.abspath(path)


def images_crs(images: str) -> QgsCoordinateReferenceSystem:
    """Return the reference system of the images that a job names; invalid where it has none."""
    file = _first_image(images.split(SEPARATOR)[0])
    if file is None:
        return QgsCoordinateReferenceSystem()
    return open_raster(file, "images").crs()


def open_raster(path: str, name: str) -> QgsRasterLayer:
    """Open a raster without a style: a default one reads statistics and writes them beside it."""
    options = QgsRasterLayer.LayerOptions(loadDefaultStyle=False)
    options.skipCrsValidation = True
    return QgsRasterLayer(path, name, "gdal", options)


def _first_image(text: str) -> Optional[str]:
    path = Path(text)
    if path.is_dir():
        found = sorted(item for item in path.iterdir() if item.suffix.lower() in (".tif", ".tiff"))
        return str(found[0]) if found else None
    if path.name.endswith(".json"):
        return _first_asset(path)
    return str(path) if path.is_file() else None


def _first_asset(series: Path) -> Optional[str]:
    try:
        document = json.loads(series.read_text(encoding="utf-8"))
        assets = document["features"][0]["assets"]
        href = str(next(iter(assets.values()))["href"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, StopIteration, AttributeError):
        return None  # the engine says what is wrong with the file
    return str(series.parent / href)
