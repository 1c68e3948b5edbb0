"""The stages of a dataset after its inputs: label rasters, passes into the spool, shards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
    make_arrays,
    read_totals,
    shard_size,
    write_shard,
)
from cscl.dataset.sizes import check_space
from cscl.dataset.spool import PassTask, passes_of, record_of, spool_pass
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
    check_space(work, key, chips, ctx)
    folder = str(work.folder)
    passes = [
        PassTask(folder, key, name, number)
        for name in chips
        for number in range(len(passes_of(work.series[name])))
    ]
    shards = [task for name, own in chips.items() for task in _shards(work, key, name, own)]
    _make_store(work, key, chips)
    try:
        pool.run(spool_pass, passes, stage="chips")
        pool.run(write_shard, shards)
    except UserError as error:
        if error.code == FULL:
            # What waits would only keep the disk full.
            atomic.remove(work.path)
        raise
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


def _shards(work: Work, key: str, name: str, chips: Chips) -> list[ShardTask]:
    record = record_of(str(work.folder), key, name)
    passes = len(passes_of(work.series[name]))
    rows = np.column_stack([chips.corners, chips.splits, chips.cells]).astype(np.int32)
    tasks = []
    for kind, items, numbers in (
        ("cells", cell_items(record, passes, work.side, work.factor), rows[:, 3]),
        ("chips", chip_items(work.side, work.factor), np.arange(len(rows))),
    ):
        size, count = shard_size(items), int(numbers[-1]) + 1
        for first in range(0, count, size):
            last = min(first + size, count)
            begin, end = np.searchsorted(numbers, (first, last))
            own = rows[begin:end]
            tasks.append(ShardTask(str(work.folder), key, name, kind, first, last, own))
    return tasks


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
