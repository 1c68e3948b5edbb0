"""The processor's kernel: compiled loops over lines of pixels, in as many threads as torch uses."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cscl.losses.kernels import loops
from cscl.losses.kernels.formula import Gradients, Relative, parts
from cscl.losses.kernels.lanes import FLOAT_BYTES, LANES
from cscl.losses.kernels.rows import GROUP
from cscl.losses.windows import WindowGeometry
from cscl.threads import in_threads

Integers = NDArray[np.int64]


def _three(values: tuple[int, ...], first: int) -> Integers:
    """Return one number for planes, rows and columns; `first` for the planes of two axes."""
    return np.array((first, *values)[-3:], dtype=np.int64)


def _partners(anchors: int, keys: int, geometry: WindowGeometry) -> tuple[Integers, Integers]:
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


def _moves(columns: Integers) -> Integers:
    """Return by how many pixels the partners of each column all lie after those of the last.

    0 where they do not, as where one crosses the border. `columns` is (window, pixels).
    """
    known, steps = columns >= 0, np.diff(columns)
    common = steps.max(0)
    alike = (known[:, 1:] == known[:, :-1]) & ((steps == common) | ~known[:, 1:])
    return np.concatenate([[0], np.where(alike.all(0), common, 0)])


def _spans(anchors: int, keys: int, geometry: WindowGeometry) -> Integers:
    """Return for each column of the window its first and last anchor inside, and its offset."""
    offsets = geometry.dilation * (np.arange(geometry.window) - geometry.window // 2)
    first = np.maximum(0, -(offsets // geometry.stride))
    last = np.minimum(anchors, -((offsets - keys) // geometry.stride))
    return np.stack([first, last, offsets], 1)


def _complete(values: Tensor) -> Tensor:
    """Return values (B, *S, D) with zeros after the channels, up to a whole number of runs."""
    missing = -values.shape[-1] % LANES
    return functional.pad(values, (0, missing)) if missing else values


@dataclass(frozen=True)
class _Grids:
    """Where neighbours lie on the grids of anchors and keys, as the loops take it.

    `members` (axes, K) say which relative positions belong to each neighbour; `windows` are the
    padded grid, the stride, how far neighbours lie from their anchor on it, and the members;
    `of_anchors` are the anchors' keys on each axis with their moves, both grids after them,
    `of_keys` the same of the keys' anchors; `spans` as in `_spans`.
    """

    anchors: Integers
    keys: Integers
    padded: Integers
    members: Integers
    windows: tuple[Any, ...]
    of_anchors: tuple[Integers, ...]
    of_keys: tuple[Integers, ...]
    spans: Integers

    @classmethod
    @functools.lru_cache(maxsize=16)
    def of(
        cls, query: tuple[int, ...], key: tuple[int, ...], geometry: WindowGeometry, placed: bool
    ) -> _Grids:
        """Return the grids for anchors and keys of these sizes; `placed` with relative positions.

        Kept, because every step of a training asks for the same.
        """
        window, axes = geometry.window, geometry.axes
        anchors, keys = _three(query, 1), _three(key, 1)
        padded = keys + 2 * _three((geometry.margin,) * axes, 0)
        index = np.indices((window,) * axes).reshape(axes, -1)
        members = (index + window * np.arange(axes)[:, None])[: axes * placed]
        steps = np.array([padded[1] * padded[2], padded[2], 1])[-axes:]
        shifts = geometry.dilation * (steps @ index)
        along = [_partners(anchors[i], keys[i], geometry) for i in range(3 - axes, 3)]
        lists = []
        for side in (0, 1):
            found = [partners[side] for partners in along]
            planes, rows, columns = (np.zeros((1, 1), dtype=np.int64), *found)[-3:]
            lists.append((planes, rows, columns, _moves(columns)))
        return cls(
            anchors, keys, padded, members, (padded, geometry.stride, shifts, members),
            (*lists[0], anchors, keys), (*lists[1], keys, anchors),
            _spans(anchors[2], keys[2], geometry),
        )  # fmt: skip


@dataclass(frozen=True)
class _Layout:
    """Where everything lies that the loops of one call read.

    `positions` (all axes' positions, D) have zeros in the channels of the other axes, `sizes` are
    the channels of each.
    """

    channels: int
    positions: Tensor
    sizes: tuple[int, ...]
    window: int
    grids: _Grids

    @classmethod
    def of(
        cls, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry
    ) -> _Layout:
        """Return the layout for queries (B, *S', D), keys (B, *S, D) and relative positions."""
        channels, window = key.shape[-1], geometry.window
        positions = key.new_zeros(window * len(relative), channels + -channels % LANES)
        for axis, part, values in parts(relative):
            positions[axis * window : (axis + 1) * window, part] = values.T
        grids = _Grids.of(
            tuple(query.shape[1:-1]), tuple(key.shape[1:-1]), geometry, bool(relative)
        )
        return cls(channels, positions, tuple(len(values) for values in relative), window, grids)

    @property
    def rows(self) -> tuple[int, int, int]:
        """Bytes of a row of channels, the address of the positions, and their number."""
        return self.positions.shape[1] * FLOAT_BYTES, self.positions.data_ptr(), len(self.positions)

    def scratch(self) -> tuple[NDArray[Any], ...]:
        """Return the memory in which one thread prepares a line of pixels."""
        grids = self.grids
        rows = len(grids.windows[2]) + len(self.positions) + 2 * GROUP
        width = max(int(grids.anchors[2]), int(grids.keys[2]))
        listed = max(rows, width + GROUP)
        places = np.zeros(listed, np.int64), np.zeros(listed, np.int64)
        table = np.zeros((rows, width + GROUP), np.float32)
        spare = max(listed, self.positions.shape[1])
        numbers = [np.zeros(size, np.float32) for size in (spare, width, width)]
        return *places, numbers[0], table, *numbers[1:]

    def channels_by_axis(self) -> tuple[Tensor, Integers]:
        """Return masks and spans of bytes as `loops.square_lines` takes them."""
        width = self.positions.shape[1]
        borders = [0, *np.cumsum(self.sizes).tolist(), self.channels]
        masks = self.positions.new_zeros(len(borders), width)
        spans = np.zeros((len(borders) - 1, 2), dtype=np.int64)
        for axis, (start, stop) in enumerate(itertools.pairwise(borders)):
            masks[axis, start:stop] = 1.0
            if stop > start:
                spans[axis] = start // LANES, -(-stop // LANES)
        return masks, spans * (LANES * FLOAT_BYTES)

    def squares(self, key: Tensor) -> Tensor:
        """Return the parts of |k + r|^2, by axis and position, (1 + positions, padded pixels)."""
        masks, spans = self.channels_by_axis()
        grids = self.grids
        pixels = key.shape[0] * int(grids.padded.prod())
        result = key.new_empty(1 + len(self.positions), pixels)
        written = result.numpy()
        margins = (grids.padded - grids.keys) // 2
        alone = self.positions.square().sum(1).numpy()

        def work(first: int, last: int) -> None:
            loops.square_lines(
                key.data_ptr(), *self.rows, masks.data_ptr(), spans, grids.keys, grids.padded,
                margins, alone, self.scratch(), first, last, written,
            )  # fmt: skip

        in_threads(work, key.shape[0] * int(grids.padded[0] * grids.padded[1]), loops.TOGETHER)
        return result

    def position_gradients(
        self, relative: Relative, at_queries: Tensor, at_keys: Tensor, totals: Tensor
    ) -> Relative:
        """Return the gradients (d, window) by the relative positions from the loops' sums."""
        window = self.window
        by_position = totals.new_zeros(len(self.positions))
        for members in self.grids.members:
            by_position.index_add_(0, torch.from_numpy(members), totals)
        found = at_queries.sum(0) + at_keys.sum(0)
        found -= by_position[:, None] * self.positions
        return tuple(
            found[axis * window : (axis + 1) * window, part].T.contiguous()
            for axis, part, _ in parts(relative)
        )


class CompiledKernel:
    """Similarities and gradients by the compiled loops, for float32 on the processor."""

    def similarity(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the similarities (B, K, *S') and what `gradients` needs of the norms."""
        layout = _Layout.of(query, key, relative, geometry)
        grids = layout.grids
        query, key = _complete(query), _complete(key)
        squares = layout.squares(key)
        lengths = query.new_empty(query[..., 0].numel())
        result = query.new_empty(query.shape[0], geometry.neighbours, *query.shape[1:-1])
        arrays = (
            query.data_ptr(), key.data_ptr(), *layout.rows, *grids.of_anchors, *grids.windows,
            squares.numpy(),
        )  # fmt: skip
        written = lengths.numpy(), result.flatten(2).numpy()

        def work(first: int, last: int) -> None:
            loops.similarity_of_lines(*arrays, layout.scratch(), first, last, *written)

        in_threads(work, query.shape[0] * int(grids.anchors[0] * grids.anchors[1]), loops.TOGETHER)
        return result, (lengths, squares)

    def gradients(
        self, query: Tensor, key: Tensor, relative: Relative, geometry: WindowGeometry,
        similarities: Tensor, coefficients: Tensor, kept: tuple[Tensor, ...],
    ) -> Gradients:  # fmt: skip
        """Return the gradients of sum(coefficients * similarities)."""
        layout = _Layout.of(query, key, relative, geometry)
        grids = layout.grids
        query, key = _complete(query), _complete(key)
        lengths, squares = kept
        by_query, by_key = torch.empty_like(query), torch.empty_like(key)
        addresses = query.data_ptr(), key.data_ptr(), *layout.rows
        pairs = (
            *grids.windows, squares.numpy(), lengths.numpy(), similarities.flatten(2).numpy(),
            coefficients.flatten(2).numpy(),
        )  # fmt: skip
        lines = query.shape[0] * int(grids.anchors[0] * grids.anchors[1])
        key_lines = key.shape[0] * int(grids.keys[0] * grids.keys[1])
        at_queries, at_keys = (
            query.new_zeros(-(-number // loops.TOGETHER), *layout.positions.shape)
            for number in (lines, key_lines)
        )
        totals = query.new_empty(lines, geometry.neighbours)

        def queries(first: int, last: int) -> None:
            loops.query_gradients_of_lines(
                *addresses, *grids.of_anchors, *pairs, layout.scratch(), first, last,
                by_query.data_ptr(), at_queries.numpy(), totals.numpy(),
            )  # fmt: skip

        def keys(first: int, last: int) -> None:
            loops.key_gradients_of_lines(
                *addresses, *grids.of_keys, *pairs, grids.spans, layout.scratch(), first, last,
                by_key.data_ptr(), at_keys.numpy(),
            )  # fmt: skip

        in_threads(queries, lines, loops.TOGETHER)
        in_threads(keys, key_lines, loops.TOGETHER)
        by_position = layout.position_gradients(relative, at_queries, at_keys, totals.sum(0))
        by_query, by_key = (
            values[..., : layout.channels].contiguous() for values in (by_query, by_key)
        )
        return by_query, by_key, by_position


def kernel() -> CompiledKernel:
    """Return the processor's kernel."""
    return CompiledKernel()
