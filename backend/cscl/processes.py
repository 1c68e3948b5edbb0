"""Sums over the processes of one training run; alone, everything is its own sum.

The processes are those that `torchrun` started. Every process must make the same calls in the
same order.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed

# One process validates and saves while the others wait.
PATIENCE = datetime.timedelta(hours=2)


@contextmanager
def together() -> Iterator[None]:
    """Join the processes that `torchrun` started, for as long as the context lasts."""
    backend = "gloo"
    if torch.cuda.is_available():
        backend = "cpu:gloo,cuda:nccl"
        torch.cuda.set_device(_local_number())
    distributed.init_process_group(backend, timeout=PATIENCE)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def own_device(device: torch.device) -> torch.device:
    """Return this process's device where several on one machine asked for `device`."""
    if count() == 1 or device.type != "cuda":
        return device
    return torch.device("cuda", _local_number())


def _local_number() -> int:
    return int(os.environ.get("LOCAL_RANK", "0"))


def count() -> int:
    """Return the number of processes that train together, 1 for one alone."""
    return distributed.get_world_size() if _together() else 1


def number() -> int:
    """Return this process's number from 0; number 0 writes, the others only compute."""
    return distributed.get_rank() if _together() else 0


def summed(values: Tensor) -> Tensor:
    """Return the sum of `values`, of one shape and type everywhere, without gradient.

    Alone it is `values` itself.
    """
    if count() == 1:
        return values
    total = values.detach().clone()
    distributed.all_reduce(total)
    return total


def summed_with_gradient(values: Tensor) -> Tensor:
    """Return the sum of `values`; its derivative reaches the values of every process."""
    if count() == 1:
        return values
    total: Tensor = _Sum.apply(values)
    return total


def sum_gradients(parameters: Sequence[Tensor]) -> None:
    """Replace the gradients, of those parameters that have one, by their sums, in place."""
    gradients = [item.grad for item in parameters if item.grad is not None]
    if count() == 1 or not gradients:
        return
    # One message in place of one for each parameter.
    total = summed(torch.cat([item.flatten() for item in gradients]))
    parts = total.split([item.numel() for item in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def agreed(values: Sequence[float], device: torch.device) -> list[float]:
    """Return the values of process 0, which travel over `device`."""
    if count() == 1:
        return list(values)
    kind = torch.float32 if device.type == "mps" else torch.float64
    told = torch.tensor([float(item) for item in values], dtype=kind, device=device)
    distributed.broadcast(told, 0)
    return [float(item) for item in told.tolist()]


def share_tensors(tensors: list[Tensor]) -> None:
    """Give every process the tensors of process 0, in place."""
    if count() > 1:
        for tensor in tensors:
            distributed.broadcast(tensor, 0)


def share_bytes(data: bytes, device: torch.device) -> bytes:
    """Return the bytes of process 0 in every process; tensors travel over `device`."""
    if count() == 1:
        return data
    size = torch.tensor([len(data)], device=device)
    distributed.broadcast(size, 0)
    held = torch.zeros(int(size), dtype=torch.uint8, device=device)
    if number() == 0 and data:
        held = torch.frombuffer(bytearray(data), dtype=torch.uint8).to(device)
    distributed.broadcast(held, 0)
    return bytes(held.cpu().numpy())


def _together() -> bool:
    return distributed.is_available() and distributed.is_initialized()


class _Sum(torch.autograd.Function):
    """The sum over processes; each hears the slopes of all, for all use the sum."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return summed(values)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return summed(grad.contiguous())
