"""What a dataset is made from, checked as a whole: images, parcels, class table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.class_csv import read_class_table
from cscl.contract.classes import ClassTable
from cscl.contract.errors import Findings
from cscl.contract.jobs import DatasetJob
from cscl.dataset.findings import write_findings
from cscl.dataset.parcel_classes import class_codes, table_of_values
from cscl.dataset.parcel_rules import ParcelRules
from cscl.dataset.parcels import Parcels, check_parcels, read_parcels
from cscl.grid import Grid

Images = TypeVar("Images")


@dataclass(frozen=True)
class LabelledParcels:
    """Parcels with the class table and the code of each, 255 where it is unknown."""

    parcels: Parcels
    classes: ClassTable
    codes: NDArray[np.uint8]
    source: str


def read_inputs(
    job: DatasetJob, read_images: Callable[[], Images], ctx: JobContext
) -> tuple[Images, ClassTable | None]:
    """Return the images and the class table, if one is given.

    Raises one `UserError` with everything that is wrong with images, parcel layer, class field and
    class table.
    """
    findings = Findings()
    images: list[Images] = []
    table = None
    with findings.collecting():
        if job.classes:
            table = read_class_table(job.classes, ctx.note)
    with findings.collecting():
        check_parcels(job.parcels, job.class_field)
    with findings.collecting():
        images.append(read_images())
    findings.raise_errors()
    return images[0], table


def read_labelled_parcels(
    job: DatasetJob,
    table: ClassTable | None,
    grids: Sequence[Grid],
    year: int,
    finest: float,
    ctx: JobContext,
) -> LabelledParcels:
    """Return the parcels on `grids` with their classes; `finest` is the side of a label in m."""
    rules = replace(ParcelRules.of(job), finest=finest)
    folder = Path(job.output)
    folder.mkdir(parents=True, exist_ok=True)
    parcels = read_parcels(job.parcels, job.class_field, grids, ctx, rules, folder)
    source = f"{parcels.name}, field {job.class_field}"
    classes = table or table_of_values(parcels.values, parcels.eurocrops, source, year)
    codes, found = class_codes(parcels, classes, table is not None, ctx)
    return LabelledParcels(
        replace(parcels, findings=(*parcels.findings, *found)), classes, codes, source
    )


def write_all_findings(folder: Path, parcels: Parcels, ctx: JobContext) -> Path:
    """Write findings.gpkg into the dataset's folder: those of parcels and all others."""
    path = write_findings(folder, parcels.findings, ctx.found, parcels.crs)
    count = len(parcels.findings) + len(ctx.found)
    ctx.note(f"{path.name} lists {count} findings, those of parcels with their ground.")
    return path
