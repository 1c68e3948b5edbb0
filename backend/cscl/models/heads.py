"""Heads: classes on the input's grid, and on the grid four times as fine."""

from __future__ import annotations

from torch import Tensor, nn

from cscl.models.masked import MaskedNorm

FINE_FACTOR = 4


def refine_mask(mask: Tensor) -> Tensor:
    """Return `mask` (B, 1, H, W) at twice the resolution."""
    return mask.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


class Doubling(nn.Module):
    """Transposed convolution to twice the resolution, normalised and rectified.

    Kernel 4, stride 2 and padding 1 spread every pixel evenly over and around its four parts, so
    that nothing is shifted; the released kernel of 3 moves the answer by half a pixel.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.ConvTranspose2d(
            channels, channels, kernel_size=4, stride=2, padding=1
        )
        self.norm = MaskedNorm(channels)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """Return (B, C, 2 H, 2 W), zero where `mask` (B, 1, 2 H, 2 W) is."""
        upscaled = self.convolution(features)
        # The normalisation is written for a time axis; here it has one entry.
        result: Tensor = self.norm(upscaled.unsqueeze(2), mask.unsqueeze(2))
        return result.squeeze(2)


class Refinement(nn.Module):
    """Features at four times the resolution (METHOD section 4)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.doublings = nn.ModuleList([Doubling(channels), Doubling(channels)])

    def forward(self, features: Tensor, seen: Tensor) -> Tensor:
        """Return (B, D, 4 H, 4 W) of `features` (B, D, H, W).

        `seen` (B, 1, H, W) is 1 where a pixel has a valid observation; elsewhere the result is 0,
        so that ground outside the image weighs the same whether or not a window reaches there.
        """
        for doubling in self.doublings:
            seen = refine_mask(seen)
            features = doubling(features, seen)
        return features
