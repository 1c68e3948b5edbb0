"""Segments of a map: connected pixels of one class, parted along strong boundaries.

Two passes over the map, tile by tile, with numbers that do not depend on the tiles.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cscl.contract.codes import OUTSIDE
from cscl.grid import Window
from cscl.mapping.layers import NO_SHARE, STEPS
from cscl.polygons.components import Components, Labels
from cscl.polygons.pixels import Bytes, MapPixels

# How far ground with a strong boundary goes to the segment beside it; what lies deeper is its own.
GROWTH = 4


class Segments:
    """Numbers 1..`count` of a map's segments, kept in a file; 0 is no data."""

    def __init__(self, pixels: MapPixels, store: NDArray[np.uint32], numbers: Labels) -> None:
        self.pixels, self._store, self.numbers = pixels, store, numbers

    @property
    def count(self) -> int:
        """The largest number."""
        return int(self.numbers.max())

    def read(self, window: Window) -> Labels:
        """Return the segments (H, W) of a window; outside the grid they are 0."""
        inside = window.clipped(*self.pixels.grid.shape)
        labels = np.zeros((window.height, window.width), np.uint32)
        labels[inside.within(window).slices] = self.numbers[self._store[inside.slices]]
        return labels

    def renumbered(self, numbers: Labels) -> Segments:
        """Return the segments with other numbers: `numbers[n]` in place of n."""
        return Segments(self.pixels, self._store, numbers[self.numbers])


def segment(
    pixels: MapPixels, strength: float, side: int, work: Path, tick: Callable[[], None]
) -> Segments:
    """Return the segments of a map; two files of 4 bytes a pixel are written in `work`.

    A core is 4-connected ground of one class whose boundary strength is below `strength` (0..1);
    cores grow into the rest of their class, a pixel at a time and at most `GROWTH`, equal claims
    going to the lower number; what no core reaches is connected on its own. Other land is never
    parted. `tick` is called after each tile of each pass.
    """
    shape = pixels.grid.shape
    first = np.memmap(work / "cores", np.uint32, "w+", shape=shape)
    cores = Components(shape[1])
    for tile in pixels.tiles(side):
        values = _core_values(pixels, strength, tile)
        _label(cores, first, pixels, values, tile, 0)
        tick()
    numbers = cores.numbers()
    known = int(numbers.max())
    second = np.memmap(work / "segments", np.uint32, "w+", shape=shape)
    rest = Components(shape[1])
    for tile in pixels.tiles(side):
        around = tile.grown(GROWTH).clipped(*shape)
        codes = pixels.read("crops", around)
        grown = _grown(numbers[first[around.slices]], codes)[tile.within(around).slices]
        second[tile.slices] = grown
        inner = codes[tile.within(around).slices]
        _label(rest, second, pixels, np.where(grown == 0, inner, np.uint8(0)), tile, known)
        tick()
    del first
    (work / "cores").unlink()
    others = rest.numbers()[1:] + np.uint32(known)
    return Segments(pixels, second, np.concatenate([np.arange(known + 1, dtype=np.uint32), others]))


def _core_values(pixels: MapPixels, strength: float, window: Window) -> Bytes:
    codes = pixels.read("crops", window)
    found = pixels.read("boundary", window)
    weak = (found < strength * STEPS) | (found == NO_SHARE)
    return np.where(weak | (codes == OUTSIDE), codes, np.uint8(0))


def _label(
    components: Components,
    store: NDArray[np.uint32],
    pixels: MapPixels,
    values: Bytes,
    tile: Window,
    above: int,
) -> None:
    """Number a tile's components in `store`, from `above` on, and join them over its lines."""
    labels = components.add(values, tile)
    part = store[tile.slices]
    part[labels > 0] = labels[labels > 0] + np.uint32(above)
    for before, edge in (
        (Window(tile.row - 1, tile.col, 1, tile.width), np.s_[:1, :]),
        (Window(tile.row, tile.col - 1, tile.height, 1), np.s_[:, :1]),
    ):
        if before.row < 0 or before.col < 0:
            continue
        beside = store[before.slices]
        beside = np.where(beside > above, beside - np.uint32(above), np.uint32(0))
        components.join(labels[edge], beside, values[edge], pixels.read("crops", before))


def _grown(labels: Labels, codes: Bytes) -> Labels:
    """Return labels grown by `GROWTH` pixels into ground of their own code."""
    none = np.uint32(np.iinfo(np.uint32).max)
    for _ in range(GROWTH):
        best = np.full(labels.shape, none)
        for there, here in _SIDES:
            claim = np.where(codes[there] == codes[here], labels[there], np.uint32(0))
            best[here] = np.minimum(best[here], np.where(claim > 0, claim, none))
        free = (labels == 0) & (codes > 0) & (best < none)
        labels = np.where(free, best, labels)
    return labels


_ALL = slice(None)
_TO, _FROM = slice(None, -1), slice(1, None)
# A neighbour's and a pixel's own part of an array, for each of the four sides.
_SIDES = (
    ((_TO, _ALL), (_FROM, _ALL)),
    ((_FROM, _ALL), (_TO, _ALL)),
    ((_ALL, _TO), (_ALL, _FROM)),
    ((_ALL, _FROM), (_ALL, _TO)),
)
