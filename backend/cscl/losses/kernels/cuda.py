"""The graphics card's kernel: fused Triton programs for grids of two axes.

One program works on a run of pixels of one image row with all channels, and walks over the window.
Values are read in their own type, float32, bfloat16 or float16, and summed in float32; nothing but
the similarities and their weights is stored for pairs. The gradients by the relative positions are
sums over pixels, left to matrix products. The formula is that of `formula.py`.
"""

# Triton reads the parameters' annotations itself, and carries no types of its own.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor

from cscl.losses.kernels.formula import (
    CLAMPED,
    NORM_FLOOR,
    AxisSums,
    Gradients,
    Norms,
    Relative,
    pair_weights,
)
from cscl.losses.windows import WindowGeometry

# Floats of one tile, of queries or of keys, that fit the registers of a program.
TILE = 4096
FLOOR = tl.constexpr(NORM_FLOOR)
LIMIT = tl.constexpr(CLAMPED)


@triton.jit
def _similarity_program(
    query, key, position, similarity, query_norms, key_norms,
    height, width, anchor_height, anchor_width,
    channels: tl.constexpr, half: tl.constexpr, window: tl.constexpr, stride: tl.constexpr,
    dilation: tl.constexpr, lanes: tl.constexpr, pixels: tl.constexpr,
):  # fmt: skip
    """Write similarities and inverse norms for a run of anchors."""
    # A vector, since Triton's interpreter mixes up masks of scalars with masks of vectors.
    line = tl.program_id(1) + tl.zeros((pixels,), tl.int32)
    image = tl.program_id(2).to(tl.int64)
    columns = tl.program_id(0) * pixels + tl.arange(0, pixels)
    channel = tl.arange(0, lanes)
    used, known = columns < anchor_width, channel < channels
    anchors = (image * anchor_height + line) * anchor_width + columns
    here = used[:, None] & known[None, :]
    own = tl.load(query + anchors[:, None] * channels + channel[None, :], here, 0.0)
    own = own.to(tl.float32)
    length = 1.0 / tl.maximum(tl.sqrt(tl.sum(own * own, 1)), FLOOR)
    tl.store(query_norms + anchors, length, used)
    for place in range(window * window):
        u, v = place // window, place % window
        row = line * stride + (u - window // 2) * dilation
        column = columns * stride + (v - window // 2) * dilation
        inside = used & (row >= 0) & (row < height) & (column >= 0) & (column < width)
        keys = (image * height + row) * width + column
        there = inside[:, None] & known[None, :]
        other = tl.load(key + keys[:, None] * channels + channel[None, :], there, 0.0)
        index = tl.where(channel < half, u, v)
        other = other.to(tl.float32) + tl.load(position + index * channels + channel, known, 0.0)
        norm = 1.0 / tl.maximum(tl.sqrt(tl.sum(other * other, 1)), FLOOR)
        found = tl.sum(own * other, 1) * norm * length
        pairs = ((image * window * window + place) * anchor_height + line) * anchor_width + columns
        tl.store(similarity + pairs, found, used)
        tl.store(key_norms + pairs, norm, used)


@triton.jit
def _query_program(
    query, key, position, similarity, coefficients, query_norms, key_norms, result,
    height, width, anchor_height, anchor_width,
    channels: tl.constexpr, half: tl.constexpr, window: tl.constexpr, stride: tl.constexpr,
    dilation: tl.constexpr, lanes: tl.constexpr, pixels: tl.constexpr,
):  # fmt: skip
    """Write the gradient of the queries for a run of anchors."""
    # A vector, since Triton's interpreter mixes up masks of scalars with masks of vectors.
    line = tl.program_id(1) + tl.zeros((pixels,), tl.int32)
    image = tl.program_id(2).to(tl.int64)
    columns = tl.program_id(0) * pixels + tl.arange(0, pixels)
    channel = tl.arange(0, lanes)
    used, known = columns < anchor_width, channel < channels
    anchors = (image * anchor_height + line) * anchor_width + columns
    length = tl.load(query_norms + anchors, used, 0.0)
    total = tl.zeros((pixels, lanes), tl.float32)
    scores = tl.zeros((pixels,), tl.float32)
    for place in range(window * window):
        u, v = place // window, place % window
        row = line * stride + (u - window // 2) * dilation
        column = columns * stride + (v - window // 2) * dilation
        inside = used & (row >= 0) & (row < height) & (column >= 0) & (column < width)
        keys = (image * height + row) * width + column
        there = inside[:, None] & known[None, :]
        other = tl.load(key + keys[:, None] * channels + channel[None, :], there, 0.0)
        index = tl.where(channel < half, u, v)
        other = other.to(tl.float32) + tl.load(position + index * channels + channel, known, 0.0)
        pairs = ((image * window * window + place) * anchor_height + line) * anchor_width + columns
        coefficient = tl.load(coefficients + pairs, used, 0.0)
        weight = coefficient * tl.load(key_norms + pairs, used, 0.0) * length
        scores += coefficient * tl.load(similarity + pairs, used, 0.0)
        total += weight[:, None] * other
    here = used[:, None] & known[None, :]
    places = anchors[:, None] * channels + channel[None, :]
    own = tl.load(query + places, here, 0.0).to(tl.float32)
    decay = tl.where(length < LIMIT, length, 0.0)
    total -= (scores * decay * decay)[:, None] * own
    tl.store(result + places, total.to(result.dtype.element_ty), here)


@triton.jit
def _key_program(
    query, key, position, similarity, coefficients, query_norms, key_norms, result,
    height, width, anchor_height, anchor_width,
    channels: tl.constexpr, half: tl.constexpr, window: tl.constexpr, stride: tl.constexpr,
    dilation: tl.constexpr, lanes: tl.constexpr, pixels: tl.constexpr,
):  # fmt: skip
    """Write the gradient of the keys for a run of them, from every anchor around."""
    # A vector, since Triton's interpreter mixes up masks of scalars with masks of vectors.
    line = tl.program_id(1) + tl.zeros((pixels,), tl.int32)
    image = tl.program_id(2).to(tl.int64)
    columns = tl.program_id(0) * pixels + tl.arange(0, pixels)
    channel = tl.arange(0, lanes)
    used, known = columns < width, channel < channels
    here = used[:, None] & known[None, :]
    places = ((image * height + line) * width + columns)[:, None] * channels + channel[None, :]
    own = tl.load(key + places, here, 0.0).to(tl.float32)
    total = tl.zeros((pixels, lanes), tl.float32)
    for place in range(window * window):
        u, v = place // window, place % window
        row = line - (u - window // 2) * dilation
        column = columns - (v - window // 2) * dilation
        seen = used & (row >= 0) & (row % stride == 0) & (row // stride < anchor_height)
        seen = seen & (column >= 0) & (column % stride == 0) & (column // stride < anchor_width)
        anchors = (image * anchor_height + row // stride) * anchor_width + column // stride
        pairs = (image * window * window + place) * anchor_height + row // stride
        pairs = pairs * anchor_width + column // stride
        norm = tl.load(key_norms + pairs, seen, 0.0)
        coefficient = tl.load(coefficients + pairs, seen, 0.0)
        weight = coefficient * norm * tl.load(query_norms + anchors, seen, 0.0)
        norm = tl.where(norm < LIMIT, norm, 0.0)
        decay = coefficient * tl.load(similarity + pairs, seen, 0.0) * norm * norm
        there = seen[:, None] & known[None, :]
        other = tl.load(query + anchors[:, None] * channels + channel[None, :], there, 0.0)
        index = tl.where(channel < half, u, v)
        moved = own + tl.load(position + index * channels + channel, known, 0.0)
        total += weight[:, None] * other.to(tl.float32) - decay[:, None] * moved
    tl.store(result + places, total.to(result.dtype.element_ty), here)


@dataclass(frozen=True)
class _Shapes:
    """What every program of one call is started with."""

    sizes: tuple[int, ...]
    fixed: dict[str, int]

    @classmethod
    def of(cls, query: Tensor, key: Tensor, half: int, geometry: WindowGeometry) -> _Shapes:
        """Return the sizes of queries (B, H', W', D) and keys (B, H, W, D)."""
        channels = key.shape[-1]
        lanes = triton.next_power_of_2(channels)
        fixed = {
            "channels": channels, "half": half, "window": geometry.window,
            "stride": geometry.stride, "dilation": geometry.dilation, "lanes": lanes,
            "pixels": max(1, TILE // lanes),
        }  # fmt: skip
        return cls((*key.shape[1:3], *query.shape[1:3]), fixed)

    def programs(self, values: Tensor) -> tuple[int, int, int]:
        """Return the programs' grid over the runs of columns, rows and images of `values`."""
        return triton.cdiv(values.shape[2], self.fixed["pixels"]), values.shape[1], values.shape[0]


def _position_table(relative: Relative, key: Tensor, window: int) -> tuple[Tensor, int]:
    """Return positions (window, D) of both axes side by side, and where the second axis begins."""
    if not relative:
        return key.new_zeros(window, key.shape[-1], dtype=torch.float32), 0
    return torch.cat([values.T for values in relative], 1).contiguous(), relative[0].shape[0]


class TritonKernel:
    """Similarities and gradients by the programs above."""

    def similarity(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the similarities (B, K, H', W') of queries (B, H', W', D), and inverse norms."""
        table, half = _position_table(relative, key, geometry.window)
        shapes = _Shapes.of(query, key, half, geometry)
        result = torch.empty(
            key.shape[0], geometry.neighbours, *query.shape[1:3],
            dtype=torch.float32, device=key.device,
        )  # fmt: skip
        norms = Norms(torch.empty_like(result[:, 0]), torch.empty_like(result))
        _similarity_program[shapes.programs(query)](
            query, key, table, result, norms.query, norms.key, *shapes.sizes, **shapes.fixed
        )
        return result, (norms.query, norms.key)

    def gradients(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry,
        similarities: Tensor, coefficients: Tensor, kept: tuple[Tensor, ...],
    ) -> Gradients:  # fmt: skip
        """Return the gradients of sum(coefficients * similarities), in the inputs' types."""
        norms = Norms(*kept)
        table, half = _position_table(relative, key, geometry.window)
        shapes = _Shapes.of(query, key, half, geometry)
        found = torch.empty_like(query), torch.empty_like(key)
        for program, result in zip((_query_program, _key_program), found, strict=True):
            program[shapes.programs(result)](
                query, key, table, similarities, coefficients, norms.query, norms.key, result,
                *shapes.sizes, **shapes.fixed,
            )  # fmt: skip
        if not relative:
            return *found, ()
        weights, decays, _ = pair_weights(coefficients, similarities, norms)
        by_axis = AxisSums.of(weights, decays, key.shape[1:-1], geometry)
        return *found, by_axis.position_gradients(query, key, relative)


def kernel() -> TritonKernel:
    """Return the graphics card's kernel."""
    return TritonKernel()
