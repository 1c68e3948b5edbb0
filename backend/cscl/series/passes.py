"""The pixels of a date: reflectance of its passes on the series' grid, merged by pixel."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cscl.series.native import Layout, NativePass
from cscl.series.resample import add_reflectance


def merge_passes(
    passes: Iterable[NativePass],
    layout: Layout,
    values: NDArray[np.float32],
    valid: NDArray[np.bool_],
) -> None:
    """Fill `values` (C, H, W) and `valid` (H, W) from the passes of a date over one window.

    A pixel is that of the first pass which is valid there, in all its bands; pixels that are
    valid already stay as they are. Passes are not asked for once every pixel is valid: METHOD,
    section 6.
    """
    for item in passes:
        add_reflectance(item.numbers, item.clear, layout.places, item.window, values, valid)
        if valid.all():
            break
