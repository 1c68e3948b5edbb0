"""Rasters at half their resolution."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cscl.compiled import compile_and_keep

compiled = functools.partial(compile_and_keep, error_model="numpy", nogil=True)


@compiled
def halve_means(values: Any, missing: int, half: Any) -> None:
    """Fill `half` uint8 with the mean of the up to four pixels of `values` that hold data.

    A mean between two numbers is the upper one; without data it is `missing`.
    """
    height, width = values.shape
    for row in range(half.shape[0]):
        for column in range(half.shape[1]):
            total = count = 0
            for down in range(min(2, height - 2 * row)):
                for right in range(min(2, width - 2 * column)):
                    value = np.int64(values[2 * row + down, 2 * column + right])
                    if value != missing:
                        total += value
                        count += 1
            half[row, column] = (2 * total + count) // (2 * count) if count else missing


@compiled
def halve_modes(values: Any, missing: int, half: Any) -> None:
    """Fill `half` uint8 with the most frequent of the up to four pixels that hold data.

    Of equally frequent ones it is the first, row by row; without data it is `missing`.
    """
    height, width = values.shape
    found = np.empty(4, np.int64)
    for row in range(half.shape[0]):
        for column in range(half.shape[1]):
            count = 0
            for down in range(min(2, height - 2 * row)):
                for right in range(min(2, width - 2 * column)):
                    value = np.int64(values[2 * row + down, 2 * column + right])
                    if value != missing:
                        found[count] = value
                        count += 1
            best, most = missing, 0
            for place in range(count):
                times = 0
                for other in range(count):
                    times += found[other] == found[place]
                if times > most:
                    best, most = found[place], times
            half[row, column] = best
