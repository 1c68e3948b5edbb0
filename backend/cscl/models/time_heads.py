"""From a sequence of feature maps to one, without the invalid observations.

Both heads end in the 3 x 3 x 3 convolution of the network's last stage. As the weighting over
time and the convolution are linear, the weighting comes first, once for each of the three taps in
time; what is left is a convolution in space over three times the channels, which costs T times
less. For weights that do not vary in space the result is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

MOST_GROUPS = 16


class _TapSums(torch.autograd.Function):
    """Sums over time of features times weights, for three taps; frame by frame, to save memory.

    Features are (B, C, T, H, W), weights (B, groups, T, H, W), sums (B, C, 3, H, W). All is
    computed with the channels last and the weights repeated for each of them: products of frames
    then run through memory in one go.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, weights: Tensor) -> Tensor:
        ctx.save_for_backward(features, weights)
        frames = features.movedim(1, -1)
        batch, _, height, width, channels = frames.shape
        sums = frames.new_zeros(batch, 3, height, width, channels)
        for output, weight in _wide_weights(weights, _members(weights, channels)):
            for frame, tap in _read_by(output, frames.shape[1]):
                sums[:, tap].addcmul_(frames[:, frame], weight)
        return sums.movedim(-1, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        features, weights = ctx.saved_tensors
        frames = features.movedim(1, -1)
        slopes = grad.movedim(1, -1).contiguous()
        members = _members(weights, frames.shape[-1])
        grad_frames = torch.zeros_like(frames)
        grad_weights = torch.empty_like(weights).movedim(1, -1)
        product = torch.empty_like(slopes[:, 0])
        for output, weight in _wide_weights(weights, members):
            product.zero_()
            for frame, tap in _read_by(output, frames.shape[1]):
                grad_frames[:, frame].addcmul_(slopes[:, tap], weight)
                product.addcmul_(slopes[:, tap], frames[:, frame])
            grad_weights[:, output] = product @ members.T
        return grad_frames.movedim(-1, 1), grad_weights.movedim(-1, 1)


def _tap_sums(features: Tensor, weights: Tensor) -> Tensor:
    """Return the same sums in one formula, which takes several times the memory."""
    wide = weights.repeat_interleave(features.shape[1] // weights.shape[1], dim=1)
    frames = functional.pad(features, (0, 0, 0, 0, 1, 1))
    dates = features.shape[2]
    return torch.stack([(frames[:, :, tap : tap + dates] * wide).sum(2) for tap in range(3)], 2)


def _members(weights: Tensor, channels: int) -> Tensor:
    """Return (groups, channels) of 1 where the channel is of the group: products copy and sum."""
    groups = weights.shape[1]
    each = torch.eye(groups, dtype=weights.dtype, device=weights.device)
    return each.repeat_interleave(channels // groups, dim=1)


def _wide_weights(weights: Tensor, members: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Yield each output frame with its weights (B, H, W, channels)."""
    for output in range(weights.shape[2]):
        yield output, weights[:, :, output].movedim(1, -1) @ members


def _read_by(output: int, dates: int) -> Iterator[tuple[int, int]]:
    """Yield (frame, tap): tap k of an output reads the frame k - 1 after it."""
    for tap in range(3):
        if 0 <= output + tap - 1 < dates:
            yield output + tap - 1, tap


class _WeightedConvolution(nn.Module):
    """The last 3 x 3 x 3 convolution together with the weighting of its outputs over time."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, channels, 3, 3, 3))
        self.bias = nn.Parameter(torch.zeros(channels))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, sums: Tensor) -> Tensor:
        """Return (B, C, H, W), without the bias, for a tap's weighted sums each (B, C, 3, H, W)."""
        return functional.conv3d(sums, self.weight, padding=(0, 1, 1)).squeeze(2)


class AttentionTimeHead(nn.Module):
    """Learned weighting over the valid observations of each pixel; any number of dates.

    Each of up to 16 groups of channels has its own weights: a softmax over time of a linear
    score.
    A pixel without a valid observation gets zeros before the convolution.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.score = nn.Linear(channels, math.gcd(channels, MOST_GROUPS))
        self.final = _WeightedConvolution(channels)

    def weights(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """Return weights (B, groups, T, H, W), 0 where invalid; they sum to 1, without any to 0."""
        scores = self.score(features.movedim(1, -1))
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        if mask is None:
            return scores.softmax(dim=1).movedim(-1, 1)
        mask = mask.movedim(1, -1)
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
        return (scores.softmax(dim=1) * mask).movedim(-1, 1)

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, C, H, W) of `features` (B, C, T, H, W), which are 0 where `mask` is."""
        weights = self.weights(features, mask).to(features.dtype)
        # A graph for any number of dates has no loop over them.
        sums = _tap_sums if torch.compiler.is_exporting() else _TapSums.apply
        pooled: Tensor = self.final(sums(features, weights))
        return pooled + self.final.bias[:, None, None]


class LinearTimeHead(nn.Module):
    """The released weighting: one weight a position in a series of fixed length."""

    def __init__(self, channels: int, dates: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dates, 1)
        self.final = _WeightedConvolution(channels)

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, C, H, W) of `features` (B, C, T, H, W)."""
        # Row k holds the weights of the frames that tap k reads: the series moved by k - 1.
        wide = functional.pad(self.linear.weight[0], (1, 1))
        taps = wide.unfold(0, features.shape[2], 1).flip(0).to(features.dtype)
        frames = features.movedim(1, -1)
        sums = (taps @ frames.flatten(2)).unflatten(2, frames.shape[2:])
        pooled: Tensor = self.final(sums.movedim(-1, 1))
        offset = self.final.bias * self.linear.weight.sum() + self.linear.bias
        return pooled + offset[:, None, None]
