"""What the metadata of a Sentinel-2 product say: scale, offsets, images, the tile's place."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as Xml  # nosec B405 - read by parse_xml alone

from cscl.contract.errors import UserError
from cscl.grid import Grid
from cscl.series.xml_document import parse_xml

# In the order of `band_id` in the metadata (product specification, section 3.7).
BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
NATIVE_METRES: Mapping[str, int] = {
    **dict.fromkeys(("B02", "B03", "B04", "B08"), 10),
    **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12", "SCL"), 20),
    **dict.fromkeys(("B01", "B09", "B10"), 60),
}
SATURATED = 65535  # what the reading of pixels takes for saturated

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")
_LEVEL = re.compile(r"Level-(1C|2A)p?")
_BASELINE = re.compile(r"(\d\d)\.(\d\d)")
_TILE = re.compile(r"_(T\d{2}[A-Z]{3})_")
_CRS = re.compile(r"EPSG:\d+")


@dataclass(frozen=True)
class GranuleImages:
    """One granule of a product: its identifier and its images as the metadata name them."""

    identifier: str
    images: tuple[str, ...]


@dataclass(frozen=True)
class ProductMetadata:
    """MTD_MSIL1C.xml or MTD_MSIL2A.xml: reflectance = (number + offset) / quantification.

    `baseline` is the processing baseline as a number (04.00 is 400), `offsets` are by band, empty
    where the product names none (before baseline 04.00).
    """

    level: str
    start: datetime.datetime
    spacecraft: str
    orbit: int
    baseline: int
    quantification: float
    offsets: Mapping[str, float]
    nodata: float
    saturated: float
    granules: tuple[GranuleImages, ...]

    @property
    def datatake(self) -> str:
        """The datatake, as names of products have it."""
        return f"{self.spacecraft}_MSI{self.level}_{self.start:%Y%m%dT%H%M%S}_R{self.orbit:03d}"


@dataclass(frozen=True)
class TileMetadata:
    """MTD_TL.xml: the tile's name, when it was sensed, and its grids by pixel size in metres."""

    tile: str
    sensed: datetime.datetime
    grids: Mapping[int, Grid]


class _Lookup:
    """Elements of a document by name, under the names of all versions of the specification.

    Until processing baseline 02.06 those of L2A products begin with L2A_ or end in _2A.
    """

    def __init__(self, content: bytes, subject: str) -> None:
        self.subject = subject
        self._root = parse_xml(content, subject)

    def every(self, *names: str) -> list[Xml.Element]:
        """Return the elements that have one of the names, in their order."""
        allowed = {form for name in names for form in (name, f"L2A_{name}", f"{name}_2A")}
        return [element for element in self._root.iter() if element.tag in allowed]

    def text(self, *names: str) -> str:
        """Return the text of the first element with one of the names; `UserError` without."""
        found = self.every(*names)
        if not found or not (found[0].text or "").strip():
            raise self.damaged(f"it lacks the element {names[0]}")
        return str(found[0].text).strip()

    def match(self, pattern: re.Pattern[str], *names: str) -> re.Match[str]:
        """Return how the text of an element fits `pattern`."""
        text = self.text(*names)
        match = pattern.search(text)
        if match is None:
            raise self.damaged(f"its element {names[0]} is {text[:60]!r}")
        return match

    def time(self, *names: str) -> datetime.datetime:
        """Return the time in an element, to the second."""
        match = self.match(_TIME, *names)
        try:
            year, month, day, hour, minute, second = map(int, match.groups())
            return datetime.datetime(year, month, day, hour, minute, second)
        except ValueError:
            raise self.damaged(f"its element {names[0]} is {match.group()!r}") from None

    def number(self, element: Xml.Element) -> float:
        """Return the finite number in an element."""
        try:
            value = float(element.text or "")
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.damaged(f"its element {element.tag} is {(element.text or '')[:60]!r}")
        return value

    def damaged(self, found: str) -> UserError:
        """Return the error for metadata that do not say what they must."""
        return UserError(
            "safe_metadata",
            self.subject,
            found,
            "Copy or download the product again, or remove it.",
        )


def parse_product(content: bytes, subject: str) -> ProductMetadata:
    """Return the metadata of a product; raises `UserError` naming what they lack."""
    xml = _Lookup(content, subject)
    level = f"L{xml.match(_LEVEL, 'PROCESSING_LEVEL').group(1)}"
    scale = "QUANTIFICATION_VALUE" if level == "L1C" else "BOA_QUANTIFICATION_VALUE"
    quantification = xml.every(scale)
    if not quantification or xml.number(quantification[0]) <= 0:
        raise xml.damaged(f"it lacks a {scale} above 0")
    special = _special_values(xml)
    orbit = re.compile(r"^\d{1,3}$")
    spacecraft = re.compile(r"^Sentinel-2([A-D])$", re.IGNORECASE)
    return ProductMetadata(
        level=level,
        start=xml.time("DATATAKE_SENSING_START"),
        spacecraft=f"S2{xml.match(spacecraft, 'SPACECRAFT_NAME').group(1).upper()}",
        orbit=int(xml.match(orbit, "SENSING_ORBIT_NUMBER").group()),
        baseline=int("".join(xml.match(_BASELINE, "PROCESSING_BASELINE").groups())),
        quantification=xml.number(quantification[0]),
        offsets=_offsets(xml, "RADIO_ADD_OFFSET" if level == "L1C" else "BOA_ADD_OFFSET"),
        nodata=special.get("NODATA", 0.0),
        saturated=special.get("SATURATED", SATURATED),
        granules=_granules(xml),
    )


def _offsets(xml: _Lookup, name: str) -> dict[str, float]:
    """Return the offsets by band; all bands have one where any has."""
    offsets: dict[str, float] = {}
    for element in xml.every(name):
        number = element.get("band_id", "")
        if not number.isdecimal() or int(number) >= len(BANDS):
            raise xml.damaged(f"its element {name} has the band_id {number[:20]!r}")
        band = BANDS[int(number)]
        value = xml.number(element)
        if offsets.setdefault(band, value) != value:
            raise xml.damaged(f"it has two values of {name} for {band}")
    return offsets


def _special_values(xml: _Lookup) -> dict[str, float]:
    values: dict[str, float] = {}
    for element in xml.every("Special_Values"):
        text, index = element.find("SPECIAL_VALUE_TEXT"), element.find("SPECIAL_VALUE_INDEX")
        if text is not None and index is not None:
            values[(text.text or "").strip()] = xml.number(index)
    return values


def _granules(xml: _Lookup) -> tuple[GranuleImages, ...]:
    """Return the granules; a long list may be split, one image or granule in each part."""
    images: dict[str, list[str]] = {}
    for element in xml.every("Granule", "Granules"):
        identifier = element.get("granuleIdentifier", "").strip()
        names = [
            str(item.text).strip()
            for item in element
            if item.tag.removesuffix("_2A") in ("IMAGE_FILE", "IMAGE_ID") and item.text
        ]
        if identifier and names:
            images.setdefault(identifier, []).extend(names)
    if not images:
        raise xml.damaged("it names no images (IMAGE_FILE)")
    return tuple(GranuleImages(name, tuple(items)) for name, items in images.items())


def parse_tile(content: bytes, subject: str) -> TileMetadata:
    """Return the metadata of a granule; raises `UserError` naming what they lack."""
    xml = _Lookup(content, subject)
    crs = xml.match(_CRS, "HORIZONTAL_CS_CODE").group()
    corners = _by_metres(xml, "Geoposition", ("ULX", "ULY"))
    sizes = _by_metres(xml, "Size", ("NCOLS", "NROWS"))
    grids = {
        metres: Grid(
            crs, (float(metres), 0.0, left, 0.0, -float(metres), top), *map(int, sizes[metres])
        )
        for metres, (left, top) in corners.items()
        if metres in sizes
    }
    if not grids or any(grid.width < 1 or grid.height < 1 for grid in grids.values()):
        raise xml.damaged("it lacks the tile's size and place (Tile_Geocoding)")
    return TileMetadata(xml.match(_TILE, "TILE_ID").group(1), xml.time("SENSING_TIME"), grids)


def _by_metres(xml: _Lookup, name: str, parts: tuple[str, str]) -> dict[int, tuple[float, float]]:
    found: dict[int, tuple[float, float]] = {}
    for element in xml.every(name):
        metres = element.get("resolution", "")
        values = [element.find(part) for part in parts]
        if metres.isdecimal() and int(metres) and all(value is not None for value in values):
            first, second = (xml.number(value) for value in values if value is not None)
            found[int(metres)] = (first, second)
    return found
