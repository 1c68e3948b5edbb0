"""Decoded blocks of files, kept while neighbouring windows need them."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.grid import Window
from cscl.series.model import Asset, Pass
from cscl.series.sources import OpenFiles, is_cube

# Enough for thirty dates of a product's blocks of 1024 pixels, ten bands each.
CACHE_BYTES = 640 * 2**20
# Small blocks are decoded and kept by the dozen: so many rows and columns at least.
LEAST_ROWS, LEAST_COLUMNS = 64, 256

# Number of the cache, file, path inside it, band, row and column of the block.
_Key = tuple[int, Path, str, int, int, int]


class _Memory:
    """Blocks of all caches of a process, the least recently used go first; for several threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held = 0
        self._blocks: OrderedDict[_Key, NDArray[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _Key) -> NDArray[Any] | None:
        """Return a block that is held."""
        with self._lock:
            if key not in self._blocks:
                return None
            self._blocks.move_to_end(key)
            return self._blocks[key]

    def put(self, key: _Key, block: NDArray[Any]) -> None:
        """Hold a block, and let go of others beyond the limit."""
        with self._lock:
            self._drop(key)
            self._blocks[key] = block
            self._held += block.nbytes
            while self._held > self.limit and len(self._blocks) > 1:
                self._drop(next(iter(self._blocks)))

    def forget(self, cache: int) -> None:
        """Let go of the blocks of one cache."""
        with self._lock:
            for key in [key for key in self._blocks if key[0] == cache]:
                self._drop(key)

    def _drop(self, key: _Key) -> None:
        block = self._blocks.pop(key, None)
        self._held -= block.nbytes if block is not None else 0


_MEMORY = _Memory(CACHE_BYTES)
_NUMBERS = itertools.count()


def keep_at_most(size: int) -> int:
    """Keep no more than `size` bytes of decoded blocks in this process, beyond one block.

    Returns how many it was before.
    """
    before, _MEMORY.limit = _MEMORY.limit, size
    return before


class BlockCache:
    """Reads files by whole blocks and keeps what was decoded, the least recently used goes first.

    A series has more files than may be open at once, and what GDAL keeps of a file goes with it.
    All caches of a process share `CACHE_BYTES`, unless `keep_at_most` says otherwise. Close it,
    so that it gives back its part.
    """

    def __init__(self, files: OpenFiles) -> None:
        self._files = files
        self._number = next(_NUMBERS)

    def close(self) -> None:
        """Forget all blocks; the files stay open."""
        _MEMORY.forget(self._number)

    def read(self, item: Pass, assets: Sequence[Asset], window: Window) -> list[NDArray[Any]]:
        """Return a window of each asset; see `cscl.series.sources.Source`."""
        groups: dict[tuple[Path, str], list[int]] = {}
        for number, asset in enumerate(assets):
            member = "" if is_cube(asset.path) else asset.member
            groups.setdefault((asset.path, member), []).append(number)
        result: dict[int, NDArray[Any]] = {}
        for (path, _), numbers in groups.items():
            # Cubes keep their own chunks, which hold several dates.
            read = self._files.read if is_cube(path) else self._file
            members = [assets[number] for number in numbers]
            result.update(zip(numbers, read(item, members, window), strict=True))
        return [result[number] for number in range(len(assets))]

    def block_shape(self, asset: Asset) -> tuple[int, int]:
        """Return how many rows and columns of the asset's own pixels are kept as one."""
        height, width = self._files.block_shape(asset)
        return -(-LEAST_ROWS // height) * height, -(-LEAST_COLUMNS // width) * width

    def block_bytes(self, asset: Asset) -> int:
        """Return the size of one such part, decoded; 0 of cubes, which keep their chunks."""
        if is_cube(asset.path):
            return 0
        height, width = self.block_shape(asset)
        return height * width * self._files.item_bytes(asset)

    def _file(self, item: Pass, assets: Sequence[Asset], window: Window) -> list[NDArray[Any]]:
        self._files.check(item, assets[0].path)
        height, width = self.block_shape(assets[0])
        columns = range(window.col // width, -(-(window.col + window.width) // width))
        blocks: dict[tuple[int, int], list[NDArray[Any]]] = {}
        for row in range(window.row // height, -(-(window.row + window.height) // height)):
            for column, bands in self._row(item, assets, row, columns, (height, width)).items():
                blocks[row * height, column * width] = bands
        first = next(iter(blocks.values()))
        result = [np.empty((window.height, window.width), band.dtype) for band in first]
        for corner, bands in blocks.items():
            # The bands of one file have the same blocks.
            place = Window(*corner, *bands[0].shape)
            part = place.common(window)
            inside, own = part.within(window).slices, part.within(place).slices
            for target, band in zip(result, bands, strict=True):
                target[inside] = band[own]
        return result

    def _row(
        self,
        item: Pass,
        assets: Sequence[Asset],
        row: int,
        columns: range,
        shape: tuple[int, int],
    ) -> dict[int, list[NDArray[Any]]]:
        """Return the blocks of one row by column, of each an array an asset."""
        found: dict[int, list[NDArray[Any]]] = {}
        for column in columns:
            held = [_MEMORY.get(self._key(asset, row, column)) for asset in assets]
            known = [block for block in held if block is not None]
            if len(known) == len(assets):
                found[column] = known
        missing = [column for column in columns if column not in found]
        if missing:
            first = missing[0] * shape[1]
            end = (missing[-1] + 1) * shape[1]
            area = Window(row * shape[0], first, shape[0], end - first)
            bands = self._files.read(
                item, assets, area.clipped(*self._files.grid_of(assets[0]).shape)
            )
            for column in missing:
                left = column * shape[1] - first
                found[column] = [band[:, left : left + shape[1]].copy() for band in bands]
                for asset, block in zip(assets, found[column], strict=True):
                    _MEMORY.put(self._key(asset, row, column), block)
        return found

    def _key(self, asset: Asset, row: int, column: int) -> _Key:
        return self._number, asset.path, asset.member, asset.index, row, column
