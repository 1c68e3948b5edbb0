"""Compiled loops over channels: all that the processor's kernel does not leave to torch.

Values lie pixel by pixel, so that the D channels are the lanes of the processor's vectors. Every
grid has three axes, plane, row and column; one of two axes has one plane. `planes`, `rows` and
`columns` (positions of the window, pixels) give for each pixel on an axis its partner's place on
the other grid, -1 beyond the border: from anchors to keys or, the other way round, from keys to
the anchors that see them. Each pixel's sum runs in the window's order and is written once, so
that results depend on neither the number of threads nor the lines of a call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cscl.losses.kernels.compiled import compiled

ZERO = np.float32(0)
GROUP = 4


@compiled
def find_partners(
    image: int, plane: int, row: int, column: int, planes: Any, rows: Any, columns: Any,
    other: Any, places: Any, slots: Any,
) -> int:  # fmt: skip
    """List a pixel's partners and their positions in the window; return how many there are.

    The list is completed to a multiple of four by its first partner, once more.
    """
    count, slot, size = 0, 0, columns.shape[0]
    for u in range(planes.shape[0]):
        for v in range(rows.shape[0]):
            line = (image * other[0] + planes[u, plane]) * other[1] + rows[v, row]
            if planes[u, plane] >= 0 and rows[v, row] >= 0:
                for w in range(size):
                    if columns[w, column] >= 0:
                        places[count] = line * other[2] + columns[w, column]
                        slots[count] = slot + w
                        count += 1
            slot += size
    for extra in range(count, count + GROUP - 1):
        places[extra] = places[0]
        slots[extra] = slots[0]
    return count


@compiled
def products_of_lines(
    query: Any, key: Any, planes: Any, rows: Any, columns: Any, own: Any, other: Any,
    first: int, last: int, products: Any,
) -> None:  # fmt: skip
    """Write the products (B, K, pixels) of the queries of lines first to last with their keys."""
    neighbours = planes.shape[0] * rows.shape[0] * columns.shape[0]
    places = np.empty(neighbours + GROUP, np.int64)
    slots = np.empty(neighbours + GROUP, np.int64)
    lines = own[0] * own[1]
    for line in range(first, last):
        image, plane, row = line // lines, line // own[1] % own[0], line % own[1]
        for column in range(own[2]):
            count = find_partners(
                image, plane, row, column, planes, rows, columns, other, places, slots
            )
            pixel = line * own[2] + column
            place = (line % lines) * own[2] + column
            for start in range(0, count, GROUP):
                a, b = places[start], places[start + 1]
                c, d = places[start + 2], places[start + 3]
                sum_a, sum_b, sum_c, sum_d = ZERO, ZERO, ZERO, ZERO
                for i in range(query.shape[1]):
                    value = query[pixel, i]
                    sum_a += value * key[a, i]
                    sum_b += value * key[b, i]
                    sum_c += value * key[c, i]
                    sum_d += value * key[d, i]
                products[image, slots[start + 3], place] = sum_d
                products[image, slots[start + 2], place] = sum_c
                products[image, slots[start + 1], place] = sum_b
                products[image, slots[start], place] = sum_a


@compiled
def combine_lines(
    weights: Any, values: Any, own_weights: Any, owns: Any, planes: Any, rows: Any, columns: Any,
    own: Any, other: Any, inverse: bool, first: int, last: int, result: Any,
) -> None:  # fmt: skip
    """Write for lines first to last the weighted sum of each pixel's partners and of itself.

    `weights` (B, K, anchors) belong to pairs, so that they are read at the pixel itself or, in
    the `inverse` direction, at its partner.
    """
    neighbours = planes.shape[0] * rows.shape[0] * columns.shape[0]
    places = np.empty(neighbours + GROUP, np.int64)
    slots = np.empty(neighbours + GROUP, np.int64)
    factors = np.zeros(neighbours + GROUP, np.float32)
    lines, anchors = own[0] * own[1], weights.shape[2]
    for line in range(first, last):
        image, plane, row = line // lines, line // own[1] % own[0], line % own[1]
        for column in range(own[2]):
            count = find_partners(
                image, plane, row, column, planes, rows, columns, other, places, slots
            )
            pixel = line * own[2] + column
            place = (line % lines) * own[2] + column
            for t in range(count):
                anchor = places[t] - image * anchors if inverse else place
                factors[t] = weights[image, slots[t], anchor]
            factors[count : count + GROUP - 1] = ZERO
            for i in range(owns.shape[1]):
                result[pixel, i] = own_weights[pixel] * owns[pixel, i]
            for start in range(0, count, GROUP):
                a, b = places[start], places[start + 1]
                c, d = places[start + 2], places[start + 3]
                weight_a, weight_b = factors[start], factors[start + 1]
                weight_c, weight_d = factors[start + 2], factors[start + 3]
                for i in range(owns.shape[1]):
                    result[pixel, i] += (
                        weight_a * values[a, i]
                        + weight_b * values[b, i]
                        + weight_c * values[c, i]
                        + weight_d * values[d, i]
                    )
