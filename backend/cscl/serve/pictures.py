"""Pictures that QGIS shows: PNG files in a folder of ours, made once."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cscl.contract.atomic import replacing, sweep
from cscl.contract.errors import UserError
from cscl.contract.home import data_folder

MOST_FILES = 4000


def cached(kind: str, ending: str, *content: object) -> Path:
    """Return where the file that is made of `content` lies, whether it is there yet or not."""
    digest = hashlib.sha256(repr(content).encode()).hexdigest()[:32]
    return data_folder() / "cache" / kind / f"{digest}{ending}"


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture (H, W, 4), and remove the oldest files where there are many.

    Raises `UserError` where it cannot be written.
    """
    data = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(data, "PNG")
    try:
        with replacing(path) as part:
            part.write_bytes(data.getvalue())
        tidy(path.parent)
    except OSError as error:
        raise cache_not_writable(path.parent, error) from None


def cache_not_writable(folder: Path, error: OSError) -> UserError:
    """Return the error for a folder of ours that cannot be written."""
    return UserError(
        "cache_not_writable",
        folder,
        f"it cannot be written ({error.strerror or error})",
        "Make room on its disk, or set CSCL_HOME to another folder.",
    )


def tidy(folder: Path, most: int = MOST_FILES) -> None:
    """Remove the files that were made first, so that three quarters of `most` are left."""
    sweep(folder)
    files = [entry for entry in os.scandir(folder) if entry.is_file()]
    if len(files) <= most:
        return
    files.sort(key=lambda entry: entry.stat().st_mtime)
    for entry in files[: len(files) - most * 3 // 4]:
        Path(entry.path).unlink(missing_ok=True)
