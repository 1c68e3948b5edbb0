"""Which paths a job may name: local or mounted files, nothing that a driver would interpret."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Union

from .errors import UserError

# What parts the name of a layer from its file: `FILE|layername=NAME`.
LAYER_MARK = "|layername="
# A scheme or driver prefix has two letters or more: one letter is a Windows drive.
_PREFIX = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-_]+:")
# Names that Windows takes for devices, whatever follows a dot, blanks before it not counted.
_WINDOWS_NAMES = re.compile(
    r"^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[\d\u00b9\u00b2\u00b3]) *(\..*)?$", re.IGNORECASE
)


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
    """Return `folder / relative` resolved; raises `UserError` where it leaves the folder.

    What is unsafe on one system is refused on all of them, as folders are carried about.
    """
    base = Path(folder).resolve()
    target = base if _is_unsafe(relative) else (base / relative).resolve()
    if base not in target.parents:
        raise UserError(
            "path_leaves_folder",
            f"{base}: {relative!r}",
            "the path does not stay in its folder",
            "Use a folder written by this product, unchanged.",
        )
    return target


def _is_unsafe(relative: str) -> bool:
    windows = PureWindowsPath(relative)
    return bool(
        path_problem(relative)
        or PurePosixPath(relative).is_absolute()
        or windows.drive
        or windows.root
        or ":" in relative
        or ".." in windows.parts
        or any(_WINDOWS_NAMES.match(part) for part in windows.parts)
    )


def linked_path(folder: Union[str, Path], text: str, subject: object = "path") -> Path:
    """Return the local file that a document in `folder` names, which may lie outside of it.

    Raises `UserError` where `text` is no local path, or one without its drive's folder (C:x).
    """
    path = local_path(text, subject)
    windows = PureWindowsPath(text)
    if windows.drive and not windows.root:
        raise UserError(
            "path_not_local",
            f"{subject} {text!r}",
            "it names a drive without a folder",
            "Use the whole path.",
        )
    return (Path(folder) / path).resolve()
