"""Classic NetCDF (version 3): its header names where the numbers lie, which are read plainly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from scipy.io import netcdf_file

from cscl.series.cube_model import (
    MAXIMUM_VARIABLES,
    Cube,
    Slices,
    Variable,
    plain_attribute,
    refused_cube,
)
from cscl.series.raster import damaged_image

SIGNATURES = (b"CDF\x01", b"CDF\x02")
UNWRITTEN: dict[str, float] = {  # NetCDF's own fill values, by type
    "i2": -32767,
    "i4": -2147483647,
    "f4": 9.969209968386869e36,
    "f8": 9.969209968386869e36,
}
# What scipy raises on a header that is cut or damaged.
_DAMAGE = (OSError, TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError,
           MemoryError)  # fmt: skip


def open_classic(path: Path) -> Cube:
    """Open a classic NetCDF file; raises `UserError` where its header does not fit the file."""
    handle = open(path, "rb")  # noqa: SIM115 (the cube closes it)
    try:
        attributes, variables = _header(path, handle)
    except _DAMAGE as error:
        handle.close()
        raise refused_cube(path, f"it cannot be opened as classic NetCDF ({error})") from None
    except BaseException:
        handle.close()
        raise
    return Cube(path, attributes, variables, handle.close)


def _header(path: Path, handle: BinaryIO) -> tuple[dict[str, Any], dict[str, Variable]]:
    """Read the header through a memory map, of which nothing is kept.

    A map that stays counts as memory of the process, and ends it where the file is cut short
    meanwhile.
    """
    with netcdf_file(path, "r", mmap=True) as file:
        if len(file.variables) > MAXIMUM_VARIABLES:
            raise ValueError(f"more than {MAXIMUM_VARIABLES} variables")
        attributes = {name: plain_attribute(value) for name, value in file._attributes.items()}
        return attributes, {
            name: _variable(path, handle, name, stored) for name, stored in file.variables.items()
        }


def _variable(path: Path, handle: BinaryIO, name: str, stored: Any) -> Variable:
    numbers: NDArray[Any] = stored.data
    start, strides = _place(numbers), numbers.strides
    shape, dtype = numbers.shape, numbers.dtype
    kind = f"{dtype.kind}{dtype.itemsize}"
    fill = {"_FillValue": UNWRITTEN[kind]} if kind in UNWRITTEN else {}
    written = {key: plain_attribute(value) for key, value in stored._attributes.items()}

    def read(part: Slices) -> NDArray[Any]:
        return _read(path, handle, name, start, strides, shape, dtype, part)

    return Variable(name, tuple(stored.dimensions), shape, dtype, None, {**fill, **written}, read)


def _place(numbers: NDArray[Any]) -> int:
    """Return at which byte of the mapped file an array starts."""
    whole = numbers
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    return int(numbers.__array_interface__["data"][0] - whole.__array_interface__["data"][0])


def _read(
    path: Path,
    handle: BinaryIO,
    name: str,
    start: int,
    strides: tuple[int, ...],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    part: Slices,
) -> NDArray[Any]:
    """Read part of an array: whole rows at once, layer by layer."""
    ranges = [range(*item.indices(side)) for item, side in zip(part, shape, strict=True)]
    joined = _joined(strides, shape, dtype.itemsize)
    outer, inner = ranges[: len(shape) - joined], ranges[len(shape) - joined :]
    result = np.empty([len(item) for item in ranges], dtype=dtype)
    row_bytes = strides[len(outer)] if inner else dtype.itemsize
    first, count = (inner[0].start, len(inner[0])) if inner else (0, 1)
    block = (count, *shape[len(outer) + 1 :]) if inner else ()
    columns = tuple(slice(item.start, item.stop) for item in inner[1:])
    for place in np.ndindex(*(len(item) for item in outer)):
        offset = start + first * row_bytes + sum(
            item[step] * stride for item, step, stride in zip(outer, place, strides, strict=False)
        )  # fmt: skip
        handle.seek(offset)
        content = handle.read(count * row_bytes)
        if len(content) < count * row_bytes:
            raise damaged_image(path, f"the variable {name}")
        result[place] = np.frombuffer(content, dtype).reshape(block)[
            (slice(None), *columns)[: len(inner)]
        ]
    return result


def _joined(strides: tuple[int, ...], shape: tuple[int, ...], itemsize: int) -> int:
    """Return how many of the last dimensions, at most two, lie without gaps."""
    size, count = itemsize, 0
    for stride, side in list(zip(strides, shape, strict=True))[:-3:-1]:
        if stride != size:
            break
        size, count = size * side, count + 1
    return count
