"""Which images a folder holds: their dates, bands, grids and types, with all that is wrong."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rasterio.crs import CRS
from rasterio.io import DatasetReader

from cscl.contract.errors import Finding, Findings, UserError
from cscl.contract.paths import local_path
from cscl.grid import Grid
from cscl.series.dates import image_date, level_of, product_of
from cscl.series.model import DEFAULT_BANDS, MASK_BAND, Asset, Stamp, bands_missing
from cscl.series.raster import open_raster, reading_environment, stamp_of

# Named when they are passed over, for they may be what the person meant.
OTHER_IMAGES = (".jp2", ".nc", ".zip", ".safe", ".img", ".vrt", ".hdf", ".zarr")
SUFFIXES = (".tif", ".tiff")
DTYPES = ("uint16", "int16")
DEFAULT_SCALE = 0.0001  # quantification of Sentinel-2 products

_BAND = re.compile(r"(?:^|[^A-Z0-9])B(\d{1,2}|8A)(?:[^A-Z0-9]|$)")


@dataclass(frozen=True)
class Image:
    """One file with all bands of one pass."""

    path: Path
    date: datetime.date
    grid: Grid
    assets: dict[str, Asset]
    dtypes: dict[str, str]
    level: str
    product: tuple[str, int] | None
    stamp: Stamp
    assumed_scale: bool


@dataclass
class Scan:
    """All images found, and what should be said about them."""

    images: list[Image] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scan_images(
    images: str, bands: Sequence[str] | None = None, mask: str = "scl"
) -> tuple[Scan, tuple[str, ...]]:
    """Return the images of a folder, or of several files joined by ';', and the bands to use.

    `bands` None means the ten default bands. Raises one `UserError` with every finding: no date,
    bands missing, another type, grid or reference system, files that cannot be opened.
    """
    files, notes = list_files(images)
    wanted = tuple(bands) if bands else DEFAULT_BANDS
    needed = (*wanted, MASK_BAND) if mask == "scl" else wanted
    scan, findings = Scan(notes=notes), Findings()
    with reading_environment():
        for path in files:
            image = _describe(path, findings, scan.notes)
            if image is not None:
                scan.images.append(image)
    for image in scan.images:
        _check_bands(image, needed, findings)
    _check_grids(scan.images, findings)
    _check_levels(scan.images, images, findings)
    findings.items = _grouped(findings.items)
    findings.raise_errors()
    scan.images = _newest_baselines(scan.images, scan.notes)
    return scan, wanted


def _grouped(items: Sequence[Finding]) -> list[Finding]:
    """Join findings that differ in the file alone: a hundred images often lack the same band."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for item in items:
        groups.setdefault((item.code, item.found, item.remedy), []).append(item)
    return [
        replace(group[0], subject=f"{group[0].subject} and {len(group) - 1} more images")
        if len(group) > 1
        else group[0]
        for group in groups.values()
    ]


def list_files(images: str) -> tuple[list[Path], list[str]]:
    """Return the image files that `images` names, sorted, and a note on what was ignored."""
    parts = [local_path(part.strip(), "images") for part in images.split(";") if part.strip()]
    if len(parts) == 1 and parts[0].is_dir():
        return _files_of_folder(parts[0])
    findings = Findings()
    for path in parts:
        if not path.is_file():
            findings.error(
                "images_missing", path, "there is no such file", "Name existing GeoTIFF files."
            )
    if not parts:
        findings.error("images_missing", "images", "nothing is named", "Name a folder.")
    findings.raise_errors()
    return sorted(parts, key=lambda path: (path.name, str(path))), []


def _files_of_folder(folder: Path) -> tuple[list[Path], list[str]]:
    entries = sorted(item for item in folder.iterdir() if not item.name.startswith("."))
    files = [item for item in entries if item.suffix.lower() in SUFFIXES and item.is_file()]
    others = [item.name for item in entries if item not in files]
    if not files:
        raise UserError(
            "no_images",
            folder,
            f"it holds no GeoTIFF ({len(others)} other entries)",
            "Choose a folder with one multi-band GeoTIFF (.tif) a date; folders inside it are not "
            "searched.",
        )
    notes = []
    images = [name for name in others if Path(name).suffix.lower() in OTHER_IMAGES]
    if images:
        shown = ", ".join(images[:5]) + (", ..." if len(images) > 5 else "")
        notes.append(f"{folder}: images that are no GeoTIFF were ignored ({shown}).")
    return files, notes


def band_name(description: str | None) -> str:
    """Return the name of a band such as B02, B8A or SCL, or an empty string."""
    text = (description or "").strip().upper()
    if re.search(r"(?:^|[^A-Z0-9])SCL(?:[^A-Z0-9]|$)", text):
        return MASK_BAND
    match = _BAND.search(text)
    if match is None:
        return ""
    return "B8A" if match.group(1) == "8A" else f"B{int(match.group(1)):02d}"


def _describe(path: Path, findings: Findings, notes: list[str]) -> Image | None:
    """Return what a file holds; what stands against using it goes to `findings`."""
    try:
        with open_raster(path) as dataset:
            before = len(findings.errors)
            tags = dataset.tags()
            date, doubt = image_date(path.stem, tags)
            if date is None:
                findings.error(
                    "no_date",
                    path,
                    "neither its name nor its metadata hold a date",
                    "Put the date into its name as YYYYMMDD, for example S2_L2A_20190720.tif.",
                )
            elif doubt:
                notes.append(f"{path.name}: {doubt}.")
            _check_georeference(path, dataset, findings)
            assets, assumed = _assets(path, dataset, findings)
            if date is None or len(findings.errors) > before:
                return None
            return Image(
                path=path,
                date=date,
                grid=Grid.of(dataset),
                assets=assets,
                dtypes={name: dataset.dtypes[item.index - 1] for name, item in assets.items()},
                level=level_of(path.stem, tags),
                product=product_of(path.name),
                stamp=stamp_of(path),
                assumed_scale=assumed,
            )
    except UserError as error:
        findings.items.extend(error.findings)
        return None


def _check_georeference(path: Path, dataset: DatasetReader, findings: Findings) -> None:
    if dataset.crs is None:
        findings.error(
            "no_crs",
            path,
            "it has no coordinate reference system",
            "Assign the one it was made in, for example with gdal_edit or in QGIS.",
        )
        return
    crs = CRS.from_user_input(dataset.crs)
    if not crs.is_projected or crs.linear_units_factor[1] != 1.0:
        findings.error(
            "crs_not_metres",
            path,
            f"its coordinates ({crs.to_string()[:60]}) are not metres",
            "Reproject the images to the UTM zone of the area.",
        )
    a, b, _, d, e, _ = dataset.transform[:6]
    if b or d or a <= 0 or e >= 0 or abs(a + e) > 1e-6 * a:
        findings.error(
            "grid_not_north_up",
            path,
            f"its pixels are rotated, not square or not north up (transform {a:g}, {b:g}, {d:g}, "
            f"{e:g})",
            "Warp the images to one north-up grid of square pixels.",
        )


def _assets(
    path: Path, dataset: DatasetReader, findings: Findings
) -> tuple[dict[str, Asset], bool]:
    """Return the named bands, and whether the scale of reflectance had to be assumed."""
    assets: dict[str, Asset] = {}
    assumed = False
    for index in dataset.indexes:
        name = band_name(dataset.descriptions[index - 1])
        if not name:
            continue
        if name in assets:
            findings.error(
                "band_twice",
                path,
                f"its bands {assets[name].index} and {index} are both {name}",
                "Give each band a name of its own.",
            )
            continue
        scale, offset = dataset.scales[index - 1], dataset.offsets[index - 1]
        if name != MASK_BAND and (scale, offset) == (1.0, 0.0):
            scale, assumed = DEFAULT_SCALE, True
        assets[name] = Asset(path, index, scale, offset, dataset.nodatavals[index - 1])
    return assets, assumed


def _check_bands(image: Image, needed: Sequence[str], findings: Findings) -> None:
    found = tuple(image.assets)
    if any(name not in found for name in needed):
        extra = ""
        if needed[-1] == MASK_BAND and all(name in found for name in needed[:-1]):
            extra = "Add the band SCL, or choose no cloud mask."
        findings.items.extend(bands_missing(image.path, tuple(needed), found, extra).findings)
        return
    wrong = {
        name: image.dtypes[name]
        for name in needed
        if image.dtypes[name] not in (*DTYPES, *(("uint8",) if name == MASK_BAND else ()))
    }
    if wrong:
        kinds = ", ".join(sorted(set(wrong.values())))
        findings.error(
            "wrong_type",
            image.path,
            f"its bands {', '.join(wrong)} are of type {kinds}",
            "Store reflectance times 10000 as uint16 or int16.",
        )


def _check_grids(images: Sequence[Image], findings: Findings) -> None:
    """Report every image whose grid is not the one that most images have."""
    if not images:
        return
    common = Counter(_grid_key(image.grid) for image in images).most_common(1)[0][0]
    reference = next(image.grid for image in images if _grid_key(image.grid) == common)
    for image in images:
        key = _grid_key(image.grid)
        if key == common:
            continue
        if key[0] != common[0]:
            code, found = "crs_differs", f"its reference system is {image.grid.crs[:60]}"
            found += f", that of most others {reference.crs[:60]}"
        else:
            code = "grid_differs"
            found = f"its grid is {_grid_text(image.grid)}; that of most others is "
            found += _grid_text(reference)
        findings.error(code, image.path, found, "Warp all images to one grid, or remove this one.")


def _grid_key(grid: Grid) -> tuple[object, ...]:
    """Return what two equal grids share: rounding errors of other programs do not count."""
    return grid.crs, grid.shape, tuple(round(number, 4) for number in grid.transform)


def _grid_text(grid: Grid) -> str:
    return (
        f"{grid.width} x {grid.height} pixels of {grid.resolution:g} m from "
        f"{grid.transform[2]:.10g}, {grid.transform[5]:.10g}"
    )


def _check_levels(images: Sequence[Image], subject: str, findings: Findings) -> None:
    levels = Counter(image.level for image in images if image.level)
    if len(levels) > 1:
        counts = ", ".join(f"{count} of {level}" for level, count in sorted(levels.items()))
        findings.error(
            "levels_mixed",
            subject,
            f"it mixes processing levels: {counts}",
            "Keep images of one level in a folder.",
        )


def _newest_baselines(images: Sequence[Image], notes: list[str]) -> list[Image]:
    """Keep of products of one datatake and tile the one of the newest processing baseline."""
    newest: dict[str, Image] = {}
    for image in images:
        if image.product is None:
            continue
        take, baseline = image.product
        best = newest.get(take)
        if best is None or best.product is None or baseline > best.product[1]:
            newest[take] = image
    kept: list[Image] = []
    for image in images:
        winner = newest[image.product[0]] if image.product else image
        if winner is image:
            kept.append(image)
        else:
            notes.append(
                f"{image.path.name} and {winner.path.name} are one datatake: the newer processing "
                f"baseline, {winner.path.name}, is used."
            )
    return kept
