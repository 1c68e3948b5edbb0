"""Reading windows of a time series as reflectance; the values never depend on the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cscl.grid import Window
from cscl.series.blocks import BlockCache
from cscl.series.frames import read_frames
from cscl.series.model import Pass, TimeSeries
from cscl.series.native import NativePass, factor_of, layout_of, read_native
from cscl.series.passes import merge_passes
from cscl.series.sources import OpenFiles


@dataclass(frozen=True)
class Stack:
    """Frames of a window: `values` float32 (T, C, H, W), 0.0 where invalid; `valid` (T, H, W)."""

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]


class SeriesReader:
    """Reads windows of a series; files stay open between reads, for one thread.

    Use one reader a thread, and close it or use it as a context.
    """

    def __init__(self, series: TimeSeries) -> None:
        self.series = series
        self.layout = layout_of(series)
        self._files = OpenFiles(series.grid)
        self._blocks = BlockCache(self._files)

    def __enter__(self) -> SeriesReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        self._blocks.close()
        self._files.close()

    def read(self, window: Window, pad: int = 0) -> Stack:
        """Return the window, with `pad` more pixels on each side; invalid beyond the grid.

        Raises `UserError` where a file changed, is gone or cannot be decoded.
        """
        outer = window.grown(pad)
        inner = outer.clipped(*self.series.grid.shape)
        row, col = inner.row - outer.row, inner.col - outer.col
        place = (slice(row, row + inner.height), slice(col, col + inner.width))

        def read_date(number: int, values: NDArray[np.float32], valid: NDArray[np.bool_]) -> None:
            if inner.height and inner.width:
                passes = self.series.acquisitions[number].passes
                parts = (self.read_native(item, inner) for item in passes)
                merge_passes(parts, self.layout, values[(slice(None), *place)], valid[place])

        return Stack(*read_frames(self.series, outer.height, outer.width, read_date))

    @property
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns of the grid that files decode at once, the fewest of any band.

        Windows that lie in one such part are best read one after the other: then the least has to
        be kept of each date.
        """
        item = self.series.acquisitions[0].passes[0]
        shapes = [
            (self._blocks.block_shape(asset), factor_of(asset, self.series.grid))
            for asset in (item.assets[name] for name in self.series.bands)
        ]
        rows, columns = (min(shape[axis] * factor for shape, factor in shapes) for axis in (0, 1))
        return rows, columns

    def bytes_around(self, side: int, halo: int) -> int:
        """Return the bytes of decoded blocks that windows in one such part need, with their halos.

        All of them fit into as many blocks as may lie around it, of each band, mask and date; to
        keep more saves no decoding before a whole row of blocks is kept.
        """
        reach = [max(side, extent) + 2 * halo for extent in self.block_shape]
        rows, columns = (
            -(-far // own) + 1 for far, own in zip(reach, self.block_shape, strict=True)
        )
        item = self.series.acquisitions[0].passes[0]
        assets = [item.assets[name] for name in self.series.bands]
        assets += [item.mask] if item.mask is not None else []
        passes = sum(len(each.passes) for each in self.series.acquisitions)
        return rows * columns * passes * sum(self._blocks.block_bytes(each) for each in assets)

    def read_native(self, item: Pass, window: Window) -> NativePass:
        """Return the stored numbers of one pass of the series; see `cscl.series.native`."""
        return read_native(self._blocks, item, self.layout, window)
