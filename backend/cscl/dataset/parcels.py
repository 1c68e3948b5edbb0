"""Reading parcels: the layer, its class field, its geometries, with all that is doubtful."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError, GeometryError

from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import Finding, UserError
from cscl.dataset.geometries import listed, polygons, repaired, reprojected
from cscl.grid import Grid
from cscl.vectors.layers import VectorLayer, open_layer

READ_WHOLE = 200_000  # features; larger layers are read where the images lie


@dataclass(frozen=True)
class Parcels:
    """Parcels that touch the images, in the images' reference system.

    `shapes` are valid polygons, `fids` the features' ids, `values` the text of the class field
    ("" where it has none), `points` a point inside each parcel in EPSG:6933 (N, 2).
    """

    name: str
    shapes: NDArray[np.object_]
    fids: NDArray[np.int64]
    values: list[str]
    points: NDArray[np.float64]


def read_parcels(source: str, class_field: str, grid: Grid, ctx: JobContext) -> Parcels:
    """Read the parcels that touch `grid`; raises `UserError` where there is nothing to use.

    What was repaired, dropped or reprojected is noted.
    """
    layer = open_layer(source)
    name = f"{layer.path.name}, layer {layer.name}"
    _check_layer(name, layer, class_field)
    frame = _read(layer, class_field, grid)
    shapes, fids = np.asarray(frame.geometry.array, dtype=object), frame.index.to_numpy(np.int64)
    kept, shapes = polygons(name, shapes, fids, ctx)
    shapes = repaired(name, shapes, fids[kept], ctx)
    inner = shapely.get_coordinates(shapely.point_on_surface(shapes))
    shapes = reprojected(name, shapes, fids[kept], layer.crs, grid, ctx)
    near = shapely.intersects(shapes, shapely.box(*grid.bounds)) & (shapely.area(shapes) > 0)
    if not near.any():
        raise _no_overlap(name, layer, grid)
    if not near.all():
        ctx.note(f"{name}: {int(near.sum())} of {len(near)} parcels touch the images.")
    values = [value_text(value) for value in frame[class_field].to_numpy()[kept]]
    transformer = pyproj.Transformer.from_crs(layer.crs, "EPSG:6933", always_xy=True)
    points = np.stack(transformer.transform(*inner[near].T), axis=1)
    found = [value for value, keep in zip(values, near, strict=True) if keep]
    parcels = Parcels(name, shapes[near], fids[kept][near], found, points)
    return _without_copies(parcels, ctx)


def value_text(value: Any) -> str:
    """Return a value of the class field as text: 300 and 300.0 are "300", NULL is ""."""
    if pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def class_codes(
    parcels: Parcels, table: ClassTable, given: bool, ctx: JobContext
) -> NDArray[np.uint8]:
    """Return the code of each parcel; 255 where it has no class in the table, which is said."""
    by_value = table.by_value
    codes = np.array([by_value.get(value, UNKNOWN) for value in parcels.values], dtype=np.int64)
    empty = sum(not value for value in parcels.values)
    if empty:
        ctx.warn(
            Finding(
                "class_null",
                parcels.name,
                f"no class in {empty} of {len(codes)} parcels",
                "They count as unknown and are not used for training or scoring.",
                "warning",
            )
        )
    absent = Counter(v for v in parcels.values if v and v not in by_value) if given else Counter()
    if absent:
        listed = ", ".join(f"{value} ({count})" for value, count in sorted(absent.items()))
        ctx.warn(
            Finding(
                "class_not_in_table",
                parcels.name,
                f"not in the class table, with their parcels: {listed}",
                "Their parcels count as unknown; add the values to the table to use them.",
                "warning",
            )
        )
    if (codes == UNKNOWN).all():
        raise UserError(
            "no_classes",
            parcels.name,
            f"none of its {len(codes)} parcels in the images has a class in the table",
            "Choose another class field or class table.",
        )
    return codes.astype(np.uint8)


def _check_layer(name: str, layer: VectorLayer, class_field: str) -> None:
    if layer.count == 0:
        raise UserError(
            "no_parcels", name, f"0 parcels in layer {layer.name}", "Choose a layer with parcels."
        )
    if class_field not in layer.fields:
        raise UserError(
            "class_field_missing",
            name,
            f"it has no field {class_field!r}; found {', '.join(layer.fields) or 'none'}",
            "Choose the field that holds the crop.",
        )
    if not layer.crs:
        raise UserError(
            "no_crs",
            name,
            "it has no coordinate reference system",
            "Assign the one it was made in, for example in QGIS.",
        )


def _read(layer: VectorLayer, class_field: str, grid: Grid) -> gpd.GeoDataFrame:
    area = None
    if layer.count > READ_WHOLE:
        back = pyproj.Transformer.from_crs(grid.crs, layer.crs, always_xy=True)
        area = tuple(back.transform_bounds(*grid.bounds))
    try:
        return pyogrio.read_dataframe(
            layer.path,
            layer=layer.name,
            columns=[class_field],
            force_2d=True,
            fid_as_index=True,
            bbox=area,
            on_invalid="ignore",
        )
    except (DataSourceError, GeometryError, OSError) as error:
        raise UserError(
            "unreadable_layer", layer.path, f"it cannot be read ({error})", "Repair the file."
        ) from None


def _no_overlap(name: str, layer: VectorLayer, grid: Grid) -> UserError:
    bounds = layer.bounds
    try:
        transformer = pyproj.Transformer.from_crs(layer.crs, grid.crs, always_xy=True)
        moved = transformer.transform_bounds(*bounds)
    except pyproj.exceptions.ProjError:
        moved = bounds
    return UserError(
        "no_overlap",
        name,
        f"no parcel touches the images: parcels {_extent(moved)}, images {_extent(grid.bounds)} "
        f"(left, bottom, right, top in {grid.crs[:40]})",
        "Choose parcels and images of one area.",
    )


def _extent(bounds: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.0f}" for value in bounds)


def _without_copies(parcels: Parcels, ctx: JobContext) -> Parcels:
    """Drop parcels that are there twice with the same class: they would count twice."""
    seen: set[tuple[bytes, str]] = set()
    keep = np.ones(len(parcels.values), dtype=bool)
    outlines = shapely.to_wkb(shapely.normalize(parcels.shapes))
    for index in np.argsort(parcels.fids, kind="stable"):
        key = (outlines[index], parcels.values[index])
        keep[index] = key not in seen
        seen.add(key)
    if keep.all():
        return parcels
    ctx.note(
        f"{parcels.name}: copies of other parcels with the same class, not used: "
        f"{int((~keep).sum())} (FID {listed(parcels.fids[~keep])})."
    )
    return Parcels(
        parcels.name,
        parcels.shapes[keep],
        parcels.fids[keep],
        [value for value, kept in zip(parcels.values, keep, strict=True) if kept],
        parcels.points[keep],
    )
