"""The split of pixels, so that no ground is in two splits: within a grid, over grids and years."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cscl.dataset.split import transformer_between
from cscl.dataset.split_ground import TRAINING, UNUSED
from cscl.grid import Grid, Window

NODE_PIXELS = 64  # between places that are transformed exactly; in between it is a straight line
ALIGNED = 1e-6  # of a pixel

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class SplitLayer:
    """The split of one grid and year before its guard.

    `read` returns the codes (H, W) of a window inside the grid: 0 unused, 1 training,
    2 validation, 3 test.
    """

    grid: Grid
    read: Callable[[Window], Codes]

    def codes(self, window: Window) -> Codes:
        """Return the codes of a window that may reach beyond the grid, where nothing is used."""
        result = np.full((window.height, window.width), UNUSED, dtype=np.uint8)
        inner = window.clipped(*self.grid.shape)
        if inner.height and inner.width:
            rows, cols = inner.row - window.row, inner.col - window.col
            place = Window(rows, cols, inner.height, inner.width)
            result[place.slices] = self.read(inner)
        return result


def guarded(own: SplitLayer, others: Sequence[SplitLayer], guard: float, window: Window) -> Codes:
    """Return the final codes of a window of `own`'s grid.

    Ground that another grid or year has in a higher split (test over validation over training) is
    unused, and so are training pixels within `guard` metres of validation or test ground of any
    of them. Depends on nothing but the ground around each pixel, never on the window.
    METHOD, section 5.
    """
    reach = max(round(guard / own.grid.resolution), 1)
    outer = window.grown(reach)
    codes = own.codes(outer)
    elsewhere = np.zeros_like(codes)
    for other in others:
        np.maximum(elsewhere, seen_from(own.grid, outer, other), out=elsewhere)
    scored = np.maximum(codes, elsewhere) > TRAINING
    near = ndimage.maximum_filter(scored, size=2 * reach + 1, mode="constant")
    codes[(elsewhere > codes) | ((codes == TRAINING) & near)] = UNUSED
    return codes[reach:-reach, reach:-reach]


def seen_from(grid: Grid, window: Window, other: SplitLayer) -> Codes:
    """Return the highest code that `other` gives to ground of each pixel of a window."""
    shift = _whole_shift(grid, other.grid)
    if shift is not None:
        moved = Window(window.row - shift[0], window.col - shift[1], window.height, window.width)
        return other.codes(moved)
    # Pixels of the two grids overlap by parts: with four places a pixel none of the other's is
    # missed, and what shares a part of a pixel lies in it or in one of its neighbours.
    around = window.grown(1)
    rows, columns = _pixels_of(other.grid, grid, around)
    low_row, low_col = int(rows.min()), int(columns.min())
    part = Window(low_row, low_col, int(rows.max()) - low_row + 1, int(columns.max()) - low_col + 1)
    if not part.clipped(*other.grid.shape).height or not part.clipped(*other.grid.shape).width:
        return np.full((window.height, window.width), UNUSED, dtype=np.uint8)
    seen = other.codes(part)[rows - low_row, columns - low_col]
    pixels = seen.reshape(around.height, 2, around.width, 2).max(axis=(1, 3))
    return ndimage.maximum_filter(pixels, size=3, mode="nearest")[1:-1, 1:-1]


def _whole_shift(grid: Grid, other: Grid) -> tuple[int, int] | None:
    """Return row and column of the other grid's corner where its pixels are those of `grid`."""
    if grid.crs != other.crs or grid.transform[:2] != other.transform[:2]:
        return None
    if grid.transform[3:5] != other.transform[3:5]:
        return None
    column, row = _places(grid, other.transform[2], other.transform[5])
    if max(abs(row - round(row)), abs(column - round(column))) > ALIGNED:
        return None
    return round(row), round(column)


def _pixels_of(
    other: Grid, grid: Grid, window: Window
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column in `other` of four places a pixel of a window (2 H, 2 W)."""
    down, across = (_nodes(side) for side in (window.height, window.width))
    columns, rows = np.meshgrid(window.col + across[0], window.row + down[0])
    x = grid.affine.c + grid.affine.a * columns + grid.affine.b * rows
    y = grid.affine.f + grid.affine.d * columns + grid.affine.e * rows
    found = _places(other, *transformer_between(grid.crs, other.crs).transform(x, y))
    column, row = (np.floor(down[1] @ plane @ across[1].T).astype(np.int64) for plane in found)
    return row, column


def _places(grid: Grid, x: Any, y: Any) -> tuple[Any, Any]:
    """Return column and row of coordinates; grids of a series stand upright."""
    a, _, left, _, e, top = grid.transform
    return (x - left) / a, (y - top) / e


def _nodes(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes over `side` pixels and the weights (2 side, nodes) of two places a pixel."""
    count = -(-side // NODE_PIXELS) + 1
    nodes = np.linspace(0, side, count)
    places = (np.arange(2 * side) + 0.5) / 2
    distance = np.abs(places[:, None] - nodes) * (count - 1) / side
    return nodes, np.maximum(1 - distance, 0)
