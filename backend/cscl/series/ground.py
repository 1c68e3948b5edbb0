"""Where a grid lies on the globe."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import shapely

from cscl.contract.errors import UserError
from cscl.grid import Grid

EDGE_POINTS = 21  # along each side: straight lines of a projection are curves on the globe
_REMEDY = "Cut the images so that each lies on one side of it."

TOLERANCE = 1e-5  # degrees: about a metre


def outline(grid: Grid, subject: object = "time series") -> shapely.Polygon:
    """Return the outline of a grid in longitude and latitude.

    Raises `UserError` where it crosses the antimeridian or holds a pole: there an outline in
    degrees would go around the globe.
    """
    transformer = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    for latitude, name in ((90.0, "north"), (-90.0, "south")):
        if _holds(grid, *transformer.transform(0.0, latitude, direction="INVERSE")):
            raise UserError(
                "holds_pole", subject, f"its ground holds the {name} pole ({grid.crs})", _REMEDY
            )
    left, bottom, right, top = grid.bounds
    across, up = np.linspace(left, right, EDGE_POINTS), np.linspace(bottom, top, EDGE_POINTS)
    x = np.concatenate([across, np.full(EDGE_POINTS, right), across[::-1], np.full_like(up, left)])
    y = np.concatenate([np.full(EDGE_POINTS, bottom), up, np.full(EDGE_POINTS, top), up[::-1]])
    longitude, latitudes = transformer.transform(x, y)
    if not (np.isfinite(longitude).all() and np.isfinite(latitudes).all()):
        raise UserError(
            "no_place",
            subject,
            f"its ground cannot be told in degrees ({grid.crs})",
            "Check the reference system of the images.",
        )
    if np.abs(np.diff(longitude)).max() > 180.0:
        raise UserError(
            "crosses_antimeridian",
            subject,
            f"its ground crosses the antimeridian, from {longitude[longitude > 0].min():.1f} to "
            f"{longitude[longitude < 0].max():.1f} degrees ({grid.crs})",
            _REMEDY,
        )
    return shapely.Polygon(np.column_stack([longitude, latitudes])).simplify(TOLERANCE)


def _holds(grid: Grid, x: float, y: float) -> bool:
    left, bottom, right, top = grid.bounds
    return math.isfinite(x) and math.isfinite(y) and left <= x <= right and bottom <= y <= top
