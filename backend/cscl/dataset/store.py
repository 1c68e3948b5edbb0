"""chips.zarr: images by cell, labels by chip, one a chunk, in shards of bounded size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.dataset.chips import Chip, count_pairs, read_labels
from cscl.dataset.grids import grid_name
from cscl.dataset.rasters import FINE, LAYERS, LabelFiles
from cscl.grid import Window
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader

STORE = "chips.zarr"
SHARD_BYTES = 64 * 2**20
READ_BYTES = 64 * 2**20
REFLECTANCE_SCALE = 10_000
INVALID = -32768
CELL_LAYERS = ("parcels", "cover", "mixed")


class Appender:
    """Writes an array item by item, a whole shard at a time."""

    def __init__(
        self,
        group: zarr.Group,
        name: str,
        count: int,
        item: tuple[int, ...],
        dtype: str,
        batch: int,
    ) -> None:
        self._batch = min(count, batch)
        self._array = group.create_array(
            name,
            shape=(count, *item),
            chunks=(1, *item),
            shards=(self._batch, *item),
            dtype=dtype,
            fill_value=0,
        )
        self._pending: list[NDArray[Any]] = []
        self._done = 0

    def add(self, item: NDArray[Any]) -> None:
        """Add one item; the array grows when a shard is full."""
        self._pending.append(item)
        if len(self._pending) == self._batch:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        if self._pending:
            end = self._done + len(self._pending)
            self._array[self._done : end] = np.stack(self._pending)
            self._done, self._pending = end, []


class BandStatistics:
    """Mean and standard deviation by band over valid dates of labelled training pixels."""

    def __init__(self, bands: int) -> None:
        self.count = 0
        self._sum = np.zeros(bands)
        self._squares = np.zeros(bands)

    def add(
        self, values: NDArray[np.float32], valid: NDArray[np.bool_], used: NDArray[np.bool_]
    ) -> None:
        """Add `values` (T, C, H, W) where `valid` (T, H, W) and `used` (H, W)."""
        chosen = values.transpose(0, 2, 3, 1)[valid & used].astype(np.float64)
        self.count += len(chosen)
        self._sum += chosen.sum(axis=0)
        self._squares += (chosen**2).sum(axis=0)

    def result(self) -> dict[str, list[float]]:
        """Return `mean` and `std`, at least 1e-6, one number a band."""
        mean = self._sum / max(self.count, 1)
        variance = self._squares / max(self.count, 1) - mean**2
        std = np.sqrt(np.maximum(variance, 0.0))
        return {"mean": mean.tolist(), "std": np.maximum(std, 1e-6).tolist()}


def write_chips(
    folder: Path,
    series: TimeSeries,
    chips: Sequence[Chip],
    labels: LabelFiles,
    outside: str,
    parcel_splits: NDArray[np.uint8],
    ctx: JobContext,
) -> tuple[BandStatistics, dict[int, tuple[int, int]]]:
    """Write chips.zarr; return the training statistics and pairs (negative, positive) by scale."""
    size = chips[0].window.height
    group = zarr.open_group(folder / STORE, mode="w", zarr_format=3).create_group(grid_name(0))
    group.create_array("days", data=np.asarray(series.days, dtype=np.int16))
    cells = _cells(chips)
    writers = _writers(group, len(cells), len(chips), len(series.days), len(series.bands), size)
    statistics = BandStatistics(len(series.bands))
    pairs = {1: (0, 0), FINE: (0, 0)}
    done = 0
    ctx.progress("chips", 0, len(cells))
    with SeriesReader(series) as reader:
        for run in _runs(cells, len(series.days) * (len(series.bands) * 4 + 1)):
            first, last = run[0][0].window, run[-1][0].window
            width = last.col + last.width - first.col
            stack = reader.read(Window(first.row, first.col, first.height, width))
            for members in run:
                left = members[0].window.col - first.col
                values = stack.values[..., left : left + size]
                valid = stack.valid[..., left : left + size]
                writers["images"].add(stored_reflectance(values, valid))
                writers["valid"].add(valid)
                used = _write_labels(writers, members, labels, outside, parcel_splits, pairs)
                statistics.add(values, valid, used)
            done += len(run)
            ctx.progress("chips", done, len(cells))
    for writer in writers.values():
        writer.flush()
    return statistics, pairs


def _write_labels(
    writers: dict[str, Appender],
    members: Sequence[Chip],
    labels: LabelFiles,
    outside: str,
    parcel_splits: NDArray[np.uint8],
    pairs: dict[int, tuple[int, int]],
) -> NDArray[np.bool_]:
    """Write the labels of one cell, count its pairs, return its labelled training pixels."""
    window = members[0].window
    found = read_labels(labels, window, outside, parcel_splits)
    for layer in CELL_LAYERS:
        writers[f"{layer}_10"].add(labels.read(layer, window))
        writers[f"{layer}_2m5"].add(labels.read(layer, window.times(FINE), FINE))
    for chip in members:
        writers["labels_10"].add(found.coarse[chip.split])
        writers["labels_2m5"].add(found.fine[chip.split])
    if "training" not in found.coarse:
        return np.zeros((window.height, window.width), dtype=bool)
    for scale, codes in ((1, found.coarse["training"]), (FINE, found.fine["training"])):
        negatives, positives = count_pairs(codes)
        pairs[scale] = (pairs[scale][0] + negatives, pairs[scale][1] + positives)
    return found.coarse["training"] != 255


def stored_reflectance(values: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Return reflectance times 10000 as int16, -32768 where invalid."""
    scaled = np.clip(np.rint(values * REFLECTANCE_SCALE), INVALID + 1, 32767)
    return np.where(valid[:, None], scaled, INVALID).astype(np.int16)


def _writers(
    group: zarr.Group, cells: int, chips: int, dates: int, bands: int, size: int
) -> dict[str, Appender]:
    fine = size * FINE
    layout: dict[str, tuple[int, tuple[int, ...], str]] = {
        "images": (cells, (dates, bands, size, size), "int16"),
        "valid": (cells, (dates, size, size), "bool"),
        "labels_10": (chips, (size, size), "uint8"),
        "labels_2m5": (chips, (fine, fine), "uint8"),
    }
    for layer in CELL_LAYERS:
        layout[f"{layer}_10"] = (cells, (size, size), LAYERS[layer])
        layout[f"{layer}_2m5"] = (cells, (fine, fine), LAYERS[layer])
    # As many chips in every array's shard: what waits to be written stays bounded by one shard.
    sizes = (math.prod(item) * np.dtype(dtype).itemsize for _, item, dtype in layout.values())
    batch = max(1, SHARD_BYTES // sum(sizes))
    return {
        name: Appender(group, name, count, item, dtype, batch)
        for name, (count, item, dtype) in layout.items()
    }


def _cells(chips: Sequence[Chip]) -> list[list[Chip]]:
    """Return the chips of each cell together; cells are numbered in their order."""
    cells: list[list[Chip]] = []
    for chip in chips:
        if chip.cell == len(cells):
            cells.append([])
        cells[chip.cell].append(chip)
    return cells


def _runs(cells: Sequence[list[Chip]], bytes_a_pixel: int) -> list[list[list[Chip]]]:
    """Return neighbouring cells of one row together, as many as may be read at once."""
    runs: list[list[list[Chip]]] = []
    for members in cells:
        window = members[0].window
        if runs:
            last = runs[-1][-1][0].window
            width = window.col + window.width - runs[-1][0][0].window.col
            follows = last.row == window.row and last.col + last.width == window.col
            if follows and width * window.height * bytes_a_pixel <= READ_BYTES:
                runs[-1].append(members)
                continue
        runs.append([members])
    return runs
