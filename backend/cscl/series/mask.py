"""Clouds by the scene classification of L2A products (SCL)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# Values of SCL: METHOD, section 6. Everything that is not kept is masked.
KEPT = (2, 4, 5, 6, 7)
DILATED = (3, 8, 9)
CLOUD = (3, 8, 9, 10)
DILATION = 20.0  # metres
SCL_NAMES = {
    0: "no data",
    1: "defective",
    3: "shadow",
    8: "probable cloud",
    9: "cloud",
    10: "cirrus",
    11: "snow",
}

_KEPT = np.isin(np.arange(256), KEPT)
_DILATED = np.isin(np.arange(256), DILATED)


def dilation_radius(resolution: float) -> int:
    """Return in pixels how far the mask reaches beyond clouds and shadows."""
    return math.ceil(DILATION / resolution - 1e-9)


def clear_pixels(scl: NDArray[np.integer], resolution: float) -> NDArray[np.bool_]:
    """Return where pixels are clear; `scl` is (H, W).

    The outer `dilation_radius` pixels of the result are right only where nothing lies beyond.
    """
    codes = np.clip(scl, 0, 255).astype(np.uint8)
    clear = _KEPT[codes]
    clouds = _DILATED[codes]
    if clouds.any():
        clear &= ~ndimage.binary_dilation(clouds, structure=_disc(resolution))
    return clear


def _disc(resolution: float) -> NDArray[np.bool_]:
    radius = dilation_radius(resolution)
    offsets = np.arange(-radius, radius + 1) * resolution
    return np.hypot(offsets[:, None], offsets[None, :]) <= DILATION + 1e-9
