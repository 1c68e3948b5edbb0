"""Rasters inside zips, read in place: checked names, and paths for GDAL that we build alone."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from cscl.contract.errors import UserError
from cscl.contract.paths import path_problem
from cscl.zips import DAMAGED_ZIP

_PIECE = 2**20


def zip_member(path: Path, member: str, length: int) -> tuple[str, bytes]:
    """Return the path by which GDAL reads a file inside a zip, and its first `length` bytes.

    Raises `UserError` where the name is unsafe, or the zip is damaged or lacks the file.
    """
    problem = _name_problem(member) or _braces_problem(path)
    if problem:
        raise UserError(
            "member_unsafe",
            f"{path}: {member!r}",
            problem,
            "Download the product again, or unpack it yourself and use its folder.",
        )
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            start = file.read(length)
    except KeyError:
        raise _unreadable(path, member, "the zip holds no such file") from None
    except DAMAGED_ZIP as error:
        raise _unreadable(path, member, f"it cannot be read ({error})") from None
    # Braces tell GDAL where the zip's own path ends, whatever that is called.
    return f"/vsizip/{{{path.absolute()}}}/{member}", start


def check_member(path: Path, member: str) -> None:
    """Raise `UserError` where a file in a zip is not what its checksum says.

    GDAL does not compare them, and what is damaged may still decode.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            while file.read(_PIECE):
                pass
    except (KeyError, *DAMAGED_ZIP) as error:
        raise _unreadable(path, member, f"it is damaged in the zip ({error})") from None


def _name_problem(member: str) -> str:
    """Return in words why a file's name in a zip is not used, or an empty string."""
    if path_problem(member):
        return path_problem(member)
    if "\\" in member or ":" in member:
        return "its name holds a backslash or colon"
    parts = PurePosixPath(member).parts
    if member.startswith("/") or ".." in parts or member != "/".join(parts):
        return "its name is no plain path inside the zip"
    if any(ord(character) < 32 for character in member):
        return "its name holds a control character"
    return ""


def _braces_problem(path: Path) -> str:
    depth = 0
    for character in str(path.absolute()):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    return "" if depth == 0 else "the path of the zip holds a single brace"


def _unreadable(path: Path, member: str, found: str) -> UserError:
    return UserError(
        "unreadable_image",
        f"{path}: {member}",
        found,
        "Copy or download this file again, or remove it.",
    )
