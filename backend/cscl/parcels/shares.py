"""Class probabilities of parcels: means over the map's pixels, weighted by exact coverage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import rasterio
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from numpy.typing import NDArray

from cscl.mapping.folder import MapFolder
from cscl.mapping.layers import STEPS

# Of one polygon, at a time; a window of 4000 x 4000 pixels of one band.
CELLS = 16_000_000


class ParcelShares:
    """Reads, for polygons in the map's CRS, the share of every class and the pixels covered.

    From `probabilities.tif` where the map has it, else from the classes of the pixels (votes).
    Both at 10 m: pixels on the parcel's edge count by the part of them that lies inside.
    """

    def __init__(self, folder: MapFolder) -> None:
        self.codes = folder.codes
        self.votes = not folder.probabilities.is_file()
        self._path: Path = folder.crops if self.votes else folder.probabilities
        self._crs = folder.grid.crs
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
        count = len(self.codes)
        if not polygons:
            return np.empty((0, count)), np.empty(0)
        frame = geopandas.GeoDataFrame(geometry=polygons, crs=self._crs)
        return self._votes(frame) if self.votes else self._means(frame)

    def _means(
        self, frame: geopandas.GeoDataFrame
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        bands = [
            RasterioRasterSource(self._dataset, band, name=f"band_{band}")
            for band in range(1, len(self.codes) + 1)
        ]
        found = exact_extract(
            bands, frame, ["mean", "count"], output="pandas", max_cells_in_memory=CELLS
        )
        one = len(bands) == 1
        columns = ["mean"] if one else [f"band_{band}_mean" for band in range(1, len(bands) + 1)]
        shares = found[columns].to_numpy(np.float64) / STEPS
        total = shares.sum(axis=1, keepdims=True)
        pixels = found["count" if one else "band_1_count"].to_numpy(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            return shares / total, pixels

    def _votes(
        self, frame: geopandas.GeoDataFrame
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        source = RasterioRasterSource(self._dataset, 1, name="crops")
        found = exact_extract(
            source, frame, ["unique", "frac", "count"], output="pandas", max_cells_in_memory=CELLS
        )
        index = {code: position for position, code in enumerate(self.codes)}
        shares = np.full((len(frame), len(self.codes)), np.nan)
        for row, (codes, parts) in enumerate(zip(found["unique"], found["frac"], strict=True)):
            if len(codes):
                shares[row] = 0.0
                shares[row, [index[int(code)] for code in codes]] = parts
        return shares, found["count"].to_numpy(np.float64)
