"""Files that passes are read from: few open at a time, checked for change, damage named."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterWindow

from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.series.model import Asset, Pass
from cscl.series.raster import (
    check_unchanged,
    damaged_image,
    open_raster,
    reading_environment,
    tile_text,
)

if TYPE_CHECKING:
    from cscl.series.cubes import CubeFiles

OPEN_FILES = 48
# Files whose blocks are those of other files are decoded in such parts: a multiple of the usual
# sides of blocks.
COMPOUND_SHAPE = (1024, 1024)
CUBE_SUFFIXES = (".nc", ".nc4", ".cdf", ".h5", ".zarr")


class Source(Protocol):
    """Whatever gives the numbers of a pass as the files hold them."""

    def read(self, item: Pass, assets: Sequence[Asset], window: Window) -> list[NDArray[Any]]:
        """Return a window of each asset; `window` counts pixels of their own grid, inside it."""


class OpenFiles:
    """The files of passes, kept open, the least recently used closed first; for one thread.

    `grid` is that of assets without a grid of their own.
    """

    def __init__(self, grid: Grid, limit: int = OPEN_FILES) -> None:
        self._grid = grid
        self._limit = limit
        self._open: OrderedDict[tuple[Path, str], DatasetReader] = OrderedDict()
        self._cubes: CubeFiles | None = None

    def __enter__(self) -> OpenFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1].close()
        if self._cubes is not None:
            self._cubes.close()
            self._cubes = None

    def read(self, item: Pass, assets: Sequence[Asset], window: Window) -> list[NDArray[Any]]:
        """Return a window of each asset of a pass, each file read once, all its bands together.

        `window` counts pixels of the assets' own grid, which is one for all of them, and lies
        inside it. Raises `UserError` where a file changed since the series was defined, or naming
        file and tile where it cannot be decoded.
        """
        places: dict[tuple[Path, str], list[int]] = {}
        for number, asset in enumerate(assets):
            member = "" if is_cube(asset.path) else asset.member
            places.setdefault((asset.path, member), []).append(number)
        result: dict[int, NDArray[Any]] = {}
        for (path, member), numbers in places.items():
            members = [assets[number] for number in numbers]
            if is_cube(path):
                data = list(self._cube_files().read(members, window, item.stamps))
            else:
                self.check(item, path)
                data = self._raster(path, member, members, window)
            result.update(zip(numbers, data, strict=True))
        return [result[number] for number in range(len(assets))]

    def read_small(self, item: Pass, asset: Asset, shape: tuple[int, int]) -> NDArray[Any]:
        """Return the whole of an asset in fewer pixels (H, W), of each the nearest of the file.

        Overviews are used where a file has any. Raises `UserError` as `read` does.
        """
        grid = self.grid_of(asset)
        if is_cube(asset.path):
            rows = (np.arange(shape[0]) + 0.5) * grid.height / shape[0]
            columns = ((np.arange(shape[1]) + 0.5) * grid.width / shape[1]).astype(int)
            lines = [Window(int(row), 0, 1, grid.width) for row in rows]
            return np.concatenate([self.read(item, [asset], at)[0][:, columns] for at in lines])
        self.check(item, asset.path)
        with reading_environment():
            dataset = self._dataset(asset.path, asset.member, grid)
            try:
                found: NDArray[Any] = dataset.read(asset.index, out_shape=shape)
            except (RasterioError, OSError, ValueError):
                raise _find_damage(asset.path, asset.member, dataset, [asset.index]) from None
        return found

    def grid_of(self, asset: Asset) -> Grid:
        """Return the asset's own grid."""
        return asset.grid or self._grid

    def block_shape(self, asset: Asset) -> tuple[int, int]:
        """Return how many rows and columns of its own pixels the asset's file decodes at once."""
        if is_cube(asset.path):
            return self._cube_files().block_rows(asset), COMPOUND_SHAPE[1]
        with reading_environment():
            dataset = self._dataset(asset.path, asset.member, self.grid_of(asset))
            if dataset.driver == "VRT":
                return COMPOUND_SHAPE
            height, width = dataset.block_shapes[asset.index - 1]
            return int(height), int(width)

    def item_bytes(self, asset: Asset) -> int:
        """Return the bytes of one pixel of an asset that is no cube."""
        with reading_environment():
            dataset = self._dataset(asset.path, asset.member, self.grid_of(asset))
            return int(np.dtype(dataset.dtypes[asset.index - 1]).itemsize)

    def check(self, item: Pass, path: Path) -> None:
        """Raise `UserError` where a file is not what it was when the series was defined."""
        if path in item.stamps:
            check_unchanged(path, item.stamps[path])

    def _cube_files(self) -> CubeFiles:
        if self._cubes is None:
            from cscl.series.cubes import CubeFiles

            self._cubes = CubeFiles()
        return self._cubes

    def _raster(
        self, path: Path, member: str, assets: Sequence[Asset], window: Window
    ) -> list[NDArray[Any]]:
        indexes = [asset.index for asset in assets]
        result: dict[int, NDArray[Any]] = {}
        with reading_environment():
            dataset = self._dataset(path, member, self.grid_of(assets[0]))
            area = RasterWindow(window.col, window.row, window.width, window.height)
            # The bands of a virtual raster may be of several types, which are not read at once.
            for kind in dict.fromkeys(dataset.dtypes[index - 1] for index in indexes):
                part = [index for index in indexes if dataset.dtypes[index - 1] == kind]
                try:
                    result.update(zip(part, dataset.read(part, window=area), strict=True))
                except (RasterioError, OSError, ValueError):
                    raise _find_damage(path, member, dataset, part) from None
        return [result[index] for index in indexes]

    def _dataset(self, path: Path, member: str, grid: Grid) -> DatasetReader:
        key = (path, member)
        if key in self._open:
            self._open.move_to_end(key)
            return self._open[key]
        dataset = open_raster(path, member)
        if dataset.shape != grid.shape:
            found = f"it has {dataset.width} x {dataset.height} pixels"
            dataset.close()
            raise UserError(
                "image_changed",
                path,
                f"{found}, the time series {grid.width} x {grid.height}",
                "Define the time series again.",
            )
        while len(self._open) >= self._limit:
            self._open.popitem(last=False)[1].close()
        self._open[key] = dataset
        return dataset


def is_cube(path: Path) -> bool:
    """Tell whether a file is read as a cube, NetCDF by its name, or Zarr, which is a folder."""
    return path.suffix.lower() in CUBE_SUFFIXES or path.is_dir()


def _find_damage(
    path: Path, member: str, dataset: DatasetReader, indexes: Sequence[int]
) -> UserError:
    """Return the error for a file that cannot be decoded, naming its first damaged tile."""
    subject = f"{path}: {member}" if member else path
    for index in indexes:
        for (row, col), window in dataset.block_windows(index):
            try:
                dataset.read(index, window=window)
            except (RasterioError, OSError, ValueError):
                return damaged_image(subject, tile_text(row, col, dataset, index))
    return damaged_image(subject, "one of its tiles")
