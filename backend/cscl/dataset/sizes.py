"""How large a dataset becomes, told before its pixels are read, and refused if it does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cscl.context import JobContext
from cscl.dataset.chips import Chips
from cscl.dataset.shards import cell_items, chip_items, item_bytes
from cscl.dataset.spool import Strip, passes_of, record_of, spool_path
from cscl.dataset.work import Work
from cscl.disk import check_free, size_text

# Labels of whole tiles compress to a tenth; what is written besides them is small.
SPARE = 50 * 2**20


def check_space(
    work: Work,
    key: str,
    chips: Mapping[str, Chips],
    strips: Mapping[str, Sequence[Strip]],
    ctx: JobContext,
) -> int:
    """Say how large the dataset becomes at most; return the bytes that wait in the spool.

    Raises `UserError` where the disk has less space than is needed besides what is there already.
    """
    spool = stored = present = 0
    for name, own in chips.items():
        record = record_of(str(work.folder), key, name)
        passes, cells = len(passes_of(work.series[name])), int(own.cells[-1]) + 1
        most = max(strip.last - strip.first for strip in strips[name])
        # What was decoded for a strip and is needed for the next is less than the strip.
        spool += passes * most * record.itemsize * min(len(strips[name]), 2)
        stored += cells * item_bytes(cell_items(record, passes, work.side, work.factor))
        stored += len(own) * item_bytes(chip_items(work.side, work.factor))
        files = (
            spool_path(work, name, strip.first, number)
            for strip in strips[name]
            for number in range(passes)
        )
        present += sum(path.stat().st_size for path in files if path.is_file())
    ctx.note(
        f"The dataset takes at most {size_text(stored)}, and {size_text(spool)} more while it is "
        "built."
    )
    check_free(work.folder, stored + spool + SPARE - present)
    return spool
