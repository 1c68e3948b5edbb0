"""Which cells of a grid wait in the spool together: strips from north to south."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cscl.dataset.shards import cell_items, shard_size
from cscl.dataset.spool import Strip, passes_of, record_of
from cscl.dataset.work import Work
from cscl.series.model import Pass
from cscl.series.native import Layout, factor_of
from cscl.series.sources import OpenFiles

# A strip has at least as many bytes in the spool, so that its tasks take longer than their start.
LEAST_BYTES = 256 * 2**20


def strips_of(work: Work, key: str, grid: str) -> list[Strip]:
    """Return the strips of a grid: whole shards of cells each, in their order.

    They end with rows of blocks of the images, so that little has to be kept of what was decoded
    for one strip and is needed for the next. Raises `UserError` where an image cannot be opened.
    """
    cells, layout = work.cells(grid) - work.margin, work.layout(grid)
    passes = passes_of(work.series[grid])
    record = record_of(str(work.folder), key, grid)
    size = shard_size(cell_items(record, len(passes), work.side, work.factor))
    least = LEAST_BYTES // (len(passes) * record.itemsize)
    # Masks and coarse bands are read a little beyond a cell.
    beyond = layout.mask.radius(layout.grid.resolution) + 2 * max(layout.factors)
    ends = cells[:, 0] + work.side + beyond
    block = _block_rows(passes[0][1], layout)
    lasts = np.searchsorted(ends, np.arange(block, int(ends[-1]), block), side="right")
    return [
        Strip(grid, first, last) for first, last in _parts(lasts // size * size, least, len(cells))
    ]


def _parts(lasts: NDArray[np.int64], least: int, count: int) -> list[tuple[int, int]]:
    """Return from where to where parts of at least `least` of `count` cells go, by `lasts`."""
    firsts = [0]
    for last in lasts.tolist():
        if last - firsts[-1] >= max(least, 1) and count - last >= least:
            firsts.append(last)
    return list(zip(firsts, [*firsts[1:], count], strict=True))


def _block_rows(item: Pass, layout: Layout) -> int:
    """Return how many rows of the grid a pass's finest files decode at once."""
    with OpenFiles(layout.grid) as files:
        factors = {name: factor_of(asset, layout.grid) for name, asset in item.assets.items()}
        finest = min(factors.values())
        return max(
            files.block_shape(asset)[0] * finest
            for name, asset in item.assets.items()
            if factors[name] == finest
        )
