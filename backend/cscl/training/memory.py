"""What happens where a device's memory does not hold a step, or the device is lost."""

from __future__ import annotations

import torch

from cscl import processes
from cscl.contract.errors import UserError
from cscl.device import describe_device

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


def out_of_memory(stage: str, step: int, device: torch.device) -> UserError:
    """Return the error of a device that cannot hold a single chip."""
    return UserError(
        "out_of_memory",
        f"{stage}, after step {step}",
        f"the memory of {describe_device(device)} does not hold a step of one chip",
        "Use a smaller width or smaller chips, or the device cpu. The last checkpoint is kept.",
    )


def device_lost(stage: str, step: int, error: BaseException) -> UserError:
    """Return the error of a device that was lost."""
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return UserError(
        "device_lost",
        f"{stage}, after step {step}",
        f"the device failed ({first})",
        "Run the job again, if need be with device cpu: it goes on from its last checkpoint.",
    )
