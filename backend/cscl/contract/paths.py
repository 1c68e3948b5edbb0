"""Which paths a job may name: local or mounted files, nothing that a driver would interpret."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Union

from .errors import UserError

# A scheme or driver prefix has two letters or more: one letter is a Windows drive.
_PREFIX = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-_]+:")
_WINDOWS_NAMES = re.compile(r"^(CON|PRN|AUX|NUL|COM\d|LPT\d)(\..*)?$", re.IGNORECASE)


def path_problem(text: str) -> str:
    """Return in words why `text` is no local path, or an empty string."""
    if "\0" in text:
        return "it holds a zero byte"
    if text.replace("\\", "/").startswith("/vsi"):
        return "it is a virtual path of GDAL, not a local file"
    if _PREFIX.match(text):
        return f"it starts with {_PREFIX.match(text).group(0)!r}, which is no local file"  # type: ignore[union-attr]
    return ""


def local_path(text: Union[str, Path], subject: object = "path") -> Path:
    """Return a local path, or raise `UserError` where `text` names anything else."""
    problem = path_problem(str(text))
    if problem:
        raise UserError(
            "path_not_local",
            f"{subject} {str(text)!r}",
            problem,
            "Use the path of a local or mounted file or folder.",
        )
    return Path(text)


def inside(folder: Union[str, Path], relative: str) -> Path:
    """Return `folder / relative` resolved; raises `UserError` where it leaves the folder."""
    base = Path(folder).resolve()
    windows = PureWindowsPath(relative)
    target = (base / relative).resolve() if "\0" not in relative else base
    unsafe = (
        path_problem(relative)
        or PurePosixPath(relative).is_absolute()
        or windows.drive
        or windows.root
        or any(_WINDOWS_NAMES.match(part) for part in windows.parts)
        or (base != target and base not in target.parents)
    )
    if unsafe or target == base:
        raise UserError(
            "path_leaves_folder",
            f"{base}: {relative!r}",
            "the path does not stay in its folder",
            "Use a folder written by this product, unchanged.",
        )
    return target
