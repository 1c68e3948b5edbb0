"""What parcels declare on all grids of a dataset: their split, and what is burnt into each grid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.codes import UNKNOWN
from cscl.contract.jobs import DatasetJob
from cscl.dataset.overlaps import class_ground
from cscl.dataset.parcels import Parcels
from cscl.dataset.split_options import SplitOptions
from cscl.dataset.split_plan import SplitParcels, SplitPlan, choose_plan
from cscl.dataset.split_sources import read_split_field
from cscl.dataset.work import Shapes
from cscl.grid import Grid
from cscl.vectors.outlines import Outlines


def planned(
    job: DatasetJob,
    parcels: Parcels,
    codes: NDArray[np.uint8],
    grids: Mapping[str, Grid],
    years: Mapping[str, int],
    chip_metres: float,
    ctx: JobContext,
    before: SplitPlan | None = None,
) -> tuple[SplitPlan, NDArray[np.uint8]]:
    """Return the plan of the split and the split of each parcel (N,).

    `before` is a plan to keep.
    """
    options = SplitOptions.of(job)
    values = (
        None
        if options.field is None
        else np.array(read_split_field(job.parcels, options.field, parcels.fids), dtype=object)
    )
    known = codes != UNKNOWN
    chosen_from = SplitParcels(
        parcels.points[known],
        codes[known],
        parcels.shapes.areas[known],
        () if values is None else values[known],
    )
    plan = before or choose_plan(options, chosen_from, chip_metres, grids, list(years.values()))
    for note in plan.notes:
        ctx.note(note)
    splits = np.zeros(len(codes), dtype=np.uint8)
    for number, name in enumerate(grids):
        own = np.flatnonzero(parcels.grids == number)
        some = None if values is None else values[own]
        splits[own] = plan.parcel_codes(parcels.points[own], some, years[name])
    return plan, splits


def burnt(
    parcels: Parcels,
    codes: NDArray[np.uint8],
    grids: Mapping[str, Grid],
    first: int,
    ctx: JobContext,
) -> dict[str, Shapes]:
    """Return what is burnt into each grid: its own parcels, and others' as unknown ground.

    `first` is the number of parcels whose ids come before these.
    """
    result = {}
    area = 0.0
    for number, name in enumerate(grids):
        overlaps = Outlines.of(())
        if (parcels.grids == number).any():
            overlaps = class_ground(parcels.shared(number), codes)
        area += overlaps.areas.sum()
        shapes, seen, ids = parcels.burnt(codes, number)
        result[name] = Shapes(shapes, seen, ids + first, overlaps)
    if area:
        share = area / parcels.shapes.areas.sum()
        ctx.note(
            f"{parcels.name}: parcels of different classes lie on each other on {area:.0f} square "
            f"metres ({share:.2%} of all): unknown where that is over a tenth of a pixel."
        )
    return result
