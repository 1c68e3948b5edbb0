"""Which assets of a STAC item are bands, and what is written about their numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cscl.series.formats.catalog_items import Item, is_remote
from cscl.series.formats.common_names import COMMON_NAMES, known_band

# Pictures made of bands, by the keys and roles of Earth Search, the Planetary Computer and the
# Copernicus catalogue.
_PICTURES = re.compile(r"(visual|tci|true|preview|rendered|thumbnail|overview)", re.IGNORECASE)
_PICTURE_ROLES = ("visual", "thumbnail", "overview")
_PIXEL = re.compile(r"_(\d0)m$")


@dataclass(frozen=True)
class BandAsset:
    """A band in an asset: `index` of `count` bands in its file, 0 where that is not written.

    `scale`, `offset` and `nodata` are None where they are not written.
    """

    key: str
    href: str
    index: int
    count: int
    scale: float | None
    offset: float | None
    nodata: float | None
    shape: tuple[int, int] | None

    @property
    def rank(self) -> tuple[bool, float, bool]:
        """Sorts local files before addresses, small pixels before large, GeoTIFF before others."""
        pixel = _PIXEL.search(self.key)
        is_tiff = self.href.lower().endswith((".tif", ".tiff"))
        return is_remote(self.href), float(pixel[1]) if pixel else 0.0, not is_tiff


def band_assets(item: Item, mask_band: str) -> dict[str, BandAsset]:
    """Return the asset of each band of an item; of several with one band the best is taken."""
    found: dict[str, BandAsset] = {}
    for key, asset in item.assets.items():
        roles = asset.get("roles")
        is_picture = isinstance(roles, list) and any(role in _PICTURE_ROLES for role in roles)
        if is_picture or _PICTURES.match(key) or not isinstance(asset.get("href"), str):
            continue
        for name, band in _bands(item, key, asset, mask_band):
            if name not in found or band.rank < found[name].rank:
                found[name] = band
    return found


def _bands(
    item: Item, key: str, asset: Mapping[str, Any], mask_band: str
) -> list[tuple[str, BandAsset]]:
    described = _described(asset)
    names = [_name(band) for band in described]
    if len(names) < 2 and not any(names):
        own = key if key == mask_band else known_band(key)
        names, described = [own], described or [{}]
    shape = asset.get("proj:shape", item.properties.get("proj:shape"))
    return [
        (
            name,
            BandAsset(
                key=key,
                href=str(asset["href"]),
                index=index if len(names) > 1 else 0,
                count=len(names),
                scale=_number(band, asset, "scale"),
                offset=_number(band, asset, "offset"),
                nodata=_number(band, asset, "nodata"),
                shape=_shape(shape),
            ),
        )
        for index, (name, band) in enumerate(zip(names, described, strict=True), start=1)
        if name
    ]


def _described(asset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is written about each band: STAC 1.1's `bands`, or the two lists before it."""
    lists = [asset.get(key) for key in ("bands", "eo:bands", "raster:bands")]
    held = [value for value in lists if isinstance(value, list)]
    bands: list[dict[str, Any]] = [{} for _ in range(max(map(len, held), default=0))]
    for values in held:
        for band, value in zip(bands, values, strict=False):
            if isinstance(value, dict):
                band.update(value)
    return bands


def _name(band: Mapping[str, Any]) -> str:
    common = str(band.get("eo:common_name", band.get("common_name", "")))
    return known_band(str(band.get("name", ""))) or COMMON_NAMES.get(common.lower(), "")


def _number(band: Mapping[str, Any], asset: Mapping[str, Any], key: str) -> float | None:
    """Return a number of the raster extension, of its versions before 2 or since."""
    for holder in (band, asset):
        for name in (f"raster:{key}", key):
            value = holder.get(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value) if math.isfinite(value) else None
    return None


def _shape(value: Any) -> tuple[int, int] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(n, int) for n in value):
        return value[0], value[1]
    return None


def baseline_of(item: Item) -> int | None:
    """Return the processing baseline as a number (05.09 is 509), where it is written."""
    for key in ("s2:processing_baseline", "processing:version", "sentinel:processing_baseline"):
        match = re.fullmatch(r"(\d{2})\.(\d{2})", str(item.properties.get(key, "")))
        if match:
            return int(match[1] + match[2])
    return None


def offset_problem(item: Item, band: BandAsset) -> str:
    """Return in words why an offset cannot be believed, or an empty string.

    Products of baseline 04.00 and newer add 1000 to their numbers; some catalogues took that away
    and say so in a flag, which may contradict `raster:offset`: METHOD, section 6.
    """
    baseline, offset = baseline_of(item), band.offset
    shifted = offset is not None and offset != 0.0
    flag = next(
        (
            item.properties[key]
            for key in ("earthsearch:boa_offset_applied", "sentinel:boa_offset_applied")
            if isinstance(item.properties.get(key), bool)
        ),
        None,
    )
    if flag is True and shifted:
        return f"boa_offset_applied is true, and raster:offset is {offset:g} all the same"
    if baseline is None or flag is True:
        return ""
    text = f"{baseline // 100:02d}.{baseline % 100:02d}"
    if baseline >= 400 and offset is None:
        return f"its processing baseline {text} adds an offset, and no raster:offset is written"
    if baseline >= 400 and not shifted and flag is False:
        return f"boa_offset_applied is false at baseline {text}, and raster:offset is 0"
    if baseline < 400 and shifted:
        return f"raster:offset is {offset:g}, and its processing baseline {text} has none"
    return ""
