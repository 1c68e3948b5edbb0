"""How the C library keeps memory that was freed."""

from __future__ import annotations

import ctypes
import os
import sys

# glibc's numbers of the options.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_NEVER = -1
# What glibc reads when a process starts; ours hand it on to their children.
_HEAPS = "MALLOC_ARENA_MAX"


def use_one_heap() -> None:
    """Let all threads of this process, and its children's, share one heap; Linux with glibc alone.

    To be called before any other thread starts. A thread's own heap is of 64 MiB, so that it takes
    what a network needs from the system each time, and `keep_freed_memory` could keep none of it.
    """
    if _HEAPS not in os.environ:
        os.environ[_HEAPS] = "1"
        _tell_malloc(_ARENA_MAX, 1)


def keep_freed_memory() -> None:
    """Keep what is freed from now on for the next time; on Linux with glibc alone.

    For work that takes the same large blocks again and again, as a network does for each window.
    By default these are given back to the system at once, and their pages, taken anew, are filled
    with zeros before they are used: a third of the time of mapping. It lasts as long as the
    process. Nothing is done in one that has not called `use_one_heap`: this work is but a part of
    what it does, and what was kept would be missing elsewhere.
    """
    if os.environ.get(_HEAPS) != "1":
        return
    _tell_malloc(_MMAP_MAX, 0)
    _tell_malloc(_TRIM_THRESHOLD, _NEVER)


def trim_memory() -> None:
    """Give back once what is free now, on Linux with glibc alone.

    For the end of a step that made many small things: no later step becomes slower by it.
    """
    trim = _of_libc("malloc_trim")
    if trim is not None:
        trim(0)


def _tell_malloc(option: int, value: int) -> None:
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(option, value)


def _of_libc(name: str) -> ctypes._NamedFuncPointer | None:
    """Return a function of the C library, which others than glibc do not have."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
