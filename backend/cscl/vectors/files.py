"""Which files are opened as layers, so that nothing follows links or writes beside them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from cscl.contract.errors import UserError
from cscl.vectors.sqlite import settled
from cscl.zips import DAMAGED_ZIP

# GDAL recognises these by their contents, whatever the ending, and follows their links or runs
# what they say.
_LINKING = (
    b"<OGRVRTDataSource",
    b"<VRTDataset",
    b"<OGRWFSDataSource",
    b"<OGCAPI",
    b"gdal_streamed_alg",
)
_LINKING_ENDINGS = (".moaw",)
_GML = b"opengis.net/gml"
_SNIFFED = 4096
_MOST_MEMBERS = 10_000
# What lies beside a shapefile and a GML file and belongs to it.
_SHAPEFILE = {".dbf": "attributes", ".shx": "index of its geometries"}
_BESIDE_GML = (".xsd", ".gfs")


def prepared(file: Path) -> tuple[Path, TemporaryDirectory[str] | None]:
    """Return what to open for `file`, and the folder that goes when it is let go, if any.

    Raises `UserError` where the file is not there, refers to other sources, lacks a part of it,
    or cannot be read as it stands.
    """
    if not file.exists():
        raise UserError("no_such_file", file, "there is no such file", "Check the path.")
    if not file.is_file():
        return file, None
    start = _start(file)
    _refuse_links(file, file.name, start)
    if file.suffix.lower() == ".zip":
        _check_members(file)
    if file.suffix.lower() == ".shp":
        _check_parts(file)
    if _GML in start:
        return _gml_copy(file)
    return settled(file)


def is_parquet(file: Path) -> bool:
    """Tell whether a file is Parquet."""
    return file.is_file() and _start(file).startswith(b"PAR1")


def _start(file: Path) -> bytes:
    try:
        with open(file, "rb") as handle:
            return handle.read(_SNIFFED)
    except OSError as error:
        raise UserError(
            "unreadable_layer", file, f"it cannot be read ({error})", "Check its permissions."
        ) from None


def _refuse_links(file: Path, name: str, start: bytes) -> None:
    if any(mark in start for mark in _LINKING) or name.lower().endswith(_LINKING_ENDINGS):
        raise UserError(
            "format_not_accepted",
            file,
            "it only refers to other sources",
            "Give the file with the features itself.",
        )


def _check_members(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if len(members) > _MOST_MEMBERS:
                raise UserError(
                    "unreadable_layer",
                    file,
                    f"it holds {len(members)} files",
                    "Unpack it and give the layer itself.",
                )
            for member in members:
                with archive.open(member) as handle:
                    _refuse_links(file, member.filename, handle.read(_SNIFFED))
    except DAMAGED_ZIP as error:
        raise UserError(
            "unreadable_layer", file, f"it cannot be read ({error})", "Check or repair the file."
        ) from None


def _check_parts(file: Path) -> None:
    beside = {item.name.lower() for item in file.parent.iterdir()}
    missing = [
        f"{ending} ({what})"
        for ending, what in _SHAPEFILE.items()
        if file.with_suffix(ending).name.lower() not in beside
    ]
    if missing:
        raise UserError(
            "layer_incomplete",
            file,
            f"its {' and '.join(missing)} is missing beside it",
            "A shapefile is several files: keep .shp, .shx, .dbf and .prj together.",
        )


def _gml_copy(file: Path) -> tuple[Path, TemporaryDirectory[str]]:
    # Opening GML writes a description of its fields beside it.
    folder = TemporaryDirectory(prefix="cscl-")
    copy = Path(folder.name) / file.name
    shutil.copyfile(file, copy)
    for ending in _BESIDE_GML:
        if file.with_suffix(ending).exists():
            shutil.copyfile(file.with_suffix(ending), copy.with_suffix(ending))
    return copy, folder
