"""Which device computes, and whether its bfloat16 arithmetic is worth using."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable

import torch

from cscl.contract.errors import UserError

PROBE_SECONDS = 2.0
# bfloat16 costs accuracy: it has to be clearly faster, not by the noise of a measurement.
WORTH_IT = 1.2


def choose_device(text: str) -> torch.device:
    """Return the device that `text` names: auto, cpu, cuda, cuda:1 or mps.

    `auto` takes the first CUDA device, else MPS, else the processor. Raises `UserError` where the
    named device is not there.
    """
    name = text.strip().lower()
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if not re.fullmatch(r"cpu|mps|cuda(:\d{1,2})?", name):
        raise UserError(
            "unknown_device",
            f"device {text!r}",
            "there is no such kind of device",
            "Use auto, cpu, cuda, cuda:1 or mps.",
        )
    if name.startswith("cuda"):
        return _cuda(text, int(name.partition(":")[2] or 0))
    if name == "mps" and not torch.backends.mps.is_available():
        raise _absent(text, "this machine or this build of torch has no MPS")
    return torch.device(name)


def choose_devices(text: str) -> tuple[torch.device, ...]:
    """Return the devices that share work: with `auto` every CUDA device of this machine.

    Raises `UserError` as `choose_device` does.
    """
    first = choose_device(text)
    if text.strip().lower() == "auto" and first.type == "cuda":
        return tuple(torch.device("cuda", index) for index in range(torch.cuda.device_count()))
    return (first,)


def describe_device(device: torch.device) -> str:
    """Return the device in words, for notes and reports."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return f"cpu ({threads} thread{'s' if threads > 1 else ''})" if device.type == "cpu" else "mps"


def clock_of(device: torch.device) -> Callable[[], float]:
    """Return what tells the seconds that work takes there.

    On the processor those of the calling thread, which what other programs do lengthens little.
    """
    return time.thread_time if device.type == "cpu" else time.perf_counter


@functools.cache
def probe_bf16(device: torch.device) -> bool:
    """Tell whether a training step of 3-D convolutions is clearly faster in bfloat16.

    Measured once a process and device, in at most about two seconds: forward and backward pass,
    float32 and bfloat16 autocast in turns, the fastest of each.
    """
    if device.type == "mps":
        return False
    layer = torch.nn.Sequential(
        torch.nn.Conv3d(16, 32, 3, padding=1), torch.nn.Conv3d(32, 32, 3, padding=1)
    ).to(device)
    images = torch.zeros(1, 16, 12, 32, 32, device=device)
    best = {False: float("inf"), True: float("inf")}
    end = time.monotonic() + PROBE_SECONDS
    rounds = 0
    while rounds < 2 or (rounds < 8 and time.monotonic() < end):
        for narrow in (False, True):
            taken = _step_seconds(layer, images, device, narrow)
            # The first round warms up: it compiles kernels and allocates memory.
            if rounds:
                best[narrow] = min(best[narrow], taken)
        rounds += 1
    return best[False] > WORTH_IT * best[True]


def _step_seconds(
    layer: torch.nn.Module, images: torch.Tensor, device: torch.device, narrow: bool
) -> float:
    clock = clock_of(device)
    start = clock()
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=narrow):
        result = layer(images)
    result.float().sum().backward()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return clock() - start


def _cuda(text: str, index: int) -> torch.device:
    if not torch.cuda.is_available():
        raise _absent(text, "this machine or this build of torch has no CUDA")
    count = torch.cuda.device_count()
    if index >= count:
        raise _absent(text, f"there are {count} CUDA devices, numbered from 0")
    return torch.device("cuda", index)


def _absent(text: str, found: str) -> UserError:
    return UserError("device_absent", f"device {text!r}", found, "Use auto or cpu.")
