"""From map layers and feature sources to local paths that the engine can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Iterable, List, Optional, Tuple, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsReadWriteContext,
)
from qgis.PyQt.QtXml import QDomDocument

from ...backend.cscl.contract import strict_json
from ...backend.cscl.contract.errors import Findings, UserError
from ...backend.cscl.contract.paths import linked_path, path_problem
from ..words import tr

SEPARATOR = ";"


Item = Union[QgsMapLayer, str]
Find = Callable[[str], Optional[QgsMapLayer]]


def _nowhere(text: str) -> Optional[QgsMapLayer]:
    """Find no layer."""
    return None


def raster_path(item: Item, find: Find = _nowhere) -> str:
    """Return the file of a raster layer, or of a path or layer's identifier given as text.

    A path is not opened here: QGIS would write statistics beside it. Raises `UserError` where the
    layer is no local file.
    """
    findings = Findings()
    path = _checked_raster(item, find, findings)
    findings.raise_errors()
    return path


def images_of_layers(items: Iterable[Item], find: Find = _nowhere) -> str:
    """Return the files of raster layers, one a date, joined as the engine wants them.

    `find` turns text that is no path into a layer. Raises one `UserError` that names every layer
    that cannot be used.
    """
    findings = Findings()
    paths: List[str] = []
    for item in items:
        path = _checked_raster(item, find, findings)
        if path and path not in paths:
            paths.append(path)
    findings.raise_errors()
    if not paths:
        raise UserError(
            "no_images", tr("image layers"), tr("none is given"),
            tr("Choose one raster layer a date."),
        )  # fmt: skip
    return SEPARATOR.join(paths)


def _checked_raster(item: Item, find: Find, findings: Findings) -> str:
    layer = item if isinstance(item, QgsMapLayer) else None
    if layer is None and not os.path.isfile(str(item)):
        layer = find(str(item))
        if layer is None:
            findings.error(
                "layer_not_local",
                tr("raster {name}", name=repr(str(item))),
                tr("it is neither a layer of the project nor a local file"),
                tr("Choose layers of local image files."),
            )
            return ""
    if layer is None:
        path, subject, problem = str(item), tr("raster {name}", name=repr(str(item))), ""
    else:
        subject = tr("layer {name}", name=repr(layer.name()))
        if not isinstance(layer, QgsRasterLayer):
            findings.error(
                "not_a_raster", subject, tr("it is no raster layer"), tr("Choose raster layers.")
            )
            return ""
        path, problem = _file_of(layer)
    problem = problem or _path_problem(path)
    if problem:
        subject = f"{subject} ({path})" if layer is not None else subject
        findings.error(
            "layer_not_local", subject, problem, tr("Choose layers of local image files.")
        )
        return ""
    return os.path.abspath(path)


def _file_of(layer: QgsRasterLayer) -> Tuple[str, str]:
    """Return the path of a raster layer and why it cannot be used, if so."""
    if layer.providerType() != "gdal":
        service = layer.providerType()
        found = tr("it comes from a service ({service}), not from a file", service=service)
        return layer.source(), found
    parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    path = str(parts.get("path") or layer.source())
    problem = path_problem(layer.source())
    if not problem and parts.get("layerName"):
        problem = tr("it is one part of a file with several")
    return path, problem


def _path_problem(path: str) -> str:
    problem = path_problem(path)
    if not problem and SEPARATOR in path:
        problem = tr("its path holds a semicolon, which separates paths")
    if not problem and not os.path.isfile(path):
        problem = tr("there is no such file")
    return problem


def images_crs(images: str) -> QgsCoordinateReferenceSystem:
    """Return the reference system of the images that a job names; invalid where it has none."""
    file = _first_image(images.split(SEPARATOR)[0])
    if file is None:
        return QgsCoordinateReferenceSystem()
    provider = QgsProviderRegistry.instance().createProvider("gdal", file)
    valid = provider is not None and provider.isValid()
    return provider.crs() if valid else QgsCoordinateReferenceSystem()


def open_raster(path: str, name: str) -> QgsRasterLayer:
    """Open a raster as a project does, which leaves nothing beside the file.

    A layer made in the ordinary way gets a default style; its statistics are read from all pixels
    and written to a file .aux.xml beside the raster.
    """
    document = QDomDocument()
    element = document.createElement("maplayer")
    element.setAttribute("type", "raster")
    document.appendChild(element)
    for tag, text in (("datasource", path), ("provider", "gdal"), ("layername", name)):
        child = document.createElement(tag)
        child.appendChild(document.createTextNode(text))
        element.appendChild(child)
    layer = QgsRasterLayer()
    layer.readLayerXml(element, QgsReadWriteContext())
    if layer.isValid():
        layer.setName(name)
        layer.setCrs(layer.dataProvider().crs())
    return layer


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
        assets = strict_json.read(series)["features"][0]["assets"]
        href = str(next(iter(assets.values()))["href"])
        return str(linked_path(series.parent, href, "image"))
    except (UserError, KeyError, IndexError, TypeError, StopIteration, AttributeError):
        return None  # the engine says what is wrong with the file
