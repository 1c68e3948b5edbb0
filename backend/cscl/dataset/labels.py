"""Labels of pixels from parcels, by exact cover: METHOD, section 5."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from cscl.contract.codes import FIRST_CROP, LAST_CROP, UNKNOWN
from cscl.dataset.coverage import (
    Edges,
    Geometries,
    corner_and_size,
    polygon_edges,
    summed_cover,
    touched_rows,
)
from cscl.dataset.loops.contest import STATES, contest_of_classes, finish_labels
from cscl.grid import Grid, Window

# Rows that are contested at once: what that takes of each pixel stays in the processor's cache.
STRIP = 256


@dataclass(frozen=True)
class Labels:
    """Labels of a window, each (H, W).

    `code` uint8: class, 254 outside, 255 unknown. `parcel` uint32: id of the parcel of that class
    that covers most, 0 where outside. `cover` uint8: share of the pixel that the label's class
    covers, times 250. `mixed` uint8: 1 where something else covers more than 1 %.
    """

    code: NDArray[np.uint8]
    parcel: NDArray[np.uint32]
    cover: NDArray[np.uint8]
    mixed: NDArray[np.uint8]

    def rows(self, part: slice) -> Labels:
        """Return some rows, as views."""
        return Labels(self.code[part], self.parcel[part], self.cover[part], self.mixed[part])


class LabelBurner:
    """Burns parcels into windows of a grid; the result never depends on windows or order.

    `geometries` are valid polygons in the grid's reference system, `codes` 1..253 or 255 for
    parcels of unknown class, `ids` whole numbers above 0, each used once. `overlaps` are areas
    where parcels of different classes lie on each other (`class_overlaps`).
    """

    def __init__(
        self,
        geometries: Geometries,
        codes: ArrayLike,
        ids: ArrayLike,
        grid: Grid,
        overlaps: Geometries,
    ) -> None:
        self.grid = grid
        self._codes = checked_codes(codes)
        self._ids = np.asarray(ids, dtype=np.int64)
        self._geometries = np.asarray(geometries, dtype=object)
        self._overlaps = np.asarray(overlaps, dtype=object)
        self._tree = shapely.STRtree(self._geometries)
        self._overlap_tree = shapely.STRtree(self._overlaps)

    def burn(self, window: Window) -> Labels:
        """Return the labels of a window."""
        ground = shapely.box(*self.grid.part(window).bounds)
        found = self._tree.query(ground)
        found = found[np.lexsort((self._ids[found], self._codes[found]))]
        parcels = polygon_edges(self._geometries[found], self.grid.affine)
        # In the order of the list, so that sums are rounded alike in every window.
        shared = self._overlaps[np.sort(self._overlap_tree.query(ground))]
        overlaps = polygon_edges(shared, self.grid.affine)
        shape = (window.height, window.width)
        result = Labels(
            np.zeros(shape, np.uint8), np.zeros(shape, np.uint32), np.zeros(shape, np.uint8),
            np.zeros(shape, np.uint8),
        )  # fmt: skip
        room = np.empty((min(STRIP, window.height), window.width, STATES))
        for top in range(0, window.height, STRIP):
            rows = slice(top, min(top + STRIP, window.height))
            strip = Window(window.row + top, window.col, rows.stop - top, window.width)
            state = room[: strip.height]
            state.fill(0.0)
            self._contest(found, parcels, overlaps, strip, state, result.rows(rows))
        return result

    def _contest(
        self,
        found: NDArray[np.int64],
        parcels: Edges,
        overlaps: Edges,
        window: Window,
        state: NDArray[np.float64],
        own: Labels,
    ) -> None:
        """Fill the labels of a window from the parcels with the numbers `found`; `state` is 0."""
        rows = touched_rows(parcels, window)
        shape = (window.height, window.width)
        owner = np.zeros(shape, np.uint32)
        contest_of_classes(
            parcels.values, parcels.starts, self._codes[found], self._ids[found],
            corner_and_size(window), rows.sums, rows.tops, rows.places, rows.spans, state, owner,
            own.code, own.parcel,
        )  # fmt: skip
        overlap = summed_cover(overlaps, window)
        finish_labels(state, overlap, own.code, own.parcel, own.cover, own.mixed)


def burn_labels(
    geometries: Geometries,
    codes: ArrayLike,
    ids: ArrayLike,
    grid: Grid,
    factor: int = 1,
) -> Labels:
    """Return the labels of a whole grid, subdivided by `factor`; for grids that fit in memory."""
    # Workers, who burn tiles, have no room for what it loads.
    from cscl.dataset.overlaps import class_overlaps

    overlaps = class_overlaps(geometries, codes)
    burner = LabelBurner(geometries, codes, ids, grid.subdivide(factor), overlaps)
    return burner.burn(burner.grid.whole)


def checked_codes(codes: ArrayLike) -> NDArray[np.uint8]:
    """Return class codes as uint8; raises `ValueError` where one is no class code.

    A cast alone would turn 300 into 44.
    """
    numbers = np.asarray(codes)
    if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(f"class codes must be whole numbers, not {numbers.dtype}")
    valid = ((numbers >= FIRST_CROP) & (numbers <= LAST_CROP)) | (numbers == UNKNOWN)
    if not valid.all():
        wrong = ", ".join(str(number) for number in np.unique(numbers[~valid])[:5])
        raise ValueError(f"class codes lie in {FIRST_CROP}..{LAST_CROP} or are 255, not {wrong}")
    return numbers.astype(np.uint8)
