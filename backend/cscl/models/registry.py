"""The backbones by name, with what mapping and the reader of a report must know about each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn

from cscl.contract.errors import UserError
from cscl.models import tsvit, utae
from cscl.models.card_checks import HEADS
from cscl.models.checkpointing import use_checkpoints
from cscl.models.clstm import UNet2DCLSTM
from cscl.models.context import Context, context_reach
from cscl.models.heads import FINE_FACTOR
from cscl.models.network import CropNetwork
from cscl.models.tsvit import TSViT
from cscl.models.unet3d import UNet3D
from cscl.models.unet3df import POOLING_STRIDE, UNet3Df
from cscl.models.utae import UTAE


@dataclass(frozen=True)
class Architecture:
    """How to build a backbone, how far it looks, and its card.

    `build` takes bands, width and classes. `radius` is the reach of one output pixel into the
    input, in input pixels, at the worst alignment with the pooling, and `radius_a_date` what every
    date after the first adds; both are None for a backbone that looks at a fixed `window` of so
    many pixels, and blends those that overlap by half. `stride` is the pooling's, or the windows',
    on whose multiples the parts of a map must start. `parameters` holds for 10 bands and, where the
    backbone depends on them, 20 classes, at full width, without classifiers.
    """

    title: str
    source: str
    year: int
    structure: str
    parameters: int
    build: Callable[[int, float, int], nn.Module]
    stride: int
    radius: int | None = None
    radius_a_date: int = 0
    window: int | None = None


ARCHITECTURES = {
    "unet3df": Architecture(
        title="UNet3Df",
        source="Tarasiou, Guler and Zafeiriou, IEEE TGRS 60, arXiv 2104.04310",
        year=2022,
        structure="3-D U-Net, 64-128-256 features, 128 in its last stage at full resolution",
        parameters=7_234_960,
        build=lambda bands, width, classes: UNet3Df(bands, width=width),
        stride=POOLING_STRIDE,
        radius=27,
    ),
    "unet3d": Architecture(
        title="UNet3D",
        source="Rustowicz et al., CVPR Workshops; released with arXiv 2104.04310",
        year=2019,
        structure="3-D U-Net, 64-128-256 features, 32 in its last stage at full resolution",
        parameters=6_292_912,
        build=lambda bands, width, classes: UNet3D(bands, width=width),
        stride=POOLING_STRIDE,
        radius=27,
    ),
    "unet2d-clstm": Architecture(
        title="UNet2D-CLSTM",
        source="Rustowicz et al., CVPR Workshops; released with arXiv 2104.04310",
        year=2019,
        structure="2-D U-Net on every date, convolutional LSTM over the dates, mean of its states",
        parameters=3_077_152,
        build=lambda bands, width, classes: UNet2DCLSTM(bands, width=width),
        stride=POOLING_STRIDE,
        radius=25,
        radius_a_date=1,
    ),
    "utae": Architecture(
        title="U-TAE",
        source="Sainte Fare Garnot and Landrieu, ICCV, arXiv 2107.07933",
        year=2021,
        structure="U-Net over all dates with lightweight temporal attention at its bottleneck",
        parameters=1_118_688,
        build=lambda bands, width, classes: UTAE(bands, width=width),
        stride=utae.STRIDE,
        radius=67,
    ),
    "tsvit": Architecture(
        title="TSViT",
        source="Tarasiou, Chavez and Zafeiriou, CVPR, arXiv 2301.04944",
        year=2023,
        structure="transformer over the dates of a patch with class tokens, then over the patches",
        parameters=2_968_320,
        build=lambda bands, width, classes: TSViT(bands, classes, width=width),
        stride=tsvit.STEP,
        window=tsvit.WINDOW,
    ),
}
# Two transposed convolutions of kernel 4: half a pixel and a quarter, so the next pixel; and one
# more, as means by pixel are enlarged.
REFINEMENT_RADIUS = 2
# Bilinear enlargement of what sharing changes.
ENLARGEMENT_RADIUS = 1


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
    name: str,
    *,
    bands: int,
    classes: int,
    width: float,
    heads: Sequence[int] = HEADS,
    context: Context | None = None,
    checkpointing: bool = False,
    residual: bool = True,
) -> CropNetwork:
    """Return a fresh network: `classes` outputs at each of the scales `heads`.

    `context` says how neighbours share their answers. With `checkpointing` it trains in less memory
    and more time. `residual`: finer heads add detail to the head at 10 m, enlarged; without it they
    answer by themselves, as those of older cards do.
    """
    backbone = architecture(name).build(bands, width, classes)
    network = CropNetwork(backbone, classes, heads, residual=residual)
    network.context = context
    if checkpointing:
        use_checkpoints(network)
    return network


def head_radius(context: Context | None = None) -> int:
    """Return how many pixels around an output pixel the heads look at in the features."""
    return max(context_reach(context) + ENLARGEMENT_RADIUS, REFINEMENT_RADIUS)


def receptive_radius(
    name: str, scale: int = FINE_FACTOR, dates: int = 1, context: Context | None = None
) -> int | None:
    """Return how many input pixels around an output pixel can change it, at this scale.

    `context` is how neighbours share their answers. None for a backbone of fixed windows, whose
    reach is the window.
    """
    found = architecture(name)
    if found.radius is None:
        return None
    heads = head_radius(context) if scale > 1 else context_reach(context)
    return found.radius + found.radius_a_date * (dates - 1) + heads


def halo(name: str, dates: int, context: Context | None = None) -> int:
    """Return how many pixels around a part of a map, aligned to the stride, it depends on.

    It is a multiple of the stride, and at least `head_radius` more than the backbone needs.
    """
    found = architecture(name)
    reach = receptive_radius(name, dates=dates, context=context)
    # Two windows are blended for each pixel; those beyond a part's first, which the heads look at,
    # up to a stride away, are in a window that starts so many pixels before the part.
    beyond = max(0, head_radius(context) - found.stride)
    needed = reach if reach is not None else (found.window or 0) + beyond
    return -(-needed // found.stride) * found.stride


def pooling_stride(name: str) -> int:
    """Return the number of which a window's position, height and width must be multiples."""
    return architecture(name).stride
