"""Heads: feature maps at twice and four times the resolution of the backbone's."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from cscl.models.card_checks import SCALES
from cscl.models.frames import FrameUp, double_mask

FINE_FACTOR = 4
KERNELS = {"even": 4, "centred": 4, "released": 3}

Form = Literal["even", "centred", "released"]


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def _begin_smooth(weight: Tensor) -> None:
    """Let a doubling (Cin, Cout, 4, 4) begin as bilinear enlargement of mixed channels.

    The four parts of a pixel have weights of their own, and what differs between them at random
    stays visible as a chequered pattern (Aitken et al. 2017, arXiv:1707.02937).
    """
    mixed = nn.init.xavier_uniform_(torch.empty_like(weight[..., 0, 0]))
    row = torch.tensor([0.25, 0.75, 0.75, 0.25], dtype=weight.dtype, device=weight.device)
    weight.copy_(mixed[..., None, None] * (row[:, None] * row))


class Refinement(nn.Module):
    """Features at twice and, with `factor` 4, at four times the resolution (METHOD section 4).

    One doubling after the other, each a transposed convolution, normalised and rectified; the map
    at twice the resolution is what the second one starts from. "centred": kernel 4, stride 2 and
    padding 1 spread every pixel evenly over and around its four parts, so that nothing is shifted.
    "even": the same, and where features are flat so is what becomes of them. "released": the kernel
    of 3 of the authors' code, whose answers lie 1.5 fine pixels too far up and left at four times
    the resolution.
    """

    def __init__(self, channels: int, factor: int = FINE_FACTOR, *, form: Form = "even") -> None:
        super().__init__()
        count = SCALES.index(factor)
        self.doublings = nn.ModuleList(
            FrameUp(channels, channels, kernel=KERNELS[form], even=form == "even")
            for _ in range(count)
        )
        if form != "released":
            for doubling in self.doublings:
                _begin_smooth(doubling.convolution.weight)

    def maps(self, features: Tensor, seen: Tensor, finest: int = FINE_FACTOR) -> dict[int, Tensor]:
        """Return the maps (B, D, H * scale, W * scale) of `features` (B, D, H, W) by scale.

        They are that of scale 1, `features` themselves, and the finer ones up to `finest`.
        `seen` (B, 1, H, W) is 1 where a pixel has a valid observation; elsewhere the result is 0,
        so that ground outside the image weighs the same whether or not a window reaches there.
        """
        found, scale = {1: features}, 1
        for doubling in self.doublings:
            if scale < finest:
                seen, scale = double_mask(seen), 2 * scale
                found[scale] = doubling(found[scale // 2], seen)
        return found

    def forward(self, features: Tensor, seen: Tensor) -> Tensor:
        """Return the finest of `maps`."""
        return self.maps(features, seen)[2 ** len(self.doublings)]
