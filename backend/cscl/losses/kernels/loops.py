"""Compiled loops of the processor's kernel: similarities and gradients, line by line of pixels.

Values lie pixel by pixel, so that a pixel's D channels are one row of memory, given by its address.
All that has D channels goes through two sums, the products of one row with others and a weighted
sum of rows; both take as rows the pixels around, the relative positions and the pixel itself. What
belongs to pairs is computed for a line of anchors at once, which lie side by side.

Every grid has three axes, plane, row and column; one of two axes has one plane. Each pixel's sum
runs in the window's order and is written once, so that results depend on neither the number of
threads nor the lines of a call. The formula is that of `formula.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cscl.losses.kernels.compiled import compiled, inlined
from cscl.losses.kernels.formula import CLAMPED, NORM_FLOOR
from cscl.losses.kernels.lanes import FLOAT_BYTES
from cscl.losses.kernels.rows import (
    add_position_sums,
    fetch_numbers,
    list_positions,
    list_rows,
    row_products,
    squared_lengths,
    weighted_rows,
)

ZERO, ONE = np.float32(0), np.float32(1)
SQUARED_FLOOR = np.float32(NORM_FLOOR**2)
LIMIT = np.float32(CLAMPED)
# Lines whose sums by relative position are added up; a thread takes whole numbers of them.
TOGETHER = 8


@compiled
def square_lines(
    key: int, size: int, positions: int, number: int, masks: int, spans: Any, grid: Any,
    padded: Any, margins: Any, alone: Any, scratch: Any, first: int, last: int, squares: Any,
) -> None:  # fmt: skip
    """Write the parts of |k + r|^2 for the keys of lines first to last of the padded grid.

    `squares` (1 + number, pixels of the padded grid) takes for each relative position |k + r|^2
    over the channels of its axis, and before them |k|^2 over the channels of no axis; in the
    margin r is `alone` (number), |r|^2. `masks` (axes + 2, D) are one in the channels of each
    axis, then in the others; the last is zero everywhere. `spans` (axes + 1, 2) hold the bytes of
    a row in which a mask is one.
    """
    _, rows, products, _, _, _ = scratch
    axes = spans.shape[0] - 1
    window = number // max(axes, 1)
    zeros = masks + (axes + 1) * size
    for line in range(first, last):
        image = line // (padded[0] * padded[1])
        plane = line // padded[1] % padded[0] - margins[0]
        row = line % padded[1] - margins[1]
        start = line * padded[2]
        squares[0, start : start + padded[2]] = ZERO
        for j in range(number):
            squares[1 + j, start : start + padded[2]] = alone[j]
        if plane < 0 or plane >= grid[0] or row < 0 or row >= grid[1]:
            continue
        own_line = ((image * grid[0] + plane) * grid[1] + row) * grid[2]
        for axis in range(axes + 1):
            if spans[axis, 0] == spans[axis, 1]:
                continue
            count = window if axis < axes else 0
            list_positions(positions + axis * window * size, count, size, zeros, rows)
            for column in range(grid[2]):
                squared_lengths(
                    key + (own_line + column) * size, masks + axis * size, rows, max(count, 1),
                    spans[axis, 0], spans[axis, 1], products,
                )  # fmt: skip
                place = start + margins[2] + column
                if axis == axes:
                    squares[0, place] = products[0]
                else:
                    for j in range(window):
                        squares[1 + axis * window + j, place] = products[j]


@inlined
def inverse_norms(
    squares: Any, members: Any, slot: int, start: int, stride: int, count: int, norms: Any
) -> None:
    """Write the inverse norms of `count` keys, `stride` apart, with the position of a neighbour."""
    for c in range(count):
        norms[c] = squares[0, np.uint64(start + c * stride)]
    for axis in range(members.shape[0]):
        part = 1 + members[axis, slot]
        for c in range(count):
            norms[c] += squares[part, np.uint64(start + c * stride)]
    for c in range(count):
        norms[c] = ONE / np.sqrt(max(norms[c], SQUARED_FLOOR))


@compiled
def similarity_of_lines(
    query: int, key: int, size: int, positions: int, number: int, planes: Any, lines: Any,
    columns: Any, moves: Any, own: Any,
    other: Any, padded: Any, stride: int, shifts: Any, members: Any, squares: Any,
    scratch: Any, first: int, last: int, lengths: Any, similarities: Any,
) -> None:  # fmt: skip
    """Write similarities (B, K, anchors) and queries' inverse norms of lines first to last."""
    neighbours, width = shifts.shape[0], own[2]
    places, rows, _, table, norms, _ = scratch
    for line in range(first, last):
        image, plane, row = line // (own[0] * own[1]), line // own[1] % own[0], line % own[1]
        place = (line % (own[0] * own[1])) * width
        table[:neighbours] = ZERO
        count = 0
        for column in range(width):
            for slot in range(column * neighbours // width, (column + 1) * neighbours // width):
                fetch_numbers(similarities, image, slot, place, width)
            own_row = query + (line * width + column) * size
            count = list_rows(
                image, plane, row, column, planes, lines, columns, moves, other, key, size,
                positions, number, own_row, table, count, places, rows,
            )  # fmt: skip
            row_products(own_row, rows, places, count, size, column * FLOAT_BYTES)
        start = ((image * padded[0] + plane * stride) * padded[1] + row * stride) * padded[2]
        length, squared = lengths[line * width : (line + 1) * width], table[neighbours + number]
        for c in range(width):
            length[c] = ONE / np.sqrt(max(squared[c], SQUARED_FLOOR))
        for slot in range(neighbours):
            inverse_norms(squares, members, slot, start + shifts[slot], stride, width, norms)
            found = table[slot]
            for axis in range(members.shape[0]):
                part = table[neighbours + members[axis, slot]]
                for c in range(width):
                    found[c] += part[c]
            result = similarities[image, slot, place : place + width]
            for c in range(width):
                result[c] = found[c] * norms[c] * length[c]


@compiled
def query_gradients_of_lines(
    query: int, key: int, size: int, positions: int, number: int, planes: Any, lines: Any,
    columns: Any, moves: Any, own: Any,
    other: Any, padded: Any, stride: int, shifts: Any, members: Any, squares: Any, lengths: Any,
    similarities: Any, coefficients: Any,
    scratch: Any, first: int, last: int, gradient: int, sums: Any, totals: Any,
) -> None:  # fmt: skip
    """Write the gradients of the queries of lines first to last.

    Beside them, added up over `TOGETHER` lines, the sums of the queries weighted by c / (n |q|) for
    each relative position, (parts, number, D), and the line's sums of the decays c s / n^2 at each
    position of the window, (lines, K).
    """
    neighbours, width = shifts.shape[0], own[2]
    places, rows, spare, table, norms, _ = scratch
    for line in range(first, last):
        image, plane, row = line // (own[0] * own[1]), line // own[1] % own[0], line % own[1]
        place = (line % (own[0] * own[1])) * width
        start = ((image * padded[0] + plane * stride) * padded[1] + row * stride) * padded[2]
        length = lengths[line * width : (line + 1) * width]
        table[neighbours : neighbours + number + 1] = ZERO
        scores = table[neighbours + number]
        for slot in range(neighbours):
            inverse_norms(squares, members, slot, start + shifts[slot], stride, width, norms)
            coefficient = coefficients[image, slot, place : place + width]
            similarity = similarities[image, slot, place : place + width]
            fetch_numbers(coefficients, image, slot, place + width, width)
            fetch_numbers(similarities, image, slot, place + width, width)
            weight, total = table[slot], ZERO
            for c in range(width):
                weight[c] = coefficient[c] * norms[c] * length[c]
                score = coefficient[c] * similarity[c]
                scores[c] += score
                total += score * norms[c] * norms[c] if norms[c] < LIMIT else ZERO
            totals[line, slot] = total
            for axis in range(members.shape[0]):
                part = table[neighbours + members[axis, slot]]
                for c in range(width):
                    part[c] += weight[c]
        add_position_sums(
            query + line * width * size, size, width, table, neighbours, number, places, rows,
            spare, sums[line // TOGETHER],
        )  # fmt: skip
        for c in range(width):
            scores[c] *= -length[c] * length[c] if length[c] < LIMIT else ZERO
        count = 0
        for column in range(width):
            at = (line * width + column) * size
            count = list_rows(
                image, plane, row, column, planes, lines, columns, moves, other, key, size,
                positions, number, query + at, table, count, places, rows,
            )  # fmt: skip
            weighted_rows(rows, places, count, size, column * FLOAT_BYTES, gradient + at)


@inlined
def subtract(totals: Any, start: int, stride: int, count: int, values: Any) -> None:
    """Subtract `count` values from totals that lie `stride` apart."""
    if stride == 1:
        # Where the machine can take many at once.
        for c in range(count):
            totals[np.uint64(start + c)] -= values[c]
    else:
        for c in range(count):
            totals[np.uint64(start + c * stride)] -= values[c]


@compiled
def key_gradients_of_lines(
    query: int, key: int, size: int, positions: int, number: int, planes: Any, lines: Any,
    columns: Any, moves: Any, own: Any,
    other: Any, padded: Any, stride: int, shifts: Any, members: Any, squares: Any, lengths: Any,
    similarities: Any, coefficients: Any, spans: Any,
    scratch: Any, first: int, last: int, gradient: int, sums: Any,
) -> None:  # fmt: skip
    """Write the gradients of the keys of lines first to last, from all anchors around.

    Beside them, added up over `TOGETHER` lines, the sums of the keys weighted by the negative
    decays c s / n^2 for each relative position, (parts, number, D). `spans` (window, 3) hold for
    the columns of the window the first and last anchor whose key lies inside, and the key's column
    less the anchor's.
    """
    neighbours, width, window = shifts.shape[0], own[2], columns.shape[0]
    places, rows, spare, table, norms, decays = scratch
    for line in range(first, last):
        image, plane, row = line // (own[0] * own[1]), line // own[1] % own[0], line % own[1]
        table[neighbours : neighbours + number + 1] = ZERO
        for slot in range(neighbours):
            at_plane = planes[slot // window // lines.shape[0], plane]
            at_row, span = lines[slot // window % lines.shape[0], row], spans[slot % window]
            if at_plane < 0 or at_row < 0 or span[0] >= span[1]:
                continue
            anchors = span[1] - span[0]
            start = (image * padded[0] + at_plane * stride) * padded[1] + at_row * stride
            start = start * padded[2] + shifts[slot] + span[0] * stride
            inverse_norms(squares, members, slot, start, stride, anchors, norms)
            place = (at_plane * other[1] + at_row) * other[2] + span[0]
            pixel = image * other[0] * other[1] * other[2] + place
            coefficient = coefficients[image, slot, place : place + anchors]
            similarity = similarities[image, slot, place : place + anchors]
            fetch_numbers(coefficients, image, slot, place + other[2], anchors)
            fetch_numbers(similarities, image, slot, place + other[2], anchors)
            length = lengths[pixel : pixel + anchors]
            column = span[0] * stride + span[2]
            for c in range(anchors):
                weight = coefficient[c] * norms[c]
                spare[c] = weight * length[c]
                decays[c] = weight * similarity[c] * norms[c] if norms[c] < LIMIT else ZERO
            for c in range(anchors):
                table[slot, np.uint64(column + c * stride)] = spare[c]
            subtract(table[neighbours + number], column, stride, anchors, decays)
            for axis in range(members.shape[0]):
                part = neighbours + members[axis, slot]
                subtract(table[part], column, stride, anchors, decays)
        add_position_sums(
            key + line * width * size, size, width, table, neighbours, number, places, rows,
            spare, sums[line // TOGETHER],
        )  # fmt: skip
        count = 0
        for column in range(width):
            place = (line * width + column) * size
            count = list_rows(
                image, plane, row, column, planes, lines, columns, moves, other, query, size,
                positions, number, key + place, table, count, places, rows,
            )  # fmt: skip
            weighted_rows(rows, places, count, size, column * FLOAT_BYTES, gradient + place)
