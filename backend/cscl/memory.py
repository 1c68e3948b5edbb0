"""How the C library keeps memory that was freed."""

from __future__ import annotations

import ctypes
import sys

# glibc's numbers of the options.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Smaller blocks are used again: fresh pages for each of them cost as much time as reading a window.
KEPT_BYTES, SMALL_BYTES = 64 * 2**20, 4 * 2**20


def trim_memory() -> None:
    """Give back once what is free now, on Linux with glibc alone.

    For the end of a step that made many small things: no later step becomes slower by it.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def return_freed_memory() -> None:
    """Give memory back to the system as it is freed, but for 64 MiB; on Linux with glibc alone.

    By default glibc keeps ever larger blocks for itself, between which memory is lost: a map's
    process grew by a third with its area.
    """
    if sys.platform != "linux":
        return
    # Other C libraries have no such function.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, SMALL_BYTES)
