"""Names of bands, as descriptions and files write them."""

from __future__ import annotations

import re

from cscl.series.model import MASK_BAND

_BAND = re.compile(r"(?:^|[^A-Z0-9])B(\d{1,2}|8A)(?:[^A-Z0-9]|$)")
_MASK = re.compile(r"(?:^|[^A-Z0-9])SCL(?:[^A-Z0-9]|$)")
_REFLECTANCE = re.compile(r"B(0[1-9]|1[0-2]|8A)")


def band_name(description: str | None) -> str:
    """Return the name of a band such as B02, B8A or SCL, or an empty string."""
    text = (description or "").strip().upper()
    if _MASK.search(text):
        return MASK_BAND
    match = _BAND.search(text)
    if match is None:
        return ""
    return "B8A" if match.group(1) == "8A" else f"B{int(match.group(1)):02d}"


def is_mask(name: str) -> bool:
    """Return whether a band is no reflectance but a mask, such as SCL."""
    return _REFLECTANCE.fullmatch(name) is None
