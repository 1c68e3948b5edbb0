"""Ground that parcels of different classes share: METHOD, section 5."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from cscl.dataset.coverage import Geometries
from cscl.vectors.meetings import Meetings, meetings
from cscl.vectors.outlines import Outlines, OutlineWriter

SMALLEST_OVERLAP = 1e-6  # square metres; less is rounding along shared borders


def class_overlaps(geometries: Geometries, codes: ArrayLike) -> list[BaseGeometry]:
    """Return, as separate polygons, where parcels of different classes lie on each other."""
    return list(class_ground(meetings(Outlines.of(geometries)), codes))


def class_ground(found: Meetings, codes: ArrayLike) -> Outlines:
    """Return, as separate polygons, the shared ground of parcels that have different `codes`."""
    numbers = np.asarray(codes)
    strange = numbers[found.first] != numbers[found.second]
    pieces = found.ground.take(strange & (found.ground.areas > SMALLEST_OVERLAP))
    # A union takes long, and only pieces that lie on each other need one: three parcels or more.
    heaps = _heaps(meetings(pieces), len(pieces))
    sizes = np.bincount(heaps, minlength=len(pieces))[heaps]
    writer = OutlineWriter()
    for _, shapes in pieces.take(sizes == 1).parts():
        writer.add(_parts(shapes))
    # One union of them all would take as much memory as all parcels.
    rows = np.flatnonzero(sizes > 1)
    rows = rows[np.argsort(heaps[rows], kind="stable")]
    for heap in np.split(rows, np.flatnonzero(np.diff(heaps[rows])) + 1):
        writer.add(_parts(np.array([shapely.union_all(pieces.read(heap))])))
    return writer.finish()


def _heaps(found: Meetings, count: int) -> NDArray[np.int64]:
    """Return for each of `count` pieces the lowest of all that hang together with it."""
    lowest = np.arange(count)
    while True:
        lower = np.minimum(lowest[found.first], lowest[found.second])
        before = lowest.copy()
        np.minimum.at(lowest, found.first, lower)
        np.minimum.at(lowest, found.second, lower)
        if np.array_equal(lowest, before):
            return lowest


def _parts(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[shapely.area(parts) > 0], dtype=object)
