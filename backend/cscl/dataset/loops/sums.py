"""Sums over the pixels of chips."""

from __future__ import annotations

from typing import Any

import numpy as np

from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.dataset.loops.compiled import compiled


@compiled
def add_values(values: Any, valid: Any, used: Any, sums: Any, squares: Any) -> int:
    """Add values (T, C, H, W) and their squares by band; return how many pixels counted.

    A pixel counts where `valid` (T, H, W) and `used` (H, W).
    """
    count = 0
    for date in range(values.shape[0]):
        for row in range(values.shape[2]):
            for column in range(values.shape[3]):
                count += valid[date, row, column] & used[row, column]
        for band in range(values.shape[1]):
            total = square = 0.0
            for row in range(values.shape[2]):
                for column in range(values.shape[3]):
                    if valid[date, row, column] & used[row, column]:
                        value = float(values[date, band, row, column])
                        total += value
                        square += value * value
            sums[band] += total
            squares[band] += square
    return count


@compiled
def add_numbers(
    numbers: Any, invalid: int, step: float, clear: Any, used: Any, sums: Any, squares: Any
) -> int:
    """Do what `add_values` does with the reflectance of stored `numbers` (T, C, H, W).

    A pixel counts where it is `clear` (T, H, W), all its bands are other than `invalid` and it is
    `used` (H, W). `step` is the float32 reflectance of one step of the numbers.
    """
    count = 0
    counts = np.empty(used.shape, dtype=np.bool_)
    for date in range(numbers.shape[0]):
        for row in range(numbers.shape[2]):
            for column in range(numbers.shape[3]):
                counts[row, column] = clear[date, row, column] & used[row, column]
            for band in range(numbers.shape[1]):
                for column in range(numbers.shape[3]):
                    counts[row, column] &= numbers[date, band, row, column] != invalid
            for column in range(numbers.shape[3]):
                count += counts[row, column]
        for band in range(numbers.shape[1]):
            total = square = 0.0
            for row in range(numbers.shape[2]):
                for column in range(numbers.shape[3]):
                    if counts[row, column]:
                        value = float(np.float32(numbers[date, band, row, column]) * step)
                        total += value
                        square += value * value
            sums[band] += total
            squares[band] += square
    return count


@compiled
def pairs_of(codes: Any) -> tuple[int, int]:
    """Return negative and positive pairs of neighbours in `codes` (H, W), each pair once."""
    height, width = codes.shape
    negative = positive = 0
    for row in range(height):
        for column in range(width):
            own = codes[row, column]
            if own != UNKNOWN:
                for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                    below, beside = row + down, column + right
                    if below < height and 0 <= beside < width:
                        other = codes[below, beside]
                        if other != UNKNOWN and (own != OUTSIDE or other != OUTSIDE):
                            if own == other:
                                positive += 1
                            else:
                                negative += 1
    return negative, positive
