"""Reading parcels: the layer, its class field, its geometries, with all that is doubtful."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import Finding, UserError
from cscl.contract.paths import local_path
from cscl.dataset.labels import polygonal
from cscl.grid import Grid

READ_WHOLE = 200_000  # features; larger layers are read where the images lie
AREA_CHANGE = 0.01
LISTED = 10


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
    path, layer = _layer_of(source)
    info = _describe(path, layer)
    name = f"{path.name}, layer {layer}"
    _check_layer(name, info, class_field)
    frame = _read(path, layer, class_field, info, grid)
    shapes, fids = np.asarray(frame.geometry.array, dtype=object), frame.index.to_numpy(np.int64)
    kept, shapes = _polygons(name, shapes, fids, ctx)
    shapes = _repaired(name, shapes, fids[kept], ctx)
    inner = shapely.get_coordinates(shapely.point_on_surface(shapes))
    shapes = _reprojected(name, shapes, fids[kept], info["crs"], grid, ctx)
    near = shapely.intersects(shapes, shapely.box(*grid.bounds)) & (shapely.area(shapes) > 0)
    if not near.any():
        raise _no_overlap(name, info, grid)
    if not near.all():
        ctx.note(f"{name}: {int(near.sum())} of {len(near)} parcels touch the images.")
    values = [value_text(value) for value in frame[class_field].to_numpy()[kept]]
    transformer = pyproj.Transformer.from_crs(info["crs"], "EPSG:6933", always_xy=True)
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
                f"{empty} of {len(codes)} parcels have no class",
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
                f"{len(absent)} values are not in the class table: {listed}",
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


def _layer_of(source: str) -> tuple[Path, str]:
    """Return file and layer; `FILE|layername=NAME` names one of several."""
    text, _, wanted = source.partition("|layername=")
    path = local_path(text, "parcels")
    if not path.exists():
        raise UserError("parcels_missing", path, "there is no such file", "Check the path.")
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path) if row[1] is not None]
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise _unreadable(path, error) from None
    if wanted:
        if wanted not in layers:
            raise UserError(
                "layer_missing",
                path,
                f"it has no layer {wanted!r}; found {', '.join(layers) or 'none'}",
                "Choose one of these layers.",
            )
        return path, wanted
    if len(layers) != 1:
        found = f"it holds {len(layers)} layers with geometry: {', '.join(layers) or 'none'}"
        remedy = f"Name one as {path.name}|layername=NAME."
        raise UserError("layers_several", path, found, remedy)
    return path, layers[0]


def _unreadable(path: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UserError(
        "unreadable_parcels", path, f"it cannot be read ({reason})", "Choose a vector layer."
    )


def _describe(path: Path, layer: str) -> dict[str, Any]:
    try:
        return dict(
            pyogrio.read_info(path, layer, force_feature_count=True, force_total_bounds=True)
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError) as error:
        raise _unreadable(path, error) from None


def _check_layer(name: str, info: dict[str, Any], class_field: str) -> None:
    fields = [str(field) for field in info["fields"]]
    if info["features"] == 0:
        layer = name.rpartition(", layer ")[2]
        raise UserError(
            "no_parcels", name, f"0 parcels in layer {layer}", "Choose a layer with parcels."
        )
    if class_field not in fields:
        raise UserError(
            "class_field_missing",
            name,
            f"it has no field {class_field!r}; found {', '.join(fields) or 'none'}",
            "Choose the field that holds the crop.",
        )
    if not info["crs"]:
        raise UserError(
            "no_crs",
            name,
            "it has no coordinate reference system",
            "Assign the one it was made in, for example in QGIS.",
        )


def _read(
    path: Path, layer: str, class_field: str, info: dict[str, Any], grid: Grid
) -> gpd.GeoDataFrame:
    area = None
    if info["features"] > READ_WHOLE:
        back = pyproj.Transformer.from_crs(grid.crs, info["crs"], always_xy=True)
        area = tuple(back.transform_bounds(*grid.bounds))
    try:
        return pyogrio.read_dataframe(
            path,
            layer=layer,
            columns=[class_field],
            force_2d=True,
            fid_as_index=True,
            bbox=area,
            on_invalid="ignore",
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.GeometryError, OSError) as error:
        raise _unreadable(path, error) from None


def _polygons(
    name: str, shapes: NDArray[np.object_], fids: NDArray[np.int64], ctx: JobContext
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Return which features hold polygons, and these; the others are counted by kind."""
    kinds = np.array(
        [
            "without geometry" if shape is None else "empty" if shape.is_empty else shape.geom_type
            for shape in shapes
        ],
        dtype=object,
    )
    present = ~np.isin(kinds, ("without geometry", "empty"))
    polygons = np.full(len(shapes), None, dtype=object)
    polygons[present] = polygonal(shapes[present])
    kept = present & ~shapely.is_empty(polygons)
    for kind, count in sorted(Counter(kinds[~kept]).items()):
        ctx.warn(
            Finding(
                "no_polygon",
                name,
                f"{count} features are {kind}, not polygons (FID {_listed(fids[kinds == kind])})",
                "They are not used.",
                "warning",
            )
        )
    if not kept.any():
        raise UserError(
            "no_parcels",
            name,
            f"none of its {len(shapes)} features is a polygon",
            "Choose a layer with parcels.",
        )
    finite = np.array([np.isfinite(shapely.get_coordinates(item)).all() for item in polygons[kept]])
    if not finite.all():
        raise _bad_coordinates(name, fids[kept][~finite])
    return kept, polygons[kept]


def _bad_coordinates(name: str, fids: NDArray[np.int64]) -> UserError:
    return UserError(
        "bad_coordinates",
        name,
        f"{len(fids)} parcels have coordinates that are no place on Earth (FID {_listed(fids)})",
        "Repair or remove them, or check the layer's coordinate reference system.",
    )


def _repaired(
    name: str, shapes: NDArray[np.object_], fids: NDArray[np.int64], ctx: JobContext
) -> NDArray[np.object_]:
    """Return valid polygons; repairs that change the area by more than 1 % are listed."""
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes
    repaired = shapes.copy()
    repaired[bad] = polygonal(shapely.make_valid(shapes[bad]))
    before, after = shapely.area(shapes[bad]), shapely.area(repaired[bad])
    change = np.abs(after - before) / np.maximum(np.maximum(before, after), 1e-12)
    text = f"{int(bad.sum())} parcels had invalid outlines and were repaired"
    large = change > AREA_CHANGE
    if large.any():
        rows = [
            f"{fid} ({share:.0%})"
            for fid, share in zip(fids[bad][large][:LISTED], change[large][:LISTED], strict=True)
        ]
        text += f"; the area of {int(large.sum())} changed by more than 1 %: FID {', '.join(rows)}"
    ctx.warn(Finding("repaired", name, text, "Check these parcels.", "warning"))
    return repaired


def _reprojected(
    name: str,
    shapes: NDArray[np.object_],
    fids: NDArray[np.int64],
    crs: str,
    grid: Grid,
    ctx: JobContext,
) -> NDArray[np.object_]:
    source, target = pyproj.CRS.from_user_input(crs), pyproj.CRS.from_user_input(grid.crs)
    if source.equals(target, ignore_axis_order=True):
        return shapes
    try:
        transformer = pyproj.Transformer.from_crs(
            source, target, always_xy=True, allow_ballpark=False
        )
    except pyproj.exceptions.ProjError:
        raise UserError(
            "cannot_reproject",
            name,
            f"there is no exact way from {source.name} to {target.name}",
            f"Reproject the parcels to {grid.crs[:40]} yourself, for example in QGIS.",
        ) from None
    moved = shapely.transform(shapes, transformer.transform, interleaved=False)
    finite = np.array([np.isfinite(shapely.get_coordinates(shape)).all() for shape in moved])
    if not finite.all():
        raise _bad_coordinates(name, fids[~finite])
    ctx.note(f"{name}: reprojected from {_crs_name(source)} to {_crs_name(target)}.")
    # Straight edges stay straight, so a parcel may in rare cases touch itself.
    invalid = ~shapely.is_valid(moved)
    if invalid.any():
        moved[invalid] = polygonal(shapely.make_valid(moved[invalid]))
    return moved


def _crs_name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return f"{authority[0]}:{authority[1]}" if authority else str(crs.name)


def _no_overlap(name: str, info: dict[str, Any], grid: Grid) -> UserError:
    bounds = tuple(float(value) for value in info["total_bounds"])
    try:
        transformer = pyproj.Transformer.from_crs(info["crs"], grid.crs, always_xy=True)
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
        f"{parcels.name}: {int((~keep).sum())} parcels are copies of others with the same class "
        f"and are not used (FID {_listed(parcels.fids[~keep])})."
    )
    return Parcels(
        parcels.name,
        parcels.shapes[keep],
        parcels.fids[keep],
        [value for value, kept in zip(parcels.values, keep, strict=True) if kept],
        parcels.points[keep],
    )


def _listed(fids: NDArray[np.int64]) -> str:
    shown = ", ".join(str(fid) for fid in fids[:LISTED])
    return shown + (", ..." if len(fids) > LISTED else "")
