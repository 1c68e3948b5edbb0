"""Numbers of a file looked up in a table of what they mean."""

from __future__ import annotations

from typing import Any

from cscl.series.loops.compiled import compiled


@compiled
def look_up(places: Any, table: Any, result: Any) -> None:
    """Fill `result` (H, W) with the entries of `table` at `places`, whole numbers within it."""
    for row in range(places.shape[0]):
        for column in range(places.shape[1]):
            result[row, column] = table[places[row, column]]
