"""Static STAC: items, item collections, catalogs and collections with images on disk."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rasterio.io import DatasetReader

from cscl.contract.errors import Findings, UserError
from cscl.grid import Grid
from cscl.series.dates import level_of, product_of
from cscl.series.formats.catalog_assets import BandAsset, band_assets, offset_problem
from cscl.series.formats.catalog_items import Item, ItemReader, is_catalog, is_remote, local_href
from cscl.series.georeference import check_georeference
from cscl.series.images import DEFAULT_SCALE, Hint, Image, Wanted
from cscl.series.model import Asset, Stamp
from cscl.series.names import is_mask
from cscl.series.raster import open_raster, reading_environment, stamp_of

UNSCALED = (1.0, 0.0)
_PRODUCT_TYPES = {"S2MSI2A": "L2A", "S2MSI1C": "L1C"}


@dataclass(frozen=True)
class CatalogFormat:
    """The format of STAC documents and the images that they name."""

    title: str = "static STAC items with local images"

    def claim(self, entries: Sequence[Path]) -> list[Path]:
        """Return STAC's documents, and the files and products among `entries` that they name."""
        documents = [path for path in entries if is_catalog(path)]
        if not documents:
            return []
        named = _named_files(documents)
        return documents + [path for path in entries if _is_named(path, named)]

    def describe(
        self, paths: Sequence[Path], wanted: Wanted, findings: Findings, notes: list[str]
    ) -> list[Image]:
        """Return one image an item that has a band."""
        reader = ItemReader(findings)
        images: list[Image] = []
        with reading_environment():
            for path in paths:
                if not is_catalog(path):
                    continue
                try:
                    found = [_describe(item, wanted, findings, notes) for item in reader.read(path)]
                except UserError as error:
                    findings.items.extend(error.findings)
                    continue
                images += [image for image in found if image is not None]
        return images


CATALOG = CatalogFormat()


def _named_files(documents: Sequence[Path]) -> set[Path]:
    """Return the local files that items name; what is wrong with others is said later."""
    named: set[Path] = set()
    reader = ItemReader(Findings())
    for document in documents:
        with contextlib.suppress(UserError):
            for item in reader.read(document):
                named |= set(_local_files(item))
    return named


def _local_files(item: Item) -> Iterator[Path]:
    for asset in item.assets.values():
        href = asset.get("href")
        if isinstance(href, str) and not is_remote(href):
            with contextlib.suppress(UserError):
                yield local_href(item.path, href, "asset")


def _is_named(path: Path, named: set[Path]) -> bool:
    """Return whether items name a file, or files in a folder that is one product."""
    place = path.resolve()
    return place in named or (path.is_dir() and any(place in file.parents for file in named))


def _describe(item: Item, wanted: Wanted, findings: Findings, notes: list[str]) -> Image | None:
    """Return what an item holds; what stands against using it goes to `findings`."""
    before, hint = len(findings.errors), wanted.hints.get(item.id) or wanted.hint(item.path.name)
    held = band_assets(item, wanted.mask_band)
    if not held:
        notes.append(f"{item.path.name}: item {item.id} has no band of Sentinel-2 and is not used.")
        return None
    date = hint.date or _date(item)
    if date is None:
        findings.error(
            "no_date",
            item.subject,
            "its properties hold no datetime",
            "Write datetime or start_datetime into the item.",
        )
    used = {name: held[name] for name in wanted.needed if name in held}
    _check_remote(item, used, findings)
    _check_offsets(item, used, hint, findings)
    if len(findings.errors) > before:
        return None
    assets: dict[str, Asset] = {}
    assumed = False
    for name, band in used.items():
        try:
            asset, unscaled = _asset(item, name, band, hint, findings, notes)
        except UserError as error:
            findings.items.extend(error.findings)
            continue
        assumed = assumed or unscaled
        if asset is not None:
            assets[name] = asset
    if len(findings.errors) > before or date is None:
        return None
    stamps: Mapping[Path, Stamp] = {asset.path: stamp_of(asset.path) for asset in assets.values()}
    uri = str(item.properties.get("s2:product_uri", item.id))
    return Image(
        source=item.id,
        path=item.path,
        date=date,
        assets=assets,
        stamps=stamps,
        level=hint.level or _level(item),
        product=product_of(uri),
        assumed_scale=assumed,
    )


def _date(item: Item) -> datetime.date | None:
    """Return the day in UTC of an item's time, or of its start."""
    for key in ("datetime", "start_datetime"):
        try:
            moment = datetime.datetime.fromisoformat(str(item.properties.get(key)))
        except ValueError:
            continue
        return (moment.astimezone(datetime.UTC) if moment.tzinfo else moment).date()
    return None


def _level(item: Item) -> str:
    properties = item.properties
    for key in ("s2:product_type", "product:type"):
        if properties.get(key) in _PRODUCT_TYPES:
            return _PRODUCT_TYPES[str(properties[key])]
    names = " ".join((item.id, str(properties.get("s2:product_uri", ""))))
    return level_of(names, {"LEVEL": str(properties.get("processing:level", ""))})


def _check_remote(item: Item, used: Mapping[str, BandAsset], findings: Findings) -> None:
    remote = {band.key: band.href for band in used.values() if is_remote(band.href)}
    if remote:
        kind = next(iter(remote.values())).partition(":")[0][:20]
        findings.error(
            "asset_not_local",
            item.subject,
            f"its assets {', '.join(remote)} are no local files ({kind}:...)",
            "Download them first, and let the item name the files on disk.",
        )


def _check_offsets(
    item: Item, used: Mapping[str, BandAsset], hint: Hint, findings: Findings
) -> None:
    if hint.scale is not None or hint.offset is not None:
        return
    for name, band in used.items():
        problem = "" if is_mask(name) else offset_problem(item, band)
        if problem:
            findings.error(
                "offset_contradicts",
                item.subject,
                problem,
                "Give scale and offset: 0.0001 and 0 where the pixels are without the offset of "
                "1000, 0.0001 and -0.1 where they hold it.",
            )
            return


def _asset(
    item: Item, name: str, band: BandAsset, hint: Hint, findings: Findings, notes: list[str]
) -> tuple[Asset | None, bool]:
    """Return a band of a file, None where it cannot be used, and whether its scale is assumed."""
    subject = f"{item.subject}, asset {band.key}"
    path = local_href(item.path, band.href, subject)
    if not path.is_file():
        raise UserError(
            "image_missing",
            subject,
            f"its file {path} does not exist",
            "Restore or download the file, or remove the item.",
        )
    with open_raster(path) as dataset:
        before = len(findings.errors)
        check_georeference(path, dataset.crs, dataset.transform, findings)
        if dataset.count != band.count:
            findings.error(
                "band_names_count",
                subject,
                f"its file has {dataset.count} bands, and the item names {band.count}",
                "Let the asset name every band of the file in its order.",
            )
        if band.shape is not None and band.shape != dataset.shape:
            notes.append(
                f"{item.id}: the file of {band.key} has {dataset.width} x {dataset.height} pixels, "
                f"its item says {band.shape[1]} x {band.shape[0]}: the file counts."
            )
        index = band.index or 1
        scaling = _scaling(subject, name, band, dataset, index, hint, findings)
        if len(findings.errors) > before or scaling is None:
            return None, False
        scale, offset, assumed = scaling
        nodata = dataset.nodatavals[index - 1] if band.nodata is None else band.nodata
        return Asset(
            path=path,
            index=index,
            scale=scale,
            offset=offset,
            nodata=nodata if hint.nodata is None else hint.nodata,
            grid=Grid.of(dataset),
            dtype=dataset.dtypes[index - 1],
        ), assumed


def _scaling(
    subject: str,
    name: str,
    band: BandAsset,
    dataset: DatasetReader,
    index: int,
    hint: Hint,
    findings: Findings,
) -> tuple[float, float, bool] | None:
    """Return scale, offset and whether they are assumed; item and file must not contradict."""
    if is_mask(name):
        return (*UNSCALED, False)
    if hint.scale is not None:
        return hint.scale, hint.offset or 0.0, False
    offset = band.offset if hint.offset is None else hint.offset
    own = dataset.scales[index - 1], dataset.offsets[index - 1]
    if band.scale is not None and (band.scale, offset or 0.0) != UNSCALED:
        written = band.scale, offset or 0.0
        if own not in (UNSCALED, written):
            findings.error(
                "scale_contradicts",
                subject,
                f"the item says scale {written[0]:g} and offset {written[1]:g}, its file "
                f"{own[0]:g} and {own[1]:g}",
                "Give scale and offset.",
            )
            return None
        return (*written, False)
    if own != UNSCALED:
        return (*own, False)
    if dataset.dtypes[index - 1].startswith("float"):
        if band.scale is None:
            findings.error(
                "no_scale",
                subject,
                f"its numbers are of type {dataset.dtypes[index - 1]}, and no scale is written",
                "Give scale and offset: 1 and 0 where they hold reflectance of 0 to 1, 0.0001 and "
                "0 where it is times 10000.",
            )
            return None
        return (*UNSCALED, False)
    return DEFAULT_SCALE, offset or 0.0, offset is None
