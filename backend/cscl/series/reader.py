"""Reading windows of a time series as reflectance; the values never depend on the window."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from cscl.grid import Window
from cscl.series.model import Acquisition, TimeSeries
from cscl.series.passes import OpenFiles, read_pass


@dataclass(frozen=True)
class Stack:
    """A window of a series: `values` float32 (T, C, H, W), 0.0 where invalid; `valid` (T, H, W)."""

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]


class SeriesReader:
    """Reads windows of a series; files stay open between reads, for one thread.

    Use one reader a thread, and close it or use it as a context.
    """

    def __init__(self, series: TimeSeries) -> None:
        self.series = series
        self._files = OpenFiles(series.grid)

    def __enter__(self) -> SeriesReader:
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
        self._files.close()

    def read(self, window: Window, pad: int = 0) -> Stack:
        """Return the window, with `pad` more pixels on each side; invalid beyond the grid.

        Raises `UserError` where a file changed, is gone or cannot be decoded.
        """
        outer = window.grown(pad)
        inner = outer.clipped(*self.series.grid.shape)
        shape = (len(self.series.acquisitions), outer.height, outer.width)
        valid = np.zeros(shape, dtype=bool)
        values = np.zeros((shape[0], len(self.series.bands), *shape[1:]), dtype=np.float32)
        if inner.height and inner.width:
            row, col = inner.row - outer.row, inner.col - outer.col
            place = (slice(row, row + inner.height), slice(col, col + inner.width))
            for number, acquisition in enumerate(self.series.acquisitions):
                self._read_date(
                    acquisition, inner, values[(number, slice(None), *place)], valid[number][place]
                )
        return Stack(values, valid)

    def _read_date(
        self,
        acquisition: Acquisition,
        window: Window,
        values: NDArray[np.float32],
        valid: NDArray[np.bool_],
    ) -> None:
        """Fill `values` and `valid`, each pixel from the first pass that is valid there."""
        series = self.series
        for item in acquisition.passes:
            pixels = read_pass(self._files, item, series.bands, series.mask, series.grid, window)
            new = pixels.valid & ~valid
            np.copyto(values, pixels.values, where=new)
            valid |= new
            if valid.all():
                break
