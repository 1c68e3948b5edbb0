"""What a layer of results says of itself: title, abstract, history, terms and links."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict, List

from qgis.core import QgsAbstractMetadataBase, QgsLayerMetadata, QgsMapLayer

from ...backend.cscl.contract.manifest import Manifest
from ..words import tr
from .folder import ResultsFolder

LONGEST_HISTORY = 200


def describe(layer: QgsMapLayer, folder: ResultsFolder) -> None:
    """Give a layer its metadata, which the project keeps; nothing is written beside the file."""
    metadata = QgsLayerMetadata()
    metadata.setIdentifier(layer.source().split("|")[0])
    metadata.setTitle(f"{layer.name()}: {folder.name}")
    metadata.setType("dataset")
    metadata.setAbstract(_abstract(layer, folder))
    metadata.setKeywords({"gmd:topicCategory": ["farming"], "cscl": _keywords(folder)})
    metadata.setHistory(_history(folder.manifest, folder.parameters))
    metadata.setRights([_rights(folder)])
    metadata.setLicenses([
        tr("The software that made this layer claims no rights in it. The terms of the images and "
           "of the parcels hold.")
    ])  # fmt: skip
    metadata.setLinks(_links(folder))
    metadata.setCrs(layer.crs())
    layer.setMetadata(metadata)


def _abstract(layer: QgsMapLayer, folder: ResultsFolder) -> str:
    lines = [
        tr("{layer}, made by the job {job} of Crop mapping (CSCL) {version}.", layer=layer.name(),
           job=folder.manifest.job, version=folder.manifest.package)
    ]  # fmt: skip
    if len(folder.season) == 2:
        lines.append(tr("Season: {start} to {end}.", start=folder.season[0], end=folder.season[1]))
    if folder.dates:
        lines.append(tr("{count} dates of Sentinel-2 images.", count=len(folder.dates)))
    if folder.table is not None:
        lines.append(tr("Classes: {names}.", names=", ".join(folder.table.names)))
    return "\n".join(lines)


def _keywords(folder: ResultsFolder) -> List[str]:
    names = list(folder.table.names) if folder.table is not None else []
    return ["Sentinel-2", "crop map", *names]


def _rights(folder: ResultsFolder) -> str:
    """Return the notice that the terms of Copernicus ask for; the years are the images'."""
    years = sorted({day[:4] for day in folder.dates})
    return tr(
        "Contains modified Copernicus Sentinel data {years}, where the images are Sentinel-2's.",
        years="–".join(dict.fromkeys((years[0], years[-1]))) if years else "",
    )


def _history(manifest: Manifest, parameters: Dict[str, Any]) -> List[str]:
    began = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(manifest.started))
    lines = [
        tr("{began}: job {job}, version {version}", began=began, job=manifest.job,
           version=manifest.package)
    ]  # fmt: skip
    if manifest.finished is not None:
        minutes = f"{(manifest.finished - manifest.started) / 60:.1f}"
        lines.append(tr("It took {minutes} minutes.", minutes=minutes))
    lines.extend(
        f"{name} = {value}" for name, value in parameters.items() if value not in (None, "")
    )
    return [*lines, *manifest.notes][:LONGEST_HISTORY]


def _links(folder: ResultsFolder) -> List[Any]:
    found = [(tr("Folder of the run"), "folder", folder.folder)]
    if "report" in folder.outputs:
        found.append((tr("Report"), "html", folder.outputs["report"]))
    if "model" in folder.outputs:
        found.append((tr("Model"), "folder", folder.outputs["model"]))
    elif folder.parameters.get("model"):
        found.append((tr("Model"), "folder", str(folder.parameters["model"])))
    links = []
    for name, kind, path in found:
        link = QgsAbstractMetadataBase.Link(name, "WWW:LINK", Path(path).absolute().as_uri())
        link.format = kind
        links.append(link)
    return links
