"""Building blocks over time that invalid observations cannot reach.

Tensors are (B, C, T, H, W); a mask is (B, 1, T, H, W) of 0 and 1 in the values' type, 1 where the
observation is valid. Every block returns zeros where its mask is 0, so that the next convolution
sees nothing there, as it would see beyond the series' ends. A mask of None says that everything is
valid, as it mostly is: then all that masks would cost is saved.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from cscl import processes

SLOPE = 0.01
EPSILON = 1e-5
MOMENTUM = 0.1
OVER = (0, 2, 3, 4)
# Torch's own batch normalisation refuses a single voxel, and is no faster for so few.
FEW_VOXELS = 64


class _NormedActivation(torch.autograd.Function):
    """Normalisation over valid voxels, leaky rectifier and mask in one step, for training.

    It takes over the memory of its input, which must be the fresh result of a convolution: with
    large maps on a CPU the time goes into new memory more than into arithmetic. Kept for the
    derivative are the centred values and the result. Statistics, and what the derivative needs of
    them, are those of all processes that train together.
    """

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, mask: Tensor, weight: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        wide = torch.promote_types(values.dtype, torch.float32)
        totals = torch.cat(
            [values.mul_(mask).sum(OVER, dtype=wide), mask.sum(dtype=wide).reshape(1)]
        )
        totals = processes.summed(totals)
        count = totals[-1].clamp_min(1)
        mean = totals[:-1] / count
        centred = values.sub_(_by_channel(mean, values)).mul_(mask)
        # The mean was rounded to the values' type: what is left of it is taken off below.
        result = centred * centred
        moments = torch.stack([item.sum(OVER, dtype=wide) for item in (centred, result)])
        rest, square = processes.summed(moments) / count
        var = (square - rest * rest).clamp_min(0)
        inverse = torch.rsqrt(var + EPSILON)
        scale = weight * inverse
        torch.mul(centred, _by_channel(scale, values), out=result)
        result.add_(_by_channel(bias - rest * scale, values))
        functional.leaky_relu_(result, SLOPE).mul_(mask)
        ctx.save_for_backward(centred, result, mask, weight, inverse, rest, count)
        ctx.mark_non_differentiable(mean, var)
        return result, mean, var

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Tensor | None) -> tuple[Tensor, None, Tensor, Tensor]:
        centred, result, mask, weight, inverse, rest, count = ctx.saved_tensors
        wide = inverse.dtype
        slope = torch.ops.aten.leaky_relu_backward(grad, result, SLOPE, True)
        slope.mul_(mask)
        grad_bias = slope.sum(OVER, dtype=wide)
        product = (slope * centred).sum(OVER, dtype=wide) - rest * grad_bias
        # d/dx of (x - mean) / deviation: less the mean slope, less its part along the values.
        all_product, all_bias = processes.summed(torch.stack([product, grad_bias]))
        along = inverse.square() * all_product / count
        slope.addcmul_(mask, _by_channel(rest * along - all_bias / count, slope))
        slope.addcmul_(centred, _by_channel(-along, slope))
        slope.mul_(_by_channel(weight * inverse, slope))
        return slope, None, product * inverse, grad_bias


def needed(mask: Tensor | None) -> Tensor | None:
    """Return None for a mask of ones, on a processor; elsewhere looking would mean waiting.

    An exported network must hold for any mask.
    """
    if mask is None or mask.device.type != "cpu" or torch.compiler.is_exporting():
        return mask
    return None if bool(mask.all()) else mask


def _by_channel(values: Tensor, like: Tensor) -> Tensor:
    """Return (C,) as (C, 1, 1, 1) in the type of `like`."""
    return values.to(like.dtype)[:, None, None, None]


class MaskedNorm(nn.Module):
    """Batch normalisation with statistics over valid voxels only, leaky rectifier, mask.

    With everything valid it equals batch normalisation and rectifier. Statistics are float32 or
    wider. In training, and without gradients, the input's memory is used again.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    @torch.no_grad()
    def _follow(self, mean: Tensor, var: Tensor, mask: Tensor) -> None:
        """Move the running statistics; a batch without a valid voxel says nothing."""
        count = processes.summed(mask.sum(dtype=mean.dtype))
        unbiased = var * (count / (count - 1).clamp_min(1))
        momentum = MOMENTUM * (count > 0).to(self.running_mean.dtype)
        # Through `data`: torch's own batch norm keeps the statistics for its derivative, does not
        # read them there, and yet would refuse one that comes after they moved.
        self.running_mean.data.lerp_(mean.to(self.running_mean.dtype), momentum)
        self.running_var.data.lerp_(unbiased.to(self.running_var.dtype), momentum)

    def forward(self, values: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, C, T, H, W), zero where `mask` is."""
        mask = needed(mask)
        if self.training:
            return self._of_batch(values, mask)
        scale = self.weight * torch.rsqrt(self.running_var + EPSILON)
        shift = self.bias - self.running_mean * scale
        scale, shift = _by_channel(scale, values), _by_channel(shift, values)
        if torch.is_grad_enabled():
            result = functional.leaky_relu_(torch.addcmul(shift, values, scale), SLOPE)
            return result if mask is None else result * mask.to(values.dtype)
        result = functional.leaky_relu_(values.mul_(scale).add_(shift), SLOPE)
        return result if mask is None else result.mul_(mask.to(values.dtype))

    def _of_batch(self, values: Tensor, mask: Tensor | None) -> Tensor:
        many = values.numel() >= FEW_VOXELS * values.shape[1]
        if mask is None and many and processes.count() == 1:
            running = (self.running_mean, self.running_var)
            normed = functional.batch_norm(
                values, *running, self.weight, self.bias, True, MOMENTUM, EPSILON
            )
            return functional.leaky_relu_(normed, SLOPE)
        mask = values.new_ones(()).expand_as(values[:, :1]) if mask is None else mask
        mask = mask.to(values.dtype)
        result, mean, var = _NormedActivation.apply(values, mask, self.weight, self.bias)
        self._follow(mean, var, mask)
        return result


class MaskedConv(nn.Module):
    """Convolution over time and space, normalisation, leaky rectifier, mask."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv3d(inputs, outputs, kernel_size=3, padding=1)
        self.norm = MaskedNorm(outputs)

    def forward(self, values: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, outputs, T, H, W), zero where `mask` is."""
        result: Tensor = self.norm(self._convolved(values), mask)
        return result

    def _convolved(self, values: Tensor) -> Tensor:
        reduced = values.dtype == torch.bfloat16 or torch.is_autocast_enabled("cpu")
        if values.device.type == "cpu" and values.shape[2] == 2 and reduced:
            # For exactly two frames oneDNN's bf16 kernels return wrong weight gradients, up to
            # NaN (seen with torch 2.13 on AVX-512 BF16); float32 costs little there.
            with torch.autocast("cpu", enabled=False):
                layer = self.convolution
                weight, bias = layer.weight.float(), layer.bias.float()
                wide = functional.conv3d(values.float(), weight, bias, padding=1)
            return wide.to(values.dtype)
        result: Tensor = self.convolution(values)
        return result


class MaskedUp(nn.Module):
    """Transposed convolution that doubles time, rows and columns, then the mask.

    With `activated` it is normalised and rectified too.
    """

    def __init__(self, inputs: int, outputs: int, *, activated: bool) -> None:
        super().__init__()
        self.convolution = nn.ConvTranspose3d(
            inputs, outputs, kernel_size=3, stride=2, padding=1, output_padding=1
        )
        self.norm = MaskedNorm(outputs) if activated else None

    def forward(self, values: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, outputs, 2 T, 2 H, 2 W), zero where `mask`, of that size, is."""
        values = self.convolution(values)
        if self.norm is not None:
            result: Tensor = self.norm(values, mask)
            return result
        return values if mask is None else values * mask


def _pool(values: Tensor) -> Tensor:
    """Return the largest of each 2 x 2 x 2 voxels, in the type of `values`."""
    # Automatic mixed precision would widen the type here, and with it all that follows.
    with torch.autocast(values.device.type, enabled=False):
        return functional.max_pool3d(values, kernel_size=2)


def pool_mask(mask: Tensor | None) -> Tensor | None:
    """Return the mask at half the size, valid where any voxel of the eight is."""
    return None if mask is None else _pool(mask)


def masked_pool(values: Tensor, mask: Tensor | None, pooled_mask: Tensor | None) -> Tensor:
    """Return the largest valid value of each 2 x 2 x 2 voxels, 0 where none is valid.

    Both masks are None where all is valid.
    """
    if mask is None or pooled_mask is None:
        return _pool(values)
    lowest = torch.finfo(values.dtype).min
    # 0 stays where valid; elsewhere the value is zero already and falls to the lowest there is.
    return _pool(values + (1 - mask) * lowest) * pooled_mask
