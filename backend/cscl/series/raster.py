"""Opening rasters of the user: allowed formats only, nothing written beside them."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.io import DatasetReader

from cscl.contract.errors import UserError
from cscl.contract.paths import local_path
from cscl.series.archives import zip_member
from cscl.series.model import Stamp
from cscl.series.virtual import SUFFIX as VIRTUAL_SUFFIX
from cscl.series.virtual import checked_virtual, is_virtual, sources_of

# The drivers that may interpret an image, by what a file starts with: its name decides nothing,
# but that a virtual raster has to be called one (`cscl.series.virtual`).
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
DRIVERS = {
    b"II*\0": "GTiff",
    b"MM\0*": "GTiff",
    b"II+\0": "GTiff",
    b"MM\0+": "GTiff",
    _JP2: "JP2OpenJPEG",
}
_VIRTUAL_MARKS = (b"<VRTDataset", b"<GDALTileIndexDataset")
_START_BYTES = 2048  # more than GDAL looks at to tell a driver
MAXIMUM_SIDE = 50_000
MAXIMUM_BANDS = 64
MAXIMUM_BLOCK_BYTES = 256 * 2**20
CACHE_BYTES = 64 * 2**20
_END_BYTES = 2**20

# No sidecars are written or looked for; damaged files stay errors.
_OPTIONS = {
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_CACHEMAX": CACHE_BYTES,
    "GTIFF_IGNORE_READ_ERRORS": "NO",
    # With more threads GDAL's reader of JPEG 2000 tells nobody that a tile could not be decoded.
    "GDAL_NUM_THREADS": "1",
}


@contextlib.contextmanager
def reading_environment() -> Iterator[None]:
    """GDAL's options while rasters of the user are read."""
    with rasterio.Env(**_OPTIONS):
        yield


def open_raster(path: Path, member: str = "") -> DatasetReader:
    """Open a GeoTIFF, a JPEG 2000, or a virtual raster (.vrt) of such files on disk.

    `member` is the path of a raster inside the zip `path`, which is read in place. Raises
    `UserError` for anything else, whatever its name. Sizes are checked from the metadata, before
    any pixel is read. Call within `reading_environment`.
    """
    local_path(path, "image")
    subject = f"{path}: {member}" if member else path
    name, driver = _name_and_driver(path, member, subject)
    try:
        dataset = rasterio.open(name, driver=driver)
    except (RasterioIOError, RasterioError, OSError) as error:
        found = f"it cannot be opened as {driver} ({_first_line(error)})"
        raise _unreadable(subject, found) from None
    try:
        _check_size(subject, dataset)
        if driver == "GTiff" and not member:
            _check_whole(path, dataset)
    except UserError:
        dataset.close()
        raise
    return dataset


def _name_and_driver(path: Path, member: str, subject: object) -> tuple[str, str]:
    """Return by which name GDAL opens a raster and the driver that may interpret it."""
    if member:
        name, start = zip_member(path, member, _START_BYTES)
    elif is_virtual(path):
        return checked_virtual(path, _check_source), "VRT"
    else:
        name, start = str(path), _start_of(path)
    for signature, driver in DRIVERS.items():
        if start.startswith(signature):
            return name, driver
    raise _unreadable(subject, "it is neither GeoTIFF nor JPEG 2000")


def _check_source(path: Path) -> None:
    """Raise `UserError` where a file must not stand in a virtual raster."""
    # GDAL chooses the driver of a source by its contents, and would take such a file for another
    # virtual raster or an index of files.
    start = _start_of(path)
    if any(mark in start for mark in _VIRTUAL_MARKS):
        raise _unreadable(path, "it is a virtual raster itself")
    if start.startswith(tuple(DRIVERS)):
        open_raster(path).close()
        return
    raise _unreadable(path, "it is neither GeoTIFF nor JPEG 2000")


def _start_of(path: Path) -> bytes:
    try:
        with open(path, "rb") as handle:
            return handle.read(_START_BYTES)
    except OSError as error:
        raise _gone(path, error) from None


def _unreadable(subject: object, found: str) -> UserError:
    return UserError("unreadable_image", subject, found, "Restore or remove this file.")


def damaged_image(path: object, place: str) -> UserError:
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


def _check_size(path: object, dataset: DatasetReader) -> None:
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
    """Return size, time of change and the digest of the first and last MiB of a file.

    For a virtual raster that is of it and of all files that it names.
    """
    files = _files_of(path)
    states = [_state(file) for file in files]
    digest = hashlib.sha256()
    for file, state in zip(files, states, strict=True):
        try:
            with open(file, "rb") as handle:
                digest.update(handle.read(_END_BYTES))
                handle.seek(max(0, state.st_size - _END_BYTES))
                digest.update(handle.read(_END_BYTES))
        except OSError as error:
            raise _gone(file, error) from None
    return Stamp(*_size_and_time(states), digest.hexdigest())


def check_unchanged(path: Path, stamp: Stamp) -> None:
    """Raise `UserError` where a file is not what it was when the series was defined."""
    size, modified = _size_and_time([_state(file) for file in _files_of(path)])
    if (size, modified) == (stamp.size, stamp.modified):
        return
    # A copy of the file has another time of change and the same contents.
    if size != stamp.size or stamp_of(path).digest != stamp.digest:
        raise UserError(
            "image_changed",
            path,
            f"it changed after the time series was defined ({stamp.size} bytes then, "
            f"{size} bytes now)",
            "Define the time series again.",
        )


def _files_of(path: Path) -> tuple[Path, ...]:
    if path.suffix.lower() != VIRTUAL_SUFFIX:
        return (path,)
    state = _state(path)
    return (path, *_sources(path, state.st_size, state.st_mtime_ns))


@functools.lru_cache(maxsize=1024)
def _sources(path: Path, size: int, modified: int) -> tuple[Path, ...]:
    return tuple(sources_of(path)) if is_virtual(path) else ()


def _size_and_time(states: Sequence[os.stat_result]) -> tuple[int, int]:
    return sum(state.st_size for state in states), max(state.st_mtime_ns for state in states)


def _state(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise _gone(path, error) from None


def _gone(path: Path, error: OSError) -> UserError:
    return UserError(
        "image_missing",
        path,
        f"it cannot be read ({error.strerror or error})",
        "Restore the file or mount its disk, or define the time series again.",
    )
