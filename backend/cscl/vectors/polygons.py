"""Geometries as flat, valid polygons in one reference system, or the reason why they are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from cscl.vectors.curves import shapes_of
from cscl.vectors.transformation import Bounds, Transformation, degrees, transformation

NO_GEOMETRY = "no geometry"
NOT_POLYGON = "not a polygon"
INVALID = "invalid geometry"
# A repair that changes the area by more than this is worth telling.
REPAIR_SHARE = 0.01

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Polygons:
    """Geometries of a batch in the target CRS; `reasons` is empty where there is a polygon.

    `points` (N, 2) lie inside each polygon, in the source CRS, NaN where there is none.
    `repaired` counts polygons made valid, `changed` those whose area that changed by over 1 %.
    """

    shapes: list[Any]
    reasons: list[str]
    points: Floats
    repaired: int
    changed: int


class PolygonReader:
    """Turns WKB in one CRS into valid polygons in another, for use within `bounds` of the target.

    Raises `UserError` where there is no exact way.
    """

    def __init__(self, source: str, target: str, bounds: Bounds | None = None) -> None:
        area = None if bounds is None else degrees(bounds, target)
        self._way = transformation(source, target, "parcels", area)

    def read(self, wkb: pa.Array) -> Polygons:
        """Return the polygons of one batch's geometry column."""
        raw = wkb.to_numpy(zero_copy_only=False)
        given = shapes_of(raw)
        found = polygonal(given)
        reasons = _reasons(raw, given, found)
        usable = np.flatnonzero(reasons == "")
        valid, change = repaired(found[usable])
        points = np.full((len(raw), 2), np.nan)
        shapes: Shapes = np.full(len(raw), None, dtype=object)
        left = ~shapely.is_empty(valid)
        reasons[usable[~left]] = INVALID
        usable, valid = usable[left], valid[left]
        placed = in_target(valid, self._way)
        missing = shapely.is_missing(placed)
        reasons[usable[missing]] = INVALID
        shapes[usable] = placed
        inner = shapely.point_on_surface(valid[~missing])
        points[usable[~missing]] = shapely.get_coordinates(inner)
        return Polygons(
            list(shapes),
            [str(reason) for reason in reasons],
            points,
            int(np.isfinite(change).sum()),
            int((change > REPAIR_SHARE).sum()),
        )


def polygonal(geometries: Shapes) -> Shapes:
    """Return geometries flat, with nothing but their polygons; empty ones where there are none.

    A single polygon stays one, several become a multipolygon.
    """
    result = np.full(len(geometries), shapely.Polygon(), dtype=object)
    kinds = shapely.get_type_id(geometries)
    simple = (kinds == shapely.GeometryType.POLYGON) | (kinds == shapely.GeometryType.MULTIPOLYGON)
    result[simple] = geometries[simple]
    high = simple & (shapely.get_coordinate_dimension(geometries) > 2)
    result[high] = shapely.force_2d(geometries[high])
    for index in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = _polygons_in(geometries[index])
        if parts:
            result[index] = shapely.force_2d(shapely.union_all(parts))
    return result


def _polygons_in(shape: Any) -> list[Any]:
    """Return the polygons of a collection and of the collections in it."""
    found: list[Any] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "GeometryCollection":
            found += _polygons_in(part)
        elif part.geom_type.endswith("Polygon"):
            found.append(part if part.is_valid else shapely.make_valid(part))
    return found


def finite(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which geometries have finite coordinates only."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = ~np.isfinite(points).all(axis=1)
    result = np.ones(len(shapes), dtype=bool)
    result[owner[bad]] = False
    return result


def repaired(shapes: Shapes) -> tuple[Shapes, Floats]:
    """Return valid polygons, and the share by which the area of each changed, NaN where valid.

    The area of an outline that crosses itself is what its rings enclose with their signs, so a
    symmetric bow-tie had none and changes by 1.
    """
    change = np.full(len(shapes), np.nan)
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes, change
    result = shapes.copy()
    result[bad] = polygonal(shapely.make_valid(shapes[bad]))
    before, after = shapely.area(shapes[bad]), shapely.area(result[bad])
    change[bad] = np.abs(after - before) / np.maximum(np.maximum(before, after), 1e-12)
    return result, change


def in_target(shapes: Shapes, way: Transformation) -> Shapes:
    """Return valid polygons in the target of `way`, None where they have no place there."""
    moved = way(shapes).copy()
    moved[~finite(moved)] = None
    placed = ~shapely.is_missing(moved)
    # Straight edges stay straight, so a polygon may in rare cases touch itself.
    moved[placed] = repaired(moved[placed])[0]
    return moved


def _reasons(raw: Shapes, given: Shapes, found: Shapes) -> Shapes:
    result: Shapes = np.full(len(raw), "", dtype=object)
    missing = shapely.is_missing(given)
    absent = np.array([item is None for item in raw], dtype=bool)
    result[shapely.is_empty(found)] = NOT_POLYGON
    result[missing | shapely.is_empty(given)] = NO_GEOMETRY
    result[missing & ~absent] = INVALID
    result[(result == "") & ~finite(found)] = INVALID
    return result
