"""U-TAE: a U-Net over all dates at once, with temporal attention at its bottleneck."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cscl.models.frames import (
    FrameConv,
    FrameUp,
    check_inputs,
    halve_mask,
    pad_ground,
    seen_days,
    to_compute_type,
)
from cscl.models.ltae import LightweightTemporalAttention, upsample_weights

# Three halvings of rows and columns.
STRIDE = 8
# The multiple of height and width that is taken; what lacks to `STRIDE` counts as unseen ground.
MULTIPLE = 4


class Residual(nn.Module):
    """A convolution, and a second one whose answer is added to its own."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = FrameConv(inputs, outputs)
        self.second = FrameConv(outputs, outputs)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return (N, outputs, H, W)."""
        found: Tensor = self.first(values, mask)
        return found + self.second(found, mask)


class Encoding(nn.Module):
    """One stage down: a strided convolution, then a residual block."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.down = FrameConv(inputs, inputs, kernel=4, stride=2)
        self.block = Residual(inputs, outputs)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return (N, outputs, H / 2, W / 2) under `mask` of that size."""
        found: Tensor = self.block(self.down(values, mask), mask)
        return found


class Decoding(nn.Module):
    """One stage up: the map below, doubled, beside the skipped one, then a residual block."""

    def __init__(self, inputs: int, outputs: int, skipped: int) -> None:
        super().__init__()
        self.skip = FrameConv(skipped, skipped, kernel=1)
        self.up = FrameUp(inputs, outputs, kernel=4)
        self.block = Residual(outputs + skipped, outputs)

    def forward(self, values: Tensor, skipped: Tensor, mask: Tensor) -> Tensor:
        """Return (B, outputs, 2 H, 2 W) of values (B, inputs, H, W) under `mask` of that size."""
        joined = torch.cat([self.up(values, mask), self.skip(skipped, mask)], dim=1)
        found: Tensor = self.block(joined, mask)
        return found


class UTAE(nn.Module):
    """Features of an image time series from a U-Net with temporal attention.

    Structure after Garnot and Landrieu 2021 (arXiv 2107.07933): encoder 64-64-64-128, shared by all
    dates; L-TAE with 16 heads at the bottleneck; its weights, upsampled, pool the skipped maps;
    decoder 128-64-32-32; a block of two convolutions with 32 features and `outputs`. Published,
    `outputs` are the classes; here they are by default the 128 features of the map that our heads
    sit on, so that parity is a matter of this number alone. `width` scales features and heads
    alike. Differences: the encoder normalises over the valid pixels of the batch, where the
    published one takes groups of channels over the whole image, since a map must not depend on the
    windows; the rectifier leaks by 0.01; images end in zeros, not in their reflection, as invalid
    ground does; no dropout; validity is by pixel and date, and weights are scaled to sum to 1 over
    the valid dates at every resolution.
    """

    def __init__(self, bands: int, *, width: float = 1.0, outputs: int | None = None) -> None:
        super().__init__()
        unit = max(1, round(16 * width))
        down = (4 * unit, 4 * unit, 4 * unit, 8 * unit)
        up = (2 * unit, 2 * unit, 4 * unit, 8 * unit)
        self.bands = bands
        self.channels = outputs or 8 * unit
        # Eight features a head at the bottleneck: groups of fewer could not be normalised.
        heads = unit & -unit if unit < 16 else 16
        self.first = nn.ModuleList([FrameConv(bands, down[0]), FrameConv(down[0], down[0])])
        self.encoder = nn.ModuleList(Encoding(down[i], down[i + 1]) for i in range(3))
        self.attention = LightweightTemporalAttention(down[3], 16 * unit, heads)
        self.decoder = nn.ModuleList(Decoding(up[i + 1], up[i], down[i]) for i in (2, 1, 0))
        self.last = nn.ModuleList([FrameConv(up[0], up[0]), FrameConv(up[0], self.channels)])

    def forward(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor:
        """Return features (B, D, H, W) with D = `channels`.

        `images` (B, T, C, H, W) normalised, `days` (B, T) since the season's start, `valid`
        (B, T, H, W) bool. What `images` and `days` hold where nothing is valid has no influence.
        Height and width must be multiples of 4 (`ValueError`). Pixels without any valid
        observation get zeros.
        """
        check_inputs(images, self.bands, MULTIPLE)
        height, width = images.shape[-2:]
        values = pad_ground(torch.where(valid[:, :, None], images, 0.0), STRIDE)
        masks = [pad_ground(valid, STRIDE).flatten(0, 1)[:, None].to(values.dtype)]
        for _ in self.encoder:
            masks.append(halve_mask(masks[-1]))
        levels = self._encode(values.flatten(0, 1), masks)
        found = self._decode(levels, masks, seen_days(days.to(values.dtype), valid))
        return found[..., :height, :width]

    def _encode(self, values: Tensor, masks: list[Tensor]) -> list[Tensor]:
        """Return the features (B * T, C, H, W) of all dates at each of the four resolutions."""
        values = to_compute_type(values).contiguous(memory_format=torch.channels_last)
        for block in self.first:
            values = block(values, masks[0])
        levels = [values]
        for stage, mask in zip(self.encoder, masks[1:], strict=True):
            levels.append(stage(levels[-1], mask))
        return levels

    def _decode(self, levels: list[Tensor], masks: list[Tensor], days: Tensor) -> Tensor:
        """Return the map (B, D, H, W) of all dates' features; `days` (B, T)."""
        by_date = [level.unflatten(0, days.shape) for level in levels]
        known = [mask.unflatten(0, days.shape) for mask in masks]
        found, weights = self.attention(by_date[-1], days, known[-1])
        seen = known[-1]
        for stage, level, mask in zip(self.decoder, by_date[-2::-1], known[-2::-1], strict=True):
            seen = mask.amax(dim=1)
            found = stage(found, pool_dates(level, upsample_weights(weights, mask)), seen)
        for block in self.last:
            found = block(found, seen)
        return found


def pool_dates(values: Tensor, weights: Tensor) -> Tensor:
    """Return (B, C, H, W) of values (B, T, C, H, W): each head's weights for its share of C.

    `weights` (B, heads, T, H, W).
    """
    grouped = values.unflatten(2, (weights.shape[1], -1))
    by_head = weights.transpose(1, 2)[:, :, :, None].to(values.dtype)
    return (grouped * by_head).sum(dim=1).flatten(1, 2)
