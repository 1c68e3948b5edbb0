"""The processor's kernel: compiled loops over channels, in as many threads as torch uses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cscl.losses.kernels import loops
from cscl.losses.kernels.formula import FormulaKernel
from cscl.losses.windows import WindowGeometry

# Shares of the lines for each thread, so that one that is held up does not hold up the rest.
SHARES = 4

Tables = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _three_axes(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the sizes of planes, rows and columns; a grid of two axes has one plane."""
    return np.array((1, *shape)[-3:], dtype=np.int64)


def _partners(anchors: int, keys: int, geometry: WindowGeometry) -> tuple[NDArray[np.int64], ...]:
    """Return on one axis each anchor's keys (window, anchors), and each key's anchors.

    -1 stands where there is none.
    """
    offsets = geometry.dilation * (np.arange(geometry.window) - geometry.window // 2)
    of_anchor = geometry.stride * np.arange(anchors) + offsets[:, None]
    of_anchor[(of_anchor < 0) | (of_anchor >= keys)] = -1
    of_key = np.full((geometry.window, keys), -1, dtype=np.int64)
    position, anchor = np.nonzero(of_anchor >= 0)
    of_key[position, of_anchor[position, anchor]] = anchor
    return of_anchor, of_key


def _tables(query: Tensor, key: Tensor, geometry: WindowGeometry, inverse: bool) -> Tables:
    """Return the partners on planes, rows and columns, of the keys where `inverse`."""
    alone = np.zeros((1, 1), dtype=np.int64)
    found = [
        _partners(anchors, keys, geometry)[int(inverse)]
        for anchors, keys in zip(query.shape[1:-1], key.shape[1:-1], strict=True)
    ]
    planes, rows, columns = [alone, *found][-3:]
    return planes, rows, columns


def _pixels(values: Tensor) -> NDArray[np.float32]:
    """View contiguous values (B, *S, D) as an array (pixels, D)."""
    array: NDArray[np.float32] = values.view(-1, values.shape[-1]).numpy()
    return array


def _in_threads(work: Callable[[int, int], None], lines: int) -> None:
    """Call `work(first, last)` on shares of the lines, in the threads that torch may use."""
    threads = min(torch.get_num_threads(), lines)
    if threads == 1:
        work(0, lines)
        return
    borders = np.linspace(0, lines, min(lines, SHARES * threads) + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, borders[:-1], borders[1:]))


class CompiledSums:
    """The sums over channels by the compiled loops, for float32 on the processor."""

    def products(self, query: Tensor, key: Tensor, geometry: WindowGeometry) -> Tensor:
        """Return the products (B, K, *S') of queries (B, *S', D) with keys (B, *S, D)."""
        result = query.new_zeros(query.shape[0], geometry.neighbours, *query.shape[1:-1])
        own, other = _three_axes(query.shape[1:-1]), _three_axes(key.shape[1:-1])
        tables = _tables(query, key, geometry, inverse=False)
        arrays = _pixels(query), _pixels(key), *tables, own, other
        written = result.flatten(2).numpy()

        def work(first: int, last: int) -> None:
            loops.products_of_lines(*arrays, first, last, written)

        _in_threads(work, query.shape[0] * int(own[0] * own[1]))
        return result

    def at_queries(
        self, weights: Tensor, query: Tensor, key: Tensor, own: Tensor, geometry: WindowGeometry
    ) -> Tensor:
        """Return own * query + sum of weights (B, K, *S') * key, (B, *S', D)."""
        tables = _tables(query, key, geometry, inverse=False)
        return self._combine(weights, key, own, query, tables, inverse=False)

    def at_keys(
        self, weights: Tensor, query: Tensor, key: Tensor, own: Tensor, geometry: WindowGeometry
    ) -> Tensor:
        """Return own * key + sum of weights * query over the anchors around, (B, *S, D)."""
        tables = _tables(query, key, geometry, inverse=True)
        return self._combine(weights, query, own, key, tables, inverse=True)

    @staticmethod
    def _combine(
        weights: Tensor, values: Tensor, own: Tensor, owns: Tensor, tables: Tables, inverse: bool
    ) -> Tensor:
        """Return own * owns + the weighted sum of each pixel's partners among `values`."""
        result = torch.empty_like(owns)
        grid, other = _three_axes(owns.shape[1:-1]), _three_axes(values.shape[1:-1])
        arrays = (
            weights.flatten(2).numpy(), _pixels(values), own.reshape(-1).numpy(), _pixels(owns),
            *tables, grid, other, inverse,
        )  # fmt: skip
        written = _pixels(result)

        def work(first: int, last: int) -> None:
            loops.combine_lines(*arrays, first, last, written)

        _in_threads(work, owns.shape[0] * int(grid[0] * grid[1]))
        return result


def kernel() -> FormulaKernel:
    """Return the processor's kernel."""
    return FormulaKernel(CompiledSums())
