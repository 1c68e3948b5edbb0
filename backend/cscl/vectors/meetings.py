"""Which of many polygons lie on each other, and the ground that they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from cscl.vectors.outlines import PART, Outlines, OutlineWriter, Rows, meeting
from cscl.vectors.polygons import polygonal


@dataclass(frozen=True)
class Meetings:
    """Pairs (P,) of polygons that share ground: their numbers, `first` < `second`, in order.

    `ground` (P,) is what they share.
    """

    first: Rows
    second: Rows
    ground: Outlines

    def take(self, rows: Rows | NDArray[np.bool_]) -> Meetings:
        """Return some of the pairs."""
        return Meetings(self.first[rows], self.second[rows], self.ground.take(rows))


def meetings(outlines: Outlines) -> Meetings:
    """Return all pairs of polygons that share ground; memory holds those of one place."""
    ground = OutlineWriter()
    pairs = [np.empty((2, 0), dtype=np.int64)]
    for rows in _places(outlines.bounds):
        near = meeting(outlines.bounds, _hull(outlines.bounds[rows]))
        shapes = outlines.read(near)
        own = np.searchsorted(near, rows)
        first, second = shapely.STRtree(shapes).query(shapes[own], predicate="intersects")
        first = own[first]
        once = first < second
        first, second = first[once], second[once]
        # Neighbours that only touch are most of the pairs of many layers.
        inner = ~shapely.touches(shapes[first], shapes[second])
        first, second = first[inner], second[inner]
        for start in range(0, len(first), PART):
            part = slice(start, start + PART)
            shared = polygonal(shapely.intersection(shapes[first[part]], shapes[second[part]]))
            some = shapely.area(shared) > 0
            ground.add(shared[some])
            pairs.append(near[np.stack([first[part][some], second[part][some]])])
    first, second = np.concatenate(pairs, axis=1)
    order = np.lexsort((second, first))
    return Meetings(first[order], second[order], ground.finish().take(order))


def _places(bounds: NDArray[np.float64]) -> Iterator[Rows]:
    """Yield the numbers of polygons by places: strips by their left edges, pieces of these."""
    # An empty polygon is nowhere.
    filled = np.flatnonzero(np.isfinite(bounds[:, 0]))
    pieces = -(-len(filled) // PART)
    strips = max(1, round(pieces**0.5))
    for strip in np.array_split(filled[np.argsort(bounds[filled, 0], kind="stable")], strips):
        inside = strip[np.argsort(bounds[strip, 1], kind="stable")]
        for piece in np.array_split(inside, max(1, -(-pieces // strips))):
            if len(piece):
                yield np.sort(piece)


def _hull(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])
