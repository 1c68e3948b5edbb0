"""How many processes this machine has room for."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from cscl.context import JobContext
from cscl.contract.job_fields import WORKER_LIMIT

WORKER_BYTES = 2**29
# Where containers are held to less memory than the machine has (cgroup version 2).
_CONTAINER = Path("/sys/fs/cgroup")


def worker_count(ctx: JobContext) -> int:
    """Return one worker a core but those set aside, as many as the free memory holds."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    room = free_bytes() // WORKER_BYTES
    return max(1, min((cores or 1) - ctx.spared_cores, room, WORKER_LIMIT))


def free_bytes() -> int:
    """Return the memory that new processes may take."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = int((_CONTAINER / "memory.max").read_text())
        used = int((_CONTAINER / "memory.current").read_text())
    except (OSError, ValueError):  # no such container, or one without a limit ("max")
        return free
    return max(0, min(free, limit - used))
