"""Bands as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]

TRUE_COLOUR = ("B04", "B03", "B02")
FALSE_COLOUR = ("B8A", "B11", "B05")


def colour_bands(bands: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return three bands to show as red, green and blue, and what to add to the title."""
    if set(TRUE_COLOUR) <= set(bands):
        return TRUE_COLOUR, ""
    if set(FALSE_COLOUR) <= set(bands):
        return FALSE_COLOUR, "\nfalse colour " + " ".join(FALSE_COLOUR)
    chosen = tuple((list(bands) * 3)[:3])
    return chosen, "\nfalse colour " + " ".join(chosen)


def stretched(values: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_]) -> Picture:
    """Return three bands (3, H, W) as an RGB picture (H, W, 3), 0..1, white where invalid.

    Each band is stretched between its 2nd and 98th percentile.
    """
    picture = np.ones((*valid.shape, 3), np.float32)
    if valid.any():
        for channel, plane in enumerate(values):
            low, high = np.percentile(plane[valid], (2, 98))
            scaled = (plane - low) / max(float(high - low), 1e-6)
            picture[..., channel] = np.where(valid, np.clip(scaled, 0, 1), 1)
    return picture
