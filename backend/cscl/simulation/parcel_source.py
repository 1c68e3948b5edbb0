"""Real parcel shapes for a scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.paths import local_path

SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".parquet")


@dataclass(frozen=True)
class ParcelShapes:
    """Parcels in metres with their class values (None without a class field).

    bounds: left, bottom, right, top of the scene, on whole 20 m.
    """

    polygons: list[Polygon]
    values: list[str] | None
    crs: str
    bounds: tuple[float, float, float, float]


def read_shapes(
    path_text: str, class_field: str | None, size: int, ctx: JobContext
) -> ParcelShapes:
    """Read parcels and place a scene of `size` pixels where they cover most ground.

    Raises `UserError` where the file, its reference system, its polygons or the field are missing.
    """
    path = local_path(path_text, "parcels")
    frame = _read(path)
    if class_field is not None and class_field not in frame.columns:
        names = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
        raise UserError(
            "class_field_missing", f"{path}, field {class_field!r}",
            f"the layer has the fields {names or 'none'}", "Name one of these fields.",
        )  # fmt: skip
    frame = _polygons_only(frame, path, ctx)
    if class_field is not None:
        texts = frame[class_field].map(lambda value: "" if _is_null(value) else str(value).strip())
        empty = int((texts == "").sum())
        if empty:
            ctx.note(f"{path}: {empty} parcels without a value in {class_field!r} are left out.")
        frame = frame.assign(_value=texts)[texts != ""]
    if frame.empty:
        raise UserError(
            "no_parcels", path, "it holds 0 parcels that can be used",
            "Give a layer of polygons with values in the class field.",
        )  # fmt: skip
    frame = frame.to_crs(frame.estimate_utm_crs())
    bounds = _place(frame, size * 10.0)
    frame = frame[frame.intersects(shapely.box(*bounds))].explode(index_parts=False)
    ctx.note(
        f"{path}: the scene lies at {bounds[0]:.0f}, {bounds[3]:.0f} ({frame.crs.to_string()}), "
        f"where it holds most of the parcels' area; {len(frame)} polygons touch it."
    )
    values = list(frame["_value"]) if class_field is not None else None
    return ParcelShapes(list(frame.geometry), values, frame.crs.to_string(), bounds)


def _is_null(value: object) -> bool:
    return value is None or value != value


def _read(path: Path) -> gpd.GeoDataFrame:
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            "unknown_format", path, f"its ending is {path.suffix!r}",
            f"Give a vector file that ends in one of {', '.join(SUFFIXES)}.",
        )  # fmt: skip
    if not path.is_file():
        raise UserError("file_missing", path, "there is no such file", "Check the path.")
    try:
        read = gpd.read_parquet if path.suffix.lower() == ".parquet" else gpd.read_file
        frame = read(path)
    except Exception as error:  # every driver has its own errors
        raise UserError(
            "unreadable_file", path, f"it cannot be read as a vector layer ({error})",
            "Open it in QGIS and save it anew.",
        ) from None  # fmt: skip
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UserError("no_parcels", path, "it has no geometries", "Give a layer of polygons.")
    if frame.crs is None:
        raise UserError(
            "no_crs", path, "it has no coordinate reference system",
            "Set the layer's coordinate reference system and save it.",
        )  # fmt: skip
    return frame


def _polygons_only(frame: gpd.GeoDataFrame, path: Path, ctx: JobContext) -> gpd.GeoDataFrame:
    geometry = shapely.make_valid(shapely.force_2d(frame.geometry.to_numpy()))
    kinds = shapely.get_type_id(geometry)
    usable = np.isin(kinds, (3, 6)) & ~shapely.is_empty(geometry)
    usable &= np.isfinite(shapely.bounds(geometry)).all(axis=1)
    if not usable.all():
        ctx.note(f"{path}: {int((~usable).sum())} features that are no polygons are left out.")
    return frame.set_geometry(geometry, crs=frame.crs)[usable]


def _place(frame: gpd.GeoDataFrame, edge: float) -> tuple[float, float, float, float]:
    """Return the square of `edge` metres, around one parcel, that holds most parcel area."""
    points = shapely.get_coordinates(frame.geometry.representative_point().to_numpy())
    area = frame.area.to_numpy()
    step = max(1, len(points) // 500)
    held = [
        area[(np.abs(points - centre) <= edge / 2).all(axis=1)].sum() for centre in points[::step]
    ]
    centre = points[::step][int(np.argmax(held))]
    left, top = np.round((centre + np.array([-edge / 2, edge / 2])) / 20.0) * 20.0
    return float(left), float(top - edge), float(left + edge), float(top)
