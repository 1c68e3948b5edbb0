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
    """Sums over time of features times weights, for three taps; frame by frame, to save memory."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weights: Tensor) -> Tensor:
        ctx.save_for_backward(features, weights)
        batch, channels, dates, height, width = features.shape
        groups = weights.shape[1]
        sums = features.new_zeros(batch, 3, height, width, channels)
        by_group = sums.permute(0, 1, 4, 2, 3).unflatten(2, (groups, -1))
        for frame, tap, weight in _meetings(weights, dates):
            by_group[:, tap].addcmul_(_grouped(features, frame, groups), weight)
        return sums.permute(0, 1, 4, 2, 3)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        features, weights = ctx.saved_tensors
        groups, dates = weights.shape[1], features.shape[2]
        grad_features = torch.zeros_like(features)
        grad_weights = torch.zeros_like(weights)
        by_group = grad.contiguous(memory_format=torch.preserve_format).unflatten(2, (groups, -1))
        for frame, tap, weight in _meetings(weights, dates):
            slope = by_group[:, tap]
            _grouped(grad_features, frame, groups).addcmul_(slope, weight)
            product = (slope * _grouped(features, frame, groups)).sum(2)
            grad_weights[:, :, frame - tap + 1] += product
        return grad_features, grad_weights


def _meetings(weights: Tensor, dates: int) -> Iterator[tuple[int, int, Tensor]]:
    """Yield (frame, tap, weight): the output at frame t reads frame t + tap - 1."""
    for frame in range(dates):
        for tap in range(3):
            output = frame - tap + 1
            if 0 <= output < dates:
                yield frame, tap, weights[:, :, output, None]


def _grouped(features: Tensor, frame: int, groups: int) -> Tensor:
    """Return the view (B, groups, C / groups, H, W) of one frame."""
    return features[:, :, frame].unflatten(1, (groups, -1))


class _WeightedConvolution(nn.Module):
    """The last 3 x 3 x 3 convolution together with the weighting of its outputs over time."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, channels, 3, 3, 3))
        self.bias = nn.Parameter(torch.zeros(channels))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, features: Tensor, weights: Tensor) -> Tensor:
        """Return (B, C, H, W), without the bias, for `weights` (B, groups, T, H, W)."""
        taps = _TapSums.apply(features, weights.to(features.dtype))
        kernel = self.weight.transpose(1, 2).flatten(1, 2)
        return functional.conv2d(taps.flatten(1, 2), kernel, padding=1)


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

    def weights(self, features: Tensor, mask: Tensor) -> Tensor:
        """Return weights (B, groups, T, H, W), 0 where invalid; they sum to 1, without any to 0."""
        scores = self.score(features.movedim(1, -1)).movedim(-1, 1)
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        scores = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min)
        return scores.softmax(dim=2) * mask

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """Return (B, C, H, W) of `features` (B, C, T, H, W), which are 0 where `mask` is."""
        pooled: Tensor = self.final(features, self.weights(features, mask))
        return pooled + self.final.bias[:, None, None]


class LinearTimeHead(nn.Module):
    """The released weighting: one weight a position in a series of fixed length."""

    def __init__(self, channels: int, dates: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dates, 1)
        self.final = _WeightedConvolution(channels)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """Return (B, C, H, W) of `features` (B, C, T, H, W)."""
        batch, _, dates, height, width = features.shape
        weights = self.linear.weight.view(1, 1, dates, 1, 1)
        pooled: Tensor = self.final(features, weights.expand(batch, 1, dates, height, width))
        offset = self.final.bias * self.linear.weight.sum() + self.linear.bias
        return pooled + offset[:, None, None]
