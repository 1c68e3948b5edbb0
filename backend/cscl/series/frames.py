"""The frames of a window: dates as they are, medians of periods, gaps filled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cscl.models.gaps import fill_gaps
from cscl.series.composite import compose
from cscl.series.model import TimeSeries

# Computed frames are whole numbers of this, as stored dates are, so that a dataset holds them
# exactly.
STEP = 10_000.0

# Fills values (C, H, W) and validity (H, W), both zeros, with the date of this number.
ReadDate = Callable[[int, NDArray[np.float32], NDArray[np.bool_]], None]


def read_frames(
    series: TimeSeries, height: int, width: int, read_date: ReadDate
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return values (T, C, H, W), 0.0 where invalid, and validity (T, H, W) of the frames.

    No more than the dates of one period are held beside the result.
    """
    bands = len(series.bands)
    valid = np.zeros((len(series.frames), height, width), dtype=bool)
    values = np.zeros((len(series.frames), bands, height, width), dtype=np.float32)
    for place, frame in enumerate(series.frames):
        if len(frame.members) == 1:
            read_date(frame.members[0], values[place], valid[place])
        elif frame.members:
            parts = np.zeros((len(frame.members), *values.shape[1:]), dtype=np.float32)
            seen = np.zeros((len(frame.members), height, width), dtype=bool)
            for part, number in enumerate(frame.members):
                read_date(number, parts[part], seen[part])
            values[place], valid[place] = compose(parts, seen)
    if series.gaps == "linear":
        values = fill_gaps(values, valid, series.days)
        valid = np.broadcast_to(valid.any(axis=0), valid.shape).copy()
    if not series.plain:
        np.rint(values * np.float32(STEP), out=values)
        values *= np.float32(1 / STEP)
    return values, valid
