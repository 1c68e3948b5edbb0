"""SAFE products of Sentinel-2, folders and zips: what their metadata name, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cscl.contract.errors import Finding, Findings, UserError
from cscl.grid import Grid
from cscl.series.formats.safe_files import (
    METADATA,
    ProductFiles,
    holds_product,
    is_product_name,
    products_in,
)
from cscl.series.formats.safe_granules import Granule, choose_images, find_granule
from cscl.series.formats.safe_metadata import (
    NATIVE_METRES,
    SATURATED,
    ProductMetadata,
    parse_product,
)
from cscl.series.images import Image, Wanted
from cscl.series.model import MASK_BAND, Asset, Stamp, bands_missing
from cscl.series.names import is_mask
from cscl.series.raster import open_raster, reading_environment, stamp_of

_DOWNLOAD = "Download the product again, whole"


@dataclass(frozen=True)
class Safe:
    """The format of products as Copernicus delivers them and sen2cor writes them."""

    title: str = "SAFE products of Sentinel-2 (folders or zips, L1C or L2A)"

    def claim(self, entries: Sequence[Path]) -> list[Path]:
        """Return SAFE folders, zips with a product, and all files beside a product's metadata."""
        folders = {path.parent for path in entries if METADATA.fullmatch(path.name)}
        return [
            path
            for path in entries
            if _is_folder(path)
            or (path.suffix.lower() == ".zip" and path.is_file() and holds_product(path))
            or any(parent in folders for parent in path.parents)
        ]

    def describe(
        self, paths: Sequence[Path], wanted: Wanted, findings: Findings, notes: list[str]
    ) -> list[Image]:
        """Return one image a granule."""
        folders = {path.parent for path in paths if METADATA.fullmatch(path.name)}
        roots = [
            path for path in paths if not any(parent in folders for parent in path.parents)
        ] + sorted(folders)
        images: list[Image] = []
        with reading_environment():
            for root in roots:
                try:
                    for files in products_in(root):
                        images += _describe(files, wanted, findings, notes)
                except UserError as error:
                    findings.items.extend(error.findings)
        return images


SAFE = Safe()


def _is_folder(path: Path) -> bool:
    if path.suffix.lower() != ".safe" or not path.is_dir():
        return False
    # Other Sentinels deliver SAFE folders as well.
    return is_product_name(path.name) or any(
        METADATA.fullmatch(item.name) for item in path.iterdir()
    )


def _describe(
    files: ProductFiles, wanted: Wanted, findings: Findings, notes: list[str]
) -> list[Image]:
    """Return the images of a product; what is absent from it is one finding."""
    product = parse_product(files.read(files.metadata), f"{files.root}: {files.metadata}")
    if product.saturated != SATURATED:
        findings.warning(
            "saturated_number",
            files.root,
            f"its metadata give {product.saturated:g} as the number of saturated pixels, not "
            f"{SATURATED}",
            "Such pixels are taken as reflectance.",
        )
    if {files.name, files.root.name} & set(wanted.hints):
        notes.append(f"{files.name}: its own metadata are used, not what the image table says.")
    granules = [
        find_granule(files, item, len(product.granules), notes) for item in product.granules
    ]
    chosen = [choose_images(granule.images, wanted) for granule in granules]
    lacking = [granule for granule in granules if not _has_all(granule, wanted)]
    if lacking:
        findings.items.extend(_lacking(files, product, lacking[0], wanted).findings)
        return []
    absent = sorted(
        (metres, name)
        for images in chosen
        for metres, name in images.values()
        if name not in files.members
    )
    if absent:
        findings.items.append(_absent(files, granules, absent))
        return []
    tiles = [granule.tile.tile for granule in granules]
    images = []
    for granule, bands in zip(granules, chosen, strict=True):
        key = f"{product.datatake}_{granule.tile.tile}"
        if tiles.count(granule.tile.tile) > 1:
            # Two strips of one datatake each hold a part of the tile.
            key = f"{key}_{granule.tile.sensed:%H%M%S}"
        images.append(_image(files, product, granule, bands, key, findings, notes))
    return [image for image in images if image is not None]


def _has_all(granule: Granule, wanted: Wanted) -> bool:
    return all(name in granule.images for name in wanted.needed)


def _lacking(
    files: ProductFiles, product: ProductMetadata, granule: Granule, wanted: Wanted
) -> UserError:
    """Return the error for bands that no image of a product is named after."""
    found = tuple(sorted(name for name in granule.images if name in NATIVE_METRES))
    extra = ""
    if all(name in granule.images for name in wanted.bands):
        extra = f"Choose no cloud mask, or products that have the band {wanted.mask_band}."
        if product.level == "L1C" and wanted.mask_band == MASK_BAND:
            extra = "Choose no cloud mask: the scene classification comes with L2A products only."
    return bands_missing(files.root, wanted.needed, found, extra)


def _absent(
    files: ProductFiles, granules: Sequence[Granule], absent: Sequence[tuple[int, str]]
) -> Finding:
    """Return the finding for images that the metadata name and the product does not hold."""
    sizes = " and ".join(f"{metres} m" for metres in sorted({metres for metres, _ in absent}))
    names = ", ".join(name for _, name in absent)
    bands = [
        band
        for band, metres in NATIVE_METRES.items()
        if all(granule.images.get(band, {}).get(metres) in files.members for granule in granules)
        and not is_mask(band)
    ]
    remedy = f"{_DOWNLOAD}, or choose bands whose files are there ({', '.join(sorted(bands))})."
    return Finding(
        "files_missing",
        str(files.root),
        f"its metadata name files of {sizes} that it does not hold ({len(absent)}): {names}",
        remedy if bands else f"{_DOWNLOAD}.",
    )


def _image(
    files: ProductFiles,
    product: ProductMetadata,
    granule: Granule,
    bands: Mapping[str, tuple[int, str]],
    key: str,
    findings: Findings,
    notes: list[str],
) -> Image | None:
    assets: dict[str, Asset] = {}
    stamps: dict[Path, Stamp] = {}
    other_sizes: list[str] = []
    before = len(findings.errors)
    for band, (metres, name) in bands.items():
        path, member = files.place(name)
        try:
            grid, dtype = _header(path, member)
            stamps.setdefault(path, stamp_of(path))
            scale, offset = _scaling(product, band, files)
        except UserError as error:
            findings.items.extend(error.findings)
            continue
        named = granule.tile.grids.get(metres)
        grid = grid or named
        if grid is None or (named is not None and not _same_ground(grid, named)):
            findings.error(
                "grid_differs",
                f"{files.root}: {name}",
                "it does not lie where the metadata of its granule say",
                f"{_DOWNLOAD}.",
            )
            continue
        if named is not None and grid.shape != named.shape:
            other_sizes.append(f"{band} {grid.resolution:.10g} m")
        nodata = product.nodata if not is_mask(band) or band == MASK_BAND else None
        assets[band] = Asset(path, 1, scale, offset, nodata, grid, member, dtype)
    if len(findings.errors) > before or not assets:
        return None
    if other_sizes:
        notes.append(
            f"{files.name}: its files hold larger or smaller pixels than its metadata say "
            f"({', '.join(other_sizes)}); those of the files are used."
        )
    many = len(product.granules) > 1
    return Image(
        source=f"{files.name} {granule.tile.tile}" if many else files.name,
        path=files.root,
        date=product.start.date(),
        assets=assets,
        stamps=stamps,
        level=product.level,
        product=(key, product.baseline),
    )


def _header(path: Path, member: str) -> tuple[Grid | None, str]:
    """Return the grid that a file holds itself, where it does, and the type of its numbers."""
    with open_raster(path, member) as dataset:
        if dataset.count != 1:
            raise UserError(
                "band_count",
                f"{path}: {member}" if member else path,
                f"it has {dataset.count} bands, where products of Sentinel-2 have one",
                f"{_DOWNLOAD}.",
            )
        return (Grid.of(dataset) if dataset.crs is not None else None), dataset.dtypes[0]


def _scaling(product: ProductMetadata, band: str, files: ProductFiles) -> tuple[float, float]:
    """Return scale and offset of reflectance, as the product's own metadata give them."""
    if is_mask(band):
        return 1.0, 0.0
    if product.offsets and band not in product.offsets:
        raise UserError(
            "safe_metadata",
            f"{files.root}: {files.metadata}",
            f"it gives offsets for other bands and none for {band}",
            f"{_DOWNLOAD}.",
        )
    offset = product.offsets.get(band, 0.0)
    return 1.0 / product.quantification, offset / product.quantification


def _same_ground(own: Grid, named: Grid) -> bool:
    """Return whether two grids cover the same ground, to a thousandth of a pixel."""
    tolerance = 1e-3 * named.resolution
    return own.crs == named.crs and all(
        abs(one - other) <= tolerance for one, other in zip(own.bounds, named.bounds, strict=True)
    )
