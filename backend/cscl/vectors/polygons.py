"""Parcels as polygons on the map's grid, or the reason why they are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS, Transformer

NO_GEOMETRY = "no geometry"
NOT_POLYGON = "not a polygon"
INVALID = "invalid geometry"
# A repair that changes the area by more than this is worth telling.
REPAIR_SHARE = 0.01


@dataclass(frozen=True)
class Parcels:
    """Geometries of a batch in the map's CRS; `reasons` is empty where there is a polygon.

    `repaired` counts polygons made valid, `changed` those whose area that changed by over 1 %.
    """

    polygons: list[Any]
    reasons: list[str]
    repaired: int
    changed: int


class Reader:
    """Turns WKB in one CRS into valid polygons in another."""

    def __init__(self, source: str, target: str) -> None:
        same = CRS.from_user_input(source) == CRS.from_user_input(target)
        self._transformer = None if same else Transformer.from_crs(source, target, always_xy=True)

    def read(self, wkb: pa.Array) -> Parcels:
        """Return the polygons of one batch's geometry column."""
        shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="ignore")
        polygons: list[Any] = []
        reasons: list[str] = []
        repaired = changed = 0
        for shape, raw in zip(shapes, wkb, strict=True):
            polygon, reason = self._polygon(shape, raw.is_valid)
            if polygon is not None and not polygon.is_valid:
                polygon, moved = _repaired(polygon)
                repaired += 1
                changed += moved
                reason = "" if polygon is not None else INVALID
            polygons.append(polygon)
            reasons.append(reason)
        return Parcels(polygons, reasons, repaired, changed)

    def _polygon(self, shape: Any, given: bool) -> tuple[Any, str]:
        if shape is None:
            return None, INVALID if given else NO_GEOMETRY
        if shape.is_empty:
            return None, NO_GEOMETRY
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            shape = polygons_of(shape)
            if shape is None:
                return None, NOT_POLYGON
        shape = self.transform(shapely.force_2d(shape))
        if not np.isfinite(shapely.bounds(shape)).all():
            return None, INVALID
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            return None, INVALID
        return shape, ""

    def transform(self, shape: Any) -> Any:
        """Return a geometry in the target CRS."""
        if self._transformer is None:
            return shape
        return shapely.transform(shape, self._transformer.transform, interleaved=False)


def polygons_of(shape: Any) -> Any:
    """Return the polygons in a collection as one geometry, or None where it has none."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else None


def _repaired(polygon: Any) -> tuple[Any, bool]:
    """Return a valid polygon and whether its area changed; None where nothing is left."""
    valid = shapely.make_valid(polygon)
    if not valid.geom_type.endswith("Polygon"):
        valid = polygons_of(valid)
    if valid is None or valid.is_empty:
        return None, True
    before = polygon.area
    return valid, abs(valid.area - before) > REPAIR_SHARE * max(before, valid.area)
