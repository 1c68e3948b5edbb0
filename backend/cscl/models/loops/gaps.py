"""What is not valid is filled from the pixel's own valid dates."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cscl.compiled import compile_and_keep

compiled = functools.partial(compile_and_keep, error_model="numpy", nogil=True)


@compiled
def _find_dates(valid: Any, days: Any, before: Any, after: Any, weight: Any) -> None:
    """Fill in the valid dates around each date, -1 where there are none, and the later's weight.

    All are (T, W).
    """
    dates, width = valid.shape
    for column in range(width):
        following = -1
        for date in range(dates - 1, -1, -1):
            if valid[date, column]:
                following = date
            after[date, column] = following
        earlier = following
        for date in range(dates):
            if valid[date, column]:
                earlier = date
            before[date, column] = earlier
            if after[date, column] < 0:
                after[date, column] = earlier
            weight[date, column] = 0.0
            if earlier < 0:
                continue
            span = days[after[date, column]] - days[earlier]
            if span > 0:
                share = (days[date] - days[earlier]) / max(span, np.float32(1.0))
                weight[date, column] = min(max(share, np.float32(0.0)), np.float32(1.0))


@compiled
def fill(
    values: Any,
    valid: Any,
    days: Any,
    mean: Any,
    deviation: Any,
    first: int,
    start: int,
    stop: int,
    filled: Any,
) -> None:
    """Write the rows `start` to `stop` of `filled` float32 (T, C, R, W), 0 without a valid date.

    `values` float32 (T, C, H, W), of which row `first` is the result's row 0; `valid` bool
    (T, stop - start, W), the rows written; `days` float32 (T,) ascending; see
    `cscl.models.gaps.fill_gaps`. The result is less `mean` (C,) and divided by `deviation` (C,).
    """
    dates, bands, _, width = values.shape
    before = np.empty((dates, width), np.int32)
    after = np.empty((dates, width), np.int32)
    weight = np.empty((dates, width), np.float32)
    whole = np.empty(dates, np.bool_)
    for target in range(start, stop):
        row = first + target
        for date in range(dates):
            whole[date] = valid[date, target - start].all()
        if not whole.all():
            _find_dates(valid[:, target - start], days, before, after, weight)
        for date in range(dates):
            for band in range(bands):
                # The common case, where nothing is hidden in a row, is a loop without branches.
                if whole[date]:
                    for column in range(width):
                        filled[date, band, target, column] = (
                            values[date, band, row, column] - mean[band]
                        ) / deviation[band]
                    continue
                for column in range(width):
                    known = before[date, column]
                    found = np.float32(0.0)
                    if known >= 0:
                        low = values[known, band, row, column]
                        high = values[after[date, column], band, row, column]
                        found = low + weight[date, column] * (high - low)
                        found = (found - mean[band]) / deviation[band]
                    filled[date, band, target, column] = found
