"""From what is stored of a cell to the frames that a network sees, as its series' reader has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.dataset.spool import CLEAR, images_name
from cscl.grid import Window
from cscl.series.frames import read_frames
from cscl.series.model import TimeSeries
from cscl.series.native import Layout, NativePass
from cscl.series.passes import merge_passes
from cscl.series.resample import coarse_window, to_reflectance


class StoredFrames:
    """Reads the frames of one grid's cells from their native numbers: METHOD, section 6."""

    def __init__(self, series: TimeSeries, layout: Layout) -> None:
        self._series, self._layout = series, layout
        counts = [len(item.passes) for item in series.acquisitions]
        ends = np.cumsum(counts)
        self._passes = [range(end - count, end) for count, end in zip(counts, ends, strict=True)]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays that hold a cell's passes."""
        return (*(images_name(factor) for factor in self._layout.groups), CLEAR)

    @property
    def as_stored(self) -> bool:
        """Whether each frame is one pass whose bands all have the pixels of the series."""
        whole = all(len(numbers) == 1 for numbers in self._passes)
        return self._series.plain and whole and tuple(self._layout.groups) == (1,)

    def read(
        self, cell: Mapping[str, NDArray[Any]], window: Window
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return values (T, C, H, W), 0.0 where invalid, and validity (T, H, W).

        `cell` holds its arrays by name with all passes first, `window` is what it covers of the
        grid, margins included.
        """
        parts = {}
        for factor in self._layout.groups:
            own = coarse_window(window, factor)
            parts[factor] = cell[images_name(factor)][..., : own.height, : own.width]
        if self._series.plain and len(self._passes) == len(cell[CLEAR]):
            # Each date is one pass: all of them at once, without a loop over dates.
            return to_reflectance(parts, cell[CLEAR], self._layout.places, window)

        def read_date(number: int, values: NDArray[np.float32], valid: NDArray[np.bool_]) -> None:
            passes = (
                NativePass(
                    window,
                    {factor: numbers[place] for factor, numbers in parts.items()},
                    cell[CLEAR][place],
                    None,
                )
                for place in self._passes[number]
            )
            merge_passes(passes, self._layout, values, valid)

        return read_frames(self._series, window.height, window.width, read_date)
