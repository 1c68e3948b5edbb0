"""Connected pixels of one value over a raster that is read tile by tile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cscl.grid import Window

Labels = NDArray[np.uint32]


class Components:
    """Numbers 4-connected pixels of one value within tiles, and joins them over their lines.

    The final numbers follow each component's first pixel, row by row over the whole raster: they
    do not depend on the tiles.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.count = 0
        self._first: list[NDArray[np.int64]] = []
        self._pairs: list[NDArray[np.uint32]] = []

    def add(self, values: NDArray[np.uint8], window: Window) -> Labels:
        """Return provisional numbers (H, W) of the components of a tile, 0 where `values` is 0."""
        labels = np.zeros(values.shape, np.uint32)
        for value in np.unique(values[values > 0]):
            part, found = ndimage.label(values == value)
            labels[part > 0] = part[part > 0] + np.uint32(self.count)
            self.count += found
        numbers, places = np.unique(labels, return_index=True)
        rows, columns = np.divmod(places[numbers > 0], values.shape[1])
        self._first.append((window.row + rows) * np.int64(self.width) + window.col + columns)
        return labels

    def join(self, one: Labels, other: Labels, values: NDArray[np.uint8], beside: object) -> None:
        """Join components on the two sides of a tile line where their values are the same."""
        same = (one > 0) & (other > 0) & (values == beside)
        if same.any():
            self._pairs.append(np.unique(np.stack([one[same], other[same]]), axis=1))

    def numbers(self) -> Labels:
        """Return the final number of each provisional one; 0 stays 0."""
        if not self.count:
            return np.zeros(1, np.uint32)
        one, other = np.concatenate(self._pairs, axis=1) if self._pairs else np.zeros((2, 0), int)
        links = coo_array((np.ones(len(one), bool), (one, other)), shape=(self.count + 1,) * 2)
        total, group = connected_components(links, directed=False)
        first = np.full(total, np.iinfo(np.int64).max)
        np.minimum.at(first, group[1:], np.concatenate(self._first))
        first[group[0]] = -1
        rank = np.empty(total, np.uint32)
        rank[np.argsort(first)] = np.arange(total, dtype=np.uint32)
        return rank[group]
