"""A vector layer as it stands now, written to a file of its own for the engine.

Edits that are not saved, the selection, joined fields and layers in memory are all in it, and the
user's file is not opened by another process. A snapshot is named by its content, so that the same
parcels make the same job and an interrupted one can be resumed.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from pathlib import Path
from typing import Any, Callable, Iterable

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsProcessingFeatureSource,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from ...backend.cscl.contract import atomic
from ...backend.cscl.contract.errors import Cancelled, UserError
from ...backend.cscl.contract.home import data_folder

KEEP_SECONDS = 30 * 24 * 3600
OWN_FID = "cscl_fid"


def never() -> bool:
    """Say that nothing was cancelled."""
    return False


class _Contents:
    """What a snapshot holds; `features` gives a fresh iterator, for a second try."""

    def __init__(
        self,
        name: str,
        fields: QgsFields,
        geometry_type: Any,
        crs: QgsCoordinateReferenceSystem,
        features: Callable[[], Iterable[QgsFeature]],
    ) -> None:
        self.name = name
        self.fields = fields
        self.geometry_type = geometry_type
        self.crs = crs
        self.features = features


def snapshot_source(
    source: QgsProcessingFeatureSource,
    transforms: QgsCoordinateTransformContext,
    is_cancelled: Callable[[], bool] = never,
) -> str:
    """Write the features of a Processing input to a GeoPackage and return its path.

    Raises `UserError` where they cannot be written and `Cancelled` where the person stopped it.
    """
    # The engine mends invalid polygons itself and says which: QGIS need not refuse them here.
    flag = QgsProcessingFeatureSource.FlagSkipGeometryValidityChecks
    contents = _Contents(
        source.sourceName(),
        source.fields(),
        source.wkbType(),
        source.sourceCrs(),
        lambda: source.getFeatures(QgsFeatureRequest(), flag),
    )
    return _write_snapshot(contents, transforms, is_cancelled)


def snapshot_layer(
    layer: QgsVectorLayer,
    only_selected: bool = False,
    is_cancelled: Callable[[], bool] = never,
) -> str:
    """Write a map layer, or its selected features, to a GeoPackage and return its path.

    Raises `UserError` where its source cannot be reached, such as a service that does not answer.
    """
    if not layer.isValid():
        raise UserError(
            "layer_invalid",
            f"layer {layer.name()!r}",
            f"its source cannot be read ({layer.providerType()})",
            "Mend its connection, or save its features as a GeoPackage and use that.",
        )
    contents = _Contents(
        layer.name(),
        layer.fields(),
        layer.wkbType(),
        layer.crs(),
        layer.getSelectedFeatures if only_selected else layer.getFeatures,
    )
    return _write_snapshot(contents, QgsProject.instance().transformContext(), is_cancelled)


def _write_snapshot(
    contents: _Contents,
    transforms: QgsCoordinateTransformContext,
    is_cancelled: Callable[[], bool],
) -> str:
    folder = data_folder() / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    atomic.sweep(folder)
    remove_old(folder, "*.gpkg")
    part = atomic.part_path(folder / "parcels.gpkg")
    try:
        try:
            digest = _write(contents, part, transforms, is_cancelled)
        except UserError:
            # Values of a field named fid that are no unique numbers cannot be the file's own key.
            if contents.fields.lookupField("fid") < 0:
                raise
            atomic.remove(part)
            digest = _write(contents, part, transforms, is_cancelled, OWN_FID)
        target = folder / f"{_file_name(contents.name)}-{digest[:16]}.gpkg"
        if target.exists():
            os.utime(target)
        else:
            os.replace(part, target)
    finally:
        atomic.remove(part)
    return str(target)


def _write(
    contents: _Contents,
    path: Path,
    transforms: QgsCoordinateTransformContext,
    is_cancelled: Callable[[], bool],
    fid: str = "",
) -> str:
    """Write all features and return a digest of them."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = contents.name or "parcels"
    options.datasourceOptions = ["VERSION=1.2"]
    if fid:
        options.layerOptions = [f"FID={fid}"]
    writer = QgsVectorFileWriter.create(
        str(path), contents.fields, contents.geometry_type, contents.crs, transforms, options
    )
    _raise_error(writer, contents.name)
    digest = hashlib.sha256(_head(contents).encode("utf-8"))
    for feature in contents.features():
        if is_cancelled():
            raise Cancelled()
        if not writer.addFeature(feature):
            _raise_error(writer, contents.name)
        digest.update(repr(feature.attributes()).encode("utf-8", "surrogatepass"))
        digest.update(bytes(feature.geometry().asWkb()))
    if not writer.flushBuffer():
        _raise_error(writer, contents.name)
    del writer
    return digest.hexdigest()


def _head(contents: _Contents) -> str:
    fields = [(field.name(), field.typeName()) for field in contents.fields]
    crs = contents.crs.authid() or contents.crs.toWkt()
    return repr((contents.name, fields, int(contents.geometry_type), crs))


def _raise_error(writer: QgsVectorFileWriter, name: str) -> None:
    if writer.hasError() == QgsVectorFileWriter.WriterError.NoError:
        return
    raise UserError(
        "snapshot_failed",
        f"layer {name!r}",
        f"its features could not be written to a file ({writer.errorMessage()})",
        "Save the layer as a GeoPackage and use that.",
    )


def _file_name(text: str) -> str:
    name = re.sub(r"[^\w-]+", "_", text).strip("_")[:40]
    return name or "parcels"


def remove_old(folder: Path, pattern: str) -> None:
    """Remove files of ours that nothing has used for a month."""
    for file in folder.glob(pattern):
        if not file.name.startswith(atomic.PREFIX) and (
            time.time() - file.stat().st_mtime > KEEP_SECONDS
        ):
            atomic.remove(file)
