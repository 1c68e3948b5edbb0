"""Sums of the values below polygons, weighted by exact cover."""

from __future__ import annotations

from typing import Any

from cscl.dataset.loops.compiled import compiled
from cscl.dataset.loops.cover import add_polygon


@compiled
def sum_values(
    edges: Any, starts: Any, window: Any, sums: Any, tops: Any, places: Any, spans: Any,
    values: Any, known: Any, found: Any,
) -> None:  # fmt: skip
    """Add to `found` (N, 1 + C) each polygon's covered pixels and sums of `values` (C, H, W).

    A pixel counts by its cover 0..1, where it is `known` (H, W). The other arguments are those of
    `sum_covers`.
    """
    for polygon in range(len(tops)):
        top, own = tops[polygon], spans[places[polygon] : places[polygon + 1]]
        add_polygon(edges, starts[polygon], starts[polygon + 1], window, sums, top, own)
        for index in range(len(own)):
            row, first, last = top + index, own[index, 0], own[index, 1] + 1
            cover = pixels = 0.0
            for column in range(first, last):
                cover += sums[row, column]
                weight = min(max(cover, 0.0), 1.0) if known[row, column] else 0.0
                sums[row, column] = weight
                pixels += weight
            found[polygon, 0] += pixels
            for band in range(values.shape[0] if pixels > 0.0 else 0):
                total = 0.0
                for column in range(first, last):
                    total += sums[row, column] * values[band, row, column]
                found[polygon, 1 + band] += total
            sums[row, first : last + 1] = 0.0
