"""Which class and which parcel cover most of each pixel: METHOD, section 5."""

from __future__ import annotations

from typing import Any

from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.dataset.loops.compiled import compiled
from cscl.dataset.loops.cover import add_polygon

TIE = 1e-6
LEAST_COVER = 0.5  # of a pixel by all parcels together, else it is outside
MIXED_COVER = 0.01  # of a pixel by something else than its label
OVERLAP_COVER = 0.1  # of a pixel by parcels of different classes at once: unknown
COVER_SCALE = 250

# Places in the state (H, W, 5) of a contest; the last two are those of the class at work.
STATES = 5
BEST, SECOND, TOTAL, SUM, LARGEST = range(STATES)


@compiled
def contest_of_classes(
    edges: Any, starts: Any, codes: Any, ids: Any, window: Any, sums: Any, tops: Any, places: Any,
    spans: Any, state: Any, owner: Any, code: Any, parcel: Any,
) -> None:  # fmt: skip
    """Find the class that covers most of each pixel, and of its parcels that which does.

    Parcels come in the order of their codes, then of their ids; all else is as in `sum_covers`.
    """
    first = 0
    while first < len(codes):
        last = first
        while last < len(codes) and codes[last] == codes[first]:
            top, own = tops[last], spans[places[last] : places[last + 1]]
            add_polygon(edges, starts[last], starts[last + 1], window, sums, top, own)
            _add_parcel(ids[last], top, sums, own, state, owner)
            last += 1
        for index in range(first, last):
            own = spans[places[index] : places[index + 1]]
            _finish_class(codes[index], tops[index], own, state, owner, code, parcel)
        first = last


@compiled
def _add_parcel(number: int, top: int, sums: Any, spans: Any, state: Any, owner: Any) -> None:
    """Add a parcel's cover to that of its class."""
    for index in range(len(spans)):
        row, cover = top + index, 0.0
        for column in range(spans[index, 0], spans[index, 1] + 1):
            cover += sums[row, column]
            sums[row, column] = 0.0
            share = min(max(cover, 0.0), 1.0)
            state[row, column, SUM] += share
            if share > state[row, column, LARGEST] + TIE:
                state[row, column, LARGEST] = share
                owner[row, column] = number
        sums[row, spans[index, 1] + 1] = 0.0


@compiled
def _finish_class(
    number: int, top: int, spans: Any, state: Any, owner: Any, code: Any, parcel: Any
) -> None:
    """Let a class contend for the pixels of one of its parcels that no earlier one has."""
    for index in range(len(spans)):
        row = top + index
        for column in range(spans[index, 0], spans[index, 1] + 1):
            if state[row, column, SUM] > 0.0:
                share = min(state[row, column, SUM], 1.0)
                if share > state[row, column, BEST] + TIE:
                    state[row, column, SECOND] = state[row, column, BEST]
                    state[row, column, BEST] = share
                    code[row, column] = number
                    parcel[row, column] = owner[row, column]
                else:
                    state[row, column, SECOND] = max(state[row, column, SECOND], share)
                state[row, column, TOTAL] += share
                state[row, column, SUM] = 0.0
                state[row, column, LARGEST] = 0.0
                owner[row, column] = 0


@compiled
def finish_labels(state: Any, overlap: Any, code: Any, parcel: Any, cover: Any, mixed: Any) -> None:
    """Turn the contest's outcome into labels; `overlap` is covered by different classes at once."""
    for row in range(code.shape[0]):
        for column in range(code.shape[1]):
            best, shared = state[row, column, BEST], overlap[row, column]
            outside = max(1.0 - (state[row, column, TOTAL] - shared), 0.0)
            # Limits that drawn coordinates meet exactly must not depend on how sums were rounded.
            if 1.0 - outside >= LEAST_COVER - TIE:
                other = max(state[row, column, SECOND], outside)
                if shared > OVERLAP_COVER + TIE:
                    code[row, column] = UNKNOWN
            else:
                other = best
                best = min(outside, 1.0)
                code[row, column] = OUTSIDE
                parcel[row, column] = 0
            cover[row, column] = int(best * COVER_SCALE + 0.5 - TIE)
            mixed[row, column] = other > MIXED_COVER + TIE
