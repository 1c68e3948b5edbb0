"""Segments below the minimum area joined to a neighbour, so that no ground is lost."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from cscl.grid import Window
from cscl.polygons.components import Labels
from cscl.polygons.segments import Segments

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbourhood:
    """Pixels and class of each segment 0..n, and each pair of neighbours once.

    `pairs` (2, P) with the lower number first, `lengths` (P,) the pixel sides they share;
    segment 0 is no data and the ground beyond the map.
    """

    pixels: Integers
    codes: NDArray[np.uint8]
    pairs: Integers
    lengths: Integers


def neighbourhood(segments: Segments, side: int, tick: Callable[[], None]) -> Neighbourhood:
    """Return sizes, classes and neighbours of all segments, read tile by tile."""
    count = segments.count + 1
    pixels, codes = np.zeros(count, np.int64), np.zeros(count, np.uint8)
    keys, lengths = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for tile in segments.pixels.tiles(side):
        # Each side of a pixel belongs to the tile of the pixel left of it or above it.
        around = segments.read(Window(tile.row - 1, tile.col - 1, tile.height + 2, tile.width + 2))
        inner = around[1:-1, 1:-1]
        numbers, places, found = np.unique(inner, return_index=True, return_counts=True)
        pixels[numbers] += found
        codes[numbers] = segments.pixels.read("crops", tile).ravel()[places]
        key, length = _shared(around, tile, count)
        keys.append(key)
        lengths.append(length)
        tick()
    key, place = np.unique(np.concatenate(keys), return_inverse=True)
    total = np.zeros(len(key), np.int64)
    np.add.at(total, place, np.concatenate(lengths))
    codes[0] = 0
    return Neighbourhood(pixels, codes, np.stack(np.divmod(key, count)), total)


def _shared(around: Labels, tile: Window, count: int) -> tuple[Integers, Integers]:
    """Return pairs as lower * count + higher, and how many pixel sides each shares."""
    # The ground beyond the map is segment 0: its sides are the map's own edge.
    middle = around[1:-1, 1:-1]
    sides = [
        (middle, around[1:-1, 2:]),
        (middle, around[2:, 1:-1]),
    ]
    if tile.row == 0:
        sides.append((around[:1, 1:-1], middle[:1]))
    if tile.col == 0:
        sides.append((around[1:-1, :1], middle[:, :1]))
    one = np.concatenate([a.ravel() for a, _ in sides]).astype(np.int64)
    other = np.concatenate([b.ravel() for _, b in sides]).astype(np.int64)
    apart = one != other
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    return np.unique(low * count + high, return_counts=True)


@dataclass(frozen=True)
class Merged:
    """The new number of each segment, the class of each new one, and how many stayed too small."""

    numbers: Labels
    codes: NDArray[np.uint8]
    alone: int


def merged(found: Neighbourhood, fewest: float) -> Merged:
    """Join each segment below `fewest` pixels to a neighbour, whose class it takes.

    The smallest goes first (of equals the lower number): to the neighbour of its own class, else
    to any, with which it shares the longest edge (of equals the lower number). A segment without
    neighbours stays as it is.
    """
    work = _Merging(found)
    alone = work.run(fewest)
    roots = np.array([work.root(number) for number in range(len(found.pixels))])
    kept, numbers = np.unique(roots, return_inverse=True)
    return Merged(numbers.astype(np.uint32), found.codes[kept], alone)


class _Merging:
    """Segments on their way into one another; neighbours are listed when they are asked for."""

    def __init__(self, found: Neighbourhood) -> None:
        count = len(found.pixels)
        real = found.pairs[0] > 0
        one, other = found.pairs[:, real]
        both = (np.concatenate([one, other]), np.concatenate([other, one]))
        lengths = np.tile(found.lengths[real], 2)
        self.table = coo_array((lengths, both), shape=(count, count)).tocsr()
        self.size = found.pixels.tolist()
        self.code = found.codes.tolist()
        self.parent = list(range(count))
        self.listed: dict[int, dict[int, int]] = {}

    def root(self, number: int) -> int:
        while self.parent[number] != number:
            self.parent[number] = self.parent[self.parent[number]]
            number = self.parent[number]
        return number

    def around(self, number: int) -> dict[int, int]:
        """Return the neighbours of a segment that is still one, and the edge shared with each."""
        if number not in self.listed:
            part = slice(self.table.indptr[number], self.table.indptr[number + 1])
            result: dict[int, int] = {}
            indices, lengths = self.table.indices[part].tolist(), self.table.data[part].tolist()
            for neighbour, length in zip(indices, lengths, strict=True):
                now = self.root(neighbour)
                result[now] = result.get(now, 0) + length
            self.listed[number] = result
        return self.listed[number]

    def run(self, fewest: float) -> int:
        heap = [(size, n) for n, size in enumerate(self.size) if n and 0 < size < fewest]
        heapq.heapify(heap)
        alone = 0
        while heap:
            size, number = heapq.heappop(heap)
            if self.parent[number] != number or self.size[number] != size:
                continue
            neighbours = self.around(number)
            if not neighbours:
                alone += 1
                continue
            code = self.code[number]
            target = max(neighbours, key=lambda n: (self.code[n] == code, neighbours[n], -n))
            self._absorb(number, target)
            if self.size[target] < fewest:
                heapq.heappush(heap, (self.size[target], target))
        return alone

    def _absorb(self, number: int, target: int) -> None:
        gained = self.around(target)
        lost = self.around(number)
        # All neighbours are listed before the parent changes, so that every list is of roots.
        lists = {neighbour: self.around(neighbour) for neighbour in lost if neighbour != target}
        self.parent[number] = target
        self.size[target] += self.size[number]
        del self.listed[number]
        gained.pop(number, None)
        for neighbour, beside in lists.items():
            length = lost[neighbour]
            gained[neighbour] = gained.get(neighbour, 0) + length
            beside.pop(number, None)
            beside[target] = beside.get(target, 0) + length
