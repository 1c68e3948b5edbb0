"""Names of Sentinel-2 bands as catalogues and cubes write them."""

from __future__ import annotations

import re

from cscl.series.model import MASK_BAND

# Common names of the STAC extension `eo`, and the asset keys of Earth Search made from them, which
# odc-stac and stackstac keep as names of variables and bands. `rededge` alone is three bands.
COMMON_NAMES = {
    "coastal": "B01",
    "blue": "B02",
    "green": "B03",
    "red": "B04",
    "rededge1": "B05",
    "rededge071": "B05",
    "rededge2": "B06",
    "rededge075": "B06",
    "rededge3": "B07",
    "rededge078": "B07",
    "nir": "B08",
    "nir08": "B8A",
    "nir09": "B09",
    "cirrus": "B10",
    "swir16": "B11",
    "swir22": "B12",
    "scl": MASK_BAND,
}
# B02 and B2, with what openEO, its Terrascope backend and WorldCereal put before it (S2-L2A-B02,
# TOC-B02_10M), and the size of pixels that the Copernicus catalogue puts behind it (B02_10m).
_NAME = re.compile(
    r"(?:.*[^A-Z0-9])?(?:B0?(?P<number>[1-9]|1[0-2])|(?P<narrow>B8A)|(?P<mask>SCL))(?:_\d0M)?"
)
_OTHER_MISSION = re.compile(r"(?:L[CET]?0?[4-9]|S[135])[^A-Z0-9]|LANDSAT|SENTINEL-?[135]")


def known_band(text: str) -> str:
    """Return the band (B01 to B12, B8A, SCL) that a whole name means, or an empty string."""
    name = text.strip()
    if name.lower() in COMMON_NAMES:
        return COMMON_NAMES[name.lower()]
    match = _NAME.fullmatch(name.upper())
    if match is None or _OTHER_MISSION.match(name.upper()):
        return ""
    if match["mask"]:
        return MASK_BAND
    return "B8A" if match["narrow"] else f"B{int(match['number']):02d}"
