"""Which chips a dataset has: square pieces of the grid, one row for each split they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cscl.context import JobContext
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.contract.errors import UserError
from cscl.dataset.rasters import FINE, SPLIT_LAYER, LabelFiles
from cscl.dataset.split import SPLITS
from cscl.grid import Grid, Window

CHIP_SIZES = (32, 28, 24)
SMALL_CHIP = 16
SMALL_AREA = 128  # pixels; smaller images get small chips
CHIP_MULTIPLE = 4  # the networks halve twice


@dataclass(frozen=True)
class Chip:
    """One chip of one split: its place, the number of its cell, labelled pixels by class code."""

    window: Window
    cell: int
    split: str
    class_counts: dict[int, int]
    boundary_share: float


@dataclass(frozen=True)
class ChipLabels:
    """Labels of a cell: whole, and restricted to each split (255 elsewhere), at 10 m and 2.5 m."""

    coarse: dict[str, NDArray[np.uint8]]
    fine: dict[str, NDArray[np.uint8]]
    boundary: NDArray[np.bool_]


def chip_size(wanted: int | None, grid: Grid, ctx: JobContext) -> int:
    """Return the side of the chips in pixels; says what was chosen where nothing was wanted."""
    side = min(grid.shape)
    if wanted is not None:
        if wanted % CHIP_MULTIPLE:
            low = wanted // CHIP_MULTIPLE * CHIP_MULTIPLE
            raise UserError(
                "chip_size",
                f"chip {wanted}",
                f"it is no multiple of {CHIP_MULTIPLE}",
                f"Use {max(low, 8)} or {low + CHIP_MULTIPLE}.",
            )
        return wanted
    if side < SMALL_AREA:
        ctx.note(
            f"The images are small ({grid.width} x {grid.height} pixels): chips of {SMALL_CHIP} "
            "pixels are used."
        )
        return SMALL_CHIP
    # The size that reaches least beyond the images, the largest of equals.
    return min(CHIP_SIZES, key=lambda size: (_beyond(grid, size), -size))


def _beyond(grid: Grid, size: int) -> int:
    rows, columns = -(-grid.height // size), -(-grid.width // size)
    return rows * columns * size * size - grid.height * grid.width


def read_labels(
    labels: LabelFiles, window: Window, outside: str, parcel_splits: NDArray[np.uint8]
) -> ChipLabels:
    """Return the labels of a window for each split that has any there.

    A fine pixel counts for a split where its 10 m pixel does and its own parcel is of that split.
    """
    outer = labels.read("labels", window.grown(1))
    codes = outer[1:-1, 1:-1]
    # Beyond the grid the label is unknown, which is no boundary.
    low = ndimage.minimum_filter(outer, size=3)
    high = ndimage.maximum_filter(np.where(outer == UNKNOWN, 0, outer), size=3)
    boundary = (low != high)[1:-1, 1:-1] & (codes != UNKNOWN)
    split = labels.read(SPLIT_LAYER, window)
    coarse: dict[str, NDArray[np.uint8]] = {}
    fine: dict[str, NDArray[np.uint8]] = {}
    fine_codes = labels.read("labels", window.times(FINE), FINE)
    fine_splits = parcel_splits[labels.read("parcels", window.times(FINE), FINE)]
    upsampled = split.repeat(FINE, axis=0).repeat(FINE, axis=1)
    if outside == "ignore":
        codes = np.where(codes == OUTSIDE, UNKNOWN, codes)
        fine_codes = np.where(fine_codes == OUTSIDE, UNKNOWN, fine_codes)
    for number, name in enumerate(SPLITS, start=1):
        own = split == number
        if not (own & (codes != UNKNOWN)).any():
            continue
        coarse[name] = np.where(own, codes, UNKNOWN).astype(np.uint8)
        own_fine = (upsampled == number) & ((fine_splits == number) | (fine_splits == 0))
        fine[name] = np.where(own_fine, fine_codes, UNKNOWN).astype(np.uint8)
    return ChipLabels(coarse, fine, boundary)


def plan_chips(
    labels: LabelFiles,
    grid: Grid,
    size: int,
    outside: str,
    parcel_splits: NDArray[np.uint8],
    ctx: JobContext,
) -> list[Chip]:
    """Return all chips that hold a labelled pixel of their split, in the order of their cells."""
    chips: list[Chip] = []
    cells = 0
    for row in range(0, grid.height, size):
        ctx.check()
        for col in range(0, grid.width, size):
            window = Window(row, col, size, size)
            found = read_labels(labels, window, outside, parcel_splits)
            for split, codes in found.coarse.items():
                chips.append(_chip(window, cells, split, codes, found.boundary))
            cells += bool(found.coarse)
    return chips


def _chip(
    window: Window,
    cell: int,
    split: str,
    codes: NDArray[np.uint8],
    boundary: NDArray[np.bool_],
) -> Chip:
    labelled = codes != UNKNOWN
    counts = np.bincount(codes[labelled], minlength=256)
    return Chip(
        window,
        cell,
        split,
        {int(code): int(counts[code]) for code in np.nonzero(counts)[0]},
        float(boundary[labelled].mean()),
    )


def count_pairs(codes: NDArray[Any]) -> tuple[int, int]:
    """Return negative and positive pairs of neighbours in `codes` (H, W) that count in the loss.

    Window 3, each pair from both its sides; pairs with an unknown side and of outside with
    outside do not count: METHOD, section 1.
    """
    negatives = positives = 0
    height, width = codes.shape
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        first = codes[: height - down, max(0, -right) : width - max(0, right)]
        second = codes[down:, max(0, right) : width - max(0, -right)]
        counted = (first != UNKNOWN) & (second != UNKNOWN)
        counted &= (first != OUTSIDE) | (second != OUTSIDE)
        alike = int(((first == second) & counted).sum())
        positives += 2 * alike
        negatives += 2 * (int(counted.sum()) - alike)
    return negatives, positives
