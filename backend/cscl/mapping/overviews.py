"""Overviews of a map's layers, each made from the one before, in files beside the layer's.

GDAL makes them itself while it writes a cloud-optimised GeoTIFF, in three times the time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window as RasterWindow

from cscl.disk import check_raster, writing
from cscl.mapping.loops.halving import halve_means, halve_modes

# The tiles of the map's files: what fits into one of them needs no overview.
TILE = 256
# Of an overview, that are made at once.
ROWS = TILE


def add_overviews(path: Path, *, modes: bool) -> list[Path]:
    """Write the overviews of a raster uint8 as GDAL looks for them; return their files.

    The first is beside the raster, with `.ovr` at its name's end, the next beside that. A pixel is
    the mean of those that it stands for and hold data, or the most frequent with `modes`.
    """
    made = []
    while True:
        with rasterio.open(path) as source:
            if max(source.width, source.height) <= TILE:
                return made
            path = path.with_name(f"{path.name}.ovr")
            made.append(path)
            with writing(path):
                _halve(source, path, modes)
        check_raster(path)


def _halve(source: Any, path: Path, modes: bool) -> None:
    halve = halve_modes if modes else halve_means
    height, width = -(-source.height // 2), -(-source.width // 2)
    profile = {
        "driver": "GTiff", "width": width, "height": height, "count": source.count,
        "dtype": "uint8", "nodata": source.nodata, "crs": source.crs,
        "transform": source.transform @ rasterio.Affine.scale(2), "tiled": True,
        "blockxsize": TILE, "blockysize": TILE, "compress": "DEFLATE", "zlevel": 1,
        "interleave": "band", "photometric": "MINISBLACK", "bigtiff": "IF_SAFER",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        for band in source.indexes:
            for row in range(0, height, ROWS):
                rows = min(ROWS, height - row)
                below = min(2 * rows, source.height - 2 * row)
                values = source.read(band, window=RasterWindow(0, 2 * row, source.width, below))
                half = np.empty((rows, width), np.uint8)
                halve(values, int(source.nodata), half)
                target.write(half, band, window=RasterWindow(0, row, width, rows))
