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
    WIDE_LANES,
    add,
    add_product,
    add_scaled,
    fetch,
    load,
    load_wide,
    nothing,
    nothing_wide,
    number_at,
    store,
    sums_of_eight,
    write_number,
)

ZERO = np.float32(0)
# Rows that are taken at once; lists are filled up to a multiple of it.
GROUP = 8
LINE_BYTES = 64
STEP, WIDE_STEP = LANES * FLOAT_BYTES, WIDE_LANES * FLOAT_BYTES


@inlined
def entry(values: Any, index: int) -> Any:
    """Return an entry of a list by an index that is known not to be negative."""
    return values[np.uint64(index)]


@inlined
def row_products(row: int, rows: Any, places: Any, count: int, size: int, shift: int) -> None:
    """Write the products of a row of `size` bytes with others, in groups of eight.

    Each goes `shift` bytes behind the place that is listed for its row.
    """
    for i in range(0, count, GROUP):
        a, b, c, d = entry(rows, i), entry(rows, i + 1), entry(rows, i + 2), entry(rows, i + 3)
        e, f, g, h = entry(rows, i + 4), entry(rows, i + 5), entry(rows, i + 6), entry(rows, i + 7)
        sum_a = sum_b = sum_c = sum_d = sum_e = sum_f = sum_g = sum_h = nothing()
        for at in range(0, size, STEP):
            run = load(row + at)
            sum_a = add_product(sum_a, run, load(a + at))
            sum_b = add_product(sum_b, run, load(b + at))
            sum_c = add_product(sum_c, run, load(c + at))
            sum_d = add_product(sum_d, run, load(d + at))
            sum_e = add_product(sum_e, run, load(e + at))
            sum_f = add_product(sum_f, run, load(f + at))
            sum_g = add_product(sum_g, run, load(g + at))
            sum_h = add_product(sum_h, run, load(h + at))
        sums = sums_of_eight(sum_a, sum_b, sum_c, sum_d, sum_e, sum_f, sum_g, sum_h)
        for j in range(GROUP):
            write_number(sums[j], entry(places, i + j) + shift)


@inlined
def squared_lengths(
    row: int, mask: int, rows: Any, count: int, start: int, end: int, squares: Any
) -> None:
    """Write the squared lengths of a row, where `mask` is one, plus each of `count` others.

    Only the bytes from `start` to `end` of the rows count. Summed as squares, a short sum of two
    long rows keeps its digits; products with both would cancel.
    """
    for i in range(0, count, GROUP):
        a, b, c, d = rows[i], rows[i + 1], rows[i + 2], rows[i + 3]
        e, f, g, h = rows[i + 4], rows[i + 5], rows[i + 6], rows[i + 7]
        sum_a = sum_b = sum_c = sum_d = sum_e = sum_f = sum_g = sum_h = nothing()
        for at in range(start, end, STEP):
            own = add_product(nothing(), load(row + at), load(mask + at))
            sum_a = add_square(sum_a, own, a + at)
            sum_b = add_square(sum_b, own, b + at)
            sum_c = add_square(sum_c, own, c + at)
            sum_d = add_square(sum_d, own, d + at)
            sum_e = add_square(sum_e, own, e + at)
            sum_f = add_square(sum_f, own, f + at)
            sum_g = add_square(sum_g, own, g + at)
            sum_h = add_square(sum_h, own, h + at)
        sums = sums_of_eight(sum_a, sum_b, sum_c, sum_d, sum_e, sum_f, sum_g, sum_h)
        for j in range(GROUP):
            squares[i + j] = sums[j]


@inlined
def add_square(total: Any, own: Any, other: int) -> Any:
    """Return total + (own + other)^2, channel by channel, with the other run at an address."""
    both = add(own, load(other))
    return add_product(total, both, both)


@inlined
def weighted_rows(rows: Any, places: Any, count: int, size: int, shift: int, result: int) -> None:
    """Write to the row `result` the weighted sum of `count` rows of `size` bytes.

    Their weights lie `shift` bytes behind the places that are listed for them.
    """
    wide = size - size % WIDE_STEP
    for at in range(0, wide, WIDE_STEP):
        even = odd = nothing_wide()
        for i in range(0, count, 2):
            weight, other = entry(places, i) + shift, entry(places, i + 1) + shift
            even = add_scaled(even, number_at(weight), load_wide(entry(rows, i) + at))
            odd = add_scaled(odd, number_at(other), load_wide(entry(rows, i + 1) + at))
        store(add(even, odd), result + at)
    for at in range(wide, size, STEP):
        sum_a = sum_b = sum_c = sum_d = nothing()
        for i in range(0, count, 4):
            a, b = entry(places, i) + shift, entry(places, i + 1) + shift
            c, d = entry(places, i + 2) + shift, entry(places, i + 3) + shift
            sum_a = add_scaled(sum_a, number_at(a), load(entry(rows, i) + at))
            sum_b = add_scaled(sum_b, number_at(b), load(entry(rows, i + 1) + at))
            sum_c = add_scaled(sum_c, number_at(c), load(entry(rows, i + 2) + at))
            sum_d = add_scaled(sum_d, number_at(d), load(entry(rows, i + 3) + at))
        store(add(add(sum_a, sum_b), add(sum_c, sum_d)), result + at)


@inlined
def add_position_sums(
    line: int, size: int, count: int, table: Any, first: int, number: int, places: Any, rows: Any,
    spare: Any, totals: Any,
) -> None:  # fmt: skip
    """Add to `totals` (number, channels) sums over the `count` rows of a line of pixels.

    Each is weighted by a line of the table, from the line `first` on; the table's columns past the
    pixels hold zeros, and `spare` takes the channels of one sum.
    """
    step = table.shape[1] * FLOAT_BYTES
    for c in range(count + GROUP):
        rows[c] = line + (c * size if c < count else 0)
        places[c] = table.ctypes.data + first * step + c * FLOAT_BYTES
    for j in range(number):
        weighted_rows(rows, places, count, size, j * step, spare.ctypes.data)
        total = totals[j]
        for d in range(totals.shape[1]):
            total[d] += spare[d]


@inlined
def list_rows(
    image: int, plane: int, row: int, column: int, planes: Any, lines: Any, columns: Any,
    moves: Any, other: Any, values: int, size: int, positions: int, number: int, own: int,
    table: Any, count: int, places: Any, rows: Any,
) -> int:  # fmt: skip
    """List a pixel's partners, the `number` relative positions and its own row; return how many.

    `planes`, `lines` and `columns` (positions of the window, pixels) hold each pixel's partner on
    the grid `other`, -1 beyond the border; `moves` how many pixels all partners lie after those of
    the column before, 0 where that is not the same for all; else the list of `count` rows of that
    column is only moved. Places are the lines of a table, one for each position of the window,
    each relative position and the own row; a further one, which holds zeros where weights are read
    and nobody reads otherwise, fills up a group.
    """
    move = moves[column] * size
    partners = count - number - 1
    if move:
        for t in range(partners):
            rows[t] += move
        for t in range(count - 1, count + GROUP - 1):
            rows[t] = own
        return count
    step = table.shape[1] * FLOAT_BYTES
    partners, place = 0, table.ctypes.data
    for u in range(planes.shape[0]):
        for v in range(lines.shape[0]):
            line = (image * other[0] + planes[u, plane]) * other[1] + lines[v, row]
            if planes[u, plane] >= 0 and lines[v, row] >= 0:
                for w in range(columns.shape[0]):
                    if columns[w, column] >= 0:
                        rows[partners] = values + (line * other[2] + columns[w, column]) * size
                        places[partners] = place + w * step
                        partners += 1
            place += columns.shape[0] * step
    for j in range(number + GROUP):
        rows[partners + j] = positions + j * size if j < number else own
        places[partners + j] = place + min(j, number + 1) * step
    return partners + number + 1


@inlined
def list_positions(positions: int, number: int, size: int, filler: int, rows: Any) -> None:
    """List the rows of `number` relative positions, and one that fills up a group."""
    for j in range(number + GROUP):
        rows[j] = positions + j * size if j < number else filler


@inlined
def fetch_numbers(values: Any, image: int, slot: int, first: int, count: int) -> None:
    """Ask for `count` pixels from `first` on of one position's pairs in `values` (B, K, pixels).

    Each position of the window lies in a page of its own, which no machine foresees.
    """
    pixels = values.shape[2]
    if first >= 0 and first + count <= pixels:
        start = (
            values.ctypes.data + ((image * values.shape[1] + slot) * pixels + first) * FLOAT_BYTES
        )
        for at in range(0, count * FLOAT_BYTES, LINE_BYTES):
            fetch(start + at)
