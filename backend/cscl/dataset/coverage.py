"""Exact share of each pixel that polygons cover.

Each edge is cut at the pixels' borders; a piece adds the area to its right within its own pixel
and its whole height to all pixels further right, so that running sums along the rows give the
covered area. The result is exact but for rounding of float64, and the same in every window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cscl.dataset.loops.cover import sum_covers
from cscl.grid import Window

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Geometries = Sequence[BaseGeometry] | NDArray[np.object_]


@dataclass(frozen=True)
class Edges:
    """Edges of polygons in pixel coordinates.

    `values` is (5, N): x0, y0, x1, y1 (columns and rows) and the sign, +1 or -1, with which the
    edge counts; `starts` (polygons + 1) is where each polygon's edges start.
    """

    values: Floats
    starts: Integers


@dataclass(frozen=True)
class Rows:
    """Which rows of a window each polygon touches, and memory for the loops over them.

    `tops` (N) is each polygon's first row in the window; its rows start at `places` (N + 1) in
    `spans` (M, 2); `sums` is (H, W + 1).
    """

    tops: Integers
    places: Integers
    spans: NDArray[np.int32]
    sums: Floats


def polygon_edges(geometries: Geometries, affine: Affine) -> Edges:
    """Return the edges of valid polygons or multipolygons on a north-up grid."""
    parts, polygon = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x = (points[:, 0] - affine.c) / affine.a
    y = (points[:, 1] - affine.f) / affine.e
    inside = ring[1:] == ring[:-1]
    x0, y0, x1, y1 = x[:-1][inside], y[:-1][inside], x[1:][inside], y[1:][inside]
    ring = ring[1:][inside]
    # The first ring of each part is its outline, all others are holes.
    hole = np.append(False, part[1:] == part[:-1])[: len(rings)]
    start = np.searchsorted(ring, np.arange(len(rings)))
    # Relative to the ring's first corner: the signed area loses no digits far from the origin.
    dx0, dy0 = x0 - x0[start[ring]], y0 - y0[start[ring]]
    dx1, dy1 = x1 - x0[start[ring]], y1 - y0[start[ring]]
    area = np.bincount(ring, dx0 * dy1 - dx1 * dy0, minlength=len(rings))
    sign = np.where(hole, 1.0, -1.0) * np.where(area < 0, -1.0, 1.0)
    values = np.stack([x0, y0, x1, y1, sign[ring]])
    owner = polygon[part[ring]]
    return Edges(values, np.searchsorted(owner, np.arange(len(geometries) + 1)))


def touched_rows(edges: Edges, window: Window) -> Rows:
    """Return the rows of `window` within each polygon's extent."""
    count = len(edges.starts) - 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    filled = edges.starts[1:] > edges.starts[:-1]
    if filled.any():
        first = edges.starts[:-1][filled]
        low[filled] = np.minimum.reduceat(edges.values[1], first)
        high[filled] = np.maximum.reduceat(edges.values[1], first)
    tops = np.clip(np.floor(low) - window.row, 0, window.height).astype(np.int64)
    bottoms = np.clip(np.ceil(high) - window.row, 0, window.height).astype(np.int64)
    heights = np.maximum(bottoms - tops, 0)
    places = np.append(0, np.cumsum(heights))
    spans = np.empty((places[-1], 2), dtype=np.int32)
    return Rows(tops, places, spans, np.zeros((window.height, window.width + 1)))


def summed_cover(edges: Edges, window: Window) -> Floats:
    """Return the sum (H, W) of the polygons' covers of each pixel of a window, each cover 0..1."""
    rows = touched_rows(edges, window)
    total = np.zeros((window.height, window.width))
    sum_covers(
        edges.values, edges.starts, corner_and_size(window), rows.sums, rows.tops, rows.places,
        rows.spans, total,
    )  # fmt: skip
    return total


def corner_and_size(window: Window) -> tuple[int, int, int, int]:
    """Return a window as the loops take it."""
    return window.row, window.col, window.height, window.width
