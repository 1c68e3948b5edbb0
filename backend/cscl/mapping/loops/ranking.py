"""The two largest class probabilities of each pixel, as codes and as whole numbers."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cscl.compiled import compile_and_keep

compiled = functools.partial(compile_and_keep, error_model="numpy", nogil=True)


@compiled
def _whole(share: Any, known: Any, steps: Any, missing: Any) -> Any:
    """Return a share 0..1 in whole steps, halves to the even number; what is no number is 0."""
    bounded = min(share, np.float32(1.0)) if share > 0 else np.float32(0.0)
    return np.rint(bounded * steps) if known else missing


@compiled
def _write_shares(row: Any, known: Any, steps: Any, missing: Any, out: Any) -> None:
    """Fill `out` uint8 (W) with a row of shares in whole steps, `missing` where not known."""
    for column in range(out.size):
        out[column] = np.uint8(_whole(row[column], known[column], steps, missing))


@compiled
def _write_codes(places: Any, known: Any, codes: Any, missing: Any, out: Any) -> None:
    """Fill `out` (W) with the codes at `places`, `missing` where not known."""
    for column in range(out.size):
        out[column] = codes[places[column]] if known[column] else missing


@compiled
def _take_class(row: Any, index: Any, best: Any, first: Any, following: Any, second: Any) -> None:
    """Let a class take its place among the two best ones; ties stay with the lower class."""
    for column in range(row.size):
        share = row[column]
        wins, follows = share > best[column], share > following[column]
        second[column] = first[column] if wins else (index if follows else second[column])
        following[column] = best[column] if wins else (share if follows else following[column])
        first[column] = index if wins else first[column]
        best[column] = share if wins else best[column]


@compiled
def rank_pixels(
    shares: Any, valid: Any, ring: int, codes: Any, missing: Any, steps: Any, out: Any, bands: Any
) -> None:
    """Fill `out` (4, H, W) with code, confidence, second code and margin, `bands` with shares.

    `shares` float32 (K, H + 2 ring, W + 2 ring) are probabilities, `valid` of that height and width
    tells where there are data; elsewhere stands `missing`, that of codes and that of shares. With
    one class there is no second, and the margin is 0. All is done row by row, in loops without
    branches.
    """
    classes = len(shares)
    _, height, width = out.shape
    best, following = np.empty(width, np.float32), np.empty(width, np.float32)
    first, second = np.empty(width, np.int32), np.empty(width, np.int32)
    known = np.empty(width, np.bool_)
    inner = slice(ring, ring + width)
    no_code, no_share = np.uint8(missing[0]), np.float32(missing[1])
    for row in range(height):
        known[:] = valid[row + ring, inner]
        best[:] = -1.0
        following[:] = -1.0
        first[:] = 0
        second[:] = 0
        for index in range(classes):
            values = shares[index, row + ring, inner]
            _take_class(values, np.int32(index), best, first, following, second)
            _write_shares(values, known, steps, no_share, bands[index, row])
        _write_codes(first, known, codes, no_code, out[0, row])
        _write_shares(best, known, steps, no_share, out[1, row])
        if classes > 1:
            _write_codes(second, known, codes, no_code, out[2, row])
            best -= following
        else:
            out[2, row] = no_code
            best[:] = 0.0
        _write_shares(best, known, steps, no_share, out[3, row])
