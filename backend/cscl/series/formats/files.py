"""One file a band and date: several files make an image, told together by their names."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rasterio.io import DatasetReader

from cscl.contract.errors import Findings, UserError
from cscl.grid import Grid
from cscl.series.dates import image_date
from cscl.series.formats.file_names import ANY_NAMES, NameParts, describe_name, group_of
from cscl.series.formats.file_scales import UNSCALED, scaling
from cscl.series.formats.safe_files import METADATA
from cscl.series.formats.safe_granules import choose_images
from cscl.series.georeference import check_georeference
from cscl.series.images import Hint, Image, Wanted
from cscl.series.model import Asset, Stamp
from cscl.series.names import is_mask
from cscl.series.raster import open_raster, reading_environment, stamp_of

SUFFIXES = (".tif", ".tiff", ".jp2", ".vrt")
MASK_FOLDER = "MASKS"
PRODUCT_DEPTH = 5  # PRODUCT/GRANULE/TILE/IMG_DATA/R10m

Group = Mapping[Path, NameParts]


@dataclass(frozen=True)
class SingleBands:
    """The format of files that hold one band of one date each."""

    title: str = "one file a band and date (GeoTIFF, JPEG 2000, VRT)"

    def claim(self, entries: Sequence[Path]) -> list[Path]:
        """Return files whose names tell a band of reflectance, and the masks that belong to them.

        Where the name follows no known convention, the files must hold one band each.
        """
        kept: set[Path] = set()
        with reading_environment():
            for group in _groups(entries):
                band = next(path for path, parts in group.items() if parts.kind == "image")
                if group[band].convention != ANY_NAMES or _holds_one(band):
                    kept.update(group)
        return [path for path in entries if path in kept]

    def describe(
        self, paths: Sequence[Path], wanted: Wanted, findings: Findings, notes: list[str]
    ) -> list[Image]:
        """Return one image for the files that share all of their names but the band."""
        groups = _groups(_with_masks(paths))
        counts = Counter(next(iter(group.values())).convention for group in groups)
        for convention, number in counts.items():
            told = "hold date and band" if convention == ANY_NAMES else f"are those of {convention}"
            notes.append(f"The names of files {told} (images: {number}).")
        with reading_environment():
            found = [_describe(group, wanted, findings, notes) for group in groups]
        return [image for image in found if image is not None]


SINGLE_BANDS = SingleBands()


def _with_masks(paths: Sequence[Path]) -> list[Path]:
    """Return the files, and those in the folders MASKS that products of Theia have beside them."""
    folders = sorted({path.parent / MASK_FOLDER for path in paths})
    masks = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    return list(dict.fromkeys([*paths, *masks]))


def _groups(paths: Sequence[Path]) -> list[dict[Path, NameParts]]:
    """Return the files that make up one image each, with what their names tell.

    Masks without a band of reflectance are left: they may stand beside a file of all bands.
    """
    groups: dict[tuple[str, str, str], dict[Path, NameParts]] = {}
    for path in paths:
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        parts = describe_name(path)
        if parts is not None and parts.band:
            groups.setdefault(group_of(path, parts), {})[path] = parts
    return [
        group for group in groups.values() if any(parts.kind == "image" for parts in group.values())
    ]


def _holds_one(path: Path) -> bool:
    try:
        with open_raster(path) as dataset:
            return bool(dataset.count == 1)
    except UserError:
        return False


def _describe(group: Group, wanted: Wanted, findings: Findings, notes: list[str]) -> Image | None:
    """Return the image that a group of files makes up."""
    before = len(findings.errors)
    _check_product(min(group), findings)
    best = max(parts.rank for parts in group.values() if parts.kind == "image")
    usable: dict[str, dict[int, str]] = {}
    for path, parts in group.items():
        if parts.kind == "mask" or parts.rank == best:
            twin = usable.setdefault(parts.band, {}).setdefault(parts.metres, str(path))
            if twin != str(path):
                findings.error(
                    "band_twice",
                    path,
                    f"it holds the band {parts.band} of an image, as {twin} does",
                    "Keep one file for each band and date.",
                )
    if len(findings.errors) > before:
        return None
    chosen = {band: Path(name) for band, (_, name) in choose_images(usable, wanted).items()}
    if not chosen:  # the check of bands names what there is
        chosen = {band: Path(min(names.values())) for band, names in usable.items()}
    first = next(iter(chosen.values()))
    return _image(first, chosen, group, wanted, findings, notes)


def _check_product(path: Path, findings: Findings) -> None:
    """Report a file of a SAFE product: its name does not tell the offset, the product does."""
    for folder in list(path.parents)[:PRODUCT_DEPTH]:
        if any(METADATA.fullmatch(item.name) for item in folder.glob("*.xml")):
            findings.error(
                "part_of_product",
                path,
                f"it belongs to the product {folder}, whose metadata tell its offset",
                "Choose the folder of the product itself.",
            )
            return


def _image(
    first: Path,
    chosen: Mapping[str, Path],
    group: Group,
    wanted: Wanted,
    findings: Findings,
    notes: list[str],
) -> Image | None:
    before = len(findings.errors)
    source = group[first].group or first.parent.name
    hints = [wanted.hints.get(source) or wanted.hint(path.name) for path in chosen.values()]
    date = next((hint.date for hint in hints if hint.date), None) or group[first].date
    assets: dict[str, Asset] = {}
    stamps: dict[Path, Stamp] = {}
    assumed = False
    for (band, path), hint in zip(chosen.items(), hints, strict=True):
        try:
            with open_raster(path) as dataset:
                if date is None and path == first:
                    date = _tagged_date(path, dataset, findings, notes)
                assets[band], guessed = _asset(path, group[path], dataset, hint, findings)
                assumed = assumed or guessed
            stamps[path] = stamp_of(path)
        except UserError as error:
            findings.items.extend(error.findings)
    if date is None or len(findings.errors) > before:
        return None
    parts = group[first]
    level = next((hint.level for hint in hints if hint.level), "") or parts.level
    return Image(
        source=source,
        path=first,
        date=date,
        assets=assets,
        stamps=stamps,
        level=level,
        product=parts.product,
        assumed_scale=assumed,
    )


def _tagged_date(
    path: Path, dataset: DatasetReader, findings: Findings, notes: list[str]
) -> datetime.date | None:
    """Return the date that a file's metadata tell; without one it is a finding."""
    date, doubt = image_date("", dataset.tags())
    if date is None:
        findings.error(
            "no_date",
            path,
            "neither its name, nor its folder's, nor its metadata hold a date",
            "Put the date into its name as YYYYMMDD, for example S2_20190720_B02.tif.",
        )
    elif doubt:
        notes.append(f"{path.name}: {doubt}.")
    return date


def _asset(
    path: Path, parts: NameParts, dataset: DatasetReader, hint: Hint, findings: Findings
) -> tuple[Asset, bool]:
    """Return the asset of a file, and whether the scale of reflectance had to be assumed."""
    if dataset.count != 1:
        raise UserError(
            "band_count",
            path,
            f"it has {dataset.count} bands, and its name says it holds {parts.band} alone",
            "Give it a name without a band, or keep files of one band.",
        )
    check_georeference(path, dataset.crs, dataset.transform, findings)
    scale, offset, assumed = UNSCALED[0], UNSCALED[1], False
    if not is_mask(parts.band):
        scale, offset, assumed = scaling((dataset.scales[0], dataset.offsets[0]), hint, parts)
    nodata = dataset.nodata if hint.nodata is None else hint.nodata
    nodata = parts.nodata if nodata is None else nodata
    grid = Grid.of(dataset) if dataset.crs is not None else None
    return Asset(path, 1, scale, offset, nodata, grid, "", dataset.dtypes[0]), assumed
