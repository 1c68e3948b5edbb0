"""UNet3Df: the 3-D U-Net with a wide last stage at full resolution.

Structure after Tarasiou et al. 2022 (arXiv 2104.04310): 64-128-256 features in three stages, a
128-wide last stage, a weighting over time at the end. Here it also takes any number of dates, the
validity of every observation and the day of every date.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.models.masked import MaskedConv, MaskedUp, masked_pool, pool_mask
from cscl.models.time_heads import AttentionTimeHead, LinearTimeHead

# Two poolings by two, in time and in space.
POOLING_STRIDE = 4
DAYS_PER_YEAR = 365.0
# A month apart, each as wide that two or three speak for any day.
DAY_CENTRES = 12
DAY_WIDTH = 0.7 * DAYS_PER_YEAR / DAY_CENTRES
EXTRA_CHANNELS = DAY_CENTRES + 1

TimeHead = Literal["attention", "linear"]


class UNet3Df(nn.Module):
    """Features of an image time series.

    `bands` is the number of input bands, `width` scales the features (1: 64-128-256; rounded to
    multiples of 4 in the last stage). `time_head` "attention" takes any number of dates; "linear"
    is the released form for series of exactly `dates`. With `extra_inputs` the day and the
    validity join the bands; without, the input is as released.
    """

    def __init__(
        self,
        bands: int,
        *,
        width: float = 1.0,
        time_head: TimeHead = "attention",
        dates: int | None = None,
        extra_inputs: bool = True,
    ) -> None:
        super().__init__()
        half = 2 * max(1, round(32 * width))
        full, double = 2 * half, 4 * half
        self.bands = bands
        self.channels = full
        self.dates = dates
        self.extra_inputs = extra_inputs
        inputs = bands + EXTRA_CHANNELS * extra_inputs
        self.encoder_1 = nn.ModuleList([MaskedConv(inputs, half), MaskedConv(half, half)])
        self.encoder_2 = nn.ModuleList([MaskedConv(half, full), MaskedConv(full, full)])
        self.centre = nn.ModuleList([MaskedConv(full, double), MaskedConv(double, double)])
        self.up_2 = MaskedUp(double, full, activated=False)
        self.decoder_2 = nn.ModuleList([MaskedConv(double, full), MaskedConv(full, full)])
        self.up_1 = MaskedUp(full, half, activated=True)
        self.decoder_1 = nn.ModuleList([MaskedConv(full, full), MaskedConv(full, full)])
        self.time: nn.Module
        if time_head == "linear":
            if dates is None:
                raise ValueError("the linear time head needs the number of dates")
            self.time = LinearTimeHead(full, dates)
        else:
            self.time = AttentionTimeHead(full)

    def forward(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor:
        """Return features (B, D, H, W) with D = `channels`.

        `images` (B, T, C, H, W) normalised, `days` (B, T) since the season's start, `valid`
        (B, T, H, W) bool. What `images` and `days` hold where nothing is valid has no influence.
        Height and width must be multiples of 4 (`ValueError`). Pixels without any valid
        observation get zeros.
        """
        self._check(images)
        values, mask = self._inputs(images, days, valid)
        features = self._encode(values, mask)
        seen = valid.any(dim=1, keepdim=True)
        pooled: Tensor = self.time(features, mask)
        return pooled * seen

    def _check(self, images: Tensor) -> None:
        _, dates, bands, height, width = images.shape
        if bands != self.bands:
            raise ValueError(f"the network takes {self.bands} bands, not {bands}")
        if height % POOLING_STRIDE or width % POOLING_STRIDE:
            raise ValueError(f"height and width must be multiples of 4, not {height} x {width}")
        if self.dates is not None and dates != self.dates:
            raise ValueError(f"the network takes exactly {self.dates} dates, not {dates}")

    def _inputs(self, images: Tensor, days: Tensor, valid: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return values (B, inputs, T', H, W) and mask (B, 1, T', H, W); T' a multiple of 4.

        The mask is None where all is valid.
        """
        batch, dates, bands, height, width = images.shape
        missing = 0 if self.dates is not None else -dates % POOLING_STRIDE
        everywhere = not missing and bool(valid.all())
        kind, dtype = images.device.type, images.dtype
        if torch.is_autocast_enabled(kind):
            dtype = torch.get_autocast_dtype(kind)
        # Written once and in its final layout, channels last.
        inputs = bands + EXTRA_CHANNELS * self.extra_inputs
        frames = images.new_zeros((batch, dates + missing, height, width, inputs), dtype=dtype)
        values, mask = frames.movedim(-1, 1), valid[:, None]
        parts = [images.transpose(1, 2)]
        if self.extra_inputs:
            parts.append(day_encoding(days.to(images.dtype))[..., None, None])
        start = 0
        for part in parts:
            # Selected, not multiplied: the day of a padded date may be anything.
            part = part if everywhere else torch.where(mask, part, 0.0)
            values[:, start : start + part.shape[1], :dates] = part
            start += part.shape[1]
        if self.extra_inputs:
            values[:, start:, :dates] = mask
        if everywhere:
            return values, None
        return values, functional.pad(mask.to(dtype), (0, 0, 0, 0, 0, missing))

    def _encode(self, values: Tensor, mask: Tensor | None) -> Tensor:
        """Return the last stage's features over time, (B, D, T', H, W), masked."""
        mask_2 = pool_mask(mask)
        mask_3 = pool_mask(mask_2)
        level_1 = _chain(self.encoder_1, values, mask)
        level_2 = _chain(self.encoder_2, masked_pool(level_1, mask, mask_2), mask_2)
        centre = _chain(self.centre, masked_pool(level_2, mask_2, mask_3), mask_3)
        joined = torch.cat([self.up_2(centre, mask_2), level_2], dim=1)
        joined = _chain(self.decoder_2, joined, mask_2)
        joined = torch.cat([self.up_1(joined, mask), level_1], dim=1)
        return _chain(self.decoder_1, joined, mask)


def day_encoding(days: Tensor) -> Tensor:
    """Return (B, 12, T) of days (B, T): how near each is to twelve days of the year, 0..1.

    With the day as one number a small network spends most of a short training on finding out
    what a value means when; with these it can tell the months apart in its first convolution.
    """
    centres = torch.arange(DAY_CENTRES, dtype=days.dtype, device=days.device)
    apart = days[:, None] - centres[:, None] * (DAYS_PER_YEAR / DAY_CENTRES)
    around = (apart + DAYS_PER_YEAR / 2).remainder(DAYS_PER_YEAR) - DAYS_PER_YEAR / 2
    return torch.exp(-0.5 * (around / DAY_WIDTH).square())


def _chain(blocks: nn.ModuleList, values: Tensor, mask: Tensor | None) -> Tensor:
    for block in blocks:
        values = block(values, mask)
    return values
