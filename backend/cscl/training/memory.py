"""Telling when a device is short of memory or lost, and what to try then."""

from __future__ import annotations

import torch

from cscl import processes

SHORT = ("out of memory", "can't allocate memory")
LOST = ("CUDA error", "device-side assert", "unspecified launch failure")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether a computation failed for want of memory on its device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in SHORT)


def is_device_lost(error: BaseException) -> bool:
    """Tell whether the device answers no more; nothing on it can be read then."""
    return isinstance(error, torch.AcceleratorError) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in LOST)
    )


def next_parts(parts: int, chips: int) -> int | None:
    """Return into how many parts to cut a batch of `chips` after `parts` were too few.

    Twice as many, each half as large; None where each holds one chip already, or where several
    processes train together, whose sums must meet.
    """
    if parts >= chips or processes.count() > 1:
        return None
    return min(2 * parts, chips)
