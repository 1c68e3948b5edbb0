"""Where maps go wrong: boundary and interior, pure and mixed, and the distance to a boundary.

All masks come from the whole label raster, before it is cut to a split; callers read a window
with a margin of `MARGIN` pixels and crop the masks, so that memory stays bounded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

FINE = 4
MARGIN = 2
FINE_MARGIN = 4

ZONES_10M = (
    "all",
    "boundary",
    "boundary 5x5",
    "crop|crop",
    "crop|outside",
    "interior",
    "pure",
    "mixed",
)
ZONES_2M5 = ("all", "within 2.5 m", "within 10 m", "beyond 10 m")


def boundary(codes: Codes, size: int = 3) -> Mask:
    """Tell where the `size` x `size` neighbourhood holds more than one label.

    `codes` is (H, W). Outside (254) is a label, unknown (255) and no data (0) are not, and
    neither is what lies beyond the array.
    """
    low, high = _extremes(codes, np.isin(codes, (NO_DATA, UNKNOWN)), size)
    return high > low


def crop_boundary(codes: Codes, size: int = 3) -> Mask:
    """Tell where the neighbourhood holds more than one crop, whatever else it holds."""
    low, high = _extremes(codes, np.isin(codes, (NO_DATA, OUTSIDE, UNKNOWN)), size)
    return high > low


def zones_10m(codes: Codes, mixed: Mask) -> dict[str, Mask]:
    """Return the masks of `ZONES_10M`, each (H, W) like `codes`, a label raster at 10 m.

    A boundary pixel is `crop|crop` where its 3 x 3 neighbourhood holds two crops, else
    `crop|outside`. `interior` is every pixel that is not `boundary`.
    """
    edge, wide, crops = boundary(codes, 3), boundary(codes, 5), crop_boundary(codes, 3)
    return {
        "all": np.ones(codes.shape, bool),
        "boundary": edge,
        "boundary 5x5": wide,
        "crop|crop": crops,
        "crop|outside": edge & ~crops,
        "interior": ~edge,
        "pure": ~mixed,
        "mixed": mixed,
    }


def zones_2m5(codes: Codes) -> dict[str, Mask]:
    """Return the masks of `ZONES_2M5`, each (H, W) like `codes`, a label raster at 2.5 m.

    The distance is that to the nearest pixel of another label, in whole pixels along the longer
    of the two axes: one pixel is 2.5 m, four are 10 m. `within 10 m` includes `within 2.5 m`.
    """
    near, wide = boundary(codes, 3), boundary(codes, 2 * FINE_MARGIN + 1)
    return {
        "all": np.ones(codes.shape, bool),
        "within 2.5 m": near,
        "within 10 m": wide,
        "beyond 10 m": ~wide,
    }


def coarse_labels(fine: Codes) -> tuple[Codes, Mask]:
    """Return the 10 m label of each block of 4 x 4 fine pixels, and where a block is mixed.

    The rule is that of labels from parcels (METHOD section 5): the crop with the most pixels
    where crops cover at least half of what is known, ties to the lower code, else outside. A
    block without any known pixel is unknown. `fine` is (4H, 4W); the results are (H, W).
    """
    height, width = fine.shape[0] // FINE, fine.shape[1] // FINE
    blocks = fine.reshape(height, FINE, width, FINE).swapaxes(1, 2).reshape(height, width, -1)
    known = ((blocks != NO_DATA) & (blocks != UNKNOWN)).sum(axis=2)
    outside = (blocks == OUTSIDE).sum(axis=2)
    best = np.zeros((height, width), np.int64)
    labels = np.full((height, width), UNKNOWN, np.uint8)
    for code in np.unique(fine):
        if code in (NO_DATA, OUTSIDE, UNKNOWN):
            continue
        count = (blocks == code).sum(axis=2)
        labels = np.where(count > best, code, labels)
        best = np.maximum(best, count)
    labels[2 * (known - outside) < known] = OUTSIDE
    labels[known == 0] = UNKNOWN
    ignored = (blocks == NO_DATA) | (blocks == UNKNOWN)
    low = np.where(ignored, UNKNOWN, blocks).min(axis=2)
    high = np.where(ignored, NO_DATA, blocks).max(axis=2)
    return labels.astype(np.uint8), high > low


def _extremes(codes: Codes, ignored: Mask, size: int) -> tuple[Codes, Codes]:
    """Return the least and the greatest counted code of each neighbourhood."""
    low = ndimage.minimum_filter(
        np.where(ignored, UNKNOWN, codes), size, mode="constant", cval=UNKNOWN
    )
    high = ndimage.maximum_filter(
        np.where(ignored, NO_DATA, codes), size, mode="constant", cval=NO_DATA
    )
    return low, high
