"""The kernel in plain torch, for any device, number of axes and floating type."""

from __future__ import annotations

import torch
from torch import Tensor

from cscl.losses.kernels.formula import (
    CLAMPED,
    AxisSums,
    Gradients,
    Norms,
    Relative,
    axis_products,
    by_window,
    over_window,
    pair_weights,
)
from cscl.losses.windows import WindowGeometry


def _grid_last(values: Tensor) -> Tensor:
    """View values (B, *S, D) as (B, D, *S), as the geometry takes them."""
    return values.movedim(-1, 1)


def _padded(values: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return values (B, *S, D) with a margin of zeros around the grid."""
    shape = list(values.shape)
    for axis in range(1, 1 + geometry.axes):
        shape[axis] += 2 * geometry.margin
    padded = values.new_zeros(shape)
    inner = padded
    for axis in range(1, 1 + geometry.axes):
        inner = inner.narrow(axis, geometry.margin, values.shape[axis])
    inner.copy_(values)
    return padded


def _products(query: Tensor, key: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return the products (B, K, *S') of queries (B, *S', D) with keys (B, *S, D)."""
    padded = _padded(key, geometry)
    result = query.new_empty(query.shape[0], geometry.neighbours, *query.shape[1:-1])
    for index, offsets in geometry.positions():
        shifted = geometry.shifted(_grid_last(padded), offsets).movedim(1, -1)
        torch.sum(query * shifted, dim=-1, out=result[:, index])
    return result


def _at_queries(
    weights: Tensor, query: Tensor, key: Tensor, own: Tensor, geometry: WindowGeometry
) -> Tensor:
    """Return own * query + sum of weights (B, K, *S') * key, (B, *S', D)."""
    padded = _padded(key, geometry)
    result = query * own[..., None]
    for index, offsets in geometry.positions():
        shifted = geometry.shifted(_grid_last(padded), offsets).movedim(1, -1)
        result.addcmul_(weights[:, index, ..., None], shifted)
    return result


def _at_keys(
    weights: Tensor, query: Tensor, key: Tensor, own: Tensor, geometry: WindowGeometry
) -> Tensor:
    """Return own * key + sum of weights * query over the anchors around, (B, *S, D)."""
    padded = _padded(key * own[..., None], geometry)
    for index, offsets in geometry.positions():
        shifted = geometry.shifted(_grid_last(padded), offsets).movedim(1, -1)
        shifted.addcmul_(weights[:, index, ..., None], query)
    margin = geometry.margin
    for axis in range(1, 1 + geometry.axes):
        padded = padded.narrow(axis, margin, padded.shape[axis] - 2 * margin)
    return padded.contiguous()


class PortableKernel:
    """The formula with sums over channels taken position by position, through shifted views."""

    def similarity(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the similarities (B, K, *S') and the norms that `gradients` needs."""
        norms = Norms.of(query, key, relative, geometry)
        result = _products(query, key, geometry)
        window = by_window(result, geometry)
        for axis, values in enumerate(axis_products(query, relative)):
            window += over_window(values, axis, geometry)
        result *= norms.key
        result *= norms.query[:, None]
        return result, (norms.query, norms.key)

    def gradients(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry,
        similarities: Tensor, coefficients: Tensor, kept: tuple[Tensor, ...],
    ) -> Gradients:  # fmt: skip
        """Return the gradients of sum(coefficients * similarities)."""
        norms = Norms(*kept)
        weights, decays, scores = pair_weights(coefficients, similarities, norms)
        by_axis = AxisSums.of(weights, decays, key.shape[1:-1], geometry)
        free = torch.where(norms.query < CLAMPED, norms.query, 0.0)
        own = free.square_().mul_(scores).neg_()
        grad_query = _at_queries(weights, query, key, own, geometry)
        grad_key = _at_keys(weights, query, key, by_axis.keys[0].sum(1), geometry)
        by_axis.add_positions(grad_query, grad_key, relative)
        return grad_query, grad_key, by_axis.position_gradients(query, key, relative)


def kernel() -> PortableKernel:
    """Return the portable kernel."""
    return PortableKernel()
