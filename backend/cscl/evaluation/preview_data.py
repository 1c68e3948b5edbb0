"""What a preview shows: which part of the grid, which date, which codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.warp import Resampling
from rasterio.windows import Window as RasterWindow
from scipy import ndimage

from cscl.contract.classes import ClassTable
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.contract.resolutions import SCALES
from cscl.evaluation.references import DRIVER, raster_classes
from cscl.grid import Grid, Window
from cscl.pages.colours import Picture, colour_bands, stretched
from cscl.series.model import Acquisition, TimeSeries
from cscl.series.reader import SeriesReader

Codes = npt.NDArray[np.uint8]

LARGEST_SIDE = 192
# The pictures are drawn on the finest grid of a map.
FINE = max(SCALES.values())
ZOOM_SIDE = 32
SMALL_SIDE = 80


def centre(grid: Grid) -> Window:
    """Return the window that is shown: the middle of the grid, at most 192 pixels a side."""
    height, width = (min(side, LARGEST_SIDE) for side in grid.shape)
    return Window((grid.height - height) // 2, (grid.width - width) // 2, height, width)


def busiest(fine: Codes, area: Window) -> Window | None:
    """Return the 32 x 32 pixels of `area` where most classes meet, None for a small area.

    `fine` holds the codes of the area on the 4x grid.
    """
    if min(area.height, area.width) < SMALL_SIDE:
        return None
    edges = np.zeros(fine.shape, np.float32)
    crops = np.where(fine == OUTSIDE, 0, fine).astype(np.int16)
    edges[:, 1:] += (crops[:, 1:] != crops[:, :-1]) & (crops[:, 1:] > 0) & (crops[:, :-1] > 0)
    edges[1:] += (crops[1:] != crops[:-1]) & (crops[1:] > 0) & (crops[:-1] > 0)
    side = ZOOM_SIDE * FINE
    density = ndimage.uniform_filter(edges, side, mode="constant")
    half = side // 2
    inner = density[half : fine.shape[0] - half + 1, half : fine.shape[1] - half + 1]
    row, col = np.unravel_index(int(inner.argmax()), inner.shape)
    return Window(area.row + int(row) // FINE, area.col + int(col) // FINE, ZOOM_SIDE, ZOOM_SIDE)


def clearest(series: TimeSeries) -> Acquisition:
    """Return the date with the most valid pixels in the middle half of the season.

    Among equals the one nearest to two thirds of the season, when summer crops stand green; all
    dates count where none lies in the middle half.
    """
    length = max((series.season[1] - series.season[0]).days, 1)
    middle = [
        item for item in series.acquisitions if length / 4 <= item.day <= 3 * length / 4
    ] or list(series.acquisitions)

    def merit(item: Acquisition) -> tuple[float, float]:
        return round(item.valid_share, 2), -abs(item.day - 2 * length / 3)

    return max(middle, key=merit)


def image(series: TimeSeries, area: Window) -> tuple[Picture, str]:
    """Return an RGB picture (H, W, 3), 0..1, of the clearest date, and its title."""
    chosen = clearest(series)
    names, kind = colour_bands(series.bands)
    alone = replace(series, acquisitions=(chosen,), bands=names)
    with SeriesReader(alone) as reader:
        stack = reader.read(area)
    values, valid = stack.values[0], stack.valid[0]
    return stretched(values, valid), f"Sentinel-2, {chosen.date.isoformat()}{kind}"


def map_codes(path: Path, grid: Grid, window: Window, classes: ClassTable) -> Codes:
    """Return a window's codes on the 4x grid, matched by name where the raster names its own."""
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(path, driver=DRIVER) as raster:
        left, top = grid.affine * (window.col, window.row)
        right, bottom = grid.affine * (window.col + window.width, window.row + window.height)
        start, stop = ~raster.transform * (left, top), ~raster.transform * (right, bottom)
        part = RasterWindow(
            round(start[0]), round(start[1]), round(stop[0] - start[0]), round(stop[1] - start[1])
        )
        found = raster.read(
            1,
            window=part,
            boundless=True,
            fill_value=UNKNOWN,
            out_shape=(window.height * FINE, window.width * FINE),
            resampling=Resampling.nearest,
        )
        names = raster_classes(raster)
    by_name = dict(zip(classes.names, classes.codes, strict=True))
    lookup = np.arange(256, dtype=np.uint8)
    for code, name in names.items():
        if 0 < code < OUTSIDE:
            lookup[code] = by_name.get(name, UNKNOWN)
    result: Codes = lookup[found]
    return result
