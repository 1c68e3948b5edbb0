"""Which images a granule of a product has, and which of them a band is taken from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cscl.series.formats.safe_files import ProductFiles
from cscl.series.formats.safe_metadata import (
    NATIVE_METRES,
    GranuleImages,
    TileMetadata,
    parse_tile,
)
from cscl.series.images import Wanted

# Names since 2016 end in the band (L1C), or band and pixel size; masks of before name it earlier.
_IMAGE = re.compile(r"_(B\d\d|B8A|[A-Z]{3}|CLDPRB|SNWPRB)(?:_(\d\d)m)?$")
_EARLY_MASK = re.compile(r"_USER_([A-Z]{3})_L2A_TL_\w+_(\d\d)m$")
_TILE_METADATA = re.compile(r"(MTD_TL|S2[A-D]_(OPER|USER)_MTD_L(1C|2A)_TL_\w+)\.xml", re.IGNORECASE)


@dataclass(frozen=True)
class Granule:
    """One granule: the tile's metadata, and by band the images of each pixel size in metres.

    An image is the path of its file, or its bare name where there is no such file.
    """

    tile: TileMetadata
    images: Mapping[str, Mapping[int, str]]


def find_granule(
    files: ProductFiles, listed: GranuleImages, granules: int, notes: list[str]
) -> Granule:
    """Return a granule's images: those that the metadata name, and masks they do not name."""
    first = listed.images[0].split("/")
    folder = "/".join(first[:2]) if len(first) > 2 else f"GRANULE/{listed.identifier}"
    members = _inside(files, folder)
    others = {"/".join(name.split("/")[:2]) for name in files.members if name.count("/") > 1}
    others = {name for name in others if name.startswith("GRANULE/")}
    if not members and granules == 1 and len(others) == 1:
        # Some tools write the granule's folder with another time in its name.
        notes.append(f"{files.name}: its granule is in {min(others)}, not in {folder}.")
        members = _inside(files, min(others))
    there = {_stem(name): name for name in members if name.lower().endswith(".jp2")}
    images: dict[str, dict[int, str]] = {}
    for stem in [*(_stem(name) for name in listed.images), *there]:
        match = _IMAGE.search(stem) or _EARLY_MASK.search(stem)
        name = there.get(stem, f"{stem}.jp2")
        # Masks of quality are named after bands: MSK_DETFOO_B02.
        if match is not None and not ("/QI_DATA/" in name and match.group(1) in NATIVE_METRES):
            band, metres = match.group(1), match.group(2)
            size = int(metres) if metres else NATIVE_METRES.get(band, 0)
            images.setdefault(band, {}).setdefault(size, name)
    documents = [name for name in members if _TILE_METADATA.fullmatch(name.rsplit("/", 1)[-1])]
    document = documents[0] if documents else f"{folder}/MTD_TL.xml"
    return Granule(parse_tile(files.read(document), f"{files.root}: {document}"), images)


def _inside(files: ProductFiles, folder: str) -> list[str]:
    return [name for name in files.members if name.startswith(f"{folder}/")]


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".jp2").removesuffix(".JP2")


def choose_images(
    images: Mapping[str, Mapping[int, str]], wanted: Wanted
) -> dict[str, tuple[int, str]]:
    """Return pixel size and image of each wanted band that the product names.

    A band is taken at its own resolution, or at the next where that is not named; a mask no finer
    than the finest band.
    """
    chosen: dict[str, tuple[int, str]] = {}
    for band in wanted.bands:
        found = _finest(images.get(band, {}), NATIVE_METRES.get(band, 0))
        if found is not None:
            chosen[band] = found
    finest = min((metres for metres, _ in chosen.values()), default=0)
    mask = _finest(images.get(wanted.mask_band, {}), finest)
    if mask is not None:
        chosen[wanted.mask_band] = mask
    return chosen


def _finest(images: Mapping[int, str], least: int) -> tuple[int, str] | None:
    sizes = [metres for metres in images if metres >= least] or list(images)
    return (min(sizes), images[min(sizes)]) if sizes else None
