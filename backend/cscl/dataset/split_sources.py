"""Splits that somebody made: the words of a parcel field, or the polygons of a layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.contract.errors import Findings, UserError
from cscl.dataset.findings import listed
from cscl.dataset.split import CRS
from cscl.dataset.split_ground import TEST, TRAINING, UNUSED, VALIDATION
from cscl.vectors.curves import shapes_of
from cscl.vectors.layers import VectorLayer, open_layer
from cscl.vectors.polygons import polygonal

LAYER_FIELD = "split"
WORDS = {
    "training": TRAINING,
    "train": TRAINING,
    "1": TRAINING,
    "validation": VALIDATION,
    "valid": VALIDATION,
    "val": VALIDATION,
    "2": VALIDATION,
    "test": TEST,
    "3": TEST,
    "unused": UNUSED,
    "": UNUSED,
}
LARGEST_OVERLAP = 1.0  # square metres that polygons of two splits may share, drawn by hand
MOST_LISTED = 10


def split_words(values: Sequence[Any], subject: str, findings: Findings) -> NDArray[np.uint8]:
    """Return the split code of each value, 0 where it is empty; other words go to `findings`."""
    words = [_word(value) for value in values]
    strange = Counter(word for word in words if word not in WORDS)
    if strange:
        listed = ", ".join(f"{word!r} ({n})" for word, n in strange.most_common(MOST_LISTED))
        more = ", ..." if len(strange) > MOST_LISTED else ""
        findings.error(
            "split_word",
            subject,
            f"values that name no split, with their features: {listed}{more}",
            "Use training, validation, test or 1, 2, 3; leave it empty where a feature is not "
            "to be used.",
        )
    return np.array([WORDS.get(word, UNUSED) for word in words], dtype=np.uint8)


def read_split_field(source: str, field: str, fids: NDArray[np.int64]) -> list[Any]:
    """Return the values of a field of the parcels with the feature ids `fids`, in their order."""
    layer = open_layer(source)
    name = f"{layer.path.name}, layer {layer.name}"
    _check_field(layer, name, field)
    frame = _read(layer, [field], geometry=False)
    return list(frame[field].reindex(fids))


def read_split_layer(source: str) -> gpd.GeoDataFrame:
    """Return polygons in EPSG:6933 with their split's `code`, from a layer with a field `split`.

    Raises `UserError` with all that is wrong with it: words that name no split, features without a
    polygon, polygons of two splits that lie on each other.
    """
    layer = open_layer(source)
    name = f"{layer.path.name}, layer {layer.name}"
    _check_field(layer, name, LAYER_FIELD)
    if not layer.crs:
        raise UserError(
            "no_crs", name, "it has no coordinate reference system", "Assign the one it is in."
        )
    frame = _read(layer, [LAYER_FIELD], geometry=True)
    fids, shapes = frame.index.to_numpy(np.int64), frame.geometry.to_numpy()
    findings = Findings()
    codes = split_words(list(frame[LAYER_FIELD]), f"{name}, field {LAYER_FIELD}", findings)
    usable = _usable(shapes)
    if not usable.all():
        findings.error(
            "split_polygon",
            name,
            f"features without a valid polygon: {int((~usable).sum())} (FID "
            f"{listed(fids[~usable])})",
            "Repair or remove them.",
        )
    shapes, codes, fids = shapes[usable], codes[usable], fids[usable]
    transformer = pyproj.Transformer.from_crs(layer.crs, CRS, always_xy=True)
    placed = polygonal(shapely.transform(shapes, transformer.transform, interleaved=False))
    _check_overlaps(placed, codes, fids, name, findings)
    findings.raise_errors()
    return gpd.GeoDataFrame({"code": codes}, geometry=list(placed), crs=CRS)


def _word(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip().casefold()


def _check_field(layer: VectorLayer, name: str, field: str) -> None:
    if field not in layer.fields:
        raise UserError(
            "split_field_missing",
            name,
            f"it has no field {field!r}; found {', '.join(layer.fields) or 'none'}",
            "Choose the field that holds training, validation or test.",
        )


def _read(layer: VectorLayer, columns: list[str], *, geometry: bool) -> pd.DataFrame:
    """Return columns, and flat geometries where wanted, by feature id."""
    values: dict[str, list[Any]] = {name: [] for name in columns}
    fids: list[int] = []
    shapes: list[Any] = []
    with layer.batches(columns=columns, ids=True) as (_, batches):
        for batch in batches:
            fids += batch.column(layer.id_column).to_pylist()
            for name in columns:
                values[name] += batch.column(name).to_pylist()
            if geometry:
                wkb = batch.column(layer.geometry).to_numpy(zero_copy_only=False)
                shapes += list(shapely.force_2d(shapes_of(wkb)))
    index = pd.Index(fids, dtype=np.int64)
    if not geometry:
        return pd.DataFrame(values, index=index)
    return gpd.GeoDataFrame(values, geometry=shapes, crs=layer.crs or None, index=index)


def _usable(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    kinds = shapely.get_type_id(shapes)
    polygons = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    usable: NDArray[np.bool_] = polygons & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    return usable


def _check_overlaps(
    shapes: NDArray[np.object_],
    codes: NDArray[np.uint8],
    fids: NDArray[np.int64],
    name: str,
    findings: Findings,
) -> None:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = (first < second) & (codes[first] != codes[second])
    first, second = first[pairs], second[pairs]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    for place in np.flatnonzero(shared > LARGEST_OVERLAP)[:MOST_LISTED]:
        findings.error(
            "split_overlap",
            name,
            f"polygons of two splits share {shared[place]:.0f} square metres: FID "
            f"{fids[first[place]]} and {fids[second[place]]}",
            "Cut one of them, so that every place has one split.",
        )
