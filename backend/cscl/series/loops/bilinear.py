"""Coarse pixels brought to a finer grid, in whole numbers that are divided once."""

from __future__ import annotations

from typing import Any

import numpy as np

from cscl.series.loops.compiled import compiled


@compiled
def spread(
    numbers: Any, invalid: int, factor: int, rows: Any, columns: Any, values: Any, valid: Any
) -> None:
    """Fill `values` float32 and `valid` bool, (N, H, W), from `numbers` int16 (N, h, w).

    `rows` (3, H) and `columns` (3, W) are int32: the coarse pixel whose centre lies at or before
    that of the fine one, the weight of the next one in 1 / (2 factor), and the coarse pixel that
    holds it. Numbers that are `invalid` have no weight. Sums are whole numbers, which double
    precision holds exactly.
    """
    sums, weights = np.empty(numbers.shape[2]), np.empty(numbers.shape[2])
    for layer in range(numbers.shape[0]):
        for row in range(values.shape[1]):
            place, high = rows[0, row], np.float64(rows[1, row])
            above, below = numbers[layer, place], numbers[layer, place + 1]
            _add_rows(above, below, 2.0 * factor - high, high, invalid, sums, weights)
            own = numbers[layer, rows[2, row]]
            # Fine columns of one phase lie `factor` apart and have the same two weights.
            for phase in range(min(factor, values.shape[2])):
                high = np.float64(columns[1, phase])
                low, first, home = 2.0 * factor - high, columns[0, phase], columns[2, phase]
                count = (values.shape[2] - phase + factor - 1) // factor
                for step in range(count):
                    total = low * sums[first + step] + high * sums[first + step + 1]
                    weight = low * weights[first + step] + high * weights[first + step + 1]
                    known = own[home + step] != invalid
                    column = phase + step * factor
                    valid[layer, row, column] = known
                    values[layer, row, column] = np.float32(total / weight) if known else 0.0


@compiled
def _add_rows(
    above: Any, below: Any, low: float, high: float, invalid: int, sums: Any, weights: Any
) -> None:
    """Fill the weighted sums of two rows of coarse pixels, and the sums of their weights."""
    for place in range(len(above)):
        first = low if above[place] != invalid else 0.0
        second = high if below[place] != invalid else 0.0
        sums[place] = first * above[place] + second * below[place]
        weights[place] = first + second
