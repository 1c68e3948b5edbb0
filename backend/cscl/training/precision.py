"""Whether a stage's steps run in bfloat16, and what happens where that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cscl.context import JobContext
from cscl.device import WORTH_IT, clock_of, probe_bf16

ROUNDS = 2


@contextmanager
def kept_buffers(module: nn.Module) -> Iterator[Callable[[], None]]:
    """Yield a function that sets running statistics back to what they are now."""
    before = [(buffer, buffer.clone()) for buffer in module.buffers()]

    def restore() -> None:
        with torch.no_grad():
            for buffer, value in before:
                buffer.copy_(value)

    yield restore


def bf16_is_faster(
    module: nn.Module, loss: Callable[[bool], Tensor], device: torch.device, ctx: JobContext
) -> bool:
    """Tell whether this network's own step is clearly faster in bfloat16, and say so if it is.

    `loss(narrow)` computes the loss of one batch. Where the device's quick probe says no, nothing
    is measured; else the fastest of two steps of each kind, after one of each to warm up. The
    quick probe alone is not enough: on processors without matrix units wide convolutions gain
    where those of a small network lose. Weights and running statistics stay as they are.
    """
    if not probe_bf16(device):
        return False
    best = {False: float("inf"), True: float("inf")}
    clock = clock_of(device)
    module.train()
    with kept_buffers(module) as restore:
        for turn in range(1 + ROUNDS):
            for narrow in best:
                ctx.check()
                started = clock()
                loss(narrow).backward()
                if device.type == "cuda":
                    torch.cuda.synchronize(device)
                taken = clock() - started
                best[narrow] = min(best[narrow], taken) if turn else best[narrow]
        restore()
    module.zero_grad(set_to_none=True)
    faster = best[False] > WORTH_IT * best[True]
    if faster:
        ctx.note(
            f"Convolutions run in bfloat16: a training step takes {best[True]:.2f} s instead of "
            f"{best[False]:.2f} s."
        )
    return faster
