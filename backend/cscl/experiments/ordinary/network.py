"""A small plain U-Net on two or three axes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 3
GROUPS = 4


class UNet(nn.Module):
    """A U-Net of three levels: image (B, 1, *S) to features (B, 2 width, *S).

    S is (H, W) or (Z, H, W), of any size: it is widened to whole cells of the coarsest level by
    repeating its edge, and cut again. The way of Ronneberger et al. 2015 (arXiv 1505.04597), with
    padded convolutions, group normalisation and nearest upsampling.
    """

    def __init__(self, axes: int, width: int) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(LEVELS)]
        self.axes, self.channels = axes, 2 * width
        self.down = nn.ModuleList(
            _block(axes, before, after) for before, after in zip([1, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            _block(axes, below + beside, after)
            for below, beside, after in (
                (widths[2], widths[1], widths[1]),
                (widths[1], widths[0], self.channels),
            )
        )

    def forward(self, image: Tensor) -> Tensor:
        """Return the features of every pixel."""
        size = image.shape[2:]
        features = functional.pad(image, self._margin(size), mode="replicate")
        pool = functional.max_pool2d if self.axes == 2 else functional.max_pool3d
        passed: list[Tensor] = []
        for level, block in enumerate(self.down):
            features = block(pool(features, 2) if level else features)
            passed.append(features)
        for block, beside in zip(self.up, passed[-2::-1], strict=True):
            wider = functional.interpolate(features, size=beside.shape[2:], mode="nearest")
            features = block(torch.cat((wider, beside), 1))
        return features[(..., *(slice(0, length) for length in size))]

    def _margin(self, size: torch.Size) -> list[int]:
        """Return what to add before and after each axis, the last axis first."""
        cell = 2 ** (LEVELS - 1)
        return [extra for length in reversed(size) for extra in (0, -length % cell)]


def _block(axes: int, before: int, after: int) -> nn.Sequential:
    convolution = nn.Conv2d if axes == 2 else nn.Conv3d
    layers: list[nn.Module] = []
    for channels in (before, after):
        layers += [
            convolution(channels, after, kernel_size=3, padding=1, bias=False),
            nn.GroupNorm(GROUPS, after),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


def classifier(axes: int, channels: int, classes: int) -> nn.Module:
    """Return the linear layer from features to one logit a class."""
    convolution = nn.Conv2d if axes == 2 else nn.Conv3d
    return convolution(channels, classes, kernel_size=1)
