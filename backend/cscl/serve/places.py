"""Places that a person points at, in pixels of a grid."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.vectors.polygons import in_target, polygonal, repaired
from cscl.vectors.transformation import Bounds, Transformation, degrees, transformation

# A window of so many pixels is read in about a second.
MOST_PIXELS = 1_000_000


def pixel_at(x: float, y: float, crs: str, grid: Grid) -> Window | None:
    """Return the pixel of a grid that holds a point, None where it lies beyond the grid."""
    point = _placed(shapely.Point(x, y), crs, grid)
    if point is None:
        return None
    column, row = _pixel(point.x, point.y, grid)
    if not (0 <= column < grid.width and 0 <= row < grid.height):
        return None
    return Window(int(row), int(column), 1, 1)


def pixels_in(wkt: str, crs: str, grid: Grid) -> tuple[Window, NDArray[np.bool_]] | None:
    """Return the window of a polygon and which of its pixels have their centres in it.

    Of a polygon that holds no centre it is the pixel of a point in it. None where it lies beyond
    the grid; raises `UserError` where the text is no polygon or holds more than a million pixels.
    """
    given = shapely.from_wkt([wkt], on_invalid="ignore")
    shape = repaired(polygonal(given))[0][0] if given[0] is not None else None
    if shape is None or shape.is_empty:
        raise UserError(
            "no_polygon", "place", "it is no polygon", "Choose a polygon, or click on a point."
        )
    placed = _placed(shape, crs, grid)
    window = None if placed is None else window_of(placed.bounds, grid)
    if placed is None or window is None:
        return None
    if window.height * window.width > MOST_PIXELS:
        raise UserError(
            "polygon_too_large",
            "place",
            f"it spans {window.width} x {window.height} pixels",
            "Choose a smaller polygon, or click on a point in it.",
        )
    columns, rows = np.meshgrid(
        np.arange(window.col, window.col + window.width) + 0.5,
        np.arange(window.row, window.row + window.height) + 0.5,
    )
    a, _, c, _, e, f = grid.transform
    inside = shapely.contains_xy(placed, c + a * columns, f + e * rows)
    if inside.any():
        return window, inside
    point = placed.point_on_surface()
    at = pixel_at(point.x, point.y, grid.crs, grid)
    return None if at is None else (at, np.ones((1, 1), dtype=bool))


def area_in(area: Sequence[float], crs: str, grid: Grid) -> Window | None:
    """Return the window of an area [west, south, east, north], None where it misses the grid."""
    if len(area) != 4 or not (area[0] < area[2] and area[1] < area[3]):
        raise UserError(
            "no_area",
            f"area {list(area)}",
            "it is no west, south, east, north",
            "Choose it anew.",
        )
    box = shapely.segmentize(shapely.box(*area), max(area[2] - area[0], area[3] - area[1]) / 20)
    placed = _placed(box, crs, grid)
    return None if placed is None else window_of(placed.bounds, grid)


def window_of(bounds: Sequence[float], grid: Grid) -> Window | None:
    """Return the pixels that bounds in the grid's own system touch, None where there are none."""
    left, top = _pixel(bounds[0], bounds[3], grid)
    right, bottom = _pixel(bounds[2], bounds[1], grid)
    row, column = int(np.floor(top)), int(np.floor(left))
    whole = Window(row, column, int(np.ceil(bottom)) - row, int(np.ceil(right)) - column)
    part = whole.clipped(*grid.shape)
    return part if part.height and part.width else None


def _pixel(x: float, y: float, grid: Grid) -> tuple[float, float]:
    """Return column and row of a point; grids of images run straight north."""
    a, _, c, _, e, f = grid.transform
    return (x - c) / a, (y - f) / e


def _placed(shape: shapely.Geometry, crs: str, grid: Grid) -> shapely.Geometry | None:
    """Return a geometry in the grid's reference system, None where it has no place there."""
    way = _way(crs, grid.crs, grid.bounds)
    placed = in_target(np.array([shape], dtype=object), way)[0]
    return None if placed is None or placed.is_empty else placed


@functools.lru_cache(maxsize=16)
def _way(source: str, target: str, bounds: Bounds) -> Transformation:
    try:
        return transformation(source, target, "place", degrees(bounds, target))
    except CRSError:
        raise UserError(
            "unknown_crs", source[:80], "it is no known reference system", "Choose another one."
        ) from None
