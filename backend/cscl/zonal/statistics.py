"""Statistics of the class probabilities within parcels, weighted by exact coverage."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from cscl.dataset.coverage import corner_and_size, polygon_edges, touched_rows
from cscl.dataset.loops.zonal import sum_values
from cscl.grid import Grid, Window

# Width of the ring that the inner buffer leaves out, in pixels: edges that another crop mixes with.
INNER_PIXELS = 1.0
MOST_CORNERS = 5000
# Below this a class counts as impossible; a logarithm needs something.
SMALLEST = 1e-6

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Statistics:
    """Class probabilities of N parcels, one column a class.

    `pixels` (N,) covered and with data; `mean` and `log_mean` (N, K) of the probabilities and of
    their natural logarithms over them, weighted by the covered part of each pixel; `inner_pixels`
    (N,) and `inner` (N, K) the same within the inner buffer. NaN where there is no pixel.
    """

    pixels: Floats
    mean: Floats
    log_mean: Floats
    inner_pixels: Floats
    inner: Floats

    @classmethod
    def empty(cls, count: int, classes: int) -> Statistics:
        """Return the statistics of parcels without a pixel."""
        return cls.of_sums(empty_sums(count, classes))

    @classmethod
    def of_sums(cls, sums: Floats) -> Statistics:
        """Return the statistics of sums (N, 2 + 3 K) as `parcel_sums` gives them."""
        classes = (sums.shape[1] - 2) // 3
        whole, inner = sums[:, : 1 + 2 * classes], sums[:, 1 + 2 * classes :]
        with np.errstate(invalid="ignore"):
            means, cores = whole[:, 1:] / whole[:, :1], inner[:, 1:] / inner[:, :1]
        return cls(whole[:, 0], means[:, :classes], means[:, classes:], inner[:, 0], cores)

    def put(self, rows: NDArray[np.int64], other: Statistics) -> None:
        """Replace the rows by those of others, in their order."""
        for name in ("pixels", "mean", "log_mean", "inner_pixels", "inner"):
            getattr(self, name)[rows] = getattr(other, name)


def empty_sums(count: int, classes: int) -> Floats:
    """Return the sums of parcels of which no pixel was seen; sums of parts are added."""
    return np.zeros((count, 2 + 3 * classes))


def parcel_sums(
    shapes: Shapes,
    cores: Shapes,
    grid: Grid,
    window: Window,
    probabilities: NDArray[np.float32],
    known: NDArray[np.bool_],
) -> Floats:
    """Return the sums (N, 2 + 3 K) over the pixels of a window of `grid`, which parcels may leave.

    `shapes` are valid polygons in the grid's reference system, `cores` the same within their inner
    buffer, possibly empty; `probabilities` (K, H, W) count where `known` (H, W). Columns: pixels,
    sums of the probabilities and of their logarithms; pixels and sums within the inner buffer. The
    sums of the windows of a grid add up to those of the whole but for rounding.
    """
    both = np.concatenate([probabilities, np.log(np.maximum(probabilities, np.float32(SMALLEST)))])
    whole = _sums(shapes, grid, window, both, known)
    inner = _sums(cores, grid, window, np.ascontiguousarray(probabilities), known)
    return np.concatenate([whole, inner], axis=1)


def _sums(
    shapes: Shapes, grid: Grid, window: Window, values: NDArray[np.float32], known: Any
) -> Floats:
    edges = polygon_edges(shapes, grid.affine)
    rows = touched_rows(edges, window)
    found = np.zeros((len(shapes), 1 + len(values)))
    sum_values(
        edges.values, edges.starts, corner_and_size(window), rows.sums, rows.tops, rows.places,
        rows.spans, values, known, found,
    )  # fmt: skip
    return found


def inner_buffer(shapes: Shapes, grid: Grid) -> Shapes:
    """Return what lies at least `INNER_PIXELS` inside of polygons in the grid's system.

    Nothing of outlines with more than `MOST_CORNERS`, which may take hours and gigabytes.
    """
    cores: Shapes = np.full(len(shapes), shapely.Polygon(), dtype=object)
    usual = shapely.get_num_coordinates(shapes) <= MOST_CORNERS
    width = INNER_PIXELS * grid.resolution
    cores[usual] = shapely.buffer(shapes[usual], -width, join_style="mitre")
    return cores


def outline_keys(wkb: pa.Array) -> NDArray[np.uint64]:
    """Return a number for each geometry (WKB) that equal outlines share, 0 where there is none."""
    return np.array([_key(item) for item in wkb.to_pylist()], np.uint64)


def _key(wkb: bytes | None) -> int:
    if wkb is None:
        return 0
    return int.from_bytes(hashlib.blake2b(wkb, digest_size=8).digest(), "little")


def calibrated(mean: Floats, temperature: Floats) -> Floats:
    """Return the probabilities of parcels (N, K) by their means and temperatures (N,).

    The logarithms of the means are divided by the temperature, METHOD section 7; 1 leaves the means
    as they are. Rows sum to 1, or are NaN where the means are 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = mean / mean.sum(axis=1, keepdims=True)
        rows = temperature != 1.0
        scaled = np.maximum(shares[rows], SMALLEST) ** (1 / temperature[rows, None])
        shares[rows] = scaled / scaled.sum(axis=1, keepdims=True)
    return shares


def class_columns(name: str, codes: Sequence[int]) -> list[str]:
    """Return the names of a table's columns that hold one figure a class."""
    return [f"{name}_{code}" for code in codes]
