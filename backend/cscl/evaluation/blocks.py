"""The spatial blocks that pixels lie in: what the bootstrap draws anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
from rasterio.transform import xy

from cscl.dataset.split import CRS, SplitRule
from cscl.grid import Grid, Window

# On the whole grid; a split holds a part of them.
MOST_BLOCKS = 4_000


@dataclass(frozen=True)
class Blocks:
    """Blocks of a window: `index` (H, W) holds the place of each counted pixel's in `names`.

    A block's name is its column and row in the grid of the split, such as 12,-4.
    """

    index: npt.NDArray[np.int64]
    names: tuple[str, ...]

    def fine(self, scale: int) -> Blocks:
        """Return the blocks of the same window on pixels `scale` times finer."""
        return Blocks(self.index.repeat(scale, axis=0).repeat(scale, axis=1), self.names)


class BlockGrid:
    """The blocks of a dataset's split on its pixel grid.

    On a large grid `factor` x `factor` of them count as one: thousands of blocks would make the
    counts long and the intervals no better. `grids` are all that are scored together: the same
    ground is the same block in each.
    """

    def __init__(self, rule: SplitRule, grid: Grid, grids: Sequence[Grid] = ()) -> None:
        self.rule, self.grid = rule, grid
        ground = sum(item.width * item.height * item.resolution**2 for item in grids or (grid,))
        self.factor = max(1, math.ceil(math.sqrt(ground / MOST_BLOCKS) / rule.block_size))
        self._transformer = pyproj.Transformer.from_crs(grid.crs, CRS, always_xy=True)

    def blocks(self, window: Window, counted: npt.NDArray[np.bool_]) -> Blocks:
        """Return the blocks of a window of 10 m pixels, those with a `counted` (H, W) pixel."""
        rows, columns = np.nonzero(counted)
        places = xy(self.grid.affine, rows + window.row, columns + window.col)
        pairs = np.stack(self.rule.blocks_of(*self._transformer.transform(*places)), axis=1)
        pairs //= self.factor
        found, place = np.unique(pairs, axis=0, return_inverse=True)
        index = np.zeros(counted.shape, np.int64)
        index[counted] = place.reshape(-1)
        return Blocks(index, tuple(f"{column},{row}" for column, row in found.tolist()))
