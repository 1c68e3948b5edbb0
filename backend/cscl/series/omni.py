"""Cloud masks by OmniCloudMask, kept in a folder of ours: computed once an image."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.disk import writing
from cscl.grid import Grid, Window
from cscl.series.images import Image
from cscl.series.mask import OMNI_BAND, OMNI_BANDS, CloudMask
from cscl.series.model import Acquisition, Asset, Pass, TimeSeries
from cscl.series.options import SeriesOptions
from cscl.series.raster import stamp_of
from cscl.series.reader import SeriesReader

PACKAGE = "omnicloudmask"
# The network sees this much ground at once, and so much more around it, in pixels.
SIDE, MARGIN = 1024, 256
RESOLUTIONS = (10.0, 50.0)  # metres that it was trained on
# It wants numbers, and 0 for no data.
NUMBERS_A_UNIT = 10_000.0

Predict = Callable[..., NDArray[Any]]


def mask_maker(options: SeriesOptions, subject: str) -> Predict | None:
    """Return what computes masks, or None where the mask is another.

    Raises `UserError` where the package is not installed, or there is no place for the masks.
    """
    if options.mask.method != PACKAGE:
        return None
    if options.masks is None:
        raise UserError(
            "mask_needs_series",
            subject,
            "its clouds are to be masked by OmniCloudMask, whose masks lie beside a time series",
            "Define the time series first with cscl series, and give its .series.json.",
        )
    try:
        module = importlib.import_module(PACKAGE)
    except ImportError as error:
        raise UserError(
            "package_missing",
            f"mask {PACKAGE}",
            f"the package {PACKAGE} cannot be imported ({error})",
            f"Install it into the engine's Python (pip install {PACKAGE}); it fetches its weights "
            "when it first runs. Or choose another mask.",
        ) from None
    predict: Predict = module.predict_from_array
    return predict


def with_mask(image: Image, grid: Grid, folder: Path, predict: Predict, ctx: JobContext) -> Image:
    """Return an image with the asset of its mask, which is computed where `folder` lacks it.

    The file's name holds a digest of the image's files, so that it is never another image's.
    """
    ctx.check()
    if not RESOLUTIONS[0] <= grid.resolution <= RESOLUTIONS[1]:
        raise UserError(
            "mask_resolution",
            image.path,
            f"its pixels measure {grid.resolution:g} m, and {PACKAGE} takes {RESOLUTIONS[0]:g} m "
            f"to {RESOLUTIONS[1]:g} m",
            "Use finer bands, or choose another mask.",
        )
    path = folder / _file_name(image, grid)
    if not path.is_file():
        _write(path, image, grid, predict)
    asset = Asset(path, 1, 1.0, 0.0, None, grid, "", "uint8")
    return replace(
        image,
        assets={**image.assets, OMNI_BAND: asset},
        stamps={**image.stamps, path: stamp_of(path)},
    )


def remove_others(folder: Path, series: Sequence[TimeSeries]) -> None:
    """Remove masks of dates that no series uses; nothing else that may lie in the folder."""
    used = {
        item.mask.path.name
        for one in series
        for acquisition in one.acquisitions
        for item in acquisition.passes
        if item.mask is not None
    }
    for path in folder.glob("????-??-??_????????????.tif"):
        if path.name not in used:
            path.unlink()


def _file_name(image: Image, grid: Grid) -> str:
    digest = hashlib.sha256(repr(grid.to_json()).encode())
    for name in OMNI_BANDS:
        asset = image.assets[name]
        stamp = image.stamps[asset.path]
        digest.update(f"{stamp.digest} {stamp.size} {asset.index} {asset.member}".encode())
    return f"{image.date.isoformat()}_{digest.hexdigest()[:12]}.tif"


def _write(path: Path, image: Image, grid: Grid, predict: Predict) -> None:
    profile = {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": 1,
        "dtype": "uint8",
        "crs": grid.crs,
        "transform": grid.affine,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
    }
    with (
        atomic.replacing(path) as part,
        SeriesReader(_single(image, grid)) as reader,
        writing(part),
        rasterio.open(part, "w", **profile) as file,
    ):
        file.set_band_description(1, OMNI_BAND)
        for row in range(0, grid.height, SIDE):
            for col in range(0, grid.width, SIDE):
                window = Window(row, col, SIDE, SIDE).clipped(*grid.shape)
                values = _predicted(reader, window, predict)
                file.write(
                    values, 1, window=((row, row + window.height), (col, col + window.width))
                )


def _predicted(reader: SeriesReader, window: Window, predict: Predict) -> NDArray[np.uint8]:
    outer = window.grown(MARGIN).clipped(*reader.series.grid.shape)
    stack = reader.read(outer)
    numbers = np.maximum(np.rint(stack.values[0] * NUMBERS_A_UNIT), 1.0).astype(np.float32)
    numbers[:, ~stack.valid[0]] = 0.0
    row, col = window.row - outer.row, window.col - outer.col
    try:
        found = np.asarray(predict(numbers, no_data_value=0))
    except (ValueError, OSError, RuntimeError) as error:
        raise UserError(
            "mask_failed",
            reader.series.acquisitions[0].source,
            f"{PACKAGE} could not mask it ({error})",
            "Check that its weights could be fetched and that the image measures at least 32 "
            "pixels, or choose another mask.",
        ) from error
    return found[0, row : row + window.height, col : col + window.width].astype(np.uint8)


def _single(image: Image, grid: Grid) -> TimeSeries:
    """Return a series of this image alone, without a mask."""
    item = Pass(image.source, {name: image.assets[name] for name in OMNI_BANDS}, None, image.stamps)
    return TimeSeries(
        grid=grid,
        bands=OMNI_BANDS,
        season=(image.date, image.date),
        level=image.level,
        acquisitions=(Acquisition(image.date, 0, (item,), 0.0, 1.0),),
        mask=CloudMask.of("none"),
    )
