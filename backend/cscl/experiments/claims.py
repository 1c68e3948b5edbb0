"""Which process of several works at what; they share a folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from cscl.contract.atomic import process_alive, remove


@contextlib.contextmanager
def claimed(lock: Path) -> Iterator[bool]:
    """Yield whether what the file `lock` stands for is this process's: no living one is at it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    if lock.is_file() and not process_alive(int(lock.read_text() or 0)):
        remove(lock)
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        yield False
        return
    os.write(descriptor, str(os.getpid()).encode())
    os.close(descriptor)
    try:
        yield True
    finally:
        remove(lock)
