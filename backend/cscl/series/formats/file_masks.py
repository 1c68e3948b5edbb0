"""Masks that are files of their own beside files with all bands of a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cscl.contract.errors import Findings, UserError
from cscl.grid import Grid
from cscl.series.formats.file_names import ANY_NAMES, describe_name, group_of
from cscl.series.georeference import check_georeference
from cscl.series.images import Image, Wanted
from cscl.series.model import Asset
from cscl.series.raster import open_raster, stamp_of

Group = tuple[str, str, str]
Masks = Mapping[tuple[Group, str], Path]


def split_masks(paths: Sequence[Path]) -> tuple[list[Path], Masks]:
    """Return the images, and the masks that belong to one of them by group and band.

    Names as of sen2r and FORCE, or that of the image with the mask's behind it
    (S2_20190720.tif and S2_20190720_SCL.tif).
    """
    masks: dict[tuple[Group, str], Path] = {}
    images: list[Path] = []
    for path in paths:
        parts = describe_name(path)
        if parts is not None and parts.kind == "mask":
            masks[(group_of(path, parts), parts.band)] = path
        else:
            images.append(path)
    groups = {_group(path) for path in images}
    alone = [path for (group, _), path in masks.items() if group not in groups]
    return images + alone, {key: path for key, path in masks.items() if key[0] in groups}


def _group(image: Path) -> Group:
    parts = describe_name(image)
    if parts is None:
        return ANY_NAMES, image.stem.upper(), str(image.parent)
    return group_of(image, parts)


def add_mask(image: Image, masks: Masks, wanted: Wanted, findings: Findings) -> Image:
    """Return the image with the mask that is wanted, where it is a file beside the image.

    A mask that cannot be used goes to `findings`. Call within `reading_environment`.
    """
    path = masks.get((_group(image.path), wanted.mask_band))
    if path is None or wanted.mask_band in image.assets:
        return image
    try:
        with open_raster(path) as dataset:
            check_georeference(path, dataset.crs, dataset.transform, findings)
            grid = Grid.of(dataset) if dataset.crs is not None else None
            asset = Asset(path, 1, 1.0, 0.0, dataset.nodata, grid, "", dataset.dtypes[0])
        stamps = {**image.stamps, path: stamp_of(path)}
    except UserError as error:
        findings.items.extend(error.findings)
        return image
    return replace(image, assets={**image.assets, wanted.mask_band: asset}, stamps=stamps)
