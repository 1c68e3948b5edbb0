"""The layers of a map folder at its finest resolution, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window as RasterWindow

from cscl.contract.codes import NO_DATA, UNKNOWN
from cscl.contract.errors import UserError
from cscl.contract.resolutions import ENDINGS
from cscl.grid import Grid, Window
from cscl.mapping.folder import MapFolder

LAYERS = ("crops", "confidence", "boundary")
Bytes = NDArray[np.uint8]


class MapPixels:
    """Class codes, confidence and boundary strength, both in 1/250 with 255 for no data."""

    def __init__(self, folder: MapFolder) -> None:
        self._tail = max(
            (tail for tail in ENDINGS.values() if (folder.folder / f"crops{tail}.tif").is_file()),
            key=list(ENDINGS.values()).index,
            default="",
        )
        self.fine = bool(self._tail)
        self.folder = folder.folder
        self._stack = ExitStack()
        self._files: dict[str, Any] = {}

    def __enter__(self) -> MapPixels:
        try:
            for name in LAYERS:
                self._files[name] = self._stack.enter_context(self._opened(name))
        except BaseException:
            self._stack.close()
            raise
        self.grid = Grid.of(self._files["crops"])
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _opened(self, name: str) -> Any:
        path = self.folder / f"{name}{self._tail}.tif"
        try:
            return rasterio.open(path)
        except rasterio.errors.RasterioIOError:
            raise UserError(
                "no_map_layer", path, "it is not there, or cannot be read", "Map again."
            ) from None

    def read(self, name: str, window: Window) -> Bytes:
        """Return one layer (H, W) of a window inside the grid; unknown codes become no data."""
        area = RasterWindow(window.col, window.row, window.width, window.height)
        values: Bytes = self._files[name].read(1, window=area)
        if name == "crops":
            values[values == UNKNOWN] = NO_DATA
        return values

    def tiles(self, side: int) -> Iterator[Window]:
        """Yield windows of at most `side` pixels a side that cover the grid, row by row."""
        height, width = self.grid.shape
        for row in range(0, height, side):
            for column in range(0, width, side):
                yield Window(row, column, min(side, height - row), min(side, width - column))
