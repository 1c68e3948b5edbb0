"""Gradient checkpointing: less memory in training for a second forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from cscl.models.clstm import ConvLSTMCell
from cscl.models.frames import FrameConv, FrameUp
from cscl.models.masked import MaskedConv, MaskedUp
from cscl.models.transformer import Layer

BLOCKS = (MaskedConv, MaskedUp, FrameConv, FrameUp, ConvLSTMCell, Layer)


def use_checkpoints(network: nn.Module) -> None:
    """Let every block of `network` keep its inputs alone, and compute the rest anew for gradients.

    Outputs, gradients and running statistics stay what they are (Chen et al. 2016, arXiv
    1604.06174).
    """
    for block in network.modules():
        if isinstance(block, BLOCKS):
            # An attribute of the object comes before the method of its class.
            block.forward = partial(_checkpointed, block, block.forward)


def _checkpointed(block: nn.Module, forward: Callable[..., Any], *inputs: Any) -> Any:
    if not torch.is_grad_enabled():
        return forward(*inputs)
    return checkpoint(forward, *inputs, use_reentrant=False, context_fn=partial(_contexts, block))


def _contexts(
    block: nn.Module,
) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    return nullcontext(), _unmoved_statistics(block)


@contextmanager
def _unmoved_statistics(block: nn.Module) -> Iterator[None]:
    """Put the running statistics back: the first pass has moved them already."""
    kept = [(buffer, buffer.clone()) for buffer in block.buffers()]
    try:
        yield
    finally:
        for buffer, value in kept:
            # Past autograd's count of changes: batch normalisation has saved these buffers.
            buffer.data.copy_(value)
