"""Databases of SQLite (GeoPackage, SpatiaLite) read without a trace beside the person's file.

Reading one in write-ahead mode makes files beside it, one with an unfinished change cannot be
opened for reading alone, and one that is being written may be read half changed.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from cscl.contract.errors import UserError

_START = b"SQLite format 3\0"
_BESIDE = ("-wal", "-journal")
_PATIENCE = 2.0  # seconds to wait for another program that writes


def settled(file: Path) -> tuple[Path, TemporaryDirectory[str] | None]:
    """Return what to read in place of `file`, and the folder that goes when it is let go.

    `file` itself where it is no such database or one that can be read as it is; else a copy with
    all changes in it. Raises `UserError` where it is locked, damaged or being written.
    """
    head = _head(file)
    if not head.startswith(_START):
        return file, None
    beside = [Path(f"{file}{ending}") for ending in _BESIDE]
    if 2 in head[18:20] or any(item.exists() and item.stat().st_size for item in beside):
        return _copied(file, beside)
    with_mode = f"{file.absolute().as_uri()}?mode=ro"
    _try(file, with_mode, "PRAGMA schema_version")
    return file, None


def _head(file: Path) -> bytes:
    if not file.is_file():
        return b""
    with open(file, "rb") as handle:
        return handle.read(100)


def _copied(file: Path, beside: list[Path]) -> tuple[Path, TemporaryDirectory[str]]:
    folder = TemporaryDirectory(prefix="cscl-")
    copy = Path(folder.name) / file.name
    before = _stamps(file, beside)
    for source in (file, *(item for item in beside if item.exists())):
        shutil.copyfile(source, copy.with_name(source.name))
    if _stamps(file, beside) != before:
        raise UserError(
            "file_changes",
            file,
            "another program wrote to it while it was read",
            "Let that program finish, or save a copy of the layer and use that.",
        )
    # All that stands in the files beside goes into the copy, which is then an ordinary file.
    _try(file, copy.as_uri(), "PRAGMA journal_mode=DELETE")
    return copy, folder


def _stamps(file: Path, beside: list[Path]) -> list[tuple[int, int]]:
    found = [item.stat() for item in (file, *beside) if item.exists()]
    return [(item.st_size, item.st_mtime_ns) for item in found]


def _try(file: Path, uri: str, command: str) -> None:
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE)
        try:
            connection.execute(command).fetchall()
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise _damaged(file, error) from None
        raise UserError(
            "file_locked",
            file,
            "another program is writing to it",
            "Let that program finish, or save a copy of the layer and use that.",
        ) from None
    except sqlite3.DatabaseError as error:
        raise _damaged(file, error) from None


def _damaged(file: Path, error: sqlite3.Error) -> UserError:
    return UserError(
        "unreadable_layer", file, f"it cannot be read ({error})", "Check or repair the file."
    )
