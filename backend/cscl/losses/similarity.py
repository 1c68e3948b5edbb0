"""Cosine similarity of each anchor's query with the keys of its neighbourhood.

Nothing of size channels x neighbours is ever stored: with q^ the normalised query,

    s = (q^.k + q^.r) / sqrt(|k|^2 + 2 k.r + |r|^2),

where r, the relative position, splits into a part of the window's row and one of its column.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

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
        batch, _, height, width = query.shape
        products = query.new_empty(batch, geometry.neighbours, height, width)
        for index, row, column in geometry.positions():
            key = geometry.shifted(padded_key, row, column)
            torch.sum(query * key, dim=1, out=products[:, index])
        return products

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        query, padded_key = ctx.saved_tensors
        geometry: WindowGeometry = ctx.geometry
        grad_query = torch.zeros_like(query)
        grad_key = torch.zeros_like(padded_key)
        for index, row, column in geometry.positions():
            weight = grad[:, index, None]
            grad_query.addcmul_(weight, geometry.shifted(padded_key, row, column))
            geometry.shifted(grad_key, row, column).addcmul_(weight, query)
        return grad_query, grad_key, None


def window_products(query: Tensor, padded_key: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return the dot products (B, K, H', W') of queries (B, D, H', W') with padded keys."""
    apply: Callable[..., Tensor] = _WindowProducts.apply
    return apply(query, padded_key, geometry)


def project(embedding: Tensor, weight: Tensor) -> Tensor:
    """Apply the 1x1 projection `weight` (D, C) to `embedding` (B, C, H, W)."""
    return functional.conv2d(embedding, weight[:, :, None, None])


def _position_products(values: Tensor, rel_h: Tensor, rel_w: Tensor) -> tuple[Tensor, Tensor]:
    """Return the products of `values` (B, D, H, W) with the row and the column parameters."""
    half = rel_h.shape[0]
    by_row = functional.conv2d(values[:, :half], rel_h.T[:, :, None, None])
    by_column = functional.conv2d(values[:, half:], rel_w.T[:, :, None, None])
    return by_row, by_column


def _outer(by_row: Tensor, by_column: Tensor) -> Tensor:
    """Return the sums (B, window * window, H, W) over rows and columns, row by row."""
    return (by_row[:, :, None] + by_column[:, None]).flatten(1, 2)


def _squared_key_norms(
    key: Tensor, rel_h: Tensor, rel_w: Tensor, geometry: WindowGeometry
) -> Tensor:
    """Return |k + r|^2 (B, K, H', W') at every window position; |r|^2 beyond the border."""
    by_row, by_column = _position_products(key, rel_h, rel_w)
    norms = key.square().sum(1, keepdim=True)
    # Everything that must be read at the neighbour's place, padded once.
    maps = geometry.pad(torch.cat([norms, 2 * by_row, 2 * by_column], dim=1))
    norms, by_row, by_column = maps.tensor_split([1, 1 + geometry.window], dim=1)
    at_neighbours = torch.stack(
        [
            geometry.shifted(norms[:, 0] + by_row[:, row] + by_column[:, column], row, column)
            for _, row, column in geometry.positions()
        ],
        dim=1,
    )
    relative = rel_h.square().sum(0)[:, None] + rel_w.square().sum(0)
    return at_neighbours + relative.flatten()[:, None, None]


def window_similarity(
    query: Tensor, key: Tensor, rel_h: Tensor, rel_w: Tensor, geometry: WindowGeometry
) -> Tensor:
    """Return the cosine similarities (B, K, H', W') of projected queries and keys (B, D, H, W).

    The neighbours stand row by row. Beyond the border the key is zero, so that the relative
    position alone counts there (METHOD section 1).
    """
    anchors = geometry.anchors(query)
    anchors = anchors / anchors.norm(dim=1, keepdim=True).clamp_min(NORM_FLOOR)
    products = window_products(anchors, geometry.pad(key), geometry)
    products = products + _outer(*_position_products(anchors, rel_h, rel_w))
    norms = _squared_key_norms(key, rel_h, rel_w, geometry)
    return products * norms.clamp_min(NORM_FLOOR**2).rsqrt()
