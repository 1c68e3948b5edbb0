"""UNet3Df written the plain way, as the reference of `train_step.py`.

Torch's own layers in float32, channels first, no masks; the last convolution runs over the whole
series before the linear layer over time. The order of the parameters is that of `cscl`'s network
with `time_head="linear"` and `extra_inputs=False`, so that one copies into the other.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SLOPE = 0.01


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """Return convolution, batch normalisation, leaky rectifier."""
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, 3, padding=1), nn.BatchNorm3d(outputs), nn.LeakyReLU(SLOPE)
    )


def doubling(inputs: int, outputs: int) -> nn.ConvTranspose3d:
    """Return the transposed convolution that doubles all three axes."""
    return nn.ConvTranspose3d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)


class PlainUNet3Df(nn.Module):
    """Class scores (B, K, H, W) of images (B, C, T, H, W); `half` features in the first stage."""

    def __init__(self, bands: int, half: int, dates: int, classes: int) -> None:
        super().__init__()
        full, double = 2 * half, 4 * half
        self.encoder_1 = nn.Sequential(convolution(bands, half), convolution(half, half))
        self.encoder_2 = nn.Sequential(convolution(half, full), convolution(full, full))
        self.centre = nn.Sequential(convolution(full, double), convolution(double, double))
        self.up_2 = doubling(double, full)
        self.decoder_2 = nn.Sequential(convolution(double, full), convolution(full, full))
        self.up_1 = nn.Sequential(doubling(full, half), nn.BatchNorm3d(half), nn.LeakyReLU(SLOPE))
        self.decoder_1 = nn.Sequential(convolution(full, full), convolution(full, full))
        self.time = nn.Linear(dates, 1)
        self.final = nn.Conv3d(full, full, 3, padding=1)
        self.classifier = nn.Conv2d(full, classes, 1)
        self.pool = nn.MaxPool3d(2)

    def forward(self, images: Tensor) -> Tensor:
        level_1 = self.encoder_1(images)
        level_2 = self.encoder_2(self.pool(level_1))
        centre = self.centre(self.pool(level_2))
        joined = self.decoder_2(torch.cat([self.up_2(centre), level_2], dim=1))
        joined = self.decoder_1(torch.cat([self.up_1(joined), level_1], dim=1))
        pooled = self.time(self.final(joined).movedim(2, -1)).squeeze(-1)
        result: Tensor = self.classifier(pooled)
        return result


def copied(network: nn.Module, plain: PlainUNet3Df) -> PlainUNet3Df:
    """Return `plain` with the parameters of `network`, which come in the same order."""
    with torch.no_grad():
        for own, other in zip(plain.parameters(), network.parameters(), strict=True):
            if own.shape != other.shape:
                raise ValueError(f"parameters of shapes {own.shape} and {other.shape}")
            own.copy_(other)
    return plain
