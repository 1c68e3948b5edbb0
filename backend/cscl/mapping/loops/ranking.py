"""The two largest class probabilities of each pixel, as codes and as whole numbers."""

from __future__ import annotations

from typing import Any

from cscl.compiled import compile_and_keep


def _rank_pixels(shares: Any, known: Any, codes: Any, out: Any, bands: Any, steps: int) -> None:
    """Fill `out` (4, H, W) with code, confidence, second code and margin, `bands` with shares.

    `shares` (K, H, W) are probabilities, `known` (H, W) tells where there are data; elsewhere the
    outputs are left as they are. Ties go to the lower class, halves of 1/`steps` to the even
    number, as numpy rounds. The second code is left where there is one class.
    """
    classes, height, width = shares.shape
    for row in range(height):
        for column in range(width):
            if not known[row, column]:
                continue
            best = next_best = shares[0, row, column] * 0 - 1
            first = second = 0
            for index in range(classes):
                share = shares[index, row, column]
                if share > best:
                    next_best, second = best, first
                    best, first = share, index
                elif share > next_best:
                    next_best, second = share, index
            out[0, row, column] = codes[first]
            out[1, row, column] = _whole(best, steps)
            if classes > 1:
                out[2, row, column] = codes[second]
                out[3, row, column] = _whole(best - next_best, steps)
            else:
                out[3, row, column] = 0
            for index in range(classes):
                bands[index, row, column] = _whole(shares[index, row, column], steps)


def _round_share(share: Any, steps: int) -> Any:
    """Return a share 0..1 in whole steps; what is no number is 0."""
    if not share > 0:
        return 0
    return round(min(share, 1.0) * steps)


_whole = compile_and_keep(_round_share, inline="always")
rank_pixels = compile_and_keep(_rank_pixels, nogil=True)
