"""Where maps go wrong: boundary and interior, pure and mixed, and the distance to a boundary.

All masks come from the whole label raster, before it is cut to a split; callers read a window
with a margin of `MARGINS` pixels and cut the masks, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.contract.resolutions import SCALES, resolution_of

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

# The widths of the bands of boundary IoU, in pixels.
BAND_WIDTHS = (1, 2)
# Limits of the bins of the distance to a boundary, in pixels; one more bin holds what is beyond.
DISTANCES = {
    "10": (1, 2, 3, 4, 5, 6, 8, 10),
    "5": (1, 2, 3, 4, 6, 8),
    "2.5": (1, 2, 3, 4, 6, 8, 12, 16),
}
MARGINS = {resolution: limits[-1] for resolution, limits in DISTANCES.items()}

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
FINE_ZONES = {
    name: ("all", f"within {name} m", "within 10 m", "beyond 10 m")
    for name, scale in SCALES.items()
    if scale > 1
}


@dataclass(frozen=True)
class View:
    """Labels of one window at one resolution, (H, W), and what of it lies where.

    `zones` are masks by name. `bands` are masks by width: the pixels of each label within that
    many pixels of another label. `distances` holds the bin of `DISTANCES` of each pixel.
    """

    codes: Codes
    zones: Mapping[str, Mask]
    bands: Mapping[int, Mask]
    distances: Codes

    def cut(self, margin: int) -> View:
        """Return the view without a margin."""
        inner = (slice(margin, -margin), slice(margin, -margin))
        return View(
            self.codes[inner],
            {name: mask[inner] for name, mask in self.zones.items()},
            {width: mask[inner] for width, mask in self.bands.items()},
            self.distances[inner],
        )


def view_10m(codes: Codes, mixed: Mask) -> View:
    """Return the view of a label raster (H, W) at 10 m and its mixed pixels."""
    distances = distance_bins(codes, DISTANCES["10"])
    return View(codes, zones_10m(codes, mixed), bands(codes), distances)


def fine_view(codes: Codes, scale: int) -> View:
    """Return the view of a label raster (H, W) whose pixels are `scale` times finer than 10 m."""
    distances = distance_bins(codes, DISTANCES[resolution_of(scale)])
    return View(codes, fine_zones(codes, scale), bands(codes), distances)


def bands(codes: Codes) -> dict[int, Mask]:
    """Return, by width d, the pixels within d pixels of another label, (H, W) like `codes`.

    Together with the labels these are the inner boundary bands of all classes at once: a pixel
    belongs to that of its own class (Cheng et al., Boundary IoU, CVPR 2021, section 4). Unlike
    there, the raster's edge and unknown land are no boundary: no label ends there.
    """
    return {width: boundary(codes, 2 * width + 1) for width in BAND_WIDTHS}


def distance_bins(codes: Codes, limits: Sequence[int]) -> Codes:
    """Return the first of `limits` (pixels, rising) within which another label lies, by place.

    Distances are along the longer axis. `len(limits)` stands for beyond. The result is (H, W).
    """
    result = np.zeros(codes.shape, np.uint8)
    for limit in limits:
        result += ~boundary(codes, 2 * limit + 1)
    return result


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


def fine_zones(codes: Codes, scale: int) -> dict[str, Mask]:
    """Return the masks of `FINE_ZONES`, each (H, W) like `codes`, labels `scale` times finer.

    The distance is that to the nearest pixel of another label, in whole pixels along the longer
    of the two axes: `scale` of them are 10 m. `within 10 m` includes the nearest.
    """
    near, wide = boundary(codes, 3), boundary(codes, 2 * scale + 1)
    masks = (np.ones(codes.shape, bool), near, wide, ~wide)
    return dict(zip(FINE_ZONES[resolution_of(scale)], masks, strict=True))


def coarse_labels(fine: Codes, factor: int = 4) -> tuple[Codes, Mask]:
    """Return the label of each block of `factor` x `factor` pixels, and where a block is mixed.

    The rule is that of labels from parcels (METHOD section 5): the crop with the most pixels
    where crops cover at least half of what is known, ties to the lower code, else outside. A
    block without any known pixel is unknown. `fine` is (f H, f W); the results are (H, W).
    """
    height, width = fine.shape[0] // factor, fine.shape[1] // factor
    blocks = fine.reshape(height, factor, width, factor).swapaxes(1, 2).reshape(height, width, -1)
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
