"""The formula of the similarity and its gradients, and the parts of it that kernels share.

With q^ the normalised query, r the relative position and n = |k + r|,

    s = (q^.k + q^.r) / n,  n^2 = sum of |k + r|^2 over the axes' channels,

so that what depends on both pixel and position are products and distances with each axis's part
of r, summed over the axes. For weights c = dL/ds of the pairs,

    dL/dq = sum c / (n |q|) (k + r) - (sum c s) q / |q|^2,
    dL/dk = sum c / (n |q|) q - (sum c s / n^2) k - sum c s / n^2 r,

and dL/dr follows from the same sums. METHOD section 1; no value of size D x K is ever stored.
Values lie pixel by pixel here, (B, *S, D); what belongs to pairs is (B, K, *S').
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cscl.losses.windows import WindowGeometry

NORM_FLOOR = 1e-12
# An inverse norm above this was clamped; clamped norms are constant.
CLAMPED = 0.999 / NORM_FLOOR

Relative = tuple[Tensor, ...]
Gradients = tuple[Tensor, Tensor, Relative]


def parts(relative: Relative) -> Iterator[tuple[int, slice, Tensor]]:
    """Yield axis, channels and values (d, window) of each axis's relative positions."""
    start = 0
    for axis, values in enumerate(relative):
        yield axis, slice(start, start + values.shape[0]), values
        start += values.shape[0]


def axis_products(values: Tensor, relative: Relative) -> list[Tensor]:
    """Return the products (B, window, *S) of `values` with the relative positions of each axis."""
    return [
        (values[..., part] @ positions).movedim(-1, 1).contiguous()
        for _, part, positions in parts(relative)
    ]


def over_window(values: Tensor, axis: int, geometry: WindowGeometry) -> Tensor:
    """View (B, window, *S') of one axis so that it broadcasts to (B, window, ..., *S')."""
    shape = [1] * geometry.axes
    shape[axis] = geometry.window
    return values.reshape(values.shape[0], *shape, *values.shape[2:])


def by_window(values: Tensor, geometry: WindowGeometry) -> Tensor:
    """View pairs (B, K, *S') with one dimension for each axis of the window."""
    return values.view(values.shape[0], *[geometry.window] * geometry.axes, *values.shape[2:])


@dataclass(frozen=True)
class Norms:
    """Inverse clamped norms: of queries (B, *S') and of keys with their position (B, K, *S')."""

    query: Tensor
    key: Tensor

    @classmethod
    def of(cls, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry) -> Norms:
        """Return the norms of queries (B, *S', D) and of the keys around them."""
        lengths = torch.linalg.vector_norm(query, dim=-1).clamp_min_(NORM_FLOOR)
        squares = _squared_key_norms(key, relative, geometry)
        return cls(lengths.reciprocal_(), squares.clamp_min_(NORM_FLOOR**2).rsqrt_())


def _squared_key_norms(key: Tensor, relative: Relative, geometry: WindowGeometry) -> Tensor:
    """Return |k + r|^2 (B, K, *S'); |r|^2 beyond the border.

    Each axis has channels of its own, so that this is a sum of squares, one an axis: where key and
    position nearly cancel it keeps its digits, as |k|^2 + 2 k.r + |r|^2 would not.
    """
    maps = [
        _squares_of_axis(key[..., part], values, geometry) for _, part, values in parts(relative)
    ]
    covered = sum(values.shape[0] for values in relative)
    rest = geometry.pad(key[..., covered:].square().sum(-1))
    anchors = geometry.anchors(key[..., 0]).shape[1:]
    result = key.new_empty(key.shape[0], geometry.neighbours, *anchors)
    for index, offsets in geometry.positions():
        result[:, index] = geometry.shifted(rest, offsets)
        # Without relative positions there are no maps, and the rest is everything.
        for values, position in zip(maps, offsets, strict=False):
            result[:, index] += geometry.shifted(values[:, position], offsets)
    return result


def _squares_of_axis(key: Tensor, positions: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return |k + r|^2 (B, window, *S and the margin) over the channels of one axis.

    `key` is (B, *S, d), `positions` (d, window).
    """
    padded = [length + 2 * geometry.margin for length in key.shape[1:-1]]
    alone = positions.square().sum(0).view(1, -1, *[1] * geometry.axes)
    result = alone.repeat(key.shape[0], 1, *padded)
    inside = _inside(result, geometry)
    for place in range(positions.shape[1]):
        torch.sum((key + positions[:, place]).square_(), dim=-1, out=inside[:, place])
    return result


def _sum_at_anchors(pairs: Tensor, geometry: WindowGeometry) -> list[Tensor]:
    """Return for each axis the sums (B, window, *S') of `pairs` over the window's other axes."""
    window = by_window(pairs, geometry)
    axes = range(geometry.axes)
    return [window.sum([1 + other for other in axes if other != axis]) for axis in axes]


def _sum_at_keys(pairs: Tensor, shape: tuple[int, ...], geometry: WindowGeometry) -> list[Tensor]:
    """Return the same sums at the pairs' keys, (B, window, *S), the margin around them included."""
    size = [length + 2 * geometry.margin for length in shape]
    result = [pairs.new_zeros(pairs.shape[0], geometry.window, *size) for _ in range(geometry.axes)]
    for index, offsets in geometry.positions():
        for values, position in zip(result, offsets, strict=True):
            geometry.shifted(values[:, position], offsets).add_(pairs[:, index])
    return result


def _inside(values: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return `values` (..., *S) without the margin around them."""
    margin = geometry.margin
    for axis in range(1, geometry.axes + 1):
        values = values.narrow(-axis, margin, values.shape[-axis] - 2 * margin)
    return values


def pair_weights(
    coefficients: Tensor, similarities: Tensor, norms: Norms
) -> tuple[Tensor, Tensor, Tensor]:
    """Return c / (n |q|) and c s / n^2 of every pair, (B, K, *S'), and the anchors' sums of c s."""
    weights = coefficients * norms.key
    weights *= norms.query[:, None]
    decays = coefficients * similarities
    sums = decays.sum(1)
    decays.mul_(norms.key).mul_(norms.key)
    if bool(norms.key.amax() >= CLAMPED):
        decays.masked_fill_(norms.key >= CLAMPED, 0.0)
    return weights, decays, sums


@dataclass(frozen=True)
class AxisSums:
    """Sums over the window's other axes, one (B, window, ...) an axis.

    Those of the weights at the anchors, those of the decays, negative, at the keys, and those over
    all pairs (window), which include what lies beyond the border.
    """

    anchors: list[Tensor]
    keys: list[Tensor]
    totals: list[Tensor]

    @classmethod
    def of(
        cls, weights: Tensor, decays: Tensor, shape: tuple[int, ...], geometry: WindowGeometry
    ) -> AxisSums:
        """Return the sums of `pair_weights` (B, K, *S') for keys on the grid `shape`."""
        padded = _sum_at_keys(decays, shape, geometry)
        elsewhere = (0, *range(2, 2 + geometry.axes))
        return cls(
            _sum_at_anchors(weights, geometry),
            [-_inside(values, geometry) for values in padded],
            [values.sum(elsewhere) for values in padded],
        )

    def add_positions(self, grad_query: Tensor, grad_key: Tensor, relative: Relative) -> None:
        """Add the relative positions' share to the gradients (B, *S', D) and (B, *S, D)."""
        for gradient, weights in ((grad_query, self.anchors), (grad_key, self.keys)):
            flat = gradient.view(-1, gradient.shape[-1])
            for axis, part, positions in parts(relative):
                flat[:, part].addmm_(_as_rows(weights[axis]), positions.T)

    def position_gradients(self, query: Tensor, key: Tensor, relative: Relative) -> Relative:
        """Return the gradients (d, window) by the relative positions of each axis."""
        queries, keys = query.view(-1, query.shape[-1]), key.view(-1, key.shape[-1])
        return tuple(
            (queries[:, part].T @ _as_rows(self.anchors[axis]).to(query.dtype)).to(positions.dtype)
            + (keys[:, part].T @ _as_rows(self.keys[axis]).to(key.dtype)).to(positions.dtype)
            - positions * self.totals[axis]
            for axis, part, positions in parts(relative)
        )


def _as_rows(values: Tensor) -> Tensor:
    """Return values (B, window, *S) as rows (pixels, window)."""
    return values.movedim(1, -1).reshape(-1, values.shape[1])
