"""Statistics of parcels from a map folder: what mapping accumulated, probabilities, or votes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.windows import Window as RasterWindow

from cscl.grid import Window
from cscl.mapping.folder import MapFolder
from cscl.mapping.layers import NO_SHARE, STEPS
from cscl.zonal.statistics import Shapes, Statistics, empty_sums, inner_buffer, parcel_sums
from cscl.zonal.table import ParcelTable

# Parcels that begin in one square of this side are read together.
TILE = 512
# Values that are read at once, over all classes.
LARGEST_READ = 8_000_000

ACCUMULATED = "the sums of mapping"
PROBABILITIES = "probabilities.tif"
VOTES = "votes of crops.tif"


class ParcelShares:
    """Gives the statistics of parcels by the best that a map folder holds.

    These are the sums that mapping accumulated over the very parcel, told by its outline; else the
    means over `probabilities.tif`; else over the classes of the pixels (votes). All at 10 m: pixels
    on the parcel's edge count by the part of them that lies inside. `used` counts the parcels by
    where theirs came from.
    """

    def __init__(self, folder: MapFolder) -> None:
        self.codes = folder.codes
        self.grid = folder.grid
        self.used: Counter[str] = Counter()
        table = folder.parcel_table
        self._table = None if table is None else ParcelTable(table, self.codes)
        self._fallback = PROBABILITIES if folder.probabilities.is_file() else VOTES
        votes = self._fallback == VOTES
        self._path: Path = folder.crops if votes else folder.probabilities
        self._dataset: Any = None

    def __enter__(self) -> ParcelShares:
        self._dataset = rasterio.open(self._path, driver="GTiff")
        return self

    def __exit__(self, *_: object) -> None:
        self._dataset.close()

    def read(
        self, shapes: Shapes, outlines: NDArray[np.uint64]
    ) -> tuple[Statistics, NDArray[np.bool_]]:
        """Return the statistics of polygons in the map's CRS, and which of them are of votes."""
        result = Statistics.empty(len(shapes), len(self.codes))
        rows = np.full(len(shapes), -1) if self._table is None else self._table.rows(outlines)
        ready, rest = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
        if self._table is not None and len(ready):
            result.put(ready, self._table.read(rows[ready]))
        if len(rest):
            result.put(rest, self._from_raster(shapes[rest]))
        self.used += Counter({ACCUMULATED: len(ready), self._fallback: len(rest)})
        return result, (rows < 0) & (self._fallback == VOTES)

    def _from_raster(self, shapes: Shapes) -> Statistics:
        sums = empty_sums(len(shapes), len(self.codes))
        cores = inner_buffer(shapes, self.grid)
        for rows, window in self._groups(shapes):
            for strip in self._strips(window):
                values, known = self._values(strip)
                sums[rows] += parcel_sums(
                    shapes[rows], cores[rows], self.grid, strip, values, known
                )
        return Statistics.of_sums(sums)

    def _groups(self, shapes: Shapes) -> Iterator[tuple[list[int], Window]]:
        """Yield polygons that lie near each other, and the pixels that they touch together."""
        groups: dict[tuple[int, int], list[tuple[int, Window]]] = defaultdict(list)
        for row, bounds in enumerate(shapely.bounds(shapes)):
            window = self._touched(bounds)
            if window.height and window.width:
                groups[window.row // TILE, window.col // TILE].append((row, window))
        for _, members in sorted(groups.items()):
            yield [row for row, _ in members], _hull([window for _, window in members])

    def _touched(self, bounds: NDArray[np.float64]) -> Window:
        a, _, c, _, e, f = self.grid.transform
        left, bottom, right, top = bounds
        col, row = int(np.floor((left - c) / a)), int(np.floor((top - f) / e))
        width, height = int(np.ceil((right - c) / a)) - col, int(np.ceil((bottom - f) / e)) - row
        return Window(row, col, height, width).clipped(*self.grid.shape)

    def _strips(self, window: Window) -> Iterator[Window]:
        """Yield a window in strips of rows that the memory can hold."""
        rows = max(1, LARGEST_READ // (window.width * len(self.codes)))
        for start in range(0, window.height, rows):
            height = min(rows, window.height - start)
            yield Window(window.row + start, window.col, height, window.width)

    def _values(self, window: Window) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return probabilities, or 1 for the pixel's class, as (K, H, W), and where there are."""
        place = RasterWindow(window.col, window.row, window.width, window.height)
        if self._fallback == PROBABILITIES:
            bands = self._dataset.read(window=place)
            return bands * np.float32(1 / STEPS), bands[0] != NO_SHARE
        crops = self._dataset.read(1, window=place)
        votes = crops == np.asarray(self.codes, np.uint8)[:, None, None]
        return votes.astype(np.float32), crops != self._dataset.nodata


def _hull(windows: list[Window]) -> Window:
    row, col = min(w.row for w in windows), min(w.col for w in windows)
    bottom = max(w.row + w.height for w in windows)
    right = max(w.col + w.width for w in windows)
    return Window(row, col, bottom - row, right - col)
