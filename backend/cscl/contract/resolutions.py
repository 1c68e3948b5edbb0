"""The pixel sizes of crop maps: how many times finer than the images, and what files call them."""

from __future__ import annotations

from typing import Dict, Optional, Tuple

# How many times finer than the images' 10 m, by the pixel's side in metres.
SCALES: Dict[str, int] = {"10": 1, "5": 2, "2.5": 4}
# Of the labels of a dataset that nothing finer than 10 m was asked of.
USUAL_FACTOR = 4


def scale_of(resolution: str) -> int:
    """Return how many times finer than 10 m the pixels of a resolution are."""
    return SCALES[resolution]


def heads_of(resolution: str) -> Tuple[int, ...]:
    """Return the scales of a map or model of a resolution: 10 m is always among them."""
    return tuple(dict.fromkeys((1, SCALES[resolution])))


def resolution_of(scale: int) -> str:
    """Return the side in metres of a pixel `scale` times finer than 10 m: "10", "5" or "2.5"."""
    return f"{10 / scale:g}"


def pixel_text(factor: int) -> str:
    """Return the side of a pixel `factor` times finer than 10 m in names: 5m, 2m5, 1m43."""
    whole, _, rest = f"{10 / factor:.2f}".partition(".")
    return f"{whole}m{rest.rstrip('0')}"


def ending(scale: int) -> str:
    """Return what names of files, figures and roles end in: nothing at 10 m, else _5m or _2m5."""
    return "" if scale == 1 else f"_{pixel_text(scale)}"


ENDINGS: Dict[str, str] = {name: ending(scale) for name, scale in SCALES.items()}


def label_factor(factor: Optional[int], resolution: str) -> int:
    """Return how many times finer than 10 m a dataset's fine labels are.

    `factor` is what was asked for; None leaves it to the resolution of the maps to come.
    """
    if factor is not None:
        return factor
    scale = SCALES[resolution]
    return scale if scale > 1 else USUAL_FACTOR


def without_ending(name: str) -> Tuple[str, str]:
    """Return a name without the ending of a resolution, and that resolution ("10" without one)."""
    for resolution, tail in ENDINGS.items():
        if tail and name.endswith(tail):
            return name[: -len(tail)], resolution
    return name, "10"
