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


Limits = Sequence[tuple[float, float]]


def contrast(views: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]]) -> Limits:
    """Return the 2nd and 98th percentile of three bands over views (3, H, W) and valid (H, W).

    Views that are to be compared share them.
    """
    limits = []
    for channel in range(3):
        numbers = np.concatenate([values[channel][valid] for values, valid in views])
        low, high = np.percentile(numbers, (2, 98)) if len(numbers) else (0.0, 1.0)
        limits.append((float(low), float(high)))
    return limits


def stretched(
    values: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_], limits: Limits | None = None
) -> Picture:
    """Return three bands (3, H, W) as an RGB picture (H, W, 3), 0..1, white where invalid.

    Each band is stretched between its `limits`, by default its own `contrast`.
    """
    picture = np.ones((*valid.shape, 3), np.float32)
    borders = limits or contrast([(values, valid)])
    for channel, (plane, (low, high)) in enumerate(zip(values, borders, strict=True)):
        scaled = (plane - low) / max(high - low, 1e-6)
        picture[..., channel] = np.where(valid, np.clip(scaled, 0, 1), 1)
    return picture
