"""Opening rasters of the user: allowed formats only, nothing written beside them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.io import DatasetReader

from cscl.contract.errors import UserError
from cscl.contract.paths import local_path
from cscl.series.model import Stamp

# The one driver that may interpret an image: a virtual raster in disguise is refused.
DRIVER = "GTiff"
MAXIMUM_SIDE = 50_000
MAXIMUM_BANDS = 64
MAXIMUM_BLOCK_BYTES = 256 * 2**20
CACHE_BYTES = 128 * 2**20
_END_BYTES = 2**20

# No sidecars are written or looked for; damaged files stay errors.
_OPTIONS = {
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_CACHEMAX": CACHE_BYTES,
    "GTIFF_IGNORE_READ_ERRORS": "NO",
}


@contextlib.contextmanager
def reading_environment() -> Iterator[None]:
    """GDAL's options while rasters of the user are read."""
    with rasterio.Env(**_OPTIONS):
        yield


def open_raster(path: Path) -> DatasetReader:
    """Open a GeoTIFF; raises `UserError` for anything else, whatever its name.

    Sizes are checked from the metadata, before any pixel is read.
    """
    local_path(path, "image")
    try:
        dataset = rasterio.open(path, driver=DRIVER)
    except (RasterioIOError, RasterioError, OSError) as error:
        raise UserError(
            "unreadable_image",
            path,
            f"it cannot be opened as GeoTIFF ({_first_line(error)})",
            "Restore or remove this file.",
        ) from None
    try:
        _check_size(path, dataset)
        _check_whole(path, dataset)
    except UserError:
        dataset.close()
        raise
    return dataset


def damaged_image(path: Path, place: str) -> UserError:
    """Return the error for a file of which one place, such as a tile, cannot be decoded."""
    return UserError(
        "damaged_image",
        path,
        f"{place} cannot be decoded: the file is cut short or damaged",
        "Copy or download this file again, or remove it.",
    )


def tile_text(row: int, col: int, dataset: DatasetReader, index: int) -> str:
    """Return in words which tile of which band is meant."""
    name = dataset.descriptions[index - 1] or f"band {index}"
    return f"tile {col}, {row} (column, row) of {name}"


def _check_whole(path: Path, dataset: DatasetReader) -> None:
    """Refuse a file that ends before its last tile; its other metadata may be lost as well."""
    size = path.stat().st_size
    for index in {1, dataset.count}:
        height, width = dataset.block_shapes[index - 1]
        row, col = (dataset.height - 1) // height, (dataset.width - 1) // width
        offset, length = (
            dataset.get_tag_item(f"BLOCK_{kind}_{col}_{row}", "TIFF", bidx=index)
            for kind in ("OFFSET", "SIZE")
        )
        if offset and length and int(offset) + int(length) > size:
            raise damaged_image(path, tile_text(row, col, dataset, index))


def _check_size(path: Path, dataset: DatasetReader) -> None:
    problem = _size_problem(dataset)
    if problem:
        raise UserError(
            "image_too_large", path, problem, "Cut the images to the area, in tiled GeoTIFFs."
        )


def _size_problem(dataset: DatasetReader) -> str:
    if max(dataset.shape) > MAXIMUM_SIDE or dataset.count > MAXIMUM_BANDS:
        return (
            f"it declares {dataset.width} x {dataset.height} pixels in {dataset.count} bands, more "
            f"than {MAXIMUM_SIDE} x {MAXIMUM_SIDE} in {MAXIMUM_BANDS}"
        )
    for height, width in set(dataset.block_shapes):
        # A block is decoded whole, with all its bands where they are interleaved.
        size = height * width * 8 * dataset.count
        if size > MAXIMUM_BLOCK_BYTES:
            return f"its blocks of {width} x {height} pixels in {dataset.count} bands are too large"
    return ""


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__


def stamp_of(path: Path) -> Stamp:
    """Return size, time of change and the digest of the first and last MiB of a file."""
    try:
        state = path.stat()
        digest = hashlib.sha256()
        with open(path, "rb") as handle:
            digest.update(handle.read(_END_BYTES))
            handle.seek(max(0, state.st_size - _END_BYTES))
            digest.update(handle.read(_END_BYTES))
    except OSError as error:
        raise _gone(path, error) from None
    return Stamp(state.st_size, state.st_mtime_ns, digest.hexdigest())


def check_unchanged(path: Path, stamp: Stamp) -> None:
    """Raise `UserError` where a file is not what it was when the series was defined."""
    try:
        state = path.stat()
    except OSError as error:
        raise _gone(path, error) from None
    if (state.st_size, state.st_mtime_ns) == (stamp.size, stamp.modified):
        return
    # A copy of the file has another time of change and the same contents.
    if state.st_size != stamp.size or stamp_of(path).digest != stamp.digest:
        raise UserError(
            "image_changed",
            path,
            f"it changed after the time series was defined ({stamp.size} bytes then, "
            f"{state.st_size} bytes now)",
            "Define the time series again.",
        )


def _gone(path: Path, error: OSError) -> UserError:
    return UserError(
        "image_missing",
        path,
        f"it cannot be read ({error.strerror or error})",
        "Restore the file or mount its disk, or define the time series again.",
    )
