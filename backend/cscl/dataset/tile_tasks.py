"""Label rasters tile by tile: each tile is a task with a file of its own, then all become one."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np
from numcodecs.blosc import Blosc
from numpy.typing import NDArray

from cscl.contract import atomic
from cscl.contract.codes import OUTSIDE
from cscl.dataset.grids import DatasetGrid, label_folder
from cscl.dataset.labels import LabelBurner
from cscl.dataset.rasters import (
    LAYERS,
    SPLIT_LAYER,
    LabelFiles,
    layer_name,
    raster_window,
    raster_writer,
    split_layer,
    tiles,
)
from cscl.dataset.split import transformer_between
from cscl.dataset.split_raster import SplitLayer, guarded, seen_from
from cscl.dataset.work import Work, open_work, read_shapes
from cscl.grid import Grid, Window

_BLOSC = Blosc("lz4", 5, Blosc.SHUFFLE)


class TileTask(NamedTuple):
    """One tile of a grid's pixels, `factor` times finer than 10 m, of the dataset in `folder`."""

    folder: str
    key: str
    grid: str
    factor: int
    row: int
    col: int
    height: int
    width: int

    @property
    def window(self) -> Window:
        """The pixels of the tile."""
        return Window(self.row, self.col, self.height, self.width)

    def path(self, kind: str) -> Path:
        """Return the file that the task writes."""
        name = f"{kind}-{self.grid}-{self.factor}-{self.row}-{self.col}.zip"
        return open_work(self.folder, self.key).path / "tiles" / name


def tile_tasks(work: Work, key: str, factor: int, kind: str) -> list[TileTask]:
    """Return the tiles of all grids whose rasters are not there yet."""
    layers = _layers(kind, factor)
    return [
        TileTask(str(work.folder), key, name, factor, tile.row, tile.col, tile.height, tile.width)
        for name in work.series
        if not all(_raster(work, name, layer, factor).is_file() for layer in layers)
        for tile in tiles(work.grid(name).subdivide(factor))
    ]


def _layers(kind: str, factor: int) -> dict[str, str]:
    return LAYERS if kind == "labels" else {SPLIT_LAYER: "uint8"}


def _raster(work: Work, name: str, layer: str, factor: int) -> Path:
    return label_folder(work.folder, name) / f"{layer_name(layer, factor)}.tif"


def burn_tile(task: TileTask) -> None:
    """Burn the parcels into one tile, unless that is done."""
    path = task.path("labels")
    if path.is_file():
        return
    work = open_work(task.folder, task.key)
    grid = work.grid(task.grid).subdivide(task.factor)
    # A pixel more, so that no rounding of the index loses a parcel at the edge.
    near = read_shapes(work, task.grid, grid.part(task.window.grown(1)).bounds)
    labels = LabelBurner(near.shapes, near.codes, near.ids, grid, near.overlaps).burn(task.window)
    arrays = (labels.code, labels.parcel, labels.cover, labels.mixed)
    _write(path, dict(zip(LAYERS, arrays, strict=True)))


def split_tile(task: TileTask) -> None:
    """Work out the split of one tile, unless that is done."""
    path = task.path(SPLIT_LAYER)
    if path.is_file():
        return
    work = open_work(task.folder, task.key)
    with contextlib.ExitStack() as stack:
        before = _before(work, stack)
        layers = {
            name: _unguarded(work, name, stack.enter_context(work.labels(name)), before)
            for name in work.series
        }
        own = layers.pop(task.grid)
        others = [*layers.values(), *(layer for _, layer in before)]
        codes = guarded(own, others, work.plan.guard, task.window)
    _write(path, {SPLIT_LAYER: codes})


def _before(work: Work, stack: contextlib.ExitStack) -> list[tuple[DatasetGrid, SplitLayer]]:
    """Return the grids of the dataset that this one is appended to, with their final splits."""
    if work.before is None:
        return []
    # Workers have no room for what it loads where they do without.
    from cscl.dataset.reader import Dataset

    def layer(place: DatasetGrid) -> SplitLayer:
        files = stack.enter_context(LabelFiles(label_folder(place.folder, place.name)))
        return SplitLayer(place.grid, lambda window: files.read(SPLIT_LAYER, window))

    return [(place, layer(place)) for place in Dataset.open(work.before).grids]


def _unguarded(
    work: Work, name: str, labels: LabelFiles, before: Sequence[tuple[DatasetGrid, SplitLayer]]
) -> SplitLayer:
    """Return the split of a grid, without ground that has another already.

    Land outside parcels counts in the first grid of its year; what a dataset before this one has
    stays in the split that it has there.
    """
    grid, year = work.grid(name), work.years[name]
    layer = split_layer(labels, grid, work.plan, work.splits, work.outside, year)
    names = list(work.series)
    earlier = [
        work.grid(other) for other in names[: names.index(name)] if work.years[other] == year
    ]
    earlier += [place.grid for place, _ in before if place.season[1].year == year]
    if not earlier and not before:
        return layer

    def read(window: Window) -> NDArray[np.uint8]:
        codes = layer.read(window)
        codes[_seen(grid, earlier, window) & (labels.read("labels", window) == OUTSIDE)] = 0
        for _, other in before:
            found = seen_from(grid, window, other)
            codes[(found > 0) & (found != codes)] = 0
        return codes

    return SplitLayer(grid, read)


def _seen(grid: Grid, earlier: Sequence[Grid], window: Window) -> NDArray[np.bool_]:
    """Return which pixels of a window touch one of the earlier grids."""
    seen = np.zeros((window.height, window.width), dtype=bool)
    # All corners of the pixels: pixels of two zones overlap by parts.
    columns, rows = np.meshgrid(
        window.col + np.arange(window.width + 1), window.row + np.arange(window.height + 1)
    )
    x = grid.affine.c + grid.affine.a * columns
    y = grid.affine.f + grid.affine.e * rows
    for other in earlier:
        across, up = (x, y)
        if other.crs != grid.crs:
            across, up = transformer_between(grid.crs, other.crs).transform(x, y)
        left, bottom, right, top = other.bounds
        inside = (across > left) & (across < right) & (up > bottom) & (up < top)
        seen |= inside[:-1, :-1] | inside[:-1, 1:] | inside[1:, :-1] | inside[1:, 1:]
        # Edges that only touch: a pixel between them lies inside by its centre.
        middle_x, middle_y = across[:-1, :-1] + across[1:, 1:], up[:-1, :-1] + up[1:, 1:]
        seen |= (
            (middle_x > 2 * left) & (middle_x < 2 * right)
            & (middle_y > 2 * bottom) & (middle_y < 2 * top)
        )  # fmt: skip
    return seen


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    # These are read once and removed: what counts is time.
    with atomic.replacing(path) as part, ZipFile(part, "w") as file:
        for name, values in arrays.items():
            file.writestr(name, _BLOSC.encode(np.ascontiguousarray(values)))


class JoinTask(NamedTuple):
    """One label raster of a grid, whose tiles are all there."""

    folder: str
    key: str
    grid: str
    kind: str
    layer: str
    factor: int


def join_tasks(tasks: Sequence[TileTask], kind: str) -> list[JoinTask]:
    """Return the rasters that the tiles of `tasks` belong to, the largest first."""
    places = dict.fromkeys((task.folder, task.key, task.grid, task.factor) for task in tasks)
    return [
        JoinTask(folder, key, grid, kind, layer, factor)
        for folder, key, grid, factor in sorted(places, key=lambda place: -place[3])
        for layer in _layers(kind, factor)
    ]


def join_tiles(task: JoinTask) -> None:
    """Write a raster from its tiles, unless that is done."""
    work = open_work(task.folder, task.key)
    path = _raster(work, task.grid, task.layer, task.factor)
    if path.is_file():
        return
    dtype = _layers(task.kind, task.factor)[task.layer]
    grid = work.grid(task.grid).subdivide(task.factor)
    with atomic.replacing(path) as part, raster_writer(part, grid, dtype) as raster:
        for tile in tiles(grid):
            own = TileTask(*task[:3], task.factor, tile.row, tile.col, tile.height, tile.width)
            with ZipFile(own.path(task.kind)) as file:
                values = np.frombuffer(_BLOSC.decode(file.read(task.layer)), dtype=dtype)
            raster.write(values.reshape(tile.height, tile.width), 1, window=raster_window(tile))


def remove_tiles(tasks: Sequence[TileTask], kind: str) -> None:
    """Remove tiles whose rasters are written."""
    for task in tasks:
        task.path(kind).unlink(missing_ok=True)
