"""Opening NetCDF and Zarr cubes, and telling whether they changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from cscl.contract.paths import local_path
from cscl.series import cube_classic, cube_hdf5, cube_zarr
from cscl.series.cube_model import Cube, changed_cube, refused_cube
from cscl.series.model import Stamp
from cscl.series.raster import check_unchanged, stamp_of

SUFFIXES = (".nc", ".nc4", ".cdf", ".zarr")
MOST_CHUNK_FILES = 2_000_000


def is_cube(path: Path) -> bool:
    """Return whether a file is NetCDF or a folder Zarr, by its name or the folder's metadata."""
    if path.is_dir():
        return any((path / name).is_file() for name in ("zarr.json", ".zgroup"))
    return path.suffix.lower() in SUFFIXES


def open_cube(path: Path) -> Cube:
    """Open a NetCDF file or a Zarr folder; nothing but its metadata is read.

    Raises `UserError` for anything else, and for a cube that leads out of its file or folder.
    """
    local_path(path, "image")
    if path.is_dir():
        return cube_zarr.open_zarr(path)
    try:
        with open(path, "rb") as handle:
            start = handle.read(8)
    except OSError as error:
        raise refused_cube(path, f"it cannot be read ({error.strerror or error})") from None
    if start == cube_hdf5.SIGNATURE:
        return cube_hdf5.open_hdf5(path)
    if start[:4] in cube_classic.SIGNATURES:
        return cube_classic.open_classic(path)
    raise refused_cube(path, "it is neither NetCDF 4, nor classic NetCDF, nor a Zarr folder")


def stamp_of_cube(path: Path) -> Stamp:
    """Return what tells whether a cube changed; of a folder the names, sizes and times of files.

    The digest of a folder is that of its metadata and of the names and sizes of its files.
    """
    if not path.is_dir():
        return stamp_of(path)
    size, modified, digest = 0, 0, hashlib.sha256()
    for name, state in _files_of(path):
        size, modified = size + state.st_size, max(modified, state.st_mtime_ns)
        digest.update(f"{name}\0{state.st_size}\0".encode())
        if name.rpartition("/")[2] in cube_zarr.METADATA:
            digest.update((path / name).read_bytes())
    return Stamp(size, modified, digest.hexdigest())


def check_cube_unchanged(path: Path, stamp: Stamp) -> None:
    """Raise `UserError` where a cube is not what it was when the series was defined.

    The files of a folder are looked at one by one, which takes seconds where there are many.
    """
    if not path.is_dir():
        check_unchanged(path, stamp)
        return
    now = stamp_of_cube(path)
    # A copy has other times of change and the same files.
    if (now.size, now.digest) != (stamp.size, stamp.digest):
        raise changed_cube(
            path,
            f"it changed after the time series was defined ({stamp.size} bytes then, "
            f"{now.size} bytes now)",
        )


def _files_of(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Give the files below a folder, sorted by their names relative to it."""
    names: list[tuple[str, os.stat_result]] = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        base = Path(place)
        for file in files:
            path = base / file
            names.append((path.relative_to(folder).as_posix(), path.lstat()))
        if len(names) > MOST_CHUNK_FILES:
            raise refused_cube(folder, f"it holds more than {MOST_CHUNK_FILES} files")
    yield from sorted(names, key=lambda item: item[0])
