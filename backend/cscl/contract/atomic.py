"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Union

PREFIX = ".cscl-part-"


def part_path(path: Union[str, Path]) -> Path:
    """Return a fresh temporary path beside `path`, with its ending, owned by this process."""
    target = Path(path)
    return target.with_name(f"{PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}-{target.name}")


def flush_to_disk(path: Union[str, Path]) -> None:
    """Force the contents of a file to the disk."""
    with open(path, "rb") as handle:
        os.fsync(handle.fileno())


@contextmanager
def replacing(path: Union[str, Path]) -> Iterator[Path]:
    """Yield a temporary path; on success it is flushed and takes the place of `path`.

    On any failure the temporary is removed and `path` stays as it was.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_path(target)
    try:
        yield part
        if part.is_file():
            flush_to_disk(part)
        os.replace(part, target)
    finally:
        remove(part)


def write_text(path: Union[str, Path], text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with replacing(path) as part:
        part.write_bytes(text.encode("utf-8"))


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep(folder: Union[str, Path]) -> int:
    """Remove temporaries in `folder` whose process is gone; return how many."""
    removed = 0
    for part in Path(folder).glob(f"{PREFIX}*"):
        owner = part.name[len(PREFIX) :].split("-", 1)[0]
        if owner.isdigit() and not process_alive(int(owner)):
            remove(part)
            removed += 1
    return removed


def process_alive(pid: int) -> bool:
    """Tell whether a process with this number runs."""
    if os.name == "nt":
        return _windows_process_alive(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _windows_process_alive(pid: int) -> bool:
    import ctypes

    # os.kill(pid, 0) would end the process on Windows.
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == 259
