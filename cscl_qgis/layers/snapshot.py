"""A vector layer as it stands now, written to a file of its own for the engine.

Edits that are not saved, the selection, joined fields and layers in memory are all in it, and the
user's file is not opened by another process. A snapshot is named by its content, so that the same
parcels make the same job and an interrupted one can be resumed.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterable, Optional

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
    QgsWkbTypes,
)

from ...backend.cscl.contract import atomic
from ...backend.cscl.contract.errors import Cancelled, UserError
from ...backend.cscl.contract.home import data_folder
from ..words import tr

KEEP_SECONDS = 30 * 24 * 3600
OWN_FID = "cscl_fid"
# What is not saved yet has no key. Counted from here, which fits into 32 bits, its number is no
# other feature's, be that one selected or not.
FIRST_UNSAVED = 2_000_000_000


def never() -> bool:
    """Say that nothing was cancelled."""
    return False


class _KeyMissing(Exception):
    """A feature has no value in the field that holds the keys."""


class _Contents:
    """What a snapshot holds; `features` gives a fresh iterator, for a second try.

    `key` is the place of a numeric field fid, which becomes the file's own key; -1 where none is.
    """

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
        key = fields.lookupField("fid")
        self.key = key if key >= 0 and fields.at(key).isNumeric() else -1


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
            _named(layer.name()),
            tr("its source cannot be read ({provider})", provider=layer.providerType()),
            tr("Mend its connection, or save its features as a GeoPackage and use that."),
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
    _check_crs(contents)
    folder = data_folder() / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    atomic.sweep(folder)
    remove_old(folder, "*.gpkg")
    part = atomic.part_path(folder / "parcels.gpkg")
    try:
        digest = _write_somehow(contents, partial(_write, contents, part, transforms, is_cancelled))
        target = folder / f"{_file_name(contents.name)}-{digest[:16]}.gpkg"
        if target.exists():
            os.utime(target)
        else:
            os.replace(part, target)
    finally:
        atomic.remove(part)
    return str(target)


def _check_crs(contents: _Contents) -> None:
    """Refuse shapes that lie nowhere; a table without shapes is refused by the engine as such."""
    if contents.crs.isValid() or contents.geometry_type == QgsWkbTypes.NoGeometry:
        return
    raise UserError(
        "no_crs", _named(contents.name), tr("it has no reference system"),
        tr("Set it under Layer > Set CRS."),
    )  # fmt: skip


def _named(name: str) -> str:
    return tr("layer {name}", name=repr(name))


def _write_somehow(contents: _Contents, write: Callable[..., str]) -> str:
    """Write with the layer's keys, where it has such, so that results join back to its features.

    A writer is kept open by the error that it was left with, so none is left handled meanwhile.
    """
    unsaved = False
    try:
        return write()
    except _KeyMissing:
        unsaved = True
    except UserError:
        if contents.fields.lookupField("fid") < 0:
            raise
    if unsaved:
        with contextlib.suppress(UserError):
            return write(first_unsaved=max(_largest_key(contents) + 1, FIRST_UNSAVED))
    # Values of a field named fid that are no unique numbers cannot be the file's own key.
    return write(fid=OWN_FID)


def _largest_key(contents: _Contents) -> int:
    keys = (_key_of(feature, contents.key) for feature in contents.features())
    return max((key for key in keys if key is not None), default=0)


def _key_of(feature: QgsFeature, place: int) -> Optional[int]:
    """Return a feature's key; `None` for a new one, whose provider will give it one."""
    value = feature.attribute(place)
    return int(value) if isinstance(value, (int, float)) else None


def _write(
    contents: _Contents,
    path: Path,
    transforms: QgsCoordinateTransformContext,
    is_cancelled: Callable[[], bool],
    fid: str = "",
    first_unsaved: Optional[int] = None,
) -> str:
    """Write all features and return a digest of them.

    Raises `_KeyMissing` at a feature without a key, unless its number is given as
    `first_unsaved` or the file gets a key of its own, named `fid`.
    """
    atomic.remove(path)
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
    numbers = itertools.count(first_unsaved or 0)
    for feature in contents.features():
        if is_cancelled():
            raise Cancelled()
        if contents.key >= 0 and not fid and _key_of(feature, contents.key) is None:
            if first_unsaved is None:
                raise _KeyMissing()
            feature.setAttribute(contents.key, next(numbers))
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
        _named(name),
        tr("its features could not be written to a file ({found})", found=writer.errorMessage()),
        tr("Save the layer as a GeoPackage and use that."),
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
