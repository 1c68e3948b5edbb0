"""Small pictures of images, as bright on one date as on another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.pages.colours import TRUE_COLOUR, stretched
from cscl.series.grids import series_grid
from cscl.series.images import Image, Wanted
from cscl.series.model import Pass
from cscl.series.numbers import STEPS, stored_numbers
from cscl.series.resample import INVALID
from cscl.series.sources import OpenFiles
from cscl.serve.pictures import cached, write_png
from cscl.serve.scans import image_named

LARGEST_SIDE = 1024
VISIBLE = ("B01", "B02", "B03", "B04")
# Reflectance shown brightest: the same for all dates, so that clouds are white on each.
BRIGHTEST, BRIGHTEST_INFRARED = 0.25, 0.5


def thumbnail(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return the path of a picture of an image; see `THUMBNAIL` of the contract."""
    bands, size = tuple(values.get("bands", TRUE_COLOUR)), values["size"]
    if len(bands) != 3 or not 0 < size <= LARGEST_SIDE:
        raise UserError(
            "no_picture", f"thumbnail of {size} pixels, bands {', '.join(bands)}",
            "it needs three bands and a size", f"Choose at most {LARGEST_SIDE} pixels.",
        )  # fmt: skip
    wanted = Wanted(tuple(dict.fromkeys(bands)))
    image = image_named(values["images"], values["id"], wanted)
    grid = series_grid(image, wanted)
    assets = [image.assets[band] for band in bands]
    path = cached("thumbnails", ".png", assets, [image.stamps[a.path] for a in assets], size)
    if not path.is_file():
        write_png(path, _drawn(image, bands, _shape(*grid.shape, size), ctx))
    with Picture.open(path) as picture:
        width, height = picture.size
    return {
        "path": str(path),
        "width": width,
        "height": height,
        "extent": list(grid.bounds),
        "crs": grid.crs,
    }


def _shape(height: int, width: int, size: int) -> tuple[int, int]:
    """Return the rows and columns of a picture whose longer side has `size` pixels at most."""
    share = min(1.0, size / max(height, width))
    return max(1, round(height * share)), max(1, round(width * share))


def _drawn(
    image: Image, bands: tuple[str, ...], shape: tuple[int, int], ctx: JobContext
) -> NDArray[np.uint8]:
    item = Pass(image.source, image.assets, None, image.stamps)
    values = np.empty((3, *shape), np.float32)
    valid = np.ones(shape, bool)
    with OpenFiles(series_grid(image, Wanted(bands))) as files:
        for place, band in enumerate(bands):
            ctx.check()
            asset = image.assets[band]
            numbers = stored_numbers(files.read_small(item, asset, shape), asset)
            values[place] = numbers / np.float32(STEPS)
            valid &= numbers != INVALID
    limits = [(0.0, BRIGHTEST if band in VISIBLE else BRIGHTEST_INFRARED) for band in bands]
    picture = np.empty((*shape, 4), np.uint8)
    picture[..., :3] = np.rint(stretched(values, valid, limits) * 255)
    picture[..., 3] = np.where(valid, 255, 0)
    return picture
