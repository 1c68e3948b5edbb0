"""Outlines of segments as a coverage: neighbours share their edges, vertex by vertex."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import features

from cscl.mapping.layers import NO_SHARE, STEPS
from cscl.polygons.components import Labels
from cscl.polygons.segments import Segments

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Outlines:
    """Polygons in pixels (column, row), and means in 0..1 of each: confidence over its pixels,
    boundary strength over those at its outline; NaN where nothing is known."""

    numbers: NDArray[np.int64]
    shapes: Shapes
    confidence: NDArray[np.float64]
    strength: NDArray[np.float64]


def outlines(
    segments: Segments, wanted: NDArray[np.bool_], side: int, tick: Callable[[], None]
) -> Outlines:
    """Return the polygons of the segments that `wanted` (n + 1,) names, by ascending number.

    Each polygon has a vertex at every pixel corner of its outline, so that polygons that touch
    have the vertices of the common edge in common. They do not depend on the tiles.
    """
    pieces: dict[int, list[shapely.Geometry]] = defaultdict(list)
    confidence, strength = _Mean(len(wanted)), _Mean(len(wanted))
    for tile in segments.pixels.tiles(side):
        around = segments.read(tile.grown(1))
        inner = np.where(wanted[around[1:-1, 1:-1]], around[1:-1, 1:-1], np.uint32(0))
        place = Affine.translation(tile.col, tile.row)
        found = features.shapes(inner.astype(np.int32), inner > 0, connectivity=4, transform=place)
        for outline, number in found:
            pieces[int(number)].append(shapely.geometry.shape(outline))
        confidence.add(inner, segments.pixels.read("confidence", tile))
        edge = np.where(_at_outline(around), inner, np.uint32(0))
        strength.add(edge, segments.pixels.read("boundary", tile))
        tick()
    numbers = np.array(sorted(pieces), np.int64)
    shapes = np.array([_joined(pieces.pop(number)) for number in numbers.tolist()], object)
    return Outlines(numbers, shapes, confidence.of(numbers), strength.of(numbers))


class _Mean:
    """Means by segment of shares in 1/250; whole numbers are added, in any order to the same."""

    def __init__(self, count: int) -> None:
        self.total, self.pixels = np.zeros(count, np.int64), np.zeros(count, np.int64)

    def add(self, labels: Labels, shares: NDArray[np.uint8]) -> None:
        known = (labels > 0) & (shares != NO_SHARE)
        np.add.at(self.total, labels[known], shares[known])
        np.add.at(self.pixels, labels[known], 1)

    def of(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):
            return np.asarray(self.total[numbers] / (STEPS * self.pixels[numbers]))


def _at_outline(around: Labels) -> NDArray[np.bool_]:
    """Return which inner pixels have another segment on one of their four sides."""
    middle = around[1:-1, 1:-1]
    sides = (around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:])
    return np.logical_or.reduce([side != middle for side in sides])


def _joined(pieces: list[shapely.Geometry]) -> shapely.Geometry:
    """Return one valid polygon of the pieces of tiles, with a vertex at every pixel corner."""
    whole = shapely.union_all(pieces)
    dense = shapely.segmentize(whole, 1.0)
    # Corners are whole numbers; what division left of them is rounded away.
    return shapely.normalize(shapely.transform(dense, np.rint))


def simplified(shapes: Shapes, tolerance: float) -> Shapes:
    """Return the coverage with fewer vertices; shared edges stay shared.

    Triangles of an area below `tolerance`^2 (pixels) are removed, the smallest first
    (Visvalingam and Whyatt 1993). Raises `RuntimeError` where the result is no valid coverage.
    """
    result = shapely.coverage_simplify(shapes, tolerance) if tolerance > 0 else shapes
    require_coverage(result)
    return np.asarray(result)


def require_coverage(shapes: Shapes) -> None:
    """Raise `RuntimeError` where polygons overlap or share edges with different vertices."""
    if not shapely.coverage_is_valid(shapes):
        faults = shapely.coverage_invalid_edges(shapes)
        wrong = np.flatnonzero(~(shapely.is_missing(faults) | shapely.is_empty(faults)))
        raise RuntimeError(f"the polygons are no coverage, first at number {wrong[:1].tolist()}")
