"""Building blocks of networks that treat every date as an image of its own.

Tensors are (N, C, H, W) with N images, all dates of all samples one after the other; a mask is
(N, 1, H, W) of 0 and 1, 1 where the observation is valid. Every block returns zeros where its mask
is 0.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.models.masked import MaskedNorm


class _Normed(nn.Module):
    """A convolution, then normalisation over valid pixels and leaky rectifier, then the mask."""

    def __init__(self, convolution: nn.Module, outputs: int, *, activated: bool = True) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = MaskedNorm(outputs) if activated else None

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return (N, outputs, H', W'), zero where `mask` (N, 1, H', W') is."""
        values = self.convolution(values)
        if self.norm is None:
            return values * mask.to(values.dtype)
        # The normalisation is written for a time axis; here it has one entry.
        result: Tensor = self.norm(values.unsqueeze(2), mask.unsqueeze(2))
        return result.squeeze(2)


class FrameConv(_Normed):
    """Convolution of every image; of kernel 4 and stride 2 it halves rows and columns."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> None:
        padding = (kernel - 1) // 2
        super().__init__(nn.Conv2d(inputs, outputs, kernel, stride, padding), outputs)


class EvenTransposed(nn.ConvTranspose2d):
    """Transposed convolution of stride 2 whose four parts of a pixel weigh the same in sum.

    Weights of their own for the four parts leave a chequered pattern wherever the input is flat;
    with equal sums there is none (Sugawara, Shiota and Kiya, Checkerboard artifacts free
    convolutional neural networks, APSIPA Transactions 2019). Takes (N, Cin, H, W), gives
    (N, Cout, 2 H, 2 W); the kernel's sides are even.
    """

    def forward(self, values: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Return the doubled images; `output_size` is not used."""
        return functional.conv_transpose2d(
            values, self.evened(), self.bias, self.stride, self.padding
        )

    def evened(self) -> Tensor:
        """Return the kernels (Cin, Cout, k, k) less what each part's sum has above their mean."""
        parts = self.weight.unflatten(3, (-1, 2)).unflatten(2, (-1, 2))
        sums = parts.mean(dim=(2, 4), keepdim=True)
        above = sums - sums.mean(dim=(3, 5), keepdim=True)
        result: Tensor = (parts - above).flatten(4, 5).flatten(2, 3)
        return result


class FrameUp(_Normed):
    """Transposed convolution that doubles rows and columns of every image.

    Kernels 2 and 4 are centred on the four parts of a pixel; kernel 3, with its one row and column
    of padding at the end, moves the answer by half a fine pixel. `even`, with kernels 2 and 4:
    where an image is flat the answer is flat too (`EvenTransposed`).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        kernel: int,
        activated: bool = True,
        even: bool = False,
    ) -> None:
        form = EvenTransposed if even else nn.ConvTranspose2d
        layer = form(inputs, outputs, kernel, 2, (kernel - 1) // 2, output_padding=kernel % 2)
        super().__init__(layer, outputs, activated=activated)


def halve_mask(mask: Tensor) -> Tensor:
    """Return the mask at half the size, 1 where any of the four pixels is."""
    return functional.max_pool2d(mask, 2)


def double_mask(mask: Tensor) -> Tensor:
    """Return `mask` (N, 1, H, W) at twice the resolution."""
    return mask.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


def halve(values: Tensor, mask: Tensor, halved_mask: Tensor) -> Tensor:
    """Return the largest valid value of each 2 x 2 pixels, 0 where none is valid."""
    lowest = torch.finfo(values.dtype).min
    # Automatic mixed precision would widen the type here, and with it all that follows.
    with torch.autocast(values.device.type, enabled=False):
        largest = functional.max_pool2d(values.masked_fill(mask == 0, lowest), 2)
    return largest * halved_mask.to(values.dtype)


def run(blocks: Iterable[nn.Module], values: Tensor, mask: Tensor) -> Tensor:
    """Return what a row of blocks makes of the images, all under one mask."""
    for block in blocks:
        values = block(values, mask)
    return values


def check_inputs(images: Tensor, bands: int, multiple: int) -> None:
    """Raise `ValueError` where bands or sides of `images` (B, T, C, H, W) do not fit a network."""
    _, _, found, height, width = images.shape
    if found != bands:
        raise ValueError(f"the network takes {bands} bands, not {found}")
    if height % multiple or width % multiple:
        raise ValueError(
            f"height and width must be multiples of {multiple}, not {height} x {width}"
        )


def seen_days(days: Tensor, valid: Tensor) -> Tensor:
    """Return `days` (B, T), 0 for dates without a valid pixel: those may hold anything."""
    return torch.where(valid.flatten(2).any(dim=2), days, 0.0)


def pad_ground(values: Tensor, multiple: int, least: int = 0) -> Tensor:
    """Return (..., H, W) with zeros below and at the right, to multiples, at least `least`."""
    height, width = values.shape[-2:]
    bottom, right = (max(least - side, -side % multiple) for side in (height, width))
    return functional.pad(values, (0, right, 0, bottom)) if bottom or right else values


def to_compute_type(values: Tensor) -> Tensor:
    """Return `values` in the type that automatic mixed precision computes in, if it is on."""
    kind = values.device.type
    return values.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else values
