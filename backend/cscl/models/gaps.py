"""Linear interpolation in time over what clouds hide."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cscl.models.loops.gaps import fill

Floats = npt.NDArray[np.float32]


def fill_gaps(values: Floats, valid: npt.NDArray[np.bool_], days: npt.ArrayLike) -> Floats:
    """Return reflectance (T, C, H, W) with invalid dates filled linearly in time.

    Before the first and after the last valid date of a pixel its nearest valid value is kept;
    a pixel without any valid date becomes 0. `days` (T,) ascend.
    """
    _, bands, height, _ = values.shape
    filled = np.empty(values.shape, np.float32)
    fill(
        np.ascontiguousarray(values, np.float32),
        np.ascontiguousarray(valid),
        np.ascontiguousarray(days, np.float32),
        np.zeros(bands, np.float32),
        np.ones(bands, np.float32),
        0,
        0,
        height,
        filled,
    )
    return filled
