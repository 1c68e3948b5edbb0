"""Geometries that cross the antimeridian, cut there (RFC 7946, section 3.1.9)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from cscl.vectors.curves import shapes_of
from cscl.vectors.geometries import with_shapes

# An outline wider than half the Earth is one that runs the other way round.
HALF = 180.0
WEST, EAST = shapely.box(0, -90, HALF, 90), shapely.box(HALF, -90, 2 * HALF, 90)


def cut_at_antimeridian(batch: pa.RecordBatch, geometry: str) -> tuple[pa.RecordBatch, int]:
    """Return the batch with geometries across 180 degrees in two parts, and how many there were.

    Coordinates are longitude and latitude in degrees. Heights of cut geometries are interpolated
    at the cut.
    """
    shapes = shapes_of(batch.column(geometry).to_numpy(zero_copy_only=False))
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        across = np.flatnonzero(bounds[:, 2] - bounds[:, 0] > HALF)
    # Parts on either side are no crossing: each part alone is looked at.
    across = [row for row in across if _crosses(shapes[row])]
    if not across:
        return batch, 0
    for row in across:
        shapes[row] = _cut(shapes[row])
    return with_shapes(batch, geometry, shapes), len(across)


def _crosses(shape: shapely.Geometry) -> bool:
    bounds = shapely.bounds(shapely.get_parts(shape))
    return bool((bounds[:, 2] - bounds[:, 0] > HALF).any())


def _cut(shape: shapely.Geometry) -> shapely.Geometry:
    pieces: list[shapely.Geometry] = []
    for part in shapely.get_parts(shape):
        left, _, right, _ = part.bounds
        if right - left <= HALF:
            pieces.append(part)
            continue
        unrolled = _shifted(part, lambda x: np.where(x < 0, x + 2 * HALF, x))
        pieces.append(unrolled.intersection(WEST))
        pieces.append(_shifted(unrolled.intersection(EAST), lambda x: x - 2 * HALF))
    flat = shapely.get_parts(np.array(pieces))
    dimension = shapely.get_dimensions(shape)
    flat = flat[(shapely.get_dimensions(flat) == dimension) & ~shapely.is_empty(flat)]
    collect = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
    return collect[int(dimension)](flat)


def _shifted(shape: shapely.Geometry, move: object) -> shapely.Geometry:
    def moved(x: np.ndarray, y: np.ndarray, *z: np.ndarray) -> tuple[np.ndarray, ...]:
        return (move(x), y, *z)  # type: ignore[operator]

    return shapely.transform(shape, moved, include_z=shape.has_z, interleaved=False)
