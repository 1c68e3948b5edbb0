"""From the numbers of a file to reflectance times 10000 in whole numbers, and where it is none."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.series.loops.numbers import look_up
from cscl.series.model import Asset
from cscl.series.resample import INVALID

STEPS = 10_000  # in a reflectance of 1
LARGEST = 32_767

# Numbers that are no reflectance, by type: no data and saturated in Sentinel-2 products, no data
# of FORCE and Theia: METHOD, section 6.
_FOREIGN_NODATA = (-9999, -10000, -32768)
INVALID_NUMBERS: Mapping[str, tuple[int, ...]] = {
    "uint8": (0,),
    "uint16": (0, 65535),
    "uint32": (0, 65535),
    "int16": _FOREIGN_NODATA,
    "int32": _FOREIGN_NODATA,
    "float32": _FOREIGN_NODATA,
    "float64": _FOREIGN_NODATA,
}
_SHORT = ("uint8", "uint16", "int16")
_CHUNK_ROWS = 16  # so that intermediate results in double precision stay small


def stored_numbers(
    raw: NDArray[Any], asset: Asset, result: NDArray[np.int16] | None = None
) -> NDArray[np.int16]:
    """Return reflectance times 10000 as int16, rounded, and -32768 where there is none.

    `raw` (H, W) is what the file holds; `result`, where given, is filled. Reflectance beyond
    3.2767 either way is held as that; negative reflectance is kept. Numbers that stand for no
    data or saturation are invalid, and so is what is not finite.
    """
    if result is None:
        result = np.empty(raw.shape, dtype=np.int16)
    if raw.dtype.name in _SHORT:
        table = _table(raw.dtype.name, asset.scale, asset.offset, asset.nodata)
        places = raw.view(np.uint16) if raw.dtype == np.int16 else raw
        look_up(places, table, result)
        return result
    for start in range(0, len(raw), _CHUNK_ROWS):
        rows = slice(start, start + _CHUNK_ROWS)
        result[rows] = _converted(raw[rows], asset.scale, asset.offset, asset.nodata)
    return result


@functools.lru_cache(maxsize=64)
def _table(dtype: str, scale: float, offset: float, nodata: float | None) -> NDArray[np.int16]:
    """Return what every number of a type of at most two bytes becomes, by its bits."""
    if dtype == "uint8":
        numbers: NDArray[Any] = np.arange(256, dtype=np.uint8)
    else:
        numbers = np.arange(65536, dtype=np.uint16).view(dtype)
    return _converted(numbers, scale, offset, nodata)


def _converted(
    numbers: NDArray[Any], scale: float, offset: float, nodata: float | None
) -> NDArray[np.int16]:
    exact = numbers.astype(np.float64)
    invalid = ~np.isfinite(exact)
    for number in (*INVALID_NUMBERS.get(numbers.dtype.name, ()), nodata):
        if number is not None:
            # A nodata value of a wider type is compared as the type of the file holds it.
            invalid |= exact == (np.float32(number) if numbers.dtype == np.float32 else number)
    exact[invalid] = 0.0
    # Six digits behind the point take away what 0.0001 in binary adds, and no more: a half is
    # rounded to the even number.
    steps = np.rint(np.round(exact * (scale * STEPS) + offset * STEPS, 6))
    result = np.clip(steps, -LARGEST, LARGEST).astype(np.int16)
    result[invalid] = INVALID
    return result
