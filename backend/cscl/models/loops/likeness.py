"""How alike the pixels of a window are, and what they say together."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cscl.compiled import compile_and_keep

# Sums in any order, which vectors of numbers need.
compiled = functools.partial(
    compile_and_keep, error_model="numpy", nogil=True, fastmath={"reassoc", "contract", "nsz"}
)


@compiled
def _score(
    unit: Any, seen: Any, row: int, window: int, sharpness: Any, never: Any, last: Any, found: Any
) -> None:
    """Fill `found` (W, window^2) with the scores of a row's windows in one picture."""
    height, width, features = unit.shape
    reach = window // 2
    for column in range(width):
        place = 0
        for other in range(row - reach, row + reach + 1):
            for beside in range(column - reach, column + reach + 1):
                score = never
                inside = 0 <= other < height and 0 <= beside < width
                if inside and seen[other, beside]:
                    score = never - never
                    for feature in range(features):
                        score += unit[row, column, feature] * unit[other, beside, feature]
                    score *= sharpness
                elif other == row and beside == column:
                    score = last
                found[column, place] = score
                place += 1


@compiled
def _normalise(weights: Any) -> None:
    """Turn each row of scores into weights that sum to 1: exp, divided by their sum."""
    for column in range(weights.shape[0]):
        own = weights[column]
        most = own.max()
        total = most - most
        for place in range(own.shape[0]):
            own[place] = np.exp(own[place] - most)
            total += own[place]
        own /= total


@compiled
def share(
    unit: Any, seen: Any, values: Any, window: int, sharpness: Any, never: Any, last: Any,
    first_line: int, last_line: int, out: Any,
) -> None:  # fmt: skip
    """Write a range of the lines of `out` (B, H, W, K), the lines of all pictures in a row.

    It is the mean of `values` (B, H, W, K) in each window, weighted by the exponential of scores:
    `sharpness` times the product of `unit` (B, H, W, D), features of length 1. A pixel that was not
    `seen` (B, H, W) has the score `never`, and where it is the window's own `last`.
    """
    height, width, classes = values.shape[1:]
    reach = window // 2
    weights = np.empty((width, window * window), unit.dtype)
    for line in range(first_line, last_line):
        picture, row = line // height, line % height
        _score(unit[picture], seen[picture], row, window, sharpness, never, last, weights)
        _normalise(weights)
        out[picture, row] = 0
        for column in range(width):
            left, right = max(0, column - reach), min(width, column + reach + 1)
            for other in range(max(0, row - reach), min(height, row + reach + 1)):
                place = (other - row + reach) * window + left - column + reach
                for beside in range(left, right):
                    for number in range(classes):
                        out[picture, row, column, number] += (
                            weights[column, place] * values[picture, other, beside, number]
                        )
                    place += 1
