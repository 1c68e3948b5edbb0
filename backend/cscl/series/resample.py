"""Bands of 20 m and 60 m brought to a finer grid: bilinear, in whole numbers, by no window changed.

Grids share their upper left corner, so that a coarse pixel holds factor x factor fine ones. All
sums are exact in int32 and divided once: the order of computing and the window leave no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.grid import Window

INVALID = -32768
STEP = np.float32(0.0001)  # reflectance of one step of the stored numbers
# Weights are multiples of 1 / (2 factor) each way: 32767 (2 factor)^2 has to fit in int32.
LARGEST_FACTOR = 64


def covering(window: Window, factor: int) -> Window:
    """Return the coarse pixels that a window of fine pixels touches."""
    top, left = window.row // factor, window.col // factor
    bottom = -(-(window.row + window.height) // factor)
    right = -(-(window.col + window.width) // factor)
    return Window(top, left, bottom - top, right - left)


def coarse_window(window: Window, factor: int) -> Window:
    """Return the coarse pixels that `resample` needs for a window: one more on each side.

    For factor 1 that is the window itself.
    """
    return window if factor == 1 else covering(window, factor).grown(1)


def resample(
    numbers: NDArray[np.int16], factor: int, source: Window, target: Window
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return `target`, a window of the fine grid, from coarse pixels: values and where valid.

    `numbers` is int16 (..., h, w), the coarse pixels of the window `source`, -32768 where
    invalid; `source` holds `coarse_window(target, factor)`. Values are float32 (..., H, W), 0
    where invalid: bilinear on pixel centres with weights over valid pixels only. A fine pixel is
    valid where the coarse pixel is that holds it: METHOD, section 6. Raises ValueError where
    `source` lacks pixels.
    """
    need = coarse_window(target, factor)
    part = numbers[..., *_place(need, source)]
    known = part != INVALID
    if factor == 1:
        return np.where(known, part, 0).astype(np.float32), known
    whole = bool(known.all())
    exact = part.astype(np.int32)
    if not whole:
        exact[~known] = 0
    values = _spread(exact, factor, need, target).astype(np.float32)
    if whole:
        values /= np.float32((2 * factor) ** 2)
        return values, np.ones(values.shape, dtype=bool)
    weights = _spread(known.astype(np.int32), factor, need, target)
    valid = repeat(known, factor, need, target)
    np.divide(values, weights, out=values, where=valid, casting="unsafe")
    values[~valid] = 0
    return values, valid


def repeat(array: NDArray[Any], factor: int, source: Window, target: Window) -> NDArray[Any]:
    """Return `target` from the coarse pixels `source` (..., h, w), each the pixel that holds it."""
    if factor == 1:
        return array[..., *_place(target, source)]
    need = covering(target, factor)
    fine = array[..., *_place(need, source)].repeat(factor, axis=-2).repeat(factor, axis=-1)
    return fine[..., *_place(target, need.times(factor))]


def to_reflectance(
    numbers: Mapping[int, NDArray[np.int16]],
    clear: NDArray[np.bool_],
    places: Mapping[int, tuple[int, ...]],
    window: Window,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return reflectance float32 (..., C, H, W), 0 where invalid, and validity (..., H, W).

    `numbers` holds by factor int16 (..., c, h, w), reflectance times 10000 over
    `coarse_window(window, factor)`; `places` by factor where its bands stand among all C.
    `clear` is bool (..., H, W). A pixel is valid where all its bands are and it is clear.
    The one way from stored numbers to reflectance, for training and mapping alike.
    """
    valid = clear.copy()
    shape = (*valid.shape[:-2], sum(len(bands) for bands in places.values()), *valid.shape[-2:])
    values = np.empty(shape, dtype=np.float32)
    for factor, bands in places.items():
        source = coarse_window(window, factor)
        for number, band in enumerate(bands):
            part, known = resample(numbers[factor][..., number, :, :], factor, source, window)
            np.multiply(part, STEP, out=values[..., band, :, :])
            valid &= known
    if not valid.all():
        values *= valid[..., None, :, :]
    return values, valid


def _place(inner: Window, outer: Window) -> tuple[slice, slice]:
    row, col = inner.row - outer.row, inner.col - outer.col
    fits = row + inner.height <= outer.height and col + inner.width <= outer.width
    if min(row, col) < 0 or not fits:
        raise ValueError(f"{outer} does not hold {inner}")
    return Window(row, col, inner.height, inner.width).slices


def _spread(
    array: NDArray[np.int32], factor: int, source: Window, target: Window
) -> NDArray[np.int32]:
    """Return sums of the four neighbours, weighted by whole numbers that add up to 4 factor^2."""
    low, high = _weights(factor, target.row, target.height)
    first = _lower(factor, target.row, target.height) - source.row
    rows = array[..., first, :] * low[:, None]
    rows += array[..., first + 1, :] * high[:, None]
    result = np.empty((*rows.shape[:-1], target.width), dtype=np.int32)
    # Fine columns of one phase lie `factor` apart and have the same two weights.
    low, high = _weights(factor, target.col, target.width)
    first = _lower(factor, target.col, target.width) - source.col
    for phase in range(min(factor, target.width)):
        out = result[..., phase::factor]
        start, count = first[phase], out.shape[-1]
        np.multiply(rows[..., start : start + count], low[phase], out=out)
        out += rows[..., start + 1 : start + 1 + count] * high[phase]
    return result


def _lower(factor: int, start: int, count: int) -> NDArray[np.int64]:
    """Return the coarse pixel whose centre lies at or before that of each fine pixel."""
    return (2 * np.arange(start, start + count) + 1 - factor) // (2 * factor)


def _weights(factor: int, start: int, count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the weights of that pixel and of the next, which add up to 2 factor."""
    place = 2 * np.arange(start, start + count) + 1 - factor
    high = (place % (2 * factor)).astype(np.int32)
    return (2 * factor - high).astype(np.int32), high
