"""The backbones by name, with what mapping must know about each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn

from cscl.contract.errors import UserError
from cscl.models.heads import FINE_FACTOR
from cscl.models.network import SCALES, CropNetwork
from cscl.models.unet3df import POOLING_STRIDE, UNet3Df


@dataclass(frozen=True)
class Architecture:
    """How to build a backbone, and how far it looks.

    `radius` is the reach of one output pixel into the input, in input pixels, at the worst
    alignment with the pooling; `stride` is the pooling's, on whose multiples windows must start.
    """

    build: Callable[[int, float], nn.Module]
    radius: int
    stride: int


ARCHITECTURES = {
    "unet3df": Architecture(
        build=lambda bands, width: UNet3Df(bands, width=width), radius=27, stride=POOLING_STRIDE
    ),
}
# Two transposed convolutions of kernel 4: half a pixel and a quarter, so the next pixel.
REFINEMENT_RADIUS = 1


def architecture(name: str) -> Architecture:
    """Return the architecture of this name; `UserError` where there is none."""
    if name not in ARCHITECTURES:
        raise UserError(
            "unknown_architecture",
            "backbone",
            f"there is no backbone named {name!r}",
            f"Choose one of: {', '.join(sorted(ARCHITECTURES))}.",
        )
    return ARCHITECTURES[name]


def build_network(
    name: str, *, bands: int, classes: int, width: float, heads: Sequence[int] = SCALES
) -> CropNetwork:
    """Return a fresh network: `classes` outputs at each of the scales `heads`."""
    return CropNetwork(architecture(name).build(bands, width), classes, heads)


def receptive_radius(name: str, scale: int = FINE_FACTOR) -> int:
    """Return how many input pixels around an output pixel can change it, at this scale."""
    return architecture(name).radius + (REFINEMENT_RADIUS if scale == FINE_FACTOR else 0)


def pooling_stride(name: str) -> int:
    """Return the number of which a window's position, height and width must be multiples."""
    return architecture(name).stride
