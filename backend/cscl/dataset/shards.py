"""The arrays of chips.zarr, written shard by shard, and what training pixels add up to."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray

from cscl.contract import atomic, strict_json
from cscl.contract.codes import UNKNOWN
from cscl.dataset.chips import SplitLabels, count_pairs
from cscl.dataset.frames import StoredFrames
from cscl.dataset.loops.sums import add_numbers, add_values
from cscl.dataset.rasters import LAYERS, LabelFiles, LoadedLabels, layer_name
from cscl.dataset.shard_files import ShardFile, compressor
from cscl.dataset.split import SPLITS
from cscl.dataset.spool import CLEAR, passes_of, record_of, spooled_cells
from cscl.dataset.work import Work, make_room, open_labels, open_work
from cscl.disk import space_told
from cscl.grid import Window
from cscl.series.resample import INVALID, STEP

STORE = "chips.zarr"
SHARD_BYTES = 64 * 2**20
# Label rasters are taken in parts about as wide as this.
PART_PIXELS = 2048
TRAINING = SPLITS.index("training")
CELL_LAYERS = ("parcels", "cover", "mixed")


class ShardTask(NamedTuple):
    """The cells or chips `first` to `last` (not with it) of one grid, which fill one shard.

    `chips` (N, 4) holds row, column, number of the split and cell of the chips, of those cells or
    of that shard. Cells wait in the strip of the spool that begins with the cell `strip`.
    """

    folder: str
    key: str
    grid: str
    kind: str
    first: int
    last: int
    chips: NDArray[np.int32]
    strip: int = 0

    @property
    def done(self) -> Path:
        """The file that says that the shard is written, and holds what it adds."""
        path = open_work(self.folder, self.key).path
        return path / "shards" / f"{self.kind}-{self.grid}-{self.first}.json"


class Totals:
    """Sums over valid frames of labelled training pixels by band, and pairs by scale."""

    def __init__(self, bands: int, scales: Sequence[int]) -> None:
        self.count = 0
        self.sums = np.zeros(bands)
        self.squares = np.zeros(bands)
        self.pairs = {scale: [0, 0] for scale in scales}
        self.classes: Counter[int] = Counter()

    def add_classes(self, codes: NDArray[np.uint8]) -> None:
        """Add training pixels by their class codes."""
        counts = np.bincount(codes.reshape(-1), minlength=256)
        self.classes.update({int(code): int(counts[code]) for code in np.flatnonzero(counts)})

    def add_pixels(
        self, values: NDArray[np.float32], valid: NDArray[np.bool_], used: NDArray[np.bool_]
    ) -> None:
        """Add `values` (T, C, H, W), 0 where invalid, where `valid` (T, H, W) and `used` (H, W)."""
        self.count += add_values(values, valid, used, self.sums, self.squares)

    def add_numbers(
        self, numbers: NDArray[np.int16], clear: NDArray[np.bool_], used: NDArray[np.bool_]
    ) -> None:
        """Add what `add_pixels` would of the reflectance of `numbers` (T, C, H, W), where `clear`.

        Without an array of reflectance, whose making takes three times as long as the sums.
        """
        self.count += add_numbers(numbers, INVALID, STEP, clear, used, self.sums, self.squares)

    def add_pairs(self, scale: int, codes: NDArray[np.uint8]) -> None:
        """Add the pairs of a chip's labels."""
        for place, number in enumerate(count_pairs(codes)):
            self.pairs[scale][place] += number

    def add(self, other: Totals) -> None:
        """Add other totals."""
        self.count += other.count
        self.sums += other.sums
        self.squares += other.squares
        self.classes.update(other.classes)
        for scale, numbers in other.pairs.items():
            for place, number in enumerate(numbers):
                self.pairs[scale][place] += number

    def statistics(self) -> dict[str, list[float]]:
        """Return `mean` and `std`, at least 1e-6, one number a band."""
        mean = self.sums / max(self.count, 1)
        variance = self.squares / max(self.count, 1) - mean**2
        std = np.sqrt(np.maximum(variance, 0.0))
        return {"mean": mean.tolist(), "std": np.maximum(std, 1e-6).tolist()}

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "count": self.count,
            "sums": self.sums.tolist(),
            "squares": self.squares.tolist(),
            "classes": {str(code): self.classes[code] for code in sorted(self.classes)},
            "pairs": {str(scale): list(numbers) for scale, numbers in self.pairs.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Totals:
        """Return the totals that `to_json` described."""
        result = cls(len(value["sums"]), [int(scale) for scale in value["pairs"]])
        result.count = int(value["count"])
        result.sums = np.asarray(value["sums"], dtype=np.float64)
        result.squares = np.asarray(value["squares"], dtype=np.float64)
        result.classes = Counter({int(code): int(n) for code, n in value["classes"].items()})
        result.pairs = {int(scale): [int(n) for n in v] for scale, v in value["pairs"].items()}
        return result


Items = dict[str, tuple[tuple[int, ...], str]]


def cell_items(record: np.dtype[Any], passes: int, side: int, factor: int) -> Items:
    """Return shape and type of what each array holds of a cell."""
    items: Items = {}
    for name in record.names or ():
        own = record[name]
        items[name] = ((passes, *own.shape), own.base.name)
    for layer in CELL_LAYERS:
        items[f"{layer}_10"] = ((side, side), LAYERS[layer])
        items[layer_name(layer, factor)] = ((side * factor, side * factor), LAYERS[layer])
    return items


def chip_items(side: int, factor: int) -> Items:
    """Return shape and type of what each array holds of a chip."""
    return {
        "labels_10": ((side, side), "uint8"),
        layer_name("labels", factor): ((side * factor, side * factor), "uint8"),
    }


def item_bytes(items: Items) -> int:
    """Return the bytes of one cell or chip, not compressed."""
    return sum(math.prod(shape) * np.dtype(dtype).itemsize for shape, dtype in items.values())


def shard_size(items: Items) -> int:
    """Return how many cells or chips a shard of each array holds."""
    return max(1, SHARD_BYTES // item_bytes(items))


def make_arrays(group: zarr.Group, items: Items, count: int) -> None:
    """Make the empty arrays of `count` cells or chips, one a chunk."""
    for name, (shape, dtype) in items.items():
        group.create_array(
            name,
            shape=(count, *shape),
            chunks=(1, *shape),
            shards=(min(shard_size(items), count), *shape),
            dtype=dtype,
            compressors=compressor(),
            fill_value=0,
        )


def write_shard(task: ShardTask) -> None:
    """Write one shard of each array of cells or chips, unless that is done."""
    if task.done.is_file():
        return
    work = open_work(task.folder, task.key)
    make_room(task.folder, task.key, task.grid, task.kind, task.strip)
    totals = Totals(len(work.layout(task.grid).bands), (1, work.factor))
    with space_told(work.folder, SHARD_BYTES):
        files = open_labels(task.folder, task.key, task.grid, threading.get_ident())
        if task.kind == "cells":
            _write_cells(task, work, files, totals)
        else:
            _write_labels(task, work, files, totals)
    atomic.write_text(task.done, strict_json.dump(totals.to_json()))


@lru_cache(maxsize=1)
def _arrays_of(folder: str, key: str, grid: str) -> dict[str, zarr.Array[Any]]:
    """Return the arrays of a grid by name; zarr reads their metadata anew each time."""
    group = zarr.open_group(open_work(folder, key).folder / STORE, mode="r")[grid]
    if not isinstance(group, zarr.Group):
        raise TypeError(f"{grid} is no group of {STORE}")
    return dict(group.arrays())


def close_shards() -> None:
    """Close what this process has kept open of the datasets that it wrote shards of."""
    open_labels.cache_clear()
    _arrays_of.cache_clear()


def read_totals(task: ShardTask) -> Totals:
    """Return what a finished shard adds."""
    return Totals.from_json(strict_json.read(task.done))


def _write_cells(task: ShardTask, work: Work, files: LabelFiles, totals: Totals) -> None:
    series = work.series[task.grid]
    record = record_of(task.folder, task.key, task.grid)
    passes = len(passes_of(series))
    own = range(task.first, task.last)
    spooled = spooled_cells(work, task.grid, task.strip, passes, record, own)
    corners = work.cells(task.grid)
    windows = [
        Window(row, col, work.chip, work.chip)
        for row, col in corners[task.first : task.last].tolist()
    ]
    arrays = _arrays_of(task.folder, task.key, task.grid)
    written: dict[str, ShardFile] = {}
    training = set(task.chips[task.chips[:, 2] == TRAINING, 3].tolist())
    frames = StoredFrames(series, work.layout(task.grid))
    inner = (..., *Window(work.margin, work.margin, work.chip, work.chip).slices)
    loaded = zip(spooled, _loaded(files, windows, work), strict=True)
    for place, (numbers, (window, labels, splits)) in enumerate(loaded):
        outer = window.grown(work.margin)
        cell = {name: np.ascontiguousarray(numbers[name]) for name in record.names or ()}
        for layer in CELL_LAYERS:
            cell[f"{layer}_10"] = labels.read(layer, outer)
            finer = labels.read(layer, outer.times(work.factor), work.factor)
            cell[layer_name(layer, work.factor)] = finer
        for name, values in cell.items():
            if name not in written:
                written[name] = ShardFile(arrays[name], task.first)
            written[name].add(values)
        if task.first + place in training:
            codes = splits.coarse("training", window)
            used = (codes != UNKNOWN) & own_pixels(corners, task.first + place, work.chip)
            totals.add_classes(codes[used])
            if frames.as_stored:
                totals.add_numbers(cell[frames.names[0]][inner], cell[CLEAR][inner], used)
            else:
                values, valid = frames.read(cell, outer)
                totals.add_pixels(values[inner], valid[inner], used)
    for file in written.values():
        file.write()


def own_pixels(corners: NDArray[np.int64], cell: int, size: int) -> NDArray[np.bool_]:
    """Return which pixels (H, W) of a cell lie in no cell before it, so that each counts once."""
    row, col = corners[cell].tolist()
    first = int(np.searchsorted(corners[:, 0], row - size + 1))
    before = corners[first:cell]
    near = before[np.abs(before[:, 1] - col) < size] - (row, col)
    own = np.ones((size, size), dtype=bool)
    for top, left in near.tolist():
        own[max(top, 0) : size + min(top, 0), max(left, 0) : size + min(left, 0)] = False
    return own


def _write_labels(task: ShardTask, work: Work, files: LabelFiles, totals: Totals) -> None:
    fine_name = layer_name("labels", work.factor)
    arrays = _arrays_of(task.folder, task.key, task.grid)
    coarse, fine = (ShardFile(arrays[name], task.first) for name in ("labels_10", fine_name))
    corners, numbers = task.chips[:, :2].tolist(), task.chips[:, 2].tolist()
    windows = [Window(row, col, work.chip, work.chip) for row, col in corners]
    for number, (window, _, splits) in zip(numbers, _loaded(files, windows, work), strict=True):
        codes = splits.coarse(SPLITS[number], window)
        finer = splits.fine(SPLITS[number], window, work.factor, work.splits)
        if number == TRAINING:
            totals.add_pairs(1, codes)
            totals.add_pairs(work.factor, finer)
        coarse.add(_within_margin(codes, work.margin))
        fine.add(_within_margin(finer, work.margin * work.factor))
    coarse.write()
    fine.write()


def _within_margin(codes: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    return np.pad(codes, margin, constant_values=UNKNOWN) if margin else codes


def _loaded(
    files: LabelFiles, windows: Sequence[Window], work: Work
) -> Iterator[tuple[Window, LoadedLabels, SplitLabels]]:
    """Yield each window with the part of the rasters that holds it and its neighbours in its row.

    Windows come row by row; no more than one part is in memory.
    """
    for row, group in groupby(windows, key=lambda window: window.row):
        for members in _neighbours(list(group)):
            left = min(item.col for item in members)
            right = max(item.col + item.width for item in members)
            inner = Window(row, left, members[0].height, right - left)
            part = files.loaded(inner.grown(work.margin))
            splits = SplitLabels(part, inner, work.outside)
            for window in members:
                yield window, part, splits


def _neighbours(windows: Sequence[Window]) -> Iterator[Sequence[Window]]:
    """Yield windows of one row in parts that are not wide, nor mostly gaps."""
    first = 0
    for last in range(1, len(windows) + 1):
        if last < len(windows):
            end = windows[last - 1].col + windows[last - 1].width
            gap = windows[last].col - end
            wide = windows[last].col - windows[first].col
            if gap <= windows[last].width and wide < PART_PIXELS:
                continue
        yield windows[first:last]
        first = last
