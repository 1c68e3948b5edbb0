"""A pass from north to south in strips, each block of its files decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.contract import strict_json
from cscl.grid import Window
from cscl.series.model import Asset, Pass
from cscl.series.native import Layout, NativePass, factor_of, read_native
from cscl.series.sources import OpenFiles

STRIP_BYTES = 48 * 2**20


def walk_pass(
    files: OpenFiles, item: Pass, layout: Layout, windows: Iterable[Window]
) -> Iterator[NativePass]:
    """Give the stored numbers of a pass in windows that go from north to south.

    Windows share their columns, and none starts above the one before; they may overlap, and rows
    may be left out. What `read_native` gives for each is given here, with margins, yet no block
    of a file is decoded twice: rows that were decoded are held until no window needs them. So at
    most a window and a row of blocks of each file are in memory. Raises `UserError` as
    `read_native` does.
    """
    rows = HeldRows(files)
    for window in windows:
        yield read_native(rows, item, layout, window)


def strips(layout: Layout, area: Window | None = None) -> list[Window]:
    """Return windows as wide as `area` that cover it, whose numbers take about 48 MiB each.

    Without an area they cover the grid.
    """
    area = area or layout.grid.whole
    # Two bytes a number, and what is computed of each pixel beside them.
    row_bytes = area.width * (2 * len(layout.bands) + 16)
    step = max(16, STRIP_BYTES // row_bytes // 16 * 16)
    end = area.row + area.height
    return [
        Window(row, area.col, min(step, end - row), area.width)
        for row in range(area.row, end, step)
    ]


@dataclass
class _Held:
    """Rows of one file that are decoded: first row and an array a band of each piece."""

    following: int = 0
    pieces: list[tuple[int, list[NDArray[Any]]]] = field(default_factory=list)

    def drop_above(self, row: int) -> None:
        """Forget all rows above one: copies of the rest, so that memory is given back."""
        self.pieces = [
            (max(start, row), [band[max(row - start, 0) :].copy() for band in bands])
            for start, bands in self.pieces
            if start + len(bands[0]) > row
        ]

    def rows(self, first: int, end: int) -> list[NDArray[Any]]:
        """Return rows that are held, of each band."""
        parts = [
            [band[max(first - start, 0) : end - start] for band in bands]
            for start, bands in self.pieces
            if start < end
        ]
        return (
            parts[0]
            if len(parts) == 1
            else [np.concatenate(bands) for bands in zip(*parts, strict=True)]
        )


# Path, member, indexes of the bands, first column and width.
_Key = tuple[Path, str, tuple[int, ...], int, int]


class HeldRows:
    """Reads files by whole rows of blocks, and gives windows from what it holds of them.

    Windows go from north to south as in `walk_pass`, which may be gone on with in another process
    by what `kept` gives.
    """

    def __init__(self, files: OpenFiles) -> None:
        self._files = files
        self._held: dict[_Key, _Held] = {}

    def kept(self, item: Pass, layout: Layout, row: int) -> Iterator[NDArray[np.uint8]]:
        """Yield, as bytes for `take`, what windows from `row` of the grid on need of what is held.

        All else is forgotten.
        """
        assets = [*item.assets.values(), *([] if item.mask is None else [item.mask])]
        factors = {(asset.path, asset.member): factor_of(asset, layout.grid) for asset in assets}
        # Masks reach beyond a window, coarse bands by a pixel of theirs and one of the layout's.
        row -= layout.mask.radius(layout.grid.resolution)
        described, arrays = [], []
        for key, held in self._held.items():
            held.drop_above(row // factors[key[:2]] - 2)
            first = min((start for start, _ in held.pieces), default=held.following)
            bands = held.rows(first, held.following) if held.pieces else []
            types = [band.dtype.str for band in bands]
            described.append([str(key[0]), *key[1:], held.following, first, types])
            arrays += bands
        yield np.frombuffer(strict_json.line(described), np.uint8)
        for band in arrays:
            yield np.ascontiguousarray(band).reshape(-1).view(np.uint8)

    def take(self, data: NDArray[np.uint8]) -> None:
        """Hold what `kept` gave, in one piece, or nothing more."""
        if not len(data):
            return
        place = int(np.argmax(data == ord("\n"))) + 1
        described = strict_json.parse(data[:place].tobytes(), "rows that are held")
        for name, member, indexes, col, width, following, first, types in described:
            bands = []
            for kind in types:
                size = (following - first) * width * np.dtype(kind).itemsize
                bands.append(data[place : place + size].view(kind).reshape(-1, width))
                place += size
            pieces = [(first, bands)] if bands else []
            self._held[Path(name), member, tuple(indexes), col, width] = _Held(following, pieces)

    def read(self, item: Pass, assets: Sequence[Asset], window: Window) -> list[NDArray[Any]]:
        """Return a window of each asset; see `cscl.series.sources.Source`."""
        groups: dict[tuple[Path, str], list[int]] = {}
        for number, asset in enumerate(assets):
            groups.setdefault((asset.path, asset.member), []).append(number)
        result: dict[int, NDArray[Any]] = {}
        for numbers in groups.values():
            data = self._file(item, [assets[number] for number in numbers], window)
            result.update(zip(numbers, data, strict=True))
        return [result[number] for number in range(len(assets))]

    def _file(self, item: Pass, assets: Sequence[Asset], window: Window) -> list[NDArray[Any]]:
        first, indexes = assets[0], tuple(asset.index for asset in assets)
        key = (first.path, first.member, indexes, window.col, window.width)
        held = self._held.setdefault(key, _Held())
        end = window.row + window.height
        if held.following < end:
            held.drop_above(window.row)
            block = self._files.block_shape(first)[0]
            # What lies between windows is not decoded.
            start = max(held.following, window.row // block * block)
            held.following = min(-(-end // block) * block, self._files.grid_of(first).height)
            area = Window(start, window.col, held.following - start, window.width)
            held.pieces.append((start, self._files.read(item, assets, area)))
        return held.rows(window.row, end)
