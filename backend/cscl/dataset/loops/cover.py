"""Exact cover of the pixels of a window by polygons.

`edges` is (5, N): x0, y0, x1, y1 in pixels and the sign with which the edge counts. `window` is
row, column, height and width. `sums` (H, W + 1) holds zeros between two polygons. `spans` has for
each row of the window that a polygon touches, from row `top` on, the first and last column that
its edges touch; beyond them it covers nothing.
"""

from __future__ import annotations

import math
from typing import Any

from cscl.dataset.loops.compiled import compiled


@compiled
def add_polygon(
    edges: Any, first: int, last: int, window: Any, sums: Any, top: int, spans: Any
) -> None:
    """Add the edges first..last-1 to `sums`, whose running sums along the rows are the cover."""
    spans[:, 0] = window[3]
    spans[:, 1] = -1
    for edge in range(first, last):
        x0, y0, x1, y1 = edges[0, edge], edges[1, edge], edges[2, edge], edges[3, edge]
        sign = edges[4, edge]
        # Downwards, so that an edge that two polygons share is cut at the same places for both.
        if y0 > y1:
            x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
        y, bottom = max(y0, float(window[0])), min(y1, float(window[0] + window[2]))
        if y < bottom:
            slope = (x1 - x0) / (y1 - y0)
            x = x0 if y == y0 else x0 + (y - y0) * slope
            for row in range(int(math.floor(y)), int(math.ceil(bottom))):
                below = min(float(row + 1), bottom)
                end = x1 if below == y1 else x0 + (below - y0) * slope
                left, right = min(x, end) - window[1], max(x, end) - window[1]
                inner = row - window[0]
                _touch(left, right, window[3], spans, inner - top)
                _add_piece(left, right, (below - y) * sign, window[3], sums, inner)
                x, y = end, below


@compiled
def _touch(left: float, right: float, width: int, spans: Any, row: int) -> None:
    spans[row, 0] = min(spans[row, 0], max(0, min(int(math.floor(left)), width - 1)))
    spans[row, 1] = max(spans[row, 1], max(0, min(int(math.floor(right)), width - 1)))


@compiled
def _add_piece(left: float, right: float, height: float, width: int, sums: Any, row: int) -> None:
    """Add the piece of an edge within one row, from column `left` to `right` of the window.

    It adds the area to its right within each pixel that it crosses, and its height to all pixels
    further right. What lies left of the window adds to its first column, what lies right nothing.
    """
    if left >= width:
        return
    if right <= 0.0:
        sums[row, 0] += height
        return
    if left < 0.0:
        outside = height * (-left / (right - left))
        sums[row, 0] += outside
        height -= outside
        left = 0.0
    if right > width:
        height *= (width - left) / (right - left)
        right = float(width)
    column = int(math.floor(left))
    if right <= column + 1:
        inset = (left + right) / 2 - column
        sums[row, column] += height * (1 - inset)
        sums[row, column + 1] += height * inset
        return
    steep = height / (right - left)
    while left < right:
        end = min(float(column + 1), right)
        part, inset = (end - left) * steep, (left + end) / 2 - column
        sums[row, column] += part * (1 - inset)
        sums[row, column + 1] += part * inset
        left = end
        column += 1


@compiled
def sum_covers(
    edges: Any, starts: Any, window: Any, sums: Any, tops: Any, places: Any, spans: Any, total: Any
) -> None:
    """Add to `total` (H, W) the cover 0..1 of each polygon.

    `starts` (N + 1) are the polygons' first edges, `tops` (N) their first rows, `places` (N + 1)
    where their rows start in `spans` (M, 2).
    """
    for polygon in range(len(tops)):
        top, own = tops[polygon], spans[places[polygon] : places[polygon + 1]]
        add_polygon(edges, starts[polygon], starts[polygon + 1], window, sums, top, own)
        for index in range(len(own)):
            row, cover = top + index, 0.0
            for column in range(own[index, 0], own[index, 1] + 1):
                cover += sums[row, column]
                sums[row, column] = 0.0
                total[row, column] += min(max(cover, 0.0), 1.0)
            sums[row, own[index, 1] + 1] = 0.0
