"""Statistics of parcels gathered while a map is made, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.grid import Grid, Window
from cscl.vectors.layers import VectorLayer, open_polygons
from cscl.vectors.polygons import PolygonReader
from cscl.zonal.statistics import (
    Statistics,
    empty_sums,
    inner_buffer,
    outline_keys,
    parcel_sums,
)
from cscl.zonal.table import ROW_GROUP, write_table

# Polygons of a window that are held at once.
BATCH = 1000
SHAPES, INDEX = "shapes.wkb", "index.npy"
# Where a parcel's polygon lies in the file of shapes, and where on the ground.
ENTRY = np.dtype(
    [
        ("id", np.int64),
        ("outline", np.uint64),
        ("start", np.int64),
        ("size", np.int64),
        ("bounds", np.float64, (4,)),
    ]
)


def prepare_parcels(source: str | Path, grid: Grid, folder: Path, ctx: JobContext) -> int:
    """Keep the polygons of a layer that meet `grid` in `folder`, and return their number.

    The layer is streamed. What is there already is used again, so that a job goes on after a
    kill. Raises `UserError` where the layer has no polygons or no reference system.
    """
    index = folder / INDEX
    if not index.is_file():
        layer = open_polygons(source, "unusable_parcels", "parcels")
        folder.mkdir(parents=True, exist_ok=True)
        with atomic.replacing(folder / SHAPES) as part, part.open("wb") as file:
            entries = [_keep(batch, file) for batch in _polygons(layer, grid, ctx)]
        with atomic.replacing(index) as part, part.open("wb") as file:
            np.save(file, np.concatenate([np.empty(0, ENTRY), *entries]))
    return len(np.load(index, mmap_mode="r"))


def _polygons(layer: VectorLayer, grid: Grid, ctx: JobContext) -> Iterator[tuple[Any, Any, Any]]:
    """Yield ids, outlines and shapes in the grid's system of the parcels that meet it."""
    reader = PolygonReader(layer.crs, grid.crs, grid.bounds)
    ground = shapely.box(*grid.bounds)
    with layer.batches(columns=(), ids=True) as (_, batches):
        for batch in batches:
            ctx.check()
            wkb = batch.column(layer.geometry)
            shapes = np.array(reader.read(wkb).shapes, dtype=object)
            near = np.flatnonzero(shapely.intersects(shapes, ground))
            ids = batch.column(layer.id_column).to_numpy()[near]
            yield ids, outline_keys(wkb.take(near)), shapes[near]


def _keep(batch: tuple[Any, Any, Any], file: Any) -> NDArray[Any]:
    ids, outlines, shapes = batch
    entries = np.zeros(len(ids), ENTRY)
    entries["id"], entries["outline"] = ids, outlines
    entries["bounds"] = shapely.bounds(shapes)
    for entry, wkb in zip(entries, shapely.to_wkb(shapes), strict=True):
        entry["start"], entry["size"] = file.tell(), len(wkb)
        file.write(wkb)
    return entries


class ParcelAccumulator:
    """Adds up the probabilities within parcels, window by window, in any order and any process.

    `folder` holds what `prepare_parcels` kept, and for each window a file of the sums of the
    parcels in it, so that memory does not grow with the number of windows and a killed job keeps
    what it has. Windows must not overlap; a parcel that they cut equals the whole.
    """

    def __init__(self, folder: Path, grid: Grid, codes: tuple[int, ...]) -> None:
        self.folder, self.grid, self.codes = folder, grid, codes
        self._index = np.load(folder / INDEX, mmap_mode="r")
        self._bounds = np.ascontiguousarray(self._index["bounds"].T)

    def within(self, window: Window) -> NDArray[np.int64]:
        """Return the numbers of the parcels whose extents meet a window of the grid."""
        left, bottom, right, top = self.grid.part(window).bounds
        west, south, east, north = self._bounds
        return np.flatnonzero((west < right) & (east > left) & (south < top) & (north > bottom))

    def add(
        self, window: Window, probabilities: NDArray[np.float32], known: NDArray[np.bool_]
    ) -> None:
        """Write the sums of one window: `probabilities` (K, H, W) where `known` (H, W)."""
        numbers = self.within(window)
        if not len(numbers):
            return
        parts = []
        for first in range(0, len(numbers), BATCH):
            shapes = self._shapes(numbers[first : first + BATCH])
            cores = inner_buffer(shapes, self.grid)
            parts.append(parcel_sums(shapes, cores, self.grid, window, probabilities, known))
        sums = np.concatenate(parts)
        path = self.folder / f"{window.row}_{window.col}.npy"
        with atomic.replacing(path) as part, part.open("wb") as file:
            np.save(file, np.concatenate([numbers[:, None], sums], axis=1))

    def _shapes(self, numbers: NDArray[np.int64]) -> NDArray[np.object_]:
        entries = self._index[numbers]
        with open(self.folder / SHAPES, "rb") as file:
            wkb = []
            for entry in entries:
                file.seek(int(entry["start"]))
                wkb.append(file.read(int(entry["size"])))
        shapes: NDArray[np.object_] = shapely.from_wkb(wkb)
        return shapes

    def finish(self, path: Path) -> int:
        """Write the table of all parcels in the order of the layer; return their number."""
        write_table(path, self.codes, self._parts())
        return len(self._index)

    def _parts(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint64], Statistics]]:
        # In the order of the names, so that sums are rounded alike whatever came first.
        pieces = sorted(self.folder.glob("[0-9]*_[0-9]*.npy"))
        for first in range(0, len(self._index), ROW_GROUP):
            entries = self._index[first : first + ROW_GROUP]
            sums = empty_sums(len(entries), len(self.codes))
            for piece in pieces:
                rows = np.load(piece, mmap_mode="r")
                low, high = np.searchsorted(rows[:, 0], (first, first + len(entries)))
                part = np.asarray(rows[low:high])
                sums[part[:, 0].astype(np.int64) - first] += part[:, 1:]
            yield entries["id"], entries["outline"], Statistics.of_sums(sums)
