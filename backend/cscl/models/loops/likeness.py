"""How alike the pixels of a window are, and what they say together."""

from __future__ import annotations

import functools
from typing import Any

from cscl.compiled import compile_and_keep

# Sums in any order, which vectors of numbers need.
compiled = functools.partial(
    compile_and_keep, error_model="numpy", nogil=True, fastmath={"reassoc", "contract", "nsz"}
)


@compiled
def scores(
    unit: Any, seen: Any, window: int, sharpness: Any, never: Any, last: Any,
    first_line: int, last_line: int, out: Any,
) -> None:  # fmt: skip
    """Write a range of the lines of `out` (B, H, W, window^2), the pictures' lines in a row.

    `unit` (B, H, W, D) are features of length 1, `seen` (B, H, W) bool. A pixel that was not seen
    has `never`, and where it is the window's own `last`.
    """
    height, width, features = unit.shape[1:]
    reach = window // 2
    for line in range(first_line, last_line):
        picture, row = line // height, line % height
        for column in range(width):
            place = 0
            for other in range(row - reach, row + reach + 1):
                for beside in range(column - reach, column + reach + 1):
                    score = never
                    inside = 0 <= other < height and 0 <= beside < width
                    if inside and seen[picture, other, beside]:
                        score = never - never
                        for feature in range(features):
                            score += (
                                unit[picture, row, column, feature]
                                * unit[picture, other, beside, feature]
                            )
                        score *= sharpness
                    elif other == row and beside == column:
                        score = last
                    out[picture, row, column, place] = score
                    place += 1


@compiled
def means(
    weights: Any, values: Any, window: int, first_line: int, last_line: int, out: Any
) -> None:
    """Write a range of the lines of `out` (B, H, W, K): the mean of `values` in each window.

    `weights` (B, H, W, window^2) are 0 beyond the picture.
    """
    height, width, classes = values.shape[1:]
    reach = window // 2
    for line in range(first_line, last_line):
        picture, row = line // height, line % height
        out[picture, row] = 0
        for column in range(width):
            left, right = max(0, column - reach), min(width, column + reach + 1)
            for other in range(max(0, row - reach), min(height, row + reach + 1)):
                place = (other - row + reach) * window + left - column + reach
                for beside in range(left, right):
                    weight = weights[picture, row, column, place]
                    for number in range(classes):
                        out[picture, row, column, number] += (
                            weight * values[picture, other, beside, number]
                        )
                    place += 1
