"""Class probabilities of parcels: means over the map's pixels, weighted by exact coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from rasterio.windows import Window as RasterWindow

from cscl.grid import Grid, Window
from cscl.mapping.folder import MapFolder
from cscl.mapping.layers import NO_SHARE

# Parcels that begin in one square of this side are read together.
TILE = 512
# Values that are read at once, over all classes.
LARGEST_READ = 48_000_000


class ParcelShares:
    """Reads, for polygons in the map's CRS, the share of every class and the pixels covered.

    From `probabilities.tif` where the map has it, else from the classes of the pixels (votes).
    Both at 10 m: pixels on the parcel's edge count by the part of them that lies inside.
    """

    def __init__(self, folder: MapFolder) -> None:
        self.codes = folder.codes
        self.grid = folder.grid
        self.votes = not folder.probabilities.is_file()
        self._path: Path = folder.crops if self.votes else folder.probabilities
        self._dataset: Any = None

    def __enter__(self) -> ParcelShares:
        self._dataset = rasterio.open(self._path, driver="GTiff")
        return self

    def __exit__(self, *_: object) -> None:
        self._dataset.close()

    def read(self, polygons: list[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return shares (N, K) that sum to 1, and pixels (N,) covered and with data.

        Shares are NaN where a polygon covers no pixel with data.
        """
        sums = np.zeros((len(polygons), len(self.codes)))
        pixels = np.zeros(len(polygons))
        for rows, window in self._groups(polygons):
            for strip in self._strips(window):
                values = self._values(strip)
                known = values[0] != NO_SHARE
                frame = geopandas.GeoDataFrame(
                    geometry=[polygons[row] for row in rows], crs=self.grid.crs
                )
                for row, cells, covered in _coverage(rows, frame, self.grid.part(strip)):
                    weights = covered * known[cells]
                    sums[row] += values[:, cells] @ weights
                    pixels[row] += weights.sum()
        with np.errstate(invalid="ignore"):
            return sums / sums.sum(axis=1, keepdims=True), pixels

    def _groups(self, polygons: list[Any]) -> Iterator[tuple[list[int], Window]]:
        """Yield polygons that lie near each other, and the pixels that they touch together."""
        groups: dict[tuple[int, int], list[tuple[int, Window]]] = defaultdict(list)
        for row, polygon in enumerate(polygons):
            window = self._touched(polygon.bounds)
            if window.height and window.width:
                groups[window.row // TILE, window.col // TILE].append((row, window))
        for _, members in sorted(groups.items()):
            yield [row for row, _ in members], _hull([window for _, window in members])

    def _touched(self, bounds: tuple[float, float, float, float]) -> Window:
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

    def _values(self, window: Window) -> NDArray[np.uint8]:
        """Return probabilities, or 1 for the pixel's class, as (K, H * W)."""
        place = RasterWindow(window.col, window.row, window.width, window.height)
        if not self.votes:
            bands: NDArray[np.uint8] = self._dataset.read(window=place)
            return bands.reshape(len(bands), -1)
        crops = self._dataset.read(1, window=place).reshape(-1)
        votes = (crops == np.asarray(self.codes, np.uint8)[:, None]).astype(np.uint8)
        votes[:, crops == self._dataset.nodata] = NO_SHARE
        return votes


def _hull(windows: list[Window]) -> Window:
    row, col = min(w.row for w in windows), min(w.col for w in windows)
    bottom = max(w.row + w.height for w in windows)
    right = max(w.col + w.width for w in windows)
    return Window(row, col, bottom - row, right - col)


def _coverage(
    rows: list[int], frame: geopandas.GeoDataFrame, grid: Grid
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
    """Yield for each polygon the pixels of `grid` that it covers, and the part of each."""
    # The values do not matter: only which cells are covered, and how far.
    nothing = np.broadcast_to(np.uint8(0), grid.shape)
    source = NumPyRasterSource(nothing, *grid.bounds, srs_wkt=frame.crs.to_wkt())
    found = exact_extract(source, frame, ["cell_id", "coverage"], output="pandas")
    for row, cells, parts in zip(rows, found["cell_id"], found["coverage"], strict=True):
        yield row, np.asarray(cells, np.int64), np.asarray(parts, np.float64)
