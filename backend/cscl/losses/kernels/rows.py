"""Rows of channels in compiled loops: their products, their weighted sums, and lists of them.

A row is given by the address of its first channel, so that one list can hold the pixels around,
the relative positions and the pixel itself, whatever array they lie in.
"""

# Called from compiled code, the parts of `lanes` have fewer parameters than Python sees.
# mypy: disable-error-code="call-arg, var-annotated"

from __future__ import annotations

from typing import Any

import numpy as np

from cscl.losses.kernels.compiled import inlined
from cscl.losses.kernels.lanes import (
    FLOAT_BYTES,
    LANES,
    add,
    add_product,
    load,
    spread,
    store,
    sums_of_four,
)

ZERO = np.float32(0)
# Rows that are taken at once; lists are filled up to a multiple of it.
GROUP = 4
STEP = LANES * FLOAT_BYTES


@inlined
def row_products(row: int, rows: Any, count: int, size: int, products: Any) -> None:
    """Write the products of a row of `size` bytes with `count` others, in groups of four."""
    for first in range(0, count, GROUP):
        a, b, c, d = rows[first], rows[first + 1], rows[first + 2], rows[first + 3]
        sum_a = sum_b = sum_c = sum_d = spread(ZERO)
        for at in range(0, size, STEP):
            run = load(row + at)
            sum_a = add_product(sum_a, run, load(a + at))
            sum_b = add_product(sum_b, run, load(b + at))
            sum_c = add_product(sum_c, run, load(c + at))
            sum_d = add_product(sum_d, run, load(d + at))
        found = sums_of_four(sum_a, sum_b, sum_c, sum_d)
        for i in range(GROUP):
            products[first + i] = found[i]


@inlined
def squared_lengths(
    row: int, mask: int, rows: Any, count: int, start: int, end: int, squares: Any
) -> None:
    """Write the squared lengths of a row, where `mask` is one, plus each of `count` others.

    Only the bytes from `start` to `end` of the rows count. Summed as squares, a short sum of two
    long rows keeps its digits; products with both would cancel.
    """
    for first in range(0, count, GROUP):
        a, b, c, d = rows[first], rows[first + 1], rows[first + 2], rows[first + 3]
        sum_a = sum_b = sum_c = sum_d = spread(ZERO)
        for at in range(start, end, STEP):
            own = add_product(spread(ZERO), load(row + at), load(mask + at))
            other_a, other_b = add(own, load(a + at)), add(own, load(b + at))
            other_c, other_d = add(own, load(c + at)), add(own, load(d + at))
            sum_a = add_product(sum_a, other_a, other_a)
            sum_b = add_product(sum_b, other_b, other_b)
            sum_c = add_product(sum_c, other_c, other_c)
            sum_d = add_product(sum_d, other_d, other_d)
        found = sums_of_four(sum_a, sum_b, sum_c, sum_d)
        for i in range(GROUP):
            squares[first + i] = found[i]


@inlined
def weighted_rows(rows: Any, weights: Any, count: int, size: int, result: int) -> None:
    """Write to the row `result` the weighted sum of `count` rows of `size` bytes."""
    for at in range(0, size, STEP):
        sum_a = sum_b = sum_c = sum_d = spread(ZERO)
        for first in range(0, count, GROUP):
            a, b, c, d = rows[first], rows[first + 1], rows[first + 2], rows[first + 3]
            sum_a = add_product(sum_a, spread(weights[first]), load(a + at))
            sum_b = add_product(sum_b, spread(weights[first + 1]), load(b + at))
            sum_c = add_product(sum_c, spread(weights[first + 2]), load(c + at))
            sum_d = add_product(sum_d, spread(weights[first + 3]), load(d + at))
        store(add(add(sum_a, sum_b), add(sum_c, sum_d)), result + at)


@inlined
def list_partners(
    image: int, plane: int, row: int, column: int, planes: Any, lines: Any, columns: Any,
    moves: Any, other: Any, values: int, size: int, count: int, slots: Any, rows: Any,
) -> int:  # fmt: skip
    """List the rows of a pixel's partners and their positions in the window; return how many.

    `planes`, `lines` and `columns` (positions of the window, pixels) hold each pixel's partner on
    the grid `other`, -1 beyond the border; `moves` how many pixels all partners lie after those of
    the column before, 0 where that is not the same for all. The list of `count` partners of that
    column is then only moved.
    """
    move = moves[column] * size
    if move:
        for t in range(count):
            rows[t] += move
        return count
    count, slot = 0, 0
    for u in range(planes.shape[0]):
        for v in range(lines.shape[0]):
            line = (image * other[0] + planes[u, plane]) * other[1] + lines[v, row]
            if planes[u, plane] >= 0 and lines[v, row] >= 0:
                for w in range(columns.shape[0]):
                    if columns[w, column] >= 0:
                        rows[count] = values + (line * other[2] + columns[w, column]) * size
                        slots[count] = slot + w
                        count += 1
            slot += columns.shape[0]
    return count


@inlined
def list_more(rows: Any, count: int, positions: int, number: int, own: int, size: int) -> int:
    """List the rows of `number` relative positions and the pixel's own, which also fills up."""
    for j in range(number):
        rows[count + j] = positions + j * size
    for j in range(number, number + GROUP):
        rows[count + j] = own
    return count + number + 1


@inlined
def choose_weights(
    table: Any, column: int, neighbours: int, slots: Any, count: int, number: int, chosen: Any
) -> int:
    """List the weights of a pixel's rows, partners, positions and its own; return how many."""
    for t in range(count):
        chosen[t] = table[slots[t], column]
    for j in range(number + 1):
        chosen[count + j] = table[neighbours + j, column]
    end = count + number + 1
    for j in range(GROUP - 1):
        chosen[end + j] = ZERO
    return end
