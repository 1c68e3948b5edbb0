"""Windows of NetCDF and Zarr cubes: the stored numbers, each chunk decoded once in a walk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.grid import Window
from cscl.series.cube_model import Cube, Variable, changed_cube, rising_y
from cscl.series.cube_open import check_cube_unchanged, open_cube
from cscl.series.model import Asset, Stamp
from cscl.series.raster import check_unchanged

OPEN_FILES = 48
# Enough for four bands of a date across a tile; a walk from north to south holds rows itself.
CHUNK_BYTES = 48 * 2**20
_AXES = ("time", "band", "y", "x")

# The files of a folder are looked at one by one, for at most a twentieth of the time.
LOOK_AGAIN = 20
_looked: dict[Path, tuple[Stamp, float, float]] = {}  # by folder: state, when, how long it took

# File, variable and place of a chunk in it, along time, bands, y and x.
_Key = tuple[Path, str, tuple[int, ...]]


@dataclass
class _OpenCube:
    """A cube, and of each variable used whether its rows run from south to north."""

    cube: Cube
    rising: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class _Layer:
    """One step of time and one band of a variable, both from 0."""

    path: Path
    variable: Variable
    time: int
    band: int
    rising: bool


class CubeFiles:
    """Cubes kept open, the least recently used closed first; for one thread.

    Decoded chunks are kept up to `cache_bytes`, so that neighbouring windows, dates and bands
    that share a chunk decode it once.
    """

    def __init__(self, limit: int = OPEN_FILES, cache_bytes: int = CHUNK_BYTES) -> None:
        self._limit = limit
        self._cache_bytes = cache_bytes
        self._open: OrderedDict[Path, _OpenCube] = OrderedDict()
        self._chunks: OrderedDict[_Key, NDArray[Any]] = OrderedDict()
        self._held = 0

    def __enter__(self) -> CubeFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files and forget their chunks."""
        while self._open:
            self._open.popitem()[1].cube.close()
        self._chunks.clear()
        self._held = 0

    def read(
        self,
        assets: Sequence[Asset],
        window: Window,
        stamps: Mapping[Path, Stamp] | None = None,
    ) -> NDArray[Any]:
        """Return the stored numbers of `assets` in a window inside their grid, (n, H, W).

        Rows run from north to south however they are stored. `path`, `member` (VARIABLE, or
        VARIABLE[PLACE] of a dimension of bands, from 1) and `index` (step of time, from 1) name
        what is read. Types that differ are joined as numpy joins them. Raises `UserError` where
        a cube changed since `stamps`, is gone or cannot be decoded.
        """
        layers = [self._layer(asset, stamps or {}) for asset in assets]
        kind = np.result_type(*(layer.variable.numbers for layer in layers))
        result = np.empty((len(assets), window.height, window.width), dtype=kind)
        groups: dict[tuple[Path, str], list[int]] = {}
        for number, layer in enumerate(layers):
            groups.setdefault((layer.path, layer.variable.name), []).append(number)
        for numbers in groups.values():
            self._fill({number: layers[number] for number in numbers}, window, result)
        return result

    def block_rows(self, asset: Asset) -> int:
        """Return how many rows of pixels are decoded at once."""
        variable, _ = self._cube(asset.path).cube.find(asset.member)
        return variable.chunks[variable.axes["y"]] if variable.chunks else 1

    def _layer(self, asset: Asset, stamps: Mapping[Path, Stamp]) -> _Layer:
        if asset.path in stamps:
            _check(asset.path, stamps[asset.path])
        opened = self._cube(asset.path)
        variable, band = opened.cube.find(asset.member)
        if variable.name not in opened.rising:
            opened.rising[variable.name] = rising_y(opened.cube, variable)
        layer = _Layer(
            asset.path, variable, asset.index - 1, band or 0, opened.rising[variable.name]
        )
        axes, shape = variable.axes, _shape(variable)
        if asset.grid is not None and asset.grid.shape != shape[2:]:
            found = f"its variable {variable.name} has {shape[3]} x {shape[2]} pixels"
            raise changed_cube(
                asset.path, f"{found}, the time series {asset.grid.width} x {asset.grid.height}"
            )
        if (band is None) == ("band" in axes) or layer.time >= shape[0] or layer.band >= shape[1]:
            found = f"its variable {variable.name} has no step {asset.index} of {asset.member}"
            raise changed_cube(asset.path, found)
        return layer

    def _cube(self, path: Path) -> _OpenCube:
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        cube = open_cube(path)
        while len(self._open) >= self._limit:
            self._open.popitem(last=False)[1].cube.close()
        self._open[path] = _OpenCube(cube)
        return self._open[path]

    def _fill(self, layers: Mapping[int, _Layer], window: Window, result: NDArray[Any]) -> None:
        """Copy one variable's layers of the window into `result`, block by block."""
        first = next(iter(layers.values()))
        height = _shape(first.variable)[2]
        # Row numbers count from the first row that is stored, which may be the southern one.
        top = height - window.row - window.height if first.rising else window.row
        rows, cols = range(top, top + window.height), range(window.col, window.col + window.width)
        targets = {
            number: result[number][::-1] if first.rising else result[number] for number in layers
        }
        if first.variable.chunks is None:
            for number, layer in layers.items():
                part = (_one(layer.time), _one(layer.band), rows, cols)
                targets[number][:] = _read_part(first.variable, part)[0, 0]
            return
        sides = _sides(first.variable, first.variable.chunks)
        for times, bands, number_of in _by_chunk(layers, sides):
            for y, x in product(_places(rows, sides[2]), _places(cols, sides[3])):
                place = (times, bands, y, x)
                block = self._chunk(first.path, first.variable, place, sides)
                inner, outer = _overlaps((rows, cols), (y * sides[2], x * sides[3]), block)
                for number, time, band in number_of:
                    targets[number][outer] = block[time, band][inner]

    def _chunk(
        self, path: Path, variable: Variable, place: tuple[int, ...], sides: Sequence[int]
    ) -> NDArray[Any]:
        """Return a whole chunk (time, band, y, x), decoded or as it was kept."""
        key = (path, variable.name, place)
        if key in self._chunks:
            self._chunks.move_to_end(key)
            return self._chunks[key]
        part = tuple(
            range(number * side, min((number + 1) * side, whole))
            for number, side, whole in zip(place, sides, _shape(variable), strict=True)
        )
        block = _read_part(variable, part)
        self._chunks[key] = block
        self._held += block.nbytes
        while self._held > self._cache_bytes and self._chunks:
            self._held -= self._chunks.popitem(last=False)[1].nbytes
        return block


def _check(path: Path, stamp: Stamp) -> None:
    """Raise `UserError` where a cube changed, a folder as far as it was not looked at just now."""
    if not path.is_dir():
        check_unchanged(path, stamp)
        return
    known, when, took = _looked.get(path, (None, 0.0, 0.0))
    start = monotonic()
    if known == stamp and start - when < LOOK_AGAIN * took:
        return
    check_cube_unchanged(path, stamp)
    now = monotonic()
    _looked[path] = (stamp, now, now - start)


def _read_part(variable: Variable, part: Sequence[range]) -> NDArray[Any]:
    """Return the numbers of a part along time, bands, y and x, with all four dimensions."""
    axes = variable.axes
    slices = [slice(None)] * len(variable.shape)
    for axis, steps in zip(_AXES, part, strict=True):
        if axis in axes:
            slices[axes[axis]] = slice(steps.start, steps.stop)
    stored = variable.read(tuple(slices))
    present = [axes[axis] for axis in _AXES if axis in axes]
    numbers = stored.transpose(present).reshape([len(steps) for steps in part])
    if variable.numbers.kind == "u" and stored.dtype.kind == "i":
        # The bits are those of unsigned numbers, in whatever byte order.
        numbers = numbers.astype(stored.dtype.newbyteorder("=")).view(variable.numbers)
    return numbers.astype(variable.numbers, copy=False)


def _by_chunk(
    layers: Mapping[int, _Layer], sides: Sequence[int]
) -> Iterator[tuple[int, int, list[tuple[int, int, int]]]]:
    """Give the chunks along time and bands that hold layers, and the layers' places in each."""
    chunks: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for number, layer in layers.items():
        time, band = divmod(layer.time, sides[0]), divmod(layer.band, sides[1])
        chunks.setdefault((time[0], band[0]), []).append((number, time[1], band[1]))
    for (time_chunk, band_chunk), places in chunks.items():
        yield time_chunk, band_chunk, places


def _overlaps(
    wanted: Sequence[range], corner: Sequence[int], block: NDArray[Any]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return what a block and a window share: its slices in the block, and in the window."""
    inner, outer = [], []
    for steps, start, side in zip(wanted, corner, block.shape[2:], strict=True):
        first, last = max(steps.start, start), min(steps.stop, start + side)
        inner.append(slice(first - start, last - start))
        outer.append(slice(first - steps.start, last - steps.start))
    return tuple(inner), tuple(outer)


def _places(steps: range, side: int) -> range:
    """Return the numbers of the chunks of `side` that hold any of `steps`."""
    return range(steps.start // side, (steps.stop - 1) // side + 1)


def _one(step: int) -> range:
    return range(step, step + 1)


def _shape(variable: Variable) -> tuple[int, int, int, int]:
    return _sides(variable, variable.shape)


def _sides(variable: Variable, sides: Sequence[int]) -> tuple[int, int, int, int]:
    """Return sides along time, bands, y and x; 1 where a variable has no such dimension."""
    axes = variable.axes
    time, band, y, x = (sides[axes[axis]] if axis in axes else 1 for axis in _AXES)
    return time, band, y, x
