"""The kernel in plain torch, for any device, number of axes and floating type."""

from __future__ import annotations

import torch
from torch import Tensor

from cscl.losses.kernels.formula import FormulaKernel
from cscl.losses.windows import WindowGeometry


def _grid_last(values: Tensor) -> Tensor:
    """View values (B, *S, D) as (B, D, *S), as the geometry takes them."""
    return values.movedim(-1, 1)


class PortableSums:
    """The sums over channels, one position of the window after the other through shifted views."""

    def products(self, query: Tensor, key: Tensor, geometry: WindowGeometry) -> Tensor:
        """Return the products (B, K, *S') of queries (B, *S', D) with keys (B, *S, D)."""
        padded = self._padded(key, geometry)
        result = query.new_empty(query.shape[0], geometry.neighbours, *query.shape[1:-1])
        for index, offsets in geometry.positions():
            shifted = geometry.shifted(_grid_last(padded), offsets).movedim(1, -1)
            torch.sum(query * shifted, dim=-1, out=result[:, index])
        return result

    def at_queries(
        self, weights: Tensor, query: Tensor, key: Tensor, own: Tensor, geometry: WindowGeometry
    ) -> Tensor:
        """Return own * query + sum of weights (B, K, *S') * key, (B, *S', D)."""
        padded = self._padded(key, geometry)
        result = query * own[..., None]
        for index, offsets in geometry.positions():
            shifted = geometry.shifted(_grid_last(padded), offsets).movedim(1, -1)
            result.addcmul_(weights[:, index, ..., None], shifted)
        return result

    def at_keys(
        self, weights: Tensor, query: Tensor, key: Tensor, own: Tensor, geometry: WindowGeometry
    ) -> Tensor:
        """Return own * key + sum of weights * query over the anchors around, (B, *S, D)."""
        padded = self._padded(key * own[..., None], geometry)
        for index, offsets in geometry.positions():
            shifted = geometry.shifted(_grid_last(padded), offsets).movedim(1, -1)
            shifted.addcmul_(weights[:, index, ..., None], query)
        margin = geometry.margin
        for axis in range(1, 1 + geometry.axes):
            padded = padded.narrow(axis, margin, padded.shape[axis] - 2 * margin)
        return padded.contiguous()

    @staticmethod
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


def kernel() -> FormulaKernel:
    """Return the portable kernel."""
    return FormulaKernel(PortableSums())
