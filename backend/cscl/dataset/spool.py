"""The spool: what chips take from one pass, cell by cell, until all passes are there.

It holds one strip of a grid at a time, which is removed when its chips are written: files that are
removed soon seldom reach the disk, and the next strip takes their place in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cscl.contract import atomic
from cscl.dataset.work import Work, make_room, open_work
from cscl.disk import space_told
from cscl.grid import Window
from cscl.series.model import Pass, TimeSeries
from cscl.series.native import NativePass, read_native
from cscl.series.resample import coarse_window
from cscl.series.sources import OpenFiles
from cscl.series.walk import HeldRows

CLEAR = "clear"
# Cells whose first rows lie within as many rows are read together, up to about as many bytes.
ROWS = 64
RUN_BYTES = 4 * 2**20
CHECK_BYTES = 4
PIECE_BYTES = 16 * 2**20
# Cells of about as many bytes are read at once.
READ_BYTES = 2 * 2**20


class Strip(NamedTuple):
    """The cells `first` to `last` (not with it) of the grid `grid`, which wait together."""

    grid: str
    first: int
    last: int


class PassTask(NamedTuple):
    """One pass of a strip of the dataset in `folder`, by its number."""

    folder: str
    key: str
    strip: Strip
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


def _spool_path(work: Work) -> Path:
    return work.path / "spool"


def remove_spool(work: Work) -> None:
    """Remove all that waits."""
    atomic.remove(_spool_path(work))


def spooled_bytes(work: Work) -> int:
    """Return how many bytes wait."""
    return sum(path.stat().st_size for path in _spool_path(work).rglob("*") if path.is_file())


def strip_path(work: Work, grid: str, first: int) -> Path:
    """Return the folder of the strip that begins with the cell `first`."""
    return _spool_path(work) / grid / f"{first:07d}"


def spool_path(work: Work, grid: str, first: int, number: int) -> Path:
    """Return the file of one pass: the records of a strip's cells in their order."""
    return strip_path(work, grid, first) / f"{number:05d}.bin"


def _rows_path(work: Work, grid: str, first: int, number: int) -> Path:
    """Return the file of what a pass has decoded for a strip before it is begun."""
    return strip_path(work, grid, first) / f"{number:05d}.rows"


def spool_pass(task: PassTask) -> None:
    """Write a strip's spool file of a pass, unless it is there; the task of the stage `chips`.

    What was decoded and the next strip needs too waits beside that strip's spool files.
    """
    work, strip = open_work(task.folder, task.key), task.strip
    path = spool_path(work, strip.grid, strip.first, task.number)
    if path.is_file() and _is_whole(path):
        return
    make_room(task.folder, task.key, strip.grid, "passes", strip.first)
    cells = work.cells(strip.grid) - work.margin
    record = record_of(task.folder, task.key, strip.grid)
    layout = work.layout(strip.grid)
    item = passes_of(work.series[strip.grid])[task.number][1]
    parts = list(runs(cells[strip.first : strip.last], RUN_BYTES // record.itemsize))
    room = np.empty(max(len(part) for part in parts), dtype=record)
    with (
        space_told(work.folder, (strip.last - strip.first) * record.itemsize),
        _summed(path) as write,
        OpenFiles(layout.grid) as files,
    ):
        rows = HeldRows(files)
        rows.take(_whole(_rows_path(work, strip.grid, strip.first, task.number)))
        for part in parts:
            window = _around(part, cells, work.side)
            records = room[: len(part)]
            _fill(records, part, read_native(rows, item, layout, window))
            write(records.view(np.uint8))
        if strip.last < len(cells):
            with _summed(_rows_path(work, strip.grid, strip.last, task.number)) as keep:
                for piece in rows.kept(item, layout, int(cells[strip.last, 0])):
                    keep(piece)


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


def _whole(path: Path) -> NDArray[np.uint8]:
    """Return what was written to a file, or nothing where it is not there as it was."""
    if not path.is_file() or not _is_whole(path):
        return np.empty(0, dtype=np.uint8)
    return np.fromfile(path, np.uint8, path.stat().st_size - CHECK_BYTES)


def runs(cells: NDArray[np.int64], most: int) -> Iterator[NDArray[np.int64]]:
    """Yield the corners (N, 2) of cells that are read together, in the order of the cells.

    After `most` of them no other row is begun.
    """
    first = 0
    for last in range(1, len(cells) + 1):
        if last < len(cells):
            full = last - first >= most and cells[last, 0] != cells[last - 1, 0]
            if not full and cells[last, 0] < cells[first, 0] + ROWS:
                continue
        yield cells[first:last]
        first = last


def _around(part: NDArray[np.int64], cells: NDArray[np.int64], side: int) -> Window:
    """Return the window of some cells; all have the same columns."""
    top, bottom = int(part[0, 0]), int(part[-1, 0]) + side
    left, right = int(cells[:, 1].min()), int(cells[:, 1].max()) + side
    return Window(top, left, bottom - top, right - left)


def _fill(records: NDArray[Any], corners: NDArray[np.int64], native: NativePass) -> None:
    """Fill the records of cells, by the corners of what is stored of them."""
    for factor, numbers in native.numbers.items():
        source = coarse_window(native.window, factor)
        starts = corners if factor == 1 else corners // factor - 1
        _scatter(numbers, starts - (source.row, source.col), records[images_name(factor)])
    _scatter(native.clear, corners - (native.window.row, native.window.col), records[CLEAR])


def _scatter(values: NDArray[Any], starts: NDArray[np.int64], target: NDArray[Any]) -> None:
    """Fill `target` (N, ..., h, w) from `values` (..., H, W); what lies beyond is 0."""
    height, width = target.shape[-2:]
    for own, row, columns in _even(starts.tolist()):
        every = slice(columns.start, columns.stop, columns.step)
        if row + height <= values.shape[-2] and columns[-1] + width <= values.shape[-1]:
            rows = values[..., row : row + height, :]
            parts = sliding_window_view(rows, width, axis=-1)[..., every, :]
            target[own] = np.moveaxis(parts, -2, 0)
            continue
        for cell, col in zip(target[own], columns, strict=True):
            part = values[..., row : row + height, col : col + width]
            cell.fill(0)
            cell[..., : part.shape[-2], : part.shape[-1]] = part


def _even(starts: Sequence[Sequence[int]]) -> Iterator[tuple[slice, int, range]]:
    """Yield runs of places in one row with equal steps: where they stand, row, columns."""
    first = 0
    while first < len(starts):
        row, col = starts[first]
        last, step = first + 1, 0
        while last < len(starts) and starts[last][0] == row:
            move = starts[last][1] - starts[last - 1][1]
            if move < 1 or (step and move != step):
                break
            last, step = last + 1, move
        yield slice(first, last), row, range(col, starts[last - 1][1] + 1, step or 1)
        first = last


def spooled_cells(
    work: Work,
    grid: str,
    strip: int,
    passes: int,
    record: np.dtype[Any],
    cells: range,
) -> Iterator[NDArray[Any]]:
    """Yield the records (passes,) of some cells of the strip that begins with the cell `strip`.

    Some cells after the others are read: files that are mapped count as memory of the process.
    """
    paths = [spool_path(work, grid, strip, number) for number in range(passes)]
    with ExitStack() as stack:
        files = [stack.enter_context(open(path, "rb")) for path in paths]
        for file in files:
            file.seek((cells.start - strip) * record.itemsize)
        most = max(1, READ_BYTES // (passes * record.itemsize))
        for first in range(cells.start, cells.stop, most):
            count = min(most, cells.stop - first)
            part = np.empty((passes, count * record.itemsize), dtype=np.uint8)
            for path, file, own in zip(paths, files, part, strict=True):
                if file.readinto(own.data) != own.size:
                    raise OSError(f"{path} is too short")
            yield from part.view(record).T
