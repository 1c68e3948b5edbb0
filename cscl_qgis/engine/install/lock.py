"""One installation at a time, over all windows of QGIS."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

from ....backend.cscl.contract import atomic, strict_json
from ....backend.cscl.contract.errors import UserError
from ...words import tr

NAME = "install.lock"
GUARD = "install.guard"


class InstallLock:
    """A file that exists while its process installs; made exclusively, told stale by its owner."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._held = False

    def take(self) -> None:
        """Take the lock; raises `UserError` where another living process has it, and `OSError`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self._path.parent / GUARD):
            owner = _read(self._path)
            if _alive(owner):
                raise UserError(
                    "install_busy", tr("engine"),
                    tr("another window of QGIS (process {number}) is installing it",
                       number=owner.get("pid")),
                    tr("Wait until that is done; it is used here then, too."),
                )  # fmt: skip
            self._path.unlink(missing_ok=True)
            self._make()

    def release(self) -> None:
        """Let go of the lock, if this object holds it."""
        if self._held:
            self._held = False
            self._path.unlink(missing_ok=True)

    def _make(self) -> None:
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(
                strict_json.line({"pid": os.getpid(), "started": process_start(os.getpid())})
            )
        self._held = True


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time look at a lock and break it; the system frees it with its process.

    Without this, of two that find a stale lock, the second would remove the new one of the first.
    """
    with open(path, "ab") as handle:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            # A file system that knows no such locks: the lock itself is still made exclusively.
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_locked(folder: Path) -> bool:
    """Tell whether a living process installs into a folder."""
    return _alive(_read(folder / NAME))


def process_start(pid: int) -> Optional[int]:
    """Return when a process began, in units of the system; `None` where that cannot be told."""
    if sys.platform.startswith("linux"):
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # The name, in parentheses, may hold spaces and parentheses itself.
        return int(text.rpartition(")")[2].split()[19])
    return _windows_start(pid) if sys.platform == "win32" else None


def _windows_start(pid: int) -> Optional[int]:
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, pid)
    if not handle:
        return None
    times = [ctypes.c_ulonglong() for _ in range(4)]
    found = kernel.GetProcessTimes(handle, *(ctypes.byref(item) for item in times))
    kernel.CloseHandle(handle)
    return int(times[0].value) if found else None


def _alive(owner: Dict[str, Any]) -> bool:
    pid = owner.get("pid")
    if not isinstance(pid, int) or pid <= 0 or not atomic.process_alive(pid):
        return False
    # The number may have been given to another process since.
    return owner.get("started") in (None, process_start(pid))


def _read(path: Path) -> Dict[str, Any]:
    try:
        value = strict_json.read(path, limit=4096)
    except UserError:
        return {}
    return value if isinstance(value, dict) else {}
