"""Geometries with arcs as ones with straight edges.

GEOS reads no curves, and one of them in an array would stop the reading of all. Layout of the
bytes: OGC 06-103r4 (well-known binary) and ISO/IEC 13249-3.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

STEP = math.radians(4.0)  # of an arc to one edge, as GDAL does it
DEEPEST = 8
# Circular string, compound curve, curve polygon, multi curve, multi surface, and collections,
# which may hold them.
_CURVED = (7, 8, 9, 10, 11, 12)


def shapes_of(wkb: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries (N,) of WKB (N,), None where there is none or it is damaged."""
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are told later
        try:
            result = np.array(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
            curved = shapely.get_type_id(result) == shapely.GeometryType.GEOMETRYCOLLECTION
        except NotImplementedError:
            kinds = [item is not None and _kind(item) in _CURVED for item in wkb]
            curved, result = np.array(kinds, dtype=bool), np.full(len(wkb), None, dtype=object)
            result[~curved] = shapely.from_wkb(wkb[~curved], on_invalid="ignore")
    # Older versions of GEOS give none for a curve instead of refusing it.
    for index in np.flatnonzero(shapely.is_missing(result) & ~curved):
        curved[index] = wkb[index] is not None and _kind(wkb[index]) in _CURVED
    for index in np.flatnonzero(curved):
        try:
            result[index] = _Reader(wkb[index]).geometry()
        except (struct.error, ValueError, IndexError, shapely.errors.ShapelyError):
            result[index] = None
    return result


def _kind(wkb: bytes) -> int:
    """Return the type of a geometry without heights and measures, 0 where it has none."""
    if len(wkb) < 5:
        return 0
    number = int.from_bytes(wkb[1:5], "little" if wkb[0] == 1 else "big")
    return (number & 0x1FFFFFFF) % 1000


class _Reader:
    """Reads one geometry; heights and measures are left out."""

    def __init__(self, wkb: bytes) -> None:
        self._bytes, self._at = wkb, 0

    def geometry(self, depth: int = 0) -> Any:
        """Return the geometry that starts here; raises `ValueError` where it is damaged."""
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        order, kind, size = self._head()
        if kind == 1:
            return shapely.Point(self._points(order, size, 1)[0])
        if kind in (2, 8):
            points = self._points(order, size, self._count(order))
            return shapely.LineString(points if kind == 2 else _straightened(points))
        if kind == 3:
            rings = [
                self._points(order, size, self._count(order)) for _ in range(self._count(order))
            ]
            return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
        if kind not in (4, 5, 6, 7, 9, 10, 11, 12):
            raise ValueError(f"geometry of type {kind}")
        return _assembled(kind, [self.geometry(depth + 1) for _ in range(self._count(order))])

    def _head(self) -> tuple[str, int, int]:
        """Return the byte order, the type and how many numbers a point has."""
        order = "<" if self._bytes[self._at] == 1 else ">"
        (number,) = struct.unpack_from(f"{order}I", self._bytes, self._at + 1)
        self._at += 5
        ewkb, (iso, kind) = number >> 29, divmod(number & 0x1FFFFFFF, 1000)
        more = ((ewkb >> 2) & 1) + ((ewkb >> 1) & 1) + (0, 1, 1, 2)[min(iso, 3)]
        return order, kind, 2 + more

    def _count(self, order: str) -> int:
        (count,) = struct.unpack_from(f"{order}I", self._bytes, self._at)
        self._at += 4
        # Every member takes some bytes, so a count beyond them is damage, not a reason to loop.
        if count > len(self._bytes) - self._at:
            raise ValueError("more members than bytes")
        return int(count)

    def _points(self, order: str, size: int, count: int) -> NDArray[np.float64]:
        end = self._at + 8 * size * count
        if end > len(self._bytes):
            raise ValueError("more points than bytes")
        values = np.frombuffer(self._bytes, f"{order}f8", size * count, self._at)
        self._at = end
        return values.reshape(count, size)[:, :2].astype(np.float64)


# What each compound geometry is made of: lines, rings or any.
_MEMBERS = {
    4: ("Point",),
    5: ("LineString",),
    6: ("Polygon",),
    9: ("LineString",),
    10: ("LineString",),
    11: ("LineString",),
    12: ("Polygon",),
}


def _assembled(kind: int, parts: list[Any]) -> Any:
    """Return what the members of a compound geometry make; raises `ValueError` where nothing."""
    if any(part.geom_type not in _MEMBERS.get(kind, (part.geom_type,)) for part in parts):
        raise ValueError("members of another type")
    if kind == 9:
        points = [shapely.get_coordinates(part) for part in parts]
        return shapely.LineString(np.concatenate(points)) if points else shapely.LineString()
    if kind == 10:
        return shapely.Polygon(parts[0], parts[1:]) if parts else shapely.Polygon()
    if kind in (6, 12):
        return shapely.MultiPolygon(parts)
    if kind in (5, 11):
        return shapely.MultiLineString(parts)
    return shapely.MultiPoint(parts) if kind == 4 else shapely.GeometryCollection(parts)


def _straightened(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of a string of arcs, each given by start, a point on it, and end."""
    if len(points) < 3 or len(points) % 2 == 0:
        return points
    pieces = [points[:1]]
    for start in range(0, len(points) - 2, 2):
        pieces.append(_arc(*points[start : start + 3])[1:])
    return np.concatenate(pieces)


def _arc(
    first: NDArray[np.float64], middle: NDArray[np.float64], last: NDArray[np.float64]
) -> NDArray[np.float64]:
    if np.array_equal(first, last):  # a whole circle: the middle lies opposite
        centre, turn = (first + middle) / 2, 2 * math.pi
    else:
        (bx, by), (cx, cy) = middle - first, last - first
        cross = 2 * (bx * cy - by * cx)
        if cross == 0 or not np.isfinite(cross):  # on one line
            return np.stack([first, middle, last])
        b2, c2 = bx * bx + by * by, cx * cx + cy * cy
        centre = first + np.array([cy * b2 - by * c2, bx * c2 - cx * b2]) / cross
        begin, end = (math.atan2(*(point - centre)[::-1]) for point in (first, last))
        turn = (end - begin) % (2 * math.pi)
        if cross < 0:  # clockwise
            turn -= 2 * math.pi
    count = max(2, math.ceil(abs(turn) / STEP))
    x, y = first - centre
    angle = np.linspace(0, turn, count + 1)
    cosine, sine = np.cos(angle), np.sin(angle)
    arc = centre + np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=1)
    arc[0], arc[-1] = first, last
    return arc
