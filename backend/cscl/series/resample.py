"""Bands of 20 m and 60 m brought to a finer grid: bilinear, in whole numbers, by no window changed.

Grids share their upper left corner, so that a coarse pixel holds factor x factor fine ones. All
sums are exact and divided once: the order of computing and the window leave no trace.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.grid import Window
from cscl.series.loops.bilinear import spread

INVALID = -32768
STEP = np.float32(0.0001)  # reflectance of one step of the stored numbers
LARGEST_FACTOR = 64  # side of a coarse pixel in fine ones


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
    if factor == 1:
        known = part != INVALID
        return np.where(known, part, 0).astype(np.float32), known
    shape = (*part.shape[:-2], target.height, target.width)
    values, valid = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=bool)
    spread(
        np.ascontiguousarray(part).reshape(-1, need.height, need.width),
        INVALID,
        factor,
        _neighbours(factor, target.row, target.height, need.row),
        _neighbours(factor, target.col, target.width, need.col),
        values.reshape(-1, target.height, target.width),
        valid.reshape(-1, target.height, target.width),
    )
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
    bands = sum(len(bands) for bands in places.values())
    values = np.zeros((*clear.shape[:-2], bands, *clear.shape[-2:]), dtype=np.float32)
    valid = np.zeros(clear.shape, dtype=bool)
    add_reflectance(numbers, clear, places, window, values, valid)
    return values, valid


def add_reflectance(
    numbers: Mapping[int, NDArray[np.int16]],
    clear: NDArray[np.bool_],
    places: Mapping[int, tuple[int, ...]],
    window: Window,
    values: NDArray[np.float32],
    valid: NDArray[np.bool_],
) -> None:
    """Fill `values` and `valid`, as `to_reflectance` returns them, where they are not valid yet."""
    new = clear & ~valid
    parts = {}
    for factor in places:
        source = coarse_window(window, factor)
        if factor == 1:
            part = numbers[factor][..., *_place(window, source)]
            for band in range(part.shape[-3]):
                new &= part[..., band, :, :] != INVALID
        else:
            part, known = resample(numbers[factor], factor, source, window)
            new &= known.all(axis=-3)
        parts[factor] = part
    for factor, bands in places.items():
        for number, band in enumerate(bands):
            part = parts[factor][..., number, :, :]
            np.multiply(part, STEP, out=values[..., band, :, :], where=new)
    valid |= new


def _place(inner: Window, outer: Window) -> tuple[slice, slice]:
    row, col = inner.row - outer.row, inner.col - outer.col
    fits = row + inner.height <= outer.height and col + inner.width <= outer.width
    if min(row, col) < 0 or not fits:
        raise ValueError(f"{outer} does not hold {inner}")
    return Window(row, col, inner.height, inner.width).slices


@functools.lru_cache(maxsize=1024)
def _neighbours(factor: int, start: int, count: int, first: int) -> NDArray[np.int32]:
    """Return what `spread` wants to know of each fine pixel along an axis, int32 (3, count).

    `first` is the coarse pixel that is counted as 0. Centres lie at half pixels, so that the
    weights of two neighbours are whole multiples of 1 / (2 factor) and add up to 1.
    """
    fine = np.arange(start, start + count)
    place = 2 * fine + 1 - factor
    low, high = place // (2 * factor), place % (2 * factor)
    return np.stack([low - first, high, fine // factor - first]).astype(np.int32)
