"""Multi-band GeoTIFFs, one a date: bands by description, dates by metadata or name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rasterio.io import DatasetReader

from cscl.contract.errors import Findings, UserError
from cscl.grid import Grid
from cscl.series.dates import image_date, level_of, product_of
from cscl.series.formats.file_masks import add_mask, split_masks
from cscl.series.formats.file_names import NameParts, describe_name
from cscl.series.formats.file_scales import scaling
from cscl.series.georeference import check_georeference
from cscl.series.images import Hint, Image, Wanted
from cscl.series.model import Asset
from cscl.series.names import band_name, is_mask
from cscl.series.raster import open_raster, reading_environment, stamp_of

SUFFIXES = (".tif", ".tiff", ".vrt")


@dataclass(frozen=True)
class Stack:
    """The format of files that hold all bands of a date."""

    title: str = "one multi-band GeoTIFF a date"

    def claim(self, entries: Sequence[Path]) -> list[Path]:
        """Return the files with an ending of GeoTIFF or virtual rasters."""
        return [path for path in entries if path.suffix.lower() in SUFFIXES and path.is_file()]

    def describe(
        self, paths: Sequence[Path], wanted: Wanted, findings: Findings, notes: list[str]
    ) -> list[Image]:
        """Return one image a file, with its mask where that is a file beside it."""
        rasters, masks = split_masks(paths)
        conventions = Counter(parts.convention for parts in map(describe_name, rasters) if parts)
        notes.extend(
            f"The names of files are those of {name} (images: {number})."
            for name, number in conventions.items()
        )
        with reading_environment():
            found = [_describe(path, wanted, findings, notes) for path in rasters]
            return [
                add_mask(image, masks, wanted, findings) for image in found if image is not None
            ]


STACK = Stack()


def _describe(path: Path, wanted: Wanted, findings: Findings, notes: list[str]) -> Image | None:
    """Return what a file holds; what stands against using it goes to `findings`."""
    hint = wanted.hint(path.name)
    parts = describe_name(path)
    try:
        with open_raster(path) as dataset:
            before = len(findings.errors)
            tags = dataset.tags()
            date, doubt = (hint.date, "") if hint.date else image_date(path.stem, tags)
            if date is None:
                findings.error(
                    "no_date",
                    path,
                    "neither its name nor its metadata hold a date",
                    "Put the date into its name as YYYYMMDD, for example S2_L2A_20190720.tif.",
                )
            elif doubt:
                notes.append(f"{path.name}: {doubt}.")
            check_georeference(path, dataset.crs, dataset.transform, findings)
            names = _names(path, dataset, hint, parts, wanted.mask_band, findings)
            assets, assumed = _assets(path, dataset, hint, parts, names, findings)
            if date is None or len(findings.errors) > before:
                return None
            return Image(
                source=path.name,
                path=path,
                date=date,
                assets=assets,
                stamps={path: stamp_of(path)},
                level=hint.level or level_of(path.stem, tags) or (parts.level if parts else ""),
                product=product_of(path.name),
                assumed_scale=assumed,
            )
    except UserError as error:
        findings.items.extend(error.findings)
        return None


def _assets(
    path: Path,
    dataset: DatasetReader,
    hint: Hint,
    parts: NameParts | None,
    names: Mapping[int, str],
    findings: Findings,
) -> tuple[dict[str, Asset], bool]:
    """Return the named bands, and whether the scale of reflectance had to be assumed.

    What people say comes first, then the file, then what the convention of its name fixes.
    """
    assets: dict[str, Asset] = {}
    assumed = False
    grid = Grid.of(dataset) if dataset.crs is not None else None
    for index, name in names.items():
        if name in assets:
            findings.error(
                "band_twice",
                path,
                f"its bands {assets[name].index} and {index} are both {name}",
                "Give each band a name of its own.",
            )
            continue
        nodata = dataset.nodatavals[index - 1] if hint.nodata is None else hint.nodata
        if is_mask(name):
            scale, offset = dataset.scales[index - 1], dataset.offsets[index - 1]
        else:
            own = dataset.scales[index - 1], dataset.offsets[index - 1]
            scale, offset, guessed = scaling(own, hint, parts)
            assumed = assumed or guessed
            nodata = parts.nodata if nodata is None and parts else nodata
        dtype = dataset.dtypes[index - 1]
        assets[name] = Asset(path, index, scale, offset, nodata, grid, "", dtype)
    return assets, assumed


def _names(
    path: Path,
    dataset: DatasetReader,
    hint: Hint,
    parts: NameParts | None,
    mask_band: str,
    findings: Findings,
) -> dict[int, str]:
    """Return the names of the file's bands by index, those without a name left out.

    Where no description tells a band, the convention of the file's name does.
    """
    if hint.bands and len(hint.bands) != dataset.count:
        findings.error(
            "band_names_count",
            path,
            f"it has {dataset.count} bands, and {len(hint.bands)} names are given for them",
            "Name every band of the file in its order; leave empty what is not to be used.",
        )
        return {}
    given = [band_name(text) or text for text in hint.bands] or [
        mask_band if text == mask_band else band_name(text) for text in dataset.descriptions
    ]
    if not any(given) and parts is not None and len(parts.bands) == dataset.count:
        given = list(parts.bands)
    return {index: name for index, name in zip(dataset.indexes, given, strict=True) if name}
