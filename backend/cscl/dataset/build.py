"""The stages of a dataset after its inputs: label rasters, passes into the spool, shards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.chips import Chips, cell_tasks, find_chips
from cscl.dataset.rasters import SPLIT_LAYER
from cscl.dataset.shards import (
    STORE,
    ShardTask,
    Totals,
    cell_items,
    chip_items,
    close_shards,
    make_arrays,
    read_totals,
    shard_size,
    write_shard,
)
from cscl.dataset.sizes import check_space
from cscl.dataset.spool import (
    PassTask,
    Strip,
    passes_of,
    record_of,
    remove_spool,
    spool_pass,
    strip_path,
)
from cscl.dataset.strips import strips_of
from cscl.dataset.tile_tasks import (
    burn_tile,
    join_tasks,
    join_tiles,
    remove_tiles,
    split_tile,
    tile_tasks,
)
from cscl.dataset.work import Work
from cscl.disk import FULL
from cscl.parallel import TaskPool
from cscl.series.model import TimeSeries

# Pixels of passes below which starting other processes takes longer than the work itself.
ALONE_PIXELS = 2**24
ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Built:
    """The chips by the names of their grids, and what the training pixels add up to."""

    chips: Mapping[str, Chips]
    totals: Totals


def start_workers(pool: TaskPool, job: DatasetJob, series: Mapping[str, TimeSeries]) -> None:
    """Start the workers while parcels are read, or keep small work in this process."""
    pixels = sum(
        item.grid.width * item.grid.height * len(passes_of(item)) for item in series.values()
    )
    if job.workers is None and pixels < ALONE_PIXELS:
        pool.stay_alone()
    else:
        pool.start(burn_tile)


def build_labels(work: Work, key: str, pool: TaskPool) -> None:
    """Write the label rasters and the split of all grids."""
    burning = [
        task for factor in (1, work.factor) for task in tile_tasks(work, key, factor, "labels")
    ]
    pixels = [task.height * task.width for task in burning]
    pool.run(burn_tile, burning, stage="labels", weights=pixels)
    pool.run(join_tiles, join_tasks(burning, "labels"))
    remove_tiles(burning, "labels")
    splitting = tile_tasks(work, key, 1, SPLIT_LAYER)
    pool.run(split_tile, splitting)
    pool.run(join_tiles, join_tasks(splitting, SPLIT_LAYER))
    remove_tiles(splitting, SPLIT_LAYER)


def build_chips(
    work: Work,
    key: str,
    pool: TaskPool,
    chips: Mapping[str, Chips],
    check: Callable[[Mapping[str, Chips]], None],
    ctx: JobContext,
) -> Built:
    """Write chips.zarr; `check` looks at the chips before any pixel is read."""
    check(chips)
    strips = {name: strips_of(work, key, name) for name in chips}
    shards = [
        task
        for name, own in chips.items()
        for task in [*_cell_shards(work, key, own, strips[name]), *_chip_shards(work, key, own)]
    ]
    check_space(work, key, strips, shards, ctx)
    _make_store(work, key, chips)
    try:
        _write_cells(work, key, pool, list(strips.values()), shards)
        pool.run(write_shard, [task for task in shards if task.kind == "chips"])
    except UserError as error:
        if error.code == FULL:
            # What waits would only keep the disk full; shards that are written stay.
            remove_spool(work)
        raise
    finally:
        close_shards()
    totals = read_totals(shards[0])
    for task in shards[1:]:
        totals.add(read_totals(task))
    return Built(chips, totals)


def plan_chips(
    work: Work,
    key: str,
    pool: TaskPool,
    corners: Mapping[str, NDArray[np.int64]],
    ctx: JobContext,
) -> dict[str, Chips]:
    """Return the chips of each grid that has any, and keep the places of their cells.

    `corners` are those of the cells to look at.
    """
    result: dict[str, Chips] = {}
    for name in work.series:
        tasks = cell_tasks(str(work.folder), key, name, corners[name], ROWS_AT_ONCE)
        own = Chips(name, pool.run(find_chips, tasks), work.chip)
        if not len(own):
            ctx.note(f"{name}: no pixel of it has a label and a split; it is left out.")
            continue
        firsts = np.unique(own.cells, return_index=True)[1]
        work.write_cells(name, own.corners[firsts].astype(np.int64))
        result[name] = own
    return result


def _write_cells(
    work: Work,
    key: str,
    pool: TaskPool,
    strips: Sequence[Sequence[Strip]],
    shards: Sequence[ShardTask],
) -> None:
    """Write the shards of all cells, strip after strip, of all grids beside each other."""
    counts = {name: len(passes_of(item)) for name, item in work.series.items()}
    done, whole = 0, sum(counts[strip.grid] for own in strips for strip in own)
    for row in zip_longest(*strips):
        present = [strip for strip in row if strip is not None]
        members = {(strip.grid, strip.first) for strip in present}
        own = [task for task in shards if (task.grid, task.strip) in members]
        own = [task for task in own if task.kind == "cells" and not task.done.is_file()]
        left = {(task.grid, task.strip) for task in own}
        passes = [
            PassTask(str(work.folder), key, strip, number)
            for strip in present
            if (strip.grid, strip.first) in left
            for number in range(counts[strip.grid])
        ]
        done += sum(counts[strip.grid] for strip in present) - len(passes)
        pool.run(spool_pass, passes, stage="chips", before=done, whole=whole)
        done += len(passes)
        pool.run(write_shard, own)
        for strip in present:
            atomic.remove(strip_path(work, strip.grid, strip.first))


def _cell_shards(
    work: Work, key: str, chips: Chips, strips: Sequence[Strip]
) -> Iterator[ShardTask]:
    record = record_of(str(work.folder), key, chips.grid)
    passes = len(passes_of(work.series[chips.grid]))
    size = shard_size(cell_items(record, passes, work.side, work.factor))
    for strip in strips:
        yield from _shards(work, key, chips, "cells", chips.cells, size, strip)


def _chip_shards(work: Work, key: str, chips: Chips) -> Iterator[ShardTask]:
    size = shard_size(chip_items(work.side, work.factor))
    own = Strip(chips.grid, 0, len(chips))
    yield from _shards(work, key, chips, "chips", np.arange(len(chips)), size, own)


def _shards(
    work: Work,
    key: str,
    chips: Chips,
    kind: str,
    numbers: NDArray[np.integer[Any]],
    size: int,
    part: Strip,
) -> Iterator[ShardTask]:
    """Yield the shards of the items of `part`; `numbers` (N,) are those of the chips' items."""
    rows = np.column_stack([chips.corners, chips.splits, chips.cells]).astype(np.int32)
    for first in range(part.first, part.last, size):
        last = min(first + size, part.last)
        begin, end = np.searchsorted(numbers, (first, last))
        yield ShardTask(
            str(work.folder), key, chips.grid, kind, first, last, rows[begin:end], part.first
        )


def _make_store(work: Work, key: str, chips: Mapping[str, Chips]) -> None:
    """Make the arrays, unless an unfinished run has made all of them."""
    done = work.path / "store"
    if done.is_file():
        return
    store = zarr.open_group(work.folder / STORE, mode="w", zarr_format=3)
    for name, own in chips.items():
        group = store.create_group(name)
        series = work.series[name]
        group.create_array("days", data=np.asarray(series.days, dtype=np.int16))
        record = record_of(str(work.folder), key, name)
        items = cell_items(record, len(passes_of(series)), work.side, work.factor)
        make_arrays(group, items, int(own.cells[-1]) + 1)
        make_arrays(group, chip_items(work.side, work.factor), len(own))
    atomic.write_text(done, "")
