"""Cosine similarity of each anchor's query with the keys of its neighbourhood.

Nothing of size channels x neighbours is ever stored: with q^ the normalised query,

    s = (q^.k + q^.r) / sqrt(|k|^2 + 2 k.r + |r|^2),

where r, the relative position, splits into one part for each axis of the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from cscl.losses.windows import WindowGeometry

NORM_FLOOR = 1e-12


class _WindowProducts(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """Dot products of queries with the keys at every window position.

    The derivative by the keys is accumulated in place through shifted views, which automatic
    differentiation would do by one padded copy a position.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, padded_key: Tensor, geometry: WindowGeometry) -> Tensor:
        ctx.save_for_backward(query, padded_key)
        ctx.geometry = geometry
        products = query.new_empty(query.shape[0], geometry.neighbours, *query.shape[2:])
        for index, offsets in geometry.positions():
            key = geometry.shifted(padded_key, offsets)
            torch.sum(query * key, dim=1, out=products[:, index])
        return products

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        query, padded_key = ctx.saved_tensors
        geometry: WindowGeometry = ctx.geometry
        grad_query = torch.zeros_like(query)
        grad_key = torch.zeros_like(padded_key)
        for index, offsets in geometry.positions():
            weight = grad[:, index, None]
            grad_query.addcmul_(weight, geometry.shifted(padded_key, offsets))
            geometry.shifted(grad_key, offsets).addcmul_(weight, query)
        return grad_query, grad_key, None


def _window_products(query: Tensor, padded_key: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return the dot products (B, K, *S') of queries (B, D, *S') with padded keys."""
    apply: Callable[..., Tensor] = _WindowProducts.apply
    return apply(query, padded_key, geometry)


def _position_products(values: Tensor, relative: Sequence[Tensor]) -> list[Tensor]:
    """Return the products (B, k, *S) of `values` (B, D, *S) with each axis's parameters."""
    parts = values.split([axis.shape[0] for axis in relative], dim=1)
    return [
        torch.einsum("bd...,dk->bk...", part, axis)
        for part, axis in zip(parts, relative, strict=True)
    ]


def _outer_sum(parts: Sequence[Tensor]) -> Tensor:
    """Return the sums (B, K, *S) of one part (B, k, *S) for each axis, row by row."""
    total = parts[0]
    for part in parts[1:]:
        total = (total[:, :, None] + part[:, None]).flatten(1, 2)
    return total


def _squared_key_norms(key: Tensor, relative: Sequence[Tensor], geometry: WindowGeometry) -> Tensor:
    """Return |k + r|^2 (B, K, *S') at every window position; |r|^2 beyond the border."""
    norms = geometry.pad(key.square().sum(1))
    if not relative:
        return torch.stack([geometry.shifted(norms, at) for _, at in geometry.positions()], dim=1)
    products = [geometry.pad(2 * part) for part in _position_products(key, relative)]
    at_neighbours = []
    for _, offsets in geometry.positions():
        total = norms
        for part, offset in zip(products, offsets, strict=True):
            total = total + part[:, offset]
        at_neighbours.append(geometry.shifted(total, offsets))
    own = _outer_sum([axis.square().sum(0)[None] for axis in relative])
    return torch.stack(at_neighbours, dim=1) + own.reshape(1, -1, *[1] * geometry.axes)


def window_similarity(
    query: Tensor, key: Tensor, relative: Sequence[Tensor] | None, geometry: WindowGeometry
) -> Tensor:
    """Return the cosine similarities (B, K, *S') of queries at the anchors and keys.

    `query` is (B, D, *S') and not normalised, `key` (B, D, *S), `relative` one tensor (d, window)
    for each axis, or None. The neighbours stand row by row. Beyond the border the key is zero, so
    that the relative position alone counts there (METHOD section 1).
    """
    relative = () if relative is None else relative
    query = query / query.norm(dim=1, keepdim=True).clamp_min(NORM_FLOOR)
    products = _window_products(query, geometry.pad(key), geometry)
    if relative:
        products = products + _outer_sum(_position_products(query, relative))
    norms = _squared_key_norms(key, relative, geometry)
    return products * norms.clamp_min(NORM_FLOOR**2).rsqrt()


def linear_loss(
    query: Tensor,
    key: Tensor,
    relative: Sequence[Tensor] | None,
    coefficients: Tensor,
    geometry: WindowGeometry,
) -> tuple[Tensor, Tensor]:
    """Return sum(coefficients * similarity) and the similarity (B, K, *S') without gradient."""
    similarity = window_similarity(query, key, relative, geometry)
    return (coefficients * similarity).sum(), similarity.detach()
