"""Compiled loops over lines, shared by the threads that torch may use."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import torch


def in_threads(work: Callable[[int, int], None], lines: int, together: int = 1) -> None:
    """Call `work(first, last)` on a share of the lines in each thread; raises what it raises.

    Shares are whole numbers of `together` lines, but for the last.
    """
    runs = -(-lines // together)
    threads = min(torch.get_num_threads(), runs)
    borders = [together * (runs * thread // threads) for thread in range(threads)] + [lines]
    own, *others = zip(borders[:-1], borders[1:], strict=True)
    # Starting threads anew takes as long as a small loop; they do not outlive a fork.
    waiting = [_threads(os.getpid(), threads - 1).submit(work, *share) for share in others]
    try:
        work(*own)
    finally:
        # They write to the same memory, which must not go before they end.
        wait(waiting)
    for share in waiting:
        share.result()


@functools.cache
def _threads(process: int, number: int) -> ThreadPoolExecutor:
    """Return the threads of a process that help its own one."""
    return ThreadPoolExecutor(number, thread_name_prefix=f"cscl-loops-{process}")
