"""The spool: what chips take from one pass, cell by cell, until all passes are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from cscl.contract import atomic
from cscl.dataset.work import Work, open_work
from cscl.disk import space_told
from cscl.grid import Window
from cscl.memory import trim_memory
from cscl.series.model import Pass, TimeSeries
from cscl.series.native import NativePass
from cscl.series.resample import coarse_window
from cscl.series.sources import OpenFiles
from cscl.series.walk import walk_pass

CLEAR = "clear"
# Cells whose first rows lie within as many rows are read together.
ROWS = 64
CHECK_BYTES = 4
PIECE_BYTES = 16 * 2**20


class PassTask(NamedTuple):
    """One pass of one grid of the dataset in `folder`, by its number."""

    folder: str
    key: str
    grid: str
    number: int


def passes_of(series: TimeSeries) -> list[tuple[int, Pass]]:
    """Return all passes of a series, each with the number of its date."""
    return [(date, item) for date, part in enumerate(series.acquisitions) for item in part.passes]


def images_name(factor: int) -> str:
    """Return images_10, images_20, ...: the array of bands with pixels of `factor` times 10 m."""
    return f"images_{10 * factor}"


def record_type(
    groups: Mapping[int, Sequence[str]], side: int, corners: NDArray[np.int64]
) -> np.dtype[Any]:
    """Return the record of one cell: int16 bands by resolution, and what is clear at 10 m.

    `groups` are the names of the bands by ascending factor. Of coarse bands there is room for the
    cell with the most of their pixels; `corners` (N, 2) are those of what is stored.
    """
    fields: list[tuple[str, str, tuple[int, ...]]] = []
    for factor, names in groups.items():
        rows, columns = (_most(corners[:, axis], side, factor) for axis in (0, 1))
        fields.append((images_name(factor), "<i2", (len(names), rows, columns)))
    return np.dtype([*fields, (CLEAR, "?", (side, side))])


def _most(starts: NDArray[np.int64], side: int, factor: int) -> int:
    """Return the most pixels of `coarse_window` along one axis."""
    if factor == 1:
        return side
    return int((-(-(starts + side) // factor) - starts // factor).max(initial=0)) + 2


@lru_cache(maxsize=4)
def record_of(folder: str, key: str, grid: str) -> np.dtype[Any]:
    """Return the record of a grid's cells."""
    work = open_work(folder, key)
    return record_type(work.layout(grid).groups, work.side, work.cells(grid) - work.margin)


def spool_path(work: Work, grid: str, number: int) -> Path:
    """Return the file of one pass: the records of all cells in their order."""
    return work.path / "spool" / grid / f"{number:05d}.bin"


def spool_pass(task: PassTask) -> None:
    """Write the spool file of a pass, unless it is there; the task of the stage `chips`."""
    work = open_work(task.folder, task.key)
    path = spool_path(work, task.grid, task.number)
    if path.is_file() and _is_whole(path):
        return
    # A row of blocks takes most of what a worker may: nothing of an earlier task may stay.
    trim_memory()
    cells = work.cells(task.grid) - work.margin
    record = record_of(task.folder, task.key, task.grid)
    layout = work.layout(task.grid)
    item = passes_of(work.series[task.grid])[task.number][1]
    parts = list(runs(cells))
    windows = [_around(part, cells, work.side) for part in parts]
    with (
        space_told(work.folder, len(cells) * record.itemsize),
        _summed(path) as write,
        OpenFiles(layout.grid) as files,
    ):
        for part, native in zip(parts, walk_pass(files, item, layout, windows), strict=True):
            write(_records(native, part, record).view(np.uint8))


@contextmanager
def _summed(path: Path) -> Iterator[Callable[[NDArray[np.uint8]], None]]:
    """Give what writes to a file that appears whole or not at all, with a checksum at its end.

    It is not forced to the disk, which would take longer than its writing: it is soon removed
    again. After a loss of power the checksum tells that it is not what it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    target, check = atomic.part_path(path), 0

    def write(data: NDArray[np.uint8]) -> None:
        nonlocal check
        check = google_crc32c.extend(check, data)
        file.write(data.data)

    try:
        with open(target, "wb") as file:
            yield write
            file.write(check.to_bytes(CHECK_BYTES, "little"))
        os.replace(target, path)
    finally:
        atomic.remove(target)


def _is_whole(path: Path) -> bool:
    """Tell whether a spool file of an earlier run holds what was written."""
    left, check = path.stat().st_size - CHECK_BYTES, 0
    with open(path, "rb") as file:
        while left > 0:
            piece = np.fromfile(file, np.uint8, min(left, PIECE_BYTES))
            left -= len(piece)
            check = google_crc32c.extend(check, piece)
        return file.read() == check.to_bytes(CHECK_BYTES, "little")


def runs(cells: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the corners (N, 2) of cells that are read together, in the order of the cells."""
    first = 0
    for last in range(1, len(cells) + 1):
        if last == len(cells) or cells[last, 0] >= cells[first, 0] + ROWS:
            yield cells[first:last]
            first = last


def _around(part: NDArray[np.int64], cells: NDArray[np.int64], side: int) -> Window:
    """Return the window of some cells; all have the same columns."""
    top, bottom = int(part[0, 0]), int(part[-1, 0]) + side
    left, right = int(cells[:, 1].min()), int(cells[:, 1].max()) + side
    return Window(top, left, bottom - top, right - left)


def _records(native: NativePass, corners: NDArray[np.int64], record: np.dtype[Any]) -> NDArray[Any]:
    """Return the records of cells, by the corners of what is stored of them."""
    result = np.zeros(len(corners), dtype=record)
    for factor, numbers in native.numbers.items():
        source = coarse_window(native.window, factor)
        starts = corners if factor == 1 else corners // factor - 1
        _scatter(numbers, starts - (source.row, source.col), result[images_name(factor)])
    _scatter(native.clear, corners - (native.window.row, native.window.col), result[CLEAR])
    return result


def _scatter(values: NDArray[Any], starts: NDArray[np.int64], target: NDArray[Any]) -> None:
    """Fill `target` (N, ..., h, w) from `values` (..., H, W); what lies beyond stays 0."""
    height, width = target.shape[-2:]
    for place, (row, col) in enumerate(starts.tolist()):
        part = values[..., row : row + height, col : col + width]
        target[place, ..., : part.shape[-2], : part.shape[-1]] = part


def spooled_cells(
    work: Work, grid: str, passes: int, record: np.dtype[Any], first: int, last: int
) -> Iterator[NDArray[Any]]:
    """Yield the records (passes,) of the cells `first` to `last`, which is not with them.

    One cell after the other is read: files that are mapped count as memory of the process.
    """
    paths = [spool_path(work, grid, number) for number in range(passes)]
    with ExitStack() as stack:
        files = [stack.enter_context(open(path, "rb")) for path in paths]
        for file in files:
            file.seek(first * record.itemsize)
        for _ in range(first, last):
            cell = np.empty((passes, record.itemsize), dtype=np.uint8)
            for path, file, own in zip(paths, files, cell, strict=True):
                if file.readinto(own.data) != record.itemsize:
                    raise OSError(f"{path} is too short")
            yield cell.view(record)[:, 0]
