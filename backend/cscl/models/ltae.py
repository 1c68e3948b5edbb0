"""L-TAE: lightweight temporal attention, one learned query a head.

Structure after Garnot and Landrieu 2020 ("Lightweight temporal self-attention for classifying
satellite images time series"), in the form of U-TAE (Garnot and Landrieu 2021, arXiv 2107.07933).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.models.masked import EPSILON, MaskedNorm

KEY_SIZE = 4
PERIOD = 1000.0


class DatesNorm(nn.Module):
    """Group normalisation of each pixel over its valid dates, then scale and offset by channel."""

    def __init__(self, groups: int, channels: int) -> None:
        super().__init__()
        self.groups = groups
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return (B, H, W, T, C) of float32 or wider values; `mask` (B, H, W, T, 1) of 0 and 1."""
        grouped = values.unflatten(-1, (self.groups, -1))
        known = mask[..., None]
        count = (known.sum(dim=3, keepdim=True) * grouped.shape[-1]).clamp_min(1)
        mean = (grouped * known).sum(dim=(3, 5), keepdim=True) / count
        centred = (grouped - mean) * known
        variance = centred.square().sum(dim=(3, 5), keepdim=True) / count
        normed = (centred * torch.rsqrt(variance + EPSILON)).flatten(-2)
        return (normed * self.weight + self.bias) * mask


class LightweightTemporalAttention(nn.Module):
    """One feature vector a pixel from those of its dates, and the weights of the dates.

    `channels` in and out, `width` inside, `heads` heads. Dropout of the published form (0.2, and
    0.1 on the weights) is left out.
    """

    def __init__(self, channels: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.input_norm = DatesNorm(heads, channels)
        self.input = nn.Linear(channels, width)
        self.query = nn.Parameter(torch.empty(heads, KEY_SIZE))
        self.key = nn.Linear(width, heads * KEY_SIZE)
        self.output = nn.Linear(width, channels)
        self.norm = MaskedNorm(channels)
        self.output_norm = nn.GroupNorm(heads, channels)
        nn.init.normal_(self.query, std=math.sqrt(2 / KEY_SIZE))
        nn.init.normal_(self.key.weight, std=math.sqrt(2 / KEY_SIZE))

    def forward(self, values: Tensor, days: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (B, C, H, W) and weights (B, heads, T, H, W), 0 where `mask` is.

        `values` (B, T, C, H, W), `days` (B, T) finite, `mask` (B, T, 1, H, W) of 0 and 1.
        """
        # The scores of this initialisation are large: reduced precision would change the choice
        # of dates, and saves little on the bottleneck's few pixels.
        with torch.autocast(values.device.type, enabled=False):
            wide = torch.promote_types(values.dtype, torch.float32)
            return self._attend(values.to(wide), days.to(wide), mask.to(wide))

    def _attend(self, values: Tensor, days: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        known = mask.permute(0, 3, 4, 1, 2)
        inside = self.input(self.input_norm(values.permute(0, 3, 4, 1, 2), known))
        code = sinusoids(days, inside.shape[-1] // self.heads)
        inside = inside + code.tile(self.heads)[:, None, None]
        weights = self._weights(inside, known)
        heads = inside.unflatten(-1, (self.heads, -1))
        pooled = (heads * weights[..., None]).sum(dim=3).flatten(-2)
        result = self._project(pooled, known.amax(dim=3))
        return result, weights.permute(0, 4, 3, 1, 2)

    def _weights(self, inside: Tensor, known: Tensor) -> Tensor:
        """Return weights (B, H, W, T, heads) of the dates; they sum to 1 where any is valid."""
        keys = self.key(inside).unflatten(-1, (self.heads, KEY_SIZE))
        scores = (keys * self.query).sum(dim=-1) / math.sqrt(KEY_SIZE)
        scores = scores.masked_fill(known == 0, torch.finfo(scores.dtype).min)
        return scores.softmax(dim=3) * known

    def _project(self, pooled: Tensor, seen: Tensor) -> Tensor:
        """Return (B, C, H, W), normalised, of (B, H, W, width)."""
        mask = seen.permute(0, 3, 1, 2)
        # A linear layer may return a view that the normalisation must not write to.
        projected = self.output(pooled).permute(0, 3, 1, 2).contiguous()
        result = self.norm(projected.unsqueeze(2), mask.unsqueeze(2)).squeeze(2)
        by_pixel = self.output_norm(result.permute(0, 2, 3, 1).flatten(0, 2))
        shaped = by_pixel.view(*pooled.shape[:3], -1).permute(0, 3, 1, 2)
        return shaped * mask


def sinusoids(days: Tensor, size: int) -> Tensor:
    """Return (B, T, size) of days (B, T): sines and cosines of falling frequency in turn."""
    index = torch.arange(size, device=days.device)
    exponent = 2 * (index // 2) / size
    angle = days[..., None] / torch.pow(PERIOD, exponent).to(days.dtype)
    return torch.where(index % 2 == 0, angle.sin(), angle.cos())


def upsample_weights(weights: Tensor, mask: Tensor) -> Tensor:
    """Return weights (B, heads, T, H', W') at the size of `mask` (B, T, 1, H', W').

    Bilinear, 0 where the mask is, and scaled to sum to 1 over the dates again.
    """
    size = mask.shape[-2:]
    finer = functional.interpolate(weights.flatten(0, 1), size=size, mode="bilinear")
    finer = finer.unflatten(0, weights.shape[:2]) * mask.movedim(2, 1).to(weights.dtype)
    total = finer.sum(dim=2, keepdim=True)
    return finer / total.clamp_min(torch.finfo(total.dtype).tiny)
