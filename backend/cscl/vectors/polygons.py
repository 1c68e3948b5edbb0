"""Geometries as valid polygons in one CRS, or the reason why they are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

NO_GEOMETRY = "no geometry"
NOT_POLYGON = "not a polygon"
INVALID = "invalid geometry"
# A repair that changes the area by more than this is worth telling.
REPAIR_SHARE = 0.01


@dataclass(frozen=True)
class Polygons:
    """Geometries of a batch in the target CRS; `reasons` is empty where there is a polygon.

    `points` (N, 2) lie inside each polygon, in the source CRS, NaN where there is none.
    `repaired` counts polygons made valid, `changed` those whose area that changed by over 1 %.
    """

    shapes: list[Any]
    reasons: list[str]
    points: NDArray[np.float64]
    repaired: int
    changed: int


class PolygonReader:
    """Turns WKB in one CRS into valid polygons in another."""

    def __init__(self, source: str, target: str) -> None:
        same = CRS.from_user_input(source) == CRS.from_user_input(target)
        self._transformer = None if same else Transformer.from_crs(source, target, always_xy=True)

    def read(self, wkb: pa.Array) -> Polygons:
        """Return the polygons of one batch's geometry column."""
        raw = wkb.to_numpy(zero_copy_only=False)
        given = shapely.from_wkb(raw, on_invalid="ignore")
        shapes: list[Any] = [None] * len(given)
        reasons = [""] * len(given)
        points = np.full((len(given), 2), np.nan)
        repaired = changed = 0
        for row, shape in enumerate(given):
            polygon, reason = _polygon(shape, raw[row] is not None)
            if polygon is not None and not polygon.is_valid:
                polygon, moved = _repaired(polygon)
                repaired += 1
                changed += moved
            placed = None if polygon is None else self._placed(polygon)
            if placed is None:
                reasons[row] = reason or INVALID
                continue
            shapes[row] = placed
            points[row] = shapely.get_coordinates(polygon.point_on_surface())[0]
        return Polygons(shapes, reasons, points, repaired, changed)

    def _placed(self, polygon: Any) -> Any:
        """Return a valid polygon in the target CRS, or None where it has no place there."""
        if self._transformer is None:
            return polygon
        moved = shapely.transform(polygon, self._transformer.transform, interleaved=False)
        if not np.isfinite(shapely.get_coordinates(moved)).all():
            return None
        return moved if moved.is_valid else _repaired(moved)[0]


def _polygon(shape: Any, given: bool) -> tuple[Any, str]:
    """Return a flat polygon, or None and why there is none."""
    if shape is None:
        return None, INVALID if given else NO_GEOMETRY
    if shape.is_empty:
        return None, NO_GEOMETRY
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return None, INVALID
    shape = polygons_of(shapely.force_2d(shape))
    return shape, "" if shape is not None else NOT_POLYGON


def polygons_of(shape: Any) -> Any:
    """Return a polygon, or the polygons in a collection as one geometry, or None without any."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else None


def _repaired(polygon: Any) -> tuple[Any, bool]:
    """Return a valid polygon and whether its area changed; None where nothing is left."""
    valid = polygons_of(shapely.make_valid(polygon))
    if valid is None or valid.is_empty:
        return None, True
    before = polygon.area
    return valid, abs(valid.area - before) > REPAIR_SHARE * max(before, valid.area)
