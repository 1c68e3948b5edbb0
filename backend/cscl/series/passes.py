"""Reading the pixels of one pass: reflectance, validity and scene classification of a window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.series.mask import CloudMask
from cscl.series.model import Asset, Pass, Stamp
from cscl.series.raster import (
    check_unchanged,
    damaged_image,
    open_raster,
    reading_environment,
    tile_text,
)

OPEN_FILES = 48

# Numbers that are no reflectance, by type: no data and saturated in Sentinel-2 products, no data
# of FORCE and Theia.
INVALID_NUMBERS: Mapping[str, tuple[int, ...]] = {
    "uint16": (0, 65535),
    "int16": (-9999, -10000, -32768),
}


@dataclass(frozen=True)
class PassPixels:
    """`values` float32 (C, H, W) reflectance, not yet masked; `valid` bool and `mask` (H, W).

    `mask` holds the values of the mask's band, None without a mask.
    """

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    mask: NDArray[np.integer] | None


class OpenFiles:
    """Raster files kept open, the least recently used closed first; for one thread."""

    def __init__(self, grid: Grid, limit: int = OPEN_FILES) -> None:
        self._grid = grid
        self._limit = limit
        self._open: OrderedDict[Path, DatasetReader] = OrderedDict()

    def __enter__(self) -> OpenFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1].close()

    def read(
        self, path: Path, indexes: Sequence[int], window: Window, stamp: Stamp | None
    ) -> NDArray[np.integer]:
        """Return the bands `indexes` of a window inside the file, (bands, H, W).

        Raises `UserError` where the file changed since `stamp`, or naming file and tile where it
        cannot be decoded.
        """
        if stamp is not None:
            check_unchanged(path, stamp)
        with reading_environment():
            dataset = self._dataset(path)
            area = RasterWindow(window.col, window.row, window.width, window.height)
            try:
                return dataset.read(list(indexes), window=area)
            except (RasterioError, OSError, ValueError):
                raise _find_damage(path, dataset, indexes) from None

    def _dataset(self, path: Path) -> DatasetReader:
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        dataset = open_raster(path)
        if dataset.shape != self._grid.shape:
            found = f"it has {dataset.width} x {dataset.height} pixels"
            dataset.close()
            raise UserError(
                "image_changed",
                path,
                f"{found}, the time series {self._grid.width} x {self._grid.height}",
                "Define the time series again.",
            )
        while len(self._open) >= self._limit:
            self._open.popitem(last=False)[1].close()
        self._open[path] = dataset
        return dataset


def _find_damage(path: Path, dataset: DatasetReader, indexes: Sequence[int]) -> UserError:
    """Return the error for a file that cannot be decoded, naming its first damaged tile."""
    for index in indexes:
        for (row, col), window in dataset.block_windows(index):
            try:
                dataset.read(index, window=window)
            except (RasterioError, OSError, ValueError):
                return damaged_image(path, tile_text(row, col, dataset, index))
    return damaged_image(path, "one of its tiles")


def read_pass(
    files: OpenFiles, item: Pass, bands: Sequence[str], mask: CloudMask, grid: Grid, window: Window
) -> PassPixels:
    """Return the pixels of one pass in a window inside the grid.

    The mask is read with the margin that its dilation needs, so that the result is the same in
    every window.
    """
    margin = mask.radius(grid.resolution)
    outer = window.grown(margin).clipped(*grid.shape)
    assets = [item.assets[name] for name in bands]
    wanted = [*assets, item.mask] if item.mask is not None else assets
    raw = _read_assets(files, item, wanted, outer)
    inner = Window(
        window.row - outer.row, window.col - outer.col, window.height, window.width
    ).slices
    values = np.empty((len(bands), window.height, window.width), dtype=np.float32)
    valid = np.ones((window.height, window.width), dtype=bool)
    for number, asset in enumerate(assets):
        numbers = raw[number][inner]
        valid &= valid_numbers(numbers, asset)
        np.multiply(numbers, np.float32(asset.scale), out=values[number], casting="unsafe")
        if asset.offset:
            values[number] += np.float32(asset.offset)
    hidden_by = None
    if len(wanted) > len(assets):
        valid &= mask.clear(raw[-1], grid.resolution)[inner]
        hidden_by = raw[-1][inner]
    return PassPixels(values, valid, hidden_by)


def valid_numbers(numbers: NDArray[np.integer], asset: Asset) -> NDArray[np.bool_]:
    """Return where stored numbers are reflectance: not no data, not saturated."""
    valid = np.ones(numbers.shape, dtype=bool)
    invalid = set(INVALID_NUMBERS.get(numbers.dtype.name, ()))
    if asset.nodata is not None:
        invalid.add(int(asset.nodata))
    for number in invalid:
        if np.iinfo(numbers.dtype).min <= number <= np.iinfo(numbers.dtype).max:
            valid &= numbers != number
    return valid


def _read_assets(
    files: OpenFiles, item: Pass, assets: Sequence[Asset], window: Window
) -> list[NDArray[np.integer]]:
    """Read each file once, all its bands together."""
    places: dict[Path, list[int]] = {}
    for number, asset in enumerate(assets):
        places.setdefault(asset.path, []).append(number)
    result: dict[int, NDArray[np.integer]] = {}
    for path, numbers in places.items():
        indexes = [assets[number].index for number in numbers]
        data = files.read(path, indexes, window, item.stamps.get(path))
        result.update(zip(numbers, data, strict=True))
    return [result[number] for number in range(len(assets))]
