"""Linear interpolation in time over what clouds hide."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def fill_gaps(values: Floats, valid: npt.NDArray[np.bool_], days: npt.ArrayLike) -> Floats:
    """Return reflectance (T, C, H, W) with invalid dates filled linearly in time.

    Before the first and after the last valid date of a pixel its nearest valid value is kept;
    a pixel without any valid date becomes 0. `days` (T,) ascend.
    """
    dates, shape = np.asarray(days, np.float32), valid.shape
    index = np.broadcast_to(np.arange(shape[0])[:, None, None], shape)
    before = np.maximum.accumulate(np.where(valid, index, -1), axis=0)
    after = np.minimum.accumulate(np.where(valid, index, shape[0])[::-1], axis=0)[::-1]
    first = np.where(before >= 0, before, np.minimum(after, shape[0] - 1))
    second = np.where(after < shape[0], after, np.maximum(before, 0))
    span = dates[second] - dates[first]
    weight = np.where(span > 0, (dates[:, None, None] - dates[first]) / np.maximum(span, 1), 0)
    weight = np.clip(weight, 0, 1).astype(np.float32)[:, None]
    low = np.take_along_axis(values, first[:, None], axis=0)
    high = np.take_along_axis(values, second[:, None], axis=0)
    filled: Floats = low + weight * (high - low)
    filled *= valid.any(axis=0)
    return filled
