"""How large a dataset becomes, told before its pixels are read, and refused if it does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from cscl.context import JobContext
from cscl.dataset.shards import ShardTask, cell_items, chip_items, item_bytes
from cscl.dataset.spool import Strip, passes_of, record_of, spooled_bytes
from cscl.dataset.work import Work
from cscl.disk import check_free, size_text

# Labels of whole tiles compress to a tenth; what is written besides them is small.
SPARE = 50 * 2**20


def check_space(
    work: Work,
    key: str,
    strips: Mapping[str, Sequence[Strip]],
    shards: Sequence[ShardTask],
    ctx: JobContext,
) -> None:
    """Say how large the dataset becomes at most.

    `strips` by the names of the grids, `shards` of all of them, finished ones too. Raises
    `UserError` where the disk has less space than is needed besides what is there already.
    """
    spool = stored = written = 0
    for name, tasks in groupby(shards, key=lambda task: task.grid):
        record = record_of(str(work.folder), key, name)
        passes = len(passes_of(work.series[name]))
        sizes = {
            "cells": item_bytes(cell_items(record, passes, work.side, work.factor)),
            "chips": item_bytes(chip_items(work.side, work.factor)),
        }
        most = max(strip.last - strip.first for strip in strips[name])
        # What was decoded for a strip and is needed for the next is less than the strip.
        spool += passes * most * record.itemsize * min(len(strips[name]), 2)
        for task in tasks:
            size = (task.last - task.first) * sizes[task.kind]
            stored += size
            written += size if task.done.is_file() else 0
    ctx.note(
        f"The dataset takes at most {size_text(stored)}, and {size_text(spool)} more while it is "
        "built."
    )
    check_free(work.folder, stored - written + spool + SPARE - spooled_bytes(work))
