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
    filled = np.zeros(values.shape, np.float32)
    fill(
        np.ascontiguousarray(values, np.float32),
        np.ascontiguousarray(valid),
        np.ascontiguousarray(days, np.float32),
        filled,
    )
    return filled
