"""Room on the disk: asked for before it is used, and told of where it ends."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from cscl.contract.errors import UserError

MB, GB = 10**6, 10**9
FULL = "disk_full"
_ERRORS = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def size_text(count: int) -> str:
    """Return a number of bytes in words, such as 3.5 MB or 12.1 GB."""
    unit, name = (GB, "GB") if count >= GB else (MB, "MB")
    return f"{count / unit:.1f} {name}"


def check_free(folder: Path, need: int) -> None:
    """Raise `UserError` where the disk of `folder` has less than `need` bytes free."""
    have = shutil.disk_usage(folder).free
    if have < need:
        raise _too_little(folder, need, have)


@contextlib.contextmanager
def space_told(folder: Path, need: int) -> Iterator[None]:
    """Turn the system's error of a full disk into one that says need and have."""
    try:
        yield
    except OSError as error:
        if error.errno not in _ERRORS:
            raise
        raise _too_little(folder, need, shutil.disk_usage(folder).free) from None


def _too_little(folder: Path, need: int, have: int) -> UserError:
    return UserError(
        FULL,
        folder,
        f"the dataset needs {size_text(need)} more, and {size_text(have)} are free there",
        "Free space, choose another disk, or use fewer dates or bands or a smaller area.",
    )
