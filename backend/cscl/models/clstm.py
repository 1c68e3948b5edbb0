"""UNet2D-CLSTM: a 2-D U-Net on every date, a convolutional LSTM over the dates."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.models.frames import (
    FrameConv,
    FrameUp,
    check_inputs,
    halve,
    halve_mask,
    run,
    to_compute_type,
)
from cscl.models.unet3df import EXTRA_CHANNELS, POOLING_STRIDE, day_encoding


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each pixel, with a scale and no offset."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, values: Tensor) -> Tensor:
        """Return (B, C, H, W), float32 or wider."""
        wide = values.movedim(1, -1).to(torch.promote_types(values.dtype, torch.float32))
        return functional.layer_norm(wide, self.weight.shape, self.weight).movedim(-1, 1)


class ConvLSTMCell(nn.Module):
    """One step of a convolutional LSTM (Shi et al. 2015, arXiv 1506.04214), normalised.

    Normalised are the input's and the state's share of the gates and the cell's answer, as in
    recurrent batch normalisation (Cooijmans et al. 2017, arXiv 1603.09025), but over the channels
    of each pixel: statistics by batch and position in the series would tie the network to one
    length and let padding shift them.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.state_convolution = nn.Conv2d(channels, 4 * channels, 3, padding=1)
        self.input_convolution = nn.Conv2d(channels, 4 * channels, 3, padding=1)
        self.state_norm = ChannelNorm(4 * channels)
        self.input_norm = ChannelNorm(4 * channels)
        self.cell_norm = ChannelNorm(channels)

    def forward(
        self, values: Tensor, mask: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the next hidden and cell state (B, D, H, W); unchanged where `mask` is 0."""
        gates = self.state_norm(self.state_convolution(hidden))
        gates = gates + self.input_norm(self.input_convolution(values))
        let_in, keep, let_out, candidate = gates.chunk(4, dim=1)
        next_cell = keep.sigmoid() * cell + let_in.sigmoid() * candidate.tanh()
        next_hidden = let_out.sigmoid() * self.cell_norm(next_cell.tanh())
        known = mask > 0
        return torch.where(known, next_hidden, hidden), torch.where(known, next_cell, cell)


class UNet2DCLSTM(nn.Module):
    """Features of an image time series: a 2-D U-Net, then a memory over the dates.

    Structure after Rustowicz et al. 2019 ("Semantic segmentation of crop type in Africa") as
    Tarasiou et al. 2022 (arXiv 2104.04310) released it: 64-128-256 features in three stages, 128
    features a date, one ConvLSTM with 128 channels, the mean of its hidden states over the dates.
    Normalisation is over valid pixels of the batch throughout, where the release takes groups of
    channels in the encoder: statistics of a window would make the map depend on the windows.
    At an invalid pixel the memory stands still, and the mean leaves it out. `bands`, `width` and
    `extra_inputs` are as for `UNet3Df`.
    """

    def __init__(self, bands: int, *, width: float = 1.0, extra_inputs: bool = True) -> None:
        super().__init__()
        half = 2 * max(1, round(32 * width))
        full, double = 2 * half, 4 * half
        self.bands = bands
        self.channels = full
        self.extra_inputs = extra_inputs
        inputs = bands + EXTRA_CHANNELS * extra_inputs
        self.encoder_1 = nn.ModuleList([FrameConv(inputs, half), FrameConv(half, half)])
        self.encoder_2 = nn.ModuleList([FrameConv(half, full), FrameConv(full, full)])
        self.centre = nn.ModuleList([FrameConv(full, double), FrameConv(double, double)])
        self.up_2 = FrameUp(double, full, kernel=2, activated=False)
        self.decoder_2 = nn.ModuleList([FrameConv(double, full), FrameConv(full, full)])
        self.up_1 = FrameUp(full, half, kernel=2, activated=False)
        self.decoder_1 = nn.ModuleList([FrameConv(full, half), FrameConv(half, half // 2)])
        self.last = nn.Conv2d(half // 2, full, 3, padding=1)
        self.memory = ConvLSTMCell(full)

    def forward(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor:
        """Return features (B, D, H, W) with D = `channels`.

        `images` (B, T, C, H, W) normalised, `days` (B, T) since the season's start, `valid`
        (B, T, H, W) bool. What `images` and `days` hold where nothing is valid has no influence.
        Height and width must be multiples of 4 (`ValueError`). Pixels without any valid
        observation get zeros.
        """
        check_inputs(images, self.bands, POOLING_STRIDE)
        return self._remember(*self.encode_dates(images, days, valid))

    def encode_dates(self, images: Tensor, days: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return each date's features (B, T, D, H, W) and mask (B, T, 1, H, W), without memory."""
        layout = valid.shape[:2]
        values = self._inputs(images, days, valid)
        mask = valid.flatten(0, 1)[:, None].to(values.dtype)
        features = self._encode(values, mask) * mask
        return features.unflatten(0, layout), mask.unflatten(0, layout)

    def _inputs(self, images: Tensor, days: Tensor, valid: Tensor) -> Tensor:
        """Return the images (B * T, inputs, H, W) of all dates, 0 where invalid."""
        known = valid[:, :, None]
        values = torch.where(known, images, 0.0)
        if self.extra_inputs:
            encoded = day_encoding(days.to(values.dtype)).transpose(1, 2)
            # Selected, not multiplied: the day of a padded date may be anything.
            day = torch.where(known, encoded[..., None, None], 0.0)
            values = torch.cat([values, day, known.to(values.dtype)], dim=2)
        flat = to_compute_type(values.flatten(0, 1))
        return flat.contiguous(memory_format=torch.channels_last)

    def _encode(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return the features (B * T, D, H, W) of every date by itself."""
        mask_2 = halve_mask(mask)
        mask_3 = halve_mask(mask_2)
        level_1 = run(self.encoder_1, values, mask)
        level_2 = run(self.encoder_2, halve(level_1, mask, mask_2), mask_2)
        centre = run(self.centre, halve(level_2, mask_2, mask_3), mask_3)
        joined = torch.cat([self.up_2(centre, mask_2), level_2], dim=1)
        joined = run(self.decoder_2, joined, mask_2)
        joined = torch.cat([self.up_1(joined, mask), level_1], dim=1)
        features: Tensor = self.last(run(self.decoder_1, joined, mask))
        return features

    def _remember(self, features: Tensor, mask: Tensor) -> Tensor:
        """Return the mean over valid dates of the hidden states for (B, T, D, H, W)."""
        wide = torch.promote_types(features.dtype, torch.float32)
        hidden = torch.zeros_like(features[:, 0], dtype=wide)
        cell, total = hidden, hidden
        for date in range(features.shape[1]):
            known = mask[:, date].to(wide)
            hidden, cell = self.memory(features[:, date], known, hidden, cell)
            total = total + hidden * known
        return total / mask.sum(dim=1, dtype=wide).clamp_min(1)
