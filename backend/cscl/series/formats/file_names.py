"""Names of image files as processors and services write them: what a name alone tells."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cscl.series.dates import dates_in, level_of
from cscl.series.formats.safe_metadata import NATIVE_METRES
from cscl.series.names import band_name, is_mask

_ENDING = r"\.(?:tiff?|jp2|vrt)$"
_BAND = r"(?:B\d{1,2}A?|[A-Z]{3})"
_TILE = r"T?\d{2}[A-Z]{3}"

FORCE_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
# sen2r writes B08 below 20 m and B8A from there on, both in one place.
_SEN2R_VISIBLE = ("B01", "B02", "B03", "B04", "B05", "B06", "B07")
_SEN2R_REST: Mapping[str, tuple[str, ...]] = {
    "BOA": ("B09", "B11", "B12"),
    "TOA": ("B09", "B10", "B11", "B12"),
}


@dataclass(frozen=True)
class NameParts:
    """What the name of a file tells.

    `group` is what the files of one image share; where `by_folder`, they lie in one folder too.
    `band` is empty where the file holds several: `bands` are then those in their order, where the
    convention fixes them. `kind` is image or mask. `metres` is the size of its pixels, 0 where
    the name does not tell. `scale`, `offset` and `nodata` are those of the convention, None where
    it leaves them open. `product` is what several versions of one image share, and the version as
    a number. `rank` is higher for what is preferred among files of one band.
    """

    convention: str
    group: str
    date: datetime.date | None
    tile: str = ""
    band: str = ""
    bands: tuple[str, ...] = ()
    kind: str = "image"
    metres: int = 0
    level: str = ""
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None
    product: tuple[str, int] | None = None
    rank: int = 0
    by_folder: bool = False


@dataclass(frozen=True)
class Convention:
    """One convention: a pattern, and what all files named by it have in common.

    The pattern's groups are those of `NameParts`, all optional; `key` is the part of
    the name that the files of one image share. It is matched with the folder and the name where
    `with_folder`, else with the name.
    """

    title: str
    pattern: re.Pattern[str]
    level: str = ""
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None
    bands: tuple[str, ...] = ()
    with_folder: bool = False
    by_folder: bool = False


def _compiled(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.IGNORECASE)


KNOWN_NAMES: tuple[Convention, ...] = (
    Convention(
        "sen2cor",
        _compiled(
            r"^(?:L2A_)?(?P<key>(?P<tile>T\d{2}[A-Z]{3})_(?P<date>\d{8})T\d{6})",
            rf"_(?P<band>{_BAND})(?:_(?P<metres>\d\d)m)?{_ENDING}",
        ),
        nodata=0.0,
    ),
    # The time in these names is that of processing.
    Convention(
        "products until 2016",
        _compiled(
            r"^(?P<key>S2[A-D]_(?:OPER|USER)_MSI_L(?P<level>1C|2A)_TL_\w+_(?P<tile>T\d{2}[A-Z]{3}))",
            rf"_(?P<band>B\d{{1,2}}A?)(?:_(?P<metres>\d\d)m)?{_ENDING}",
        ),
        nodata=0.0,
    ),
    Convention(
        "Theia (MAJA)",
        _compiled(
            rf"^(?P<key>SENTINEL2[A-D]_(?P<date>\d{{8}})-\d{{6}}-\d{{3}}_L2A_(?P<tile>{_TILE})",
            r"_[A-Z])_V(?P<version>\d+-\d+)_",
            r"(?:(?P<rank>FRE|SRE)_(?P<band>B\d{1,2}A?)|(?P<mask>[A-Z0-9]{3})_R(?P<size>[123]))",
            _ENDING,
        ),
        level="L2A",
        scale=0.0001,
        offset=0.0,
        nodata=-10000.0,
    ),
    Convention(
        "sen2r",
        _compiled(
            r"^(?P<key>S2[A-D](?P<level>1C|2A)_(?P<date>\d{8})_\d{3}_(?P<tile>[A-Z0-9-]*))",
            rf"_(?P<layer>BOA|TOA|SCL|CLD|SNW|WVP|AOT)_(?P<metres>\d+){_ENDING}",
        ),
        nodata=65535.0,
    ),
    Convention(
        "FORCE",
        _compiled(
            r"^(?P<key>(?P<date>\d{8})_LEVEL2_SEN2[A-D])",
            rf"_(?P<layer>BOA|TOA|QAI|CLD|DST|HOT|VZN|WVP|OVV){_ENDING}",
        ),
        level="L2A",
        scale=0.0001,
        offset=0.0,
        nodata=-9999.0,
        bands=FORCE_BANDS,
        by_folder=True,
    ),
    Convention(
        "openEO",
        _compiled(
            r"^(?P<key>\w+?_(?P<date>\d{4}-\d\d-\d\d)Z(?:_(?P<tile>\d{2}[A-Z]{3}(?:_\d+)*))?)",
            rf"(?:_(?P<band>{_BAND}))?{_ENDING}",
        ),
        by_folder=True,
    ),
    Convention(
        "Google Earth Engine",
        _compiled(
            r"^(?P<key>(?:\d+_)*(?P<date>\d{8})T\d{6}_\d{8}T\d{6}_(?P<tile>T\d{2}[A-Z]{3}))",
            r"(?:[._](?P<band>B\d{1,2}A?|SCL|QA60|MSK_CLDPRB|MSK_SNWPRB|AOT|WVP)(?:_\d+m)?)?",
            _ENDING,
        ),
        nodata=0.0,
        by_folder=True,
    ),
    Convention(
        "sentinel-cogs (Element 84)",
        _compiled(
            r"^(?P<key>S2[A-D]_(?P<tile>\d{2}[A-Z]{3})_(?P<date>\d{8})_\d+_L(?P<level>1C|2A))",
            rf"/(?P<band>{_BAND}){_ENDING}",
        ),
        nodata=0.0,
        with_folder=True,
        by_folder=True,
    ),
)
ANY_NAMES = "date and band in the name"
# Layers that say where pixels are to be used; those of sen2r and FORCE stand beside all bands.
MASKS = ("SCL", "CLM", "QAI", "MSK", "MASK", "CLD", "QA60", "MSK_CLDPRB", "EDG", "MG2", "SAT")
_ANY_MASK = re.compile(rf"[_.-]({'|'.join(MASKS)})$", re.IGNORECASE)
_THEIA_METRES = {"1": 10, "2": 20, "3": 60}


def describe_name(path: Path | str) -> NameParts | None:
    """Return what a file's name, and that of its folder, tell; None where no convention fits.

    Where none of `KNOWN_NAMES` fits, a name with a band or mask and a date, which may be the
    folder's, still tells those.
    """
    path = Path(path)
    for convention in KNOWN_NAMES:
        text = f"{path.parent.name}/{path.name}" if convention.with_folder else path.name
        match = convention.pattern.search(text)
        if match is not None:
            return _parts(convention, {k: v for k, v in match.groupdict().items() if v})
    return _any_name(path)


def group_of(path: Path, parts: NameParts) -> tuple[str, str, str]:
    """Return what the files of one image, and no others, have in common."""
    folder = str(path.parent) if parts.by_folder else ""
    return parts.convention, parts.group, folder


def _parts(convention: Convention, found: Mapping[str, str]) -> NameParts | None:
    """Return the parts of a name that fits a convention."""
    dates = dates_in(found.get("date", ""))
    if "date" in found and not dates:
        return None
    layer = found.get("layer", "").upper()
    band = _own_band(found.get("band") or found.get("mask") or "")
    metres = int(found.get("metres", 0)) or _THEIA_METRES.get(found.get("size", ""), 0)
    if "rank" in found:
        metres = NATIVE_METRES.get(band, 0)
    bands = () if band else convention.bands
    if layer and layer not in ("BOA", "TOA"):
        band, bands = layer, ()
    elif layer and convention.title == "sen2r":
        infrared = "B08" if metres < 20 else "B8A"
        bands = (*_SEN2R_VISIBLE, infrared, *_SEN2R_REST[layer])
    masks = bool(band) and is_mask(band)
    level = f"L{found['level'].upper()}" if "level" in found else convention.level
    if convention.title == "sen2cor":
        level = "L2A" if metres else "L1C"
    if layer == "TOA":
        level = "L1C"
    key, version = found["key"].upper(), found.get("version", "")
    return NameParts(
        convention=convention.title,
        group=f"{key}_{version}" if version else key,
        date=dates[0] if dates else None,
        tile=found.get("tile", "").upper(),
        band=band,
        bands=bands,
        kind="mask" if masks else "image",
        metres=metres,
        level=level,
        scale=None if masks else convention.scale,
        offset=None if masks else convention.offset,
        nodata=None if masks else convention.nodata,
        product=(key, _number(version)) if version else None,
        rank=1 if found.get("rank", "").upper() == "FRE" else 0,
        by_folder=convention.by_folder,
    )


def _number(version: str) -> int:
    major, minor = version.split("-")
    return int(major) * 100 + int(minor)


def _own_band(text: str) -> str:
    """Return the name of a band in our form (B2 is B02), of a mask as it stands."""
    return band_name(text) or text.upper()


def _any_name(path: Path) -> NameParts | None:
    """Return band and date of a name that follows no convention, where it has a band or mask."""
    stem = path.stem
    mask = _ANY_MASK.search(stem) or _ANY_MASK.search(f"_{stem}")
    band = band_name(stem) or (mask.group(1).upper() if mask else "")
    dates = dates_in(stem) or dates_in(path.parent.name)
    if not band or not path.name.lower().endswith((".tif", ".tiff", ".jp2", ".vrt")):
        return None
    short = band.replace("B0", "B") if not is_mask(band) else band
    place = re.compile(rf"(?<![A-Z0-9])(?:{band}|{short})(?![A-Z0-9])", re.IGNORECASE)
    return NameParts(
        convention=ANY_NAMES,
        group=place.sub("", stem).strip("_.- ").upper(),
        date=dates[0] if dates else None,
        band=band,
        kind="mask" if is_mask(band) else "image",
        level=level_of(f"{path.parent.name} {stem}", {}),
        by_folder=True,
    )
