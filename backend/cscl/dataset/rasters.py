"""Label rasters of a grid of a dataset, at 10 m and finer, written and read by windows."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.windows import Window as RasterWindow

from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.contract.resolutions import ending
from cscl.dataset.split import to_split_coordinates
from cscl.dataset.split_plan import SplitPlan
from cscl.dataset.split_raster import SplitLayer
from cscl.disk import check_raster, writing
from cscl.grid import Grid, Window
from cscl.series.raster import CACHE_BYTES

FOLDER = "labels"
LAYERS = {"labels": "uint8", "parcels": "uint32", "cover": "uint8", "mixed": "uint8"}
SPLIT_LAYER = "split"
TILE = 1024
# GDAL would hold a twentieth of the memory in each process.
_OPTIONS = {"GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": CACHE_BYTES}
# What a window holds beyond the grid.
BEYOND = {"labels": UNKNOWN, "parcels": 0, "cover": 0, "mixed": 0, SPLIT_LAYER: 0}


def layer_name(layer: str, factor: int) -> str:
    """Return labels at 10 m, labels_2m5 with pixels four times finer, and so on."""
    return f"{layer}{ending(factor)}"


LABEL_NAME = re.compile(rf"(?:{'|'.join(LAYERS)})(?:_[0-9]+m[0-9]*)?|{SPLIT_LAYER}")


def label_names(factor: int) -> tuple[str, ...]:
    """Return the names of all label rasters of a grid; `factor` is that of the fine ones."""
    layers = (layer_name(layer, own) for layer in LAYERS for own in (1, factor))
    return (*layers, SPLIT_LAYER)


def tiles(grid: Grid) -> list[Window]:
    """Return windows of at most 1024 x 1024 pixels that cover a grid, row by row."""
    return [
        Window(row, col, TILE, TILE).clipped(*grid.shape)
        for row in range(0, grid.height, TILE)
        for col in range(0, grid.width, TILE)
    ]


def split_layer(
    labels: LabelFiles,
    grid: Grid,
    plan: SplitPlan,
    parcel_splits: NDArray[np.uint8],
    outside: str,
    year: int,
) -> SplitLayer:
    """Return the split of a grid before its guard, from its label rasters.

    A parcel's pixels have the parcel's split, `parcel_splits` by id with 0 at place 0; pixels
    outside parcels that of the place of their centre. In a tile that is held out parcels of another
    split are unused. `year` is the grid's harvest year.
    """

    def read(window: Window) -> NDArray[np.uint8]:
        codes = labels.read("labels", window)
        split = parcel_splits[labels.read("parcels", window)]
        split[codes == UNKNOWN] = 0
        if plan.kind == "tile":
            used = np.nonzero(split)
            split[used] *= ~plan.misplaced(split[used], *_centres(grid, window, *used))
        if outside == "class":
            land = np.nonzero(codes == OUTSIDE)
            split[land] = plan.ground_codes(*_centres(grid, window, *land), year)
        return split

    return SplitLayer(grid, read)


def _centres(
    grid: Grid, window: Window, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centres of pixels of a window in EPSG:6933."""
    x = grid.affine.c + grid.affine.a * (columns + window.col + 0.5)
    y = grid.affine.f + grid.affine.e * (rows + window.row + 0.5)
    return to_split_coordinates(x, y, grid.crs)


class LabelFiles:
    """The label rasters of a dataset, read by windows that may reach beyond the grid."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, DatasetReader] = {}

    def __enter__(self) -> LabelFiles:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def loaded(self, window: Window) -> LoadedLabels:
        """Return the part of all layers over a window of the 10 m grid, read as it is needed."""
        return LoadedLabels(self, window)

    def read(self, layer: str, window: Window, factor: int = 1) -> NDArray[Any]:
        """Return a window of a layer; `window` counts pixels of the layer's own grid."""
        with rasterio.Env(**_OPTIONS):
            return self._read(layer, layer_name(layer, factor), window)

    def _read(self, layer: str, name: str, window: Window) -> NDArray[Any]:
        if name not in self._open:
            self._open[name] = rasterio.open(self._folder / f"{name}.tif", driver="GTiff")
        file = self._open[name]
        result = np.full((window.height, window.width), BEYOND[layer], dtype=file.dtypes[0])
        inner = window.clipped(*file.shape)
        if inner.height and inner.width:
            place = Window(
                inner.row - window.row, inner.col - window.col, inner.height, inner.width
            )
            result[place.slices] = file.read(1, window=raster_window(inner))
        return result


class LoadedLabels:
    """A part of the label rasters of a grid, each layer read once, when it is first asked for."""

    def __init__(self, files: LabelFiles, window: Window) -> None:
        self._files, self._window = files, window
        self._layers: dict[str, NDArray[Any]] = {}

    def read(self, layer: str, window: Window, factor: int = 1) -> NDArray[Any]:
        """Return a window inside the part, in pixels of the layer's own grid; it is not changed."""
        name, outer = layer_name(layer, factor), self._window.times(factor)
        if name not in self._layers:
            self._layers[name] = self._files.read(layer, outer, factor)
            self._layers[name].flags.writeable = False
        place = Window(window.row - outer.row, window.col - outer.col, window.height, window.width)
        return self._layers[name][place.slices]


@contextlib.contextmanager
def raster_writer(path: Path, grid: Grid, dtype: str) -> Iterator[DatasetWriter]:
    """Write a raster of codes in tiles; `path` is a temporary one."""
    tile = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    with (
        writing(path),
        rasterio.Env(**_OPTIONS),
        rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=1,
            dtype=dtype,
            crs=grid.crs,
            transform=grid.affine,
            compress="deflate",
            zlevel=1,
            bigtiff="if_safer",
            **tile,
        ) as file,
    ):
        yield file
    check_raster(path)


def raster_window(window: Window) -> RasterWindow:
    """Return a window as rasterio takes it."""
    return RasterWindow(window.col, window.row, window.width, window.height)
