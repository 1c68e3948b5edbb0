"""Polygons by the hundred thousand: kept as WKB in a file, and read in parts as they are needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, SupportsIndex, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from cscl.contract import atomic

# Polygons that are in memory at once.
PART = 5_000
# A layer of fewer bytes needs no file.
IN_MEMORY = 16 * 2**20
# Bytes between two polygons that are rather read than left out.
_GAP = 16 * 1024

Shapes = NDArray[np.object_]
Rows = NDArray[np.int64]
# Where a polygon begins in the file, how many bytes it takes, and its bounds.
_ENTRY = np.dtype([("start", "<i8"), ("size", "<i8"), ("bounds", "<f8", (4,))])


class Outlines:
    """Polygons (N,) without heights, which memory holds as far as they are asked for.

    `bounds` is (N, 4), `areas` and `lengths` (N,), in the units of the coordinates. An index gives
    one polygon, a slice, a mask or an array of numbers an array of them.
    """

    def __init__(
        self,
        file: IO[bytes],
        entries: NDArray[Any],
        areas: NDArray[np.float64],
        lengths: NDArray[np.float64],
    ) -> None:
        self._file, self._entries = file, entries
        self.areas, self.lengths = areas, lengths

    @classmethod
    def of(cls, shapes: Shapes | Sequence[Any]) -> Outlines:
        """Return the outlines of polygons that are in memory."""
        writer = OutlineWriter()
        writer.add(np.asarray(shapes, dtype=object))
        return writer.finish()

    @property
    def bounds(self) -> NDArray[np.float64]:
        """Left, bottom, right and top of each polygon."""
        return cast(NDArray[np.float64], self._entries["bounds"])

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Any]:
        for _, shapes in self.parts():
            yield from shapes

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Shapes:
        return cast(Shapes, self[:])

    def __getitem__(self, rows: Any) -> Any:
        if isinstance(rows, SupportsIndex) and not isinstance(rows, np.ndarray):
            return self.read(np.array([range(len(self))[rows]]))[0]
        return self.read(np.arange(len(self))[rows])

    def take(self, rows: Rows | NDArray[np.bool_]) -> Outlines:
        """Return some of the polygons, in the order of `rows`, from the same file."""
        rows = np.arange(len(self))[rows]
        if np.array_equal(rows, np.arange(len(self))):
            return self
        return Outlines(self._file, self._entries[rows], self.areas[rows], self.lengths[rows])

    def parts(self) -> Iterator[tuple[Rows, Shapes]]:
        """Yield all polygons by parts: their numbers, and they themselves."""
        for first in range(0, len(self), PART):
            rows = np.arange(first, min(first + PART, len(self)))
            yield rows, self.read(rows)

    def read(self, rows: Rows) -> Shapes:
        """Return the polygons with these numbers."""
        return np.asarray(shapely.from_wkb(self.wkb(rows)), dtype=object)

    def wkb(self, rows: Rows) -> Shapes:
        """Return the WKB of the polygons with these numbers."""
        return _read(self._file, self._entries[rows])

    def encoded(self) -> Iterator[bytes]:
        """Yield the WKB of all polygons."""
        for first in range(0, len(self), PART):
            yield from self.wkb(np.arange(first, min(first + PART, len(self))))

    def save(self, path: Path) -> None:
        """Write them to a file, whole or not at all, from which `load` reads parts."""
        places = self._entries.copy()
        places["start"] = np.cumsum(places["size"]) - places["size"]
        with atomic.replacing(path) as part, open(part, "wb") as file:
            file.writelines(self.encoded())
        with atomic.replacing(_index(path)) as part, open(part, "wb") as file:
            np.save(file, places, allow_pickle=False)


class OutlineWriter:
    """Takes polygons part by part; `folder` is where the file is made that nobody else sees.

    By default that is the system's folder for such files. The file goes with the process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115  # it is read later
            max_size=IN_MEMORY, dir=folder
        )
        self._end = 0
        self._entries: list[NDArray[Any]] = []
        self._measures: list[NDArray[np.float64]] = []

    def __len__(self) -> int:
        return sum(map(len, self._entries))

    def add(self, shapes: Shapes) -> None:
        """Add polygons (N,)."""
        for first in range(0, len(shapes), PART):
            self._add(shapes[first : first + PART])

    def _add(self, shapes: Shapes) -> None:
        """Add polygons that are no more than a part."""
        wkb = shapely.to_wkb(shapes)
        entries = np.empty(len(wkb), dtype=_ENTRY)
        entries["size"] = [len(item) for item in wkb]
        ends = self._end + np.cumsum(entries["size"])
        entries["start"] = ends - entries["size"]
        entries["bounds"] = shapely.bounds(shapes)
        self._entries.append(entries)
        self._measures.append(np.stack([shapely.area(shapes), shapely.length(shapes)]))
        self._file.seek(self._end)
        self._file.write(b"".join(wkb))
        self._end = int(ends[-1])

    def finish(self) -> Outlines:
        """Return all that was added."""
        entries = np.concatenate([np.empty(0, dtype=_ENTRY), *self._entries])
        areas, lengths = np.concatenate([np.empty((2, 0)), *self._measures], axis=1)
        return Outlines(cast("IO[bytes]", self._file), entries, areas, lengths)


def load(path: Path, bounds: tuple[float, float, float, float]) -> tuple[Rows, Shapes]:
    """Return the polygons of a saved file whose bounds meet `bounds`, with their numbers."""
    entries = np.load(_index(path), mmap_mode="r", allow_pickle=False)
    rows = meeting(entries["bounds"], bounds)
    with open(path, "rb") as file:
        return rows, np.asarray(shapely.from_wkb(_read(file, entries[rows])), dtype=object)


def meeting(boxes: NDArray[np.float64], bounds: Sequence[float] | NDArray[np.float64]) -> Rows:
    """Return the numbers of `boxes` (N, 4) that meet or touch `bounds`."""
    left, bottom, right, top = bounds
    across = (boxes[:, 0] <= right) & (boxes[:, 2] >= left)
    return np.flatnonzero(across & (boxes[:, 1] <= top) & (boxes[:, 3] >= bottom))


def _index(path: Path) -> Path:
    return path.with_suffix(".npy")


def _read(file: IO[bytes], entries: NDArray[Any]) -> Shapes:
    """Return the bytes of each entry, those that lie together in one go."""
    result: Shapes = np.empty(len(entries), dtype=object)
    order = np.argsort(entries["start"], kind="stable")
    starts = entries["start"][order].tolist()
    ends = (entries["start"] + entries["size"])[order].tolist()
    first = 0
    for last in range(1, len(order) + 1):
        if last < len(order) and starts[last] - ends[last - 1] <= _GAP:
            continue
        file.seek(starts[first])
        data = file.read(ends[last - 1] - starts[first])
        if len(data) != ends[last - 1] - starts[first]:
            raise OSError(f"{getattr(file, 'name', 'a file of outlines')} is too short")
        for place in range(first, last):
            begin = starts[place] - starts[first]
            result[order[place]] = data[begin : ends[place] - starts[first]]
        first = last
    return result
