"""Label rasters of a dataset: the whole grid at 10 m and 2.5 m, written and read by windows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.windows import Window as RasterWindow

from cscl.context import JobContext
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.dataset.labels import LabelBurner
from cscl.dataset.split import to_split_coordinates
from cscl.dataset.split_plan import SplitPlan
from cscl.dataset.split_raster import SplitLayer, guarded
from cscl.grid import Grid, Window

FOLDER = "labels"
FINE = 4
LAYERS = {"labels": "uint8", "parcels": "uint32", "cover": "uint8", "mixed": "uint8"}
SPLIT_LAYER = "split"
TILE = 1024
# What a window holds beyond the grid.
BEYOND = {"labels": UNKNOWN, "parcels": 0, "cover": 0, "mixed": 0, SPLIT_LAYER: 0}


def layer_name(layer: str, factor: int) -> str:
    """Return labels or labels_2m5, and so on."""
    return layer if factor == 1 else f"{layer}_2m5"


LABEL_NAMES = (
    *(layer_name(layer, factor) for layer in LAYERS for factor in (1, FINE)),
    SPLIT_LAYER,
)


def tiles(grid: Grid) -> list[Window]:
    """Return windows of at most 1024 x 1024 pixels that cover a grid, row by row."""
    return [
        Window(row, col, TILE, TILE).clipped(*grid.shape)
        for row in range(0, grid.height, TILE)
        for col in range(0, grid.width, TILE)
    ]


def write_labels(folder: Path, burners: Sequence[tuple[int, LabelBurner]], ctx: JobContext) -> None:
    """Write labels, parcels, cover and mixed for each factor of subdivision."""
    work = [(factor, burner, tile) for factor, burner in burners for tile in tiles(burner.grid)]
    with contextlib.ExitStack() as stack:
        files = {
            (layer, factor): stack.enter_context(
                _writer(folder / f"{layer_name(layer, factor)}.tif", burner.grid, dtype)
            )
            for factor, burner in burners
            for layer, dtype in LAYERS.items()
        }
        for factor, burner, tile in ctx.track("labels", work, len(work)):
            labels = burner.burn(tile)
            arrays = (labels.code, labels.parcel, labels.cover, labels.mixed)
            for layer, array in zip(LAYERS, arrays, strict=True):
                files[layer, factor].write(array, 1, window=_raster_window(tile))


def write_split(
    folder: Path, own: SplitLayer, others: Sequence[SplitLayer], guard: float, ctx: JobContext
) -> None:
    """Write split.tif: 1 training, 2 validation, 3 test, 0 for guard, unknown and unused land.

    `others` are the other grids and years of the dataset, `guard` is in metres.
    """
    with _writer(folder / f"{SPLIT_LAYER}.tif", own.grid, "uint8") as file:
        for tile in tiles(own.grid):
            ctx.check()
            file.write(guarded(own, others, guard, tile), 1, window=_raster_window(tile))


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
    outside parcels that of the place of their centre. `year` is the grid's harvest year.
    """

    def read(window: Window) -> NDArray[np.uint8]:
        codes = labels.read("labels", window)
        split = parcel_splits[labels.read("parcels", window)]
        split[codes == UNKNOWN] = 0
        if outside == "class":
            rows, columns = np.nonzero(codes == OUTSIDE)
            x = grid.affine.c + grid.affine.a * (columns + window.col + 0.5)
            y = grid.affine.f + grid.affine.e * (rows + window.row + 0.5)
            places = to_split_coordinates(x, y, grid.crs)
            split[rows, columns] = plan.ground_codes(*places, year)
        return split

    return SplitLayer(grid, read)


class LabelFiles:
    """The label rasters of a dataset, read by windows that may reach beyond the grid."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, DatasetReader] = {}

    def __enter__(self) -> LabelFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def read(self, layer: str, window: Window, factor: int = 1) -> NDArray[Any]:
        """Return a window of a layer; `window` counts pixels of the layer's own grid."""
        name = layer_name(layer, factor)
        if name not in self._open:
            self._open[name] = rasterio.open(self._folder / f"{name}.tif", driver="GTiff")
        file = self._open[name]
        result = np.full((window.height, window.width), BEYOND[layer], dtype=file.dtypes[0])
        inner = window.clipped(*file.shape)
        if inner.height and inner.width:
            place = Window(
                inner.row - window.row, inner.col - window.col, inner.height, inner.width
            )
            result[place.slices] = file.read(1, window=_raster_window(inner))
        return result


@contextlib.contextmanager
def _writer(path: Path, grid: Grid, dtype: str) -> Iterator[DatasetWriter]:
    tile = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    with (
        rasterio.Env(GDAL_PAM_ENABLED="NO"),
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
            bigtiff="if_safer",
            **tile,
        ) as file,
    ):
        yield file


def _raster_window(window: Window) -> RasterWindow:
    return RasterWindow(window.col, window.row, window.width, window.height)
