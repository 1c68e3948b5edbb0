"""Which chips a dataset has: square pieces of a grid, one row for each split they serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cscl.context import JobContext
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.contract.errors import UserError
from cscl.dataset.loops.sums import pairs_of
from cscl.dataset.rasters import SPLIT_LAYER
from cscl.dataset.split import SPLITS
from cscl.dataset.work import open_work
from cscl.grid import Grid, Window

CHIP_SIZES = (32, 28, 24)
SMALL_CHIP = 16
SMALL_AREA = 128  # pixels; smaller images get small chips
CHIP_MULTIPLE = 4  # the networks halve twice


Codes = NDArray[np.uint8]
# Corner, place of the split, share of boundary pixels, where its class codes end.
_Row = tuple[tuple[int, int], int, float, int]


class LabelSource(Protocol):
    """Whatever gives windows of a grid's label rasters."""

    def read(self, layer: str, window: Window, factor: int = 1) -> NDArray[Any]: ...


@dataclass(frozen=True, slots=True)
class Chip:
    """One chip of one split: its place, the number of its cell, labelled pixels by class code.

    `window` is without the margin. Cells are numbered within their grid.
    """

    grid: str
    window: Window
    cell: int
    split: str
    class_counts: dict[int, int]
    boundary_share: float


class CellTask(NamedTuple):
    """Cells of the dataset in `folder` to look at, by row and column (N, 2) of their chips."""

    folder: str
    key: str
    grid: str
    corners: NDArray[np.int32]


class FoundChips(NamedTuple):
    """What the chips of some cells hold, by columns: a whole tile has a hundred thousand of them.

    `corners` (N, 2) are row and column, `splits` (N,) places in `SPLITS`, `shares` (N,) those of
    boundary pixels. Chip i has `pixels[j]` pixels of the class `codes[j]`, where j goes up to
    `ends[i]` (N,) from where the chip before ends.
    """

    corners: NDArray[np.int32]
    splits: NDArray[np.uint8]
    shares: NDArray[np.float64]
    ends: NDArray[np.int64]
    codes: NDArray[np.uint8]
    pixels: NDArray[np.int32]


class Chips(Sequence[Chip]):
    """The chips of one grid in their order, each made when it is asked for.

    Cells are numbered in their order; `cells` (N,) are those of the chips.
    """

    def __init__(self, grid: str, parts: Sequence[FoundChips], size: int) -> None:
        self.grid, self.size = grid, size
        parts = [_gathered([]), *parts]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        lengths = [len(part.codes) for part in parts]
        before = np.repeat(np.cumsum([0, *lengths[:-1]]), [len(part.ends) for part in parts])
        self._found = FoundChips(*columns)._replace(ends=columns[3] + before)
        moved = (np.diff(self.corners, axis=0) != 0).any(axis=1)
        self.cells = np.concatenate([[0], np.cumsum(moved)])[: len(self)].astype(np.int32)

    @property
    def corners(self) -> NDArray[np.int32]:
        """Row and column of each chip (N, 2)."""
        return self._found.corners

    @property
    def splits(self) -> NDArray[np.uint8]:
        """The place of each chip's split in `SPLITS` (N,)."""
        return self._found.splits

    def __len__(self) -> int:
        return len(self._found.corners)

    @overload
    def __getitem__(self, place: int) -> Chip: ...

    @overload
    def __getitem__(self, place: slice) -> list[Chip]: ...

    def __getitem__(self, place: int | slice) -> Chip | list[Chip]:
        numbers = range(len(self))[place]
        return self._chip(numbers) if isinstance(numbers, int) else list(map(self._chip, numbers))

    def _chip(self, number: int) -> Chip:
        found = self._found
        own = slice(int(found.ends[number - 1]) if number else 0, int(found.ends[number]))
        counts = zip(found.codes[own].tolist(), found.pixels[own].tolist(), strict=True)
        row, col = found.corners[number].tolist()
        return Chip(
            self.grid,
            Window(row, col, self.size, self.size),
            int(self.cells[number]),
            SPLITS[found.splits[number]],
            dict(counts),
            float(found.shares[number]),
        )


def chip_size(wanted: int | None, margin: int, grid: Grid, ctx: JobContext) -> int:
    """Return the side of the chips in pixels; says what was chosen where nothing was wanted."""
    if wanted is not None:
        side = wanted + 2 * margin
        if side % CHIP_MULTIPLE:
            low = wanted - side % CHIP_MULTIPLE
            whole = f" with its margin of {margin}" if margin else ""
            raise UserError(
                "chip_size",
                f"chip {wanted}",
                f"it is no multiple of {CHIP_MULTIPLE}{whole}",
                f"Use {max(low, 8)} or {low + CHIP_MULTIPLE}.",
            )
        return wanted
    if min(grid.shape) < SMALL_AREA:
        ctx.note(
            f"The images are small ({grid.width} x {grid.height} pixels): chips of {SMALL_CHIP} "
            "pixels are used."
        )
        return SMALL_CHIP
    # The size of which whole numbers fit best, the largest of equals; where cells begin does not
    # count, so that cuts of one size have chips of one size.
    return min(CHIP_SIZES, key=lambda size: (_beyond(grid, size), -size))


def _beyond(grid: Grid, size: int) -> int:
    rows, columns = -(-grid.height // size), -(-grid.width // size)
    return rows * columns * size * size - grid.height * grid.width


def cell_starts(grid: Grid, size: int) -> tuple[range, range]:
    """Return the rows and the columns at which cells of `size` pixels begin.

    Cells begin at multiples of their side from the origin of the reference system, so that all
    cuts of a tile have the same cells; those at an edge may reach beyond the grid.
    """
    column = round(grid.transform[2] / grid.transform[0]) % size
    row = round(grid.transform[5] / grid.transform[4]) % size
    return range(-row, grid.height, size), range(-column, grid.width, size)


class SplitLabels:
    """Labels of a part of a grid by split, each worked out once for all chips that lie in it.

    `part` counts 10 m pixels; `labels` holds it with one pixel more on each side. Arrays that are
    returned are views, which nobody changes.
    """

    def __init__(self, labels: LabelSource, part: Window, outside: str) -> None:
        self._labels, self._part, self._outside = labels, part, outside
        # By split, those of all of them by an empty name.
        self._coarse: dict[str, Codes] = {}
        self._fine: dict[str, Codes] = {}
        self._fine_splits = np.empty((0, 0), dtype=np.uint8)

    def coarse(self, split: str, window: Window) -> Codes:
        """Return the 10 m labels of a window for one split, 255 elsewhere."""
        if not self._coarse:
            self._coarse[""] = self._codes(1)
        if split not in self._coarse:
            splits = self._labels.read(SPLIT_LAYER, self._part)
            self._coarse[split] = _of_split(self._coarse[""], splits, split)
        return self._coarse[split][window.within(self._part).slices]

    def fine(
        self, split: str, window: Window, factor: int, parcel_splits: NDArray[np.uint8]
    ) -> Codes:
        """Return the labels of a window for one split on pixels `factor` times finer.

        A fine pixel counts where its 10 m pixel does and its own parcel is of that split, which
        `parcel_splits` has by id.
        """
        part = self._part.times(factor)
        if not self._fine:
            self._fine[""] = self._codes(factor)
            parcels = self._labels.read("parcels", part, factor)
            # Row by row: as an index an id takes eight bytes.
            own = np.stack([parcel_splits[row] for row in parcels])
            wide = self._labels.read(SPLIT_LAYER, self._part)
            wide = wide.repeat(factor, axis=0).repeat(factor, axis=1)
            # Ground of a parcel of another split belongs to none.
            wide[(own != 0) & (own != wide)] = 0
            self._fine_splits = wide
        if split not in self._fine:
            self._fine[split] = _of_split(self._fine[""], self._fine_splits, split)
        return self._fine[split][window.times(factor).within(part).slices]

    def boundary(self) -> NDArray[np.bool_]:
        """Return where 3 x 3 neighbourhoods of the part hold more than one label.

        Beyond the grid the label is unknown, which is no boundary.
        """
        outer = self._labels.read("labels", self._part.grown(1))
        low = ndimage.minimum_filter(outer, size=3)
        high = ndimage.maximum_filter(np.where(outer == UNKNOWN, 0, outer), size=3)
        inner = (slice(1, -1), slice(1, -1))
        boundary: NDArray[np.bool_] = (low != high)[inner] & (outer[inner] != UNKNOWN)
        return boundary

    def _codes(self, factor: int) -> Codes:
        codes: Codes = self._labels.read("labels", self._part.times(factor), factor)
        if self._outside == "ignore":
            codes = np.where(codes == OUTSIDE, np.uint8(UNKNOWN), codes)
        return codes


def _of_split(codes: Codes, splits: NDArray[np.uint8], name: str) -> Codes:
    """Return the codes of one split, 255 elsewhere."""
    return np.where(splits == SPLITS.index(name) + 1, codes, np.uint8(UNKNOWN))


def find_chips(task: CellTask) -> FoundChips:
    """Return the chips of some cells, in their order; the task that plans the stage `chips`."""
    work = open_work(task.folder, task.key)
    windows = [Window(row, col, work.chip, work.chip) for row, col in task.corners.tolist()]
    rows: list[_Row] = []
    codes_of: list[NDArray[np.int64]] = []
    pixels_of: list[NDArray[np.int64]] = []
    part, end = _hull(windows), 0
    with work.labels(task.grid) as files:
        labels = SplitLabels(files.loaded(part.grown(1)), part, work.outside)
        boundary = labels.boundary()
        for window in windows:
            for number, split in enumerate(SPLITS):
                codes = labels.coarse(split, window)
                counts = np.bincount(codes.reshape(-1), minlength=256)[:UNKNOWN]
                if counts.any():
                    own = boundary[window.within(part).slices] & (codes != UNKNOWN)
                    share = float(np.count_nonzero(own) / counts.sum())
                    present = np.flatnonzero(counts)
                    end += len(present)
                    rows.append(((window.row, window.col), number, share, end))
                    codes_of.append(present)
                    pixels_of.append(counts[present])
    return _gathered(rows, codes_of, pixels_of)


def _gathered(
    rows: Sequence[_Row],
    codes: Sequence[NDArray[np.int64]] = (),
    pixels: Sequence[NDArray[np.int64]] = (),
) -> FoundChips:
    """Return the columns of rows, and of the class codes and pixels of each."""
    corners, splits, shares, ends = zip(*rows, strict=True) if rows else ((), (), (), ())
    nothing = np.empty(0, dtype=np.int64)
    return FoundChips(
        np.array(corners, dtype=np.int32).reshape(-1, 2),
        np.array(splits, dtype=np.uint8),
        np.array(shares, dtype=np.float64),
        np.array(ends, dtype=np.int64),
        np.concatenate([nothing, *codes]).astype(np.uint8),
        np.concatenate([nothing, *pixels]).astype(np.int32),
    )


def _hull(windows: Sequence[Window]) -> Window:
    top, left = min(item.row for item in windows), min(item.col for item in windows)
    bottom = max(item.row + item.height for item in windows)
    right = max(item.col + item.width for item in windows)
    return Window(top, left, bottom - top, right - left)


def grid_corners(grid: Grid, size: int) -> NDArray[np.int64]:
    """Return row and column (N, 2) of all cells of a grid, row by row."""
    rows, columns = cell_starts(grid, size)
    places = np.meshgrid(np.asarray(rows), np.asarray(columns), indexing="ij")
    return np.stack(places, axis=-1).reshape(-1, 2).astype(np.int64)


def parcel_corners(bounds: NDArray[np.float64], grid: Grid, size: int) -> NDArray[np.int64]:
    """Return row and column of chips in whose middle parcels lie, by their bounds (N, 4).

    Each place is there once.
    """
    left, bottom, right, top = bounds.T
    columns = ((left + right) / 2 - grid.affine.c) / grid.affine.a
    rows = ((bottom + top) / 2 - grid.affine.f) / grid.affine.e
    corners = np.floor(np.stack([rows, columns], axis=1) - size / 2 + 0.5).astype(np.int64)
    return np.unique(corners, axis=0)


def cell_tasks(
    folder: str, key: str, name: str, corners: NDArray[np.int64], rows_at_once: int
) -> list[CellTask]:
    """Return tasks over cells by their corners, which go from top to bottom."""
    tasks, first = [], 0
    while first < len(corners):
        last = int(np.searchsorted(corners[:, 0], corners[first, 0] + rows_at_once))
        tasks.append(CellTask(folder, key, name, corners[first:last].astype(np.int32)))
        first = last
    return tasks


def count_pairs(codes: NDArray[Any]) -> tuple[int, int]:
    """Return negative and positive pairs of neighbours in `codes` (H, W) that count in the loss.

    Window 3, each pair from both its sides; pairs with an unknown side and of outside with
    outside do not count: METHOD, section 1.
    """
    negatives, positives = pairs_of(codes)
    return 2 * negatives, 2 * positives
