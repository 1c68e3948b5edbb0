"""What is not valid is filled from the pixel's own valid dates."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cscl.compiled import compile_and_keep

compiled = functools.partial(compile_and_keep, error_model="numpy", nogil=True)


@compiled
def fill(values: Any, valid: Any, days: Any, filled: Any) -> None:
    """Fill `filled` float32 (T, C, H, W), zeros before, from `values` of that shape and type.

    `valid` bool (T, H, W), `days` float32 (T,) ascending; see `cscl.models.gaps.fill_gaps`.
    """
    dates, bands, height, width = values.shape
    following = np.empty(dates, np.int64)
    for row in range(height):
        for column in range(width):
            after = -1
            for date in range(dates - 1, -1, -1):
                if valid[date, row, column]:
                    after = date
                following[date] = after
            if after < 0:
                continue
            before = after
            for date in range(dates):
                if valid[date, row, column]:
                    before = date
                after = following[date] if following[date] >= 0 else before
                span = days[after] - days[before]
                weight = np.float32(0.0)
                if span > 0:
                    weight = (days[date] - days[before]) / max(span, np.float32(1.0))
                    weight = min(max(weight, np.float32(0.0)), np.float32(1.0))
                for band in range(bands):
                    low = values[before, band, row, column]
                    filled[date, band, row, column] = low + weight * (
                        values[after, band, row, column] - low
                    )
