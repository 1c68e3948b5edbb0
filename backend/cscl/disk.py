"""Room on the disk, and in words what becomes of files that it does not take."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from cscl.contract.errors import UserError

MB, GB = 10**6, 10**9
FULL = "disk_full"
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_REFUSED = {
    errno.EACCES: "the system does not allow it",
    errno.EPERM: "the system does not allow it",
    errno.EROFS: "the disk is read-only",
    errno.ENOTDIR: "a part of its path is a file",
    errno.ENAMETOOLONG: "its name is too long",
}
_FAILED = {
    errno.EIO: "the disk reports an error",
    errno.ENODEV: "the disk is gone",
    errno.ESTALE: "the disk of another machine is gone",
}


def size_text(count: int) -> str:
    """Return a number of bytes in words, such as 3.5 MB or 12.1 GB."""
    unit, name = (GB, "GB") if count >= GB else (MB, "MB")
    return f"{count / unit:.1f} {name}"


def free_bytes(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def check_free(folder: Path, need: int, what: str = "the dataset") -> None:
    """Raise `UserError` where the disk of `folder` has less than `need` bytes free."""
    have = free_bytes(folder)
    if have < need:
        raise _too_little(folder, need, have, what)


@contextlib.contextmanager
def space_told(folder: Path, need: int) -> Iterator[None]:
    """Turn the system's error of a full disk into one that says need and have."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _too_little(folder, need, shutil.disk_usage(folder).free, "the dataset") from None


def in_words(error: OSError, folder: Path) -> UserError | None:
    """Return what a person can do about an error of the disk; `None` where it is another.

    `folder` is named where the error names no file.
    """
    subject = error.filename or folder
    if error.errno in _FULL:
        return _full(subject, folder)
    if error.errno in _REFUSED:
        return UserError(
            "not_writable", subject, f"it cannot be written: {_REFUSED[error.errno]}",
            "Choose another output, or change the permissions of this one.",
        )  # fmt: skip
    if error.errno in _FAILED:
        return UserError(
            "disk_failed", subject, f"it cannot be written: {_FAILED[error.errno]}",
            "Check the disk, then run the job again with the same output, or choose another.",
        )  # fmt: skip
    return None


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what GDAL says when the disk does not take a file into a `UserError`.

    GDAL hands on no number of the system's, and with some drivers its words only come as the file
    is closed.
    """
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    try:
        yield
    except (OSError, RasterioError, CPLE_BaseError) as error:
        told = in_words(error, path.parent) if isinstance(error, OSError) else None
        raise told or _not_taken(path, str(error).split("\n", 1)[0]) from None


def check_raster(path: Path) -> None:
    """Raise `UserError` where a GeoTIFF that was just written ends before one of its tiles.

    GDAL writes the last tiles as it closes a file, and says nothing where the disk is full then.
    """
    import rasterio

    size = path.stat().st_size
    with rasterio.open(path) as file:
        for index in file.indexes:
            whole = (file.height, file.width, *file.block_shapes[index - 1])
            for overview in (None, *range(len(file.overviews(index)))):
                factor = 1 if overview is None else file.overviews(index)[overview]
                if _end_of(file, index, overview, factor, whole) > size:
                    raise _not_taken(path, "it ends before its last tile")


def _end_of(
    file: object, index: int, overview: int | None, factor: int, whole: tuple[int, int, int, int]
) -> int:
    """Return where the last of a band's tiles ends in the file, in bytes."""
    height, width, rows, cols = whole
    end = 0
    for row in range(ceil(ceil(height / factor) / rows)):
        for col in range(ceil(ceil(width / factor) / cols)):
            offset, length = (
                file.get_tag_item(f"BLOCK_{kind}_{col}_{row}", "TIFF", bidx=index, ovr=overview)  # type: ignore[attr-defined]
                for kind in ("OFFSET", "SIZE")
            )
            if offset and length:
                end = max(end, int(offset) + int(length))
    return end


def _not_taken(path: Path, found: str) -> UserError:
    free = size_text(shutil.disk_usage(path.parent).free)
    return UserError(
        "not_written", path, f"it was not written whole ({found}); {free} are free there",
        "Free space, or choose another disk, and run the job again.",
    )  # fmt: skip


def _full(subject: object, folder: Path) -> UserError:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return UserError(
        FULL, subject, f"the disk is full: {size_text(shutil.disk_usage(there).free)} are free",
        "Free space, or choose another disk, and run the job again.",
    )  # fmt: skip


def _too_little(folder: Path, need: int, have: int, what: str) -> UserError:
    return UserError(
        FULL,
        folder,
        f"{what} needs {size_text(need)} more, and {size_text(have)} are free there",
        "Free space, choose another disk, or use fewer dates or bands or a smaller area.",
    )
