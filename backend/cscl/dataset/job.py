"""The job `dataset`: a time series and parcels become chips with labels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.class_csv import read_class_table
from cscl.contract.classes import ClassTable
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.contract.errors import Finding, UserError
from cscl.contract.jobs import DatasetJob
from cscl.contract.version import VERSION
from cscl.dataset import reader
from cscl.dataset.balance import balance_note, class_balance
from cscl.dataset.chips import Chip, chip_size, plan_chips
from cscl.dataset.grids import grid_description, grid_name, label_folder, series_path
from cscl.dataset.labels import LabelBurner, class_overlaps
from cscl.dataset.parcels import Parcels, class_codes, read_parcels
from cscl.dataset.rasters import (
    FINE,
    FOLDER,
    LabelFiles,
    split_layer,
    write_labels,
    write_split,
)
from cscl.dataset.split import SPLITS
from cscl.dataset.split_options import SplitOptions
from cscl.dataset.split_plan import SplitParcels, SplitPlan, choose_plan
from cscl.dataset.split_sources import read_split_field
from cscl.dataset.store import write_chips
from cscl.grid import Grid
from cscl.series.job import series_from_images
from cscl.series.model import TimeSeries
from cscl.series.stac import write_series

CHIPS_FGB = "chips.fgb"


def build_dataset(job: DatasetJob, ctx: JobContext) -> None:
    """Write the dataset folder `job.output`; raises `UserError` where there is nothing to learn."""
    options = SplitOptions.of(job)
    folder = Path(job.output)
    name = grid_name(0)
    rasters = label_folder(folder, name)
    rasters.mkdir(parents=True, exist_ok=True)
    table = read_class_table(job.classes) if job.classes else None
    series = series_from_images(
        job.images,
        bands=job.bands,
        season=job.season,
        mask=job.mask,
        dates=job.dates,
        ctx=ctx,
    )
    grid = series.grid
    size = chip_size(job.chip, grid, ctx)
    parcels = read_parcels(job.parcels, job.class_field, grid, ctx)
    source = f"{parcels.name}, field {job.class_field}"
    year = series.season[1].year
    classes = table or ClassTable.from_values(parcels.values, source, year)
    codes = class_codes(parcels, classes, table is not None, ctx)
    plan, splits = _split(job, options, parcels, codes, grid, year, size, ctx)
    _write_label_rasters(rasters, parcels, codes, grid, plan, splits, job.outside, year, ctx)
    with LabelFiles(rasters) as labels:
        chips = plan_chips(labels, grid, size, job.outside, splits, ctx)
        _check_chips(chips, classes, job, ctx)
        statistics, pairs = write_chips(folder, series, chips, labels, job.outside, splits, ctx)
    pixels = {split: _counts(chips, split) for split in SPLITS}
    names, areas = np.array(["", *SPLITS])[splits[1:]], shapely.area(parcels.shapes)
    ctx.note(balance_note(class_balance(classes, codes, names, areas, pixels)))
    _write_parcels(folder, parcels, codes, splits, grid)
    plan.write_shapes(folder)
    _write_chip_tables(folder, chips, grid, len(series.days))
    write_series(series, series_path(folder, name))
    description = {
        "schema": reader.SCHEMA,
        "package": VERSION,
        "bands": list(series.bands),
        "level": series.level,
        "mask": series.mask_method,
        "grids": [grid_description(name, series)],
        "classes": classes.to_json(),
        "outside": job.outside,
        "chip": size,
        "split": plan.to_json(),
        "chips": dict(Counter(chip.split for chip in chips)),
        "statistics": statistics.result(),
        "class_counts": {str(code): n for code, n in _counts(chips, "training").items()},
        "pair_counts": {str(scale): list(pair) for scale, pair in pairs.items()},
        "sources": {"images": job.images, "parcels": source},
        "notes": list(ctx.noted),
    }
    description["fingerprint"] = _fingerprint(folder, description, series)
    atomic.write_text(folder / reader.DESCRIPTION, strict_json.dump(description))
    ctx.artifact("dataset", folder)


def _split(
    job: DatasetJob,
    options: SplitOptions,
    parcels: Parcels,
    codes: NDArray[np.uint8],
    grid: Grid,
    year: int,
    size: int,
    ctx: JobContext,
) -> tuple[SplitPlan, NDArray[np.uint8]]:
    """Return the plan and the split of each parcel by its id, 0 at place 0."""
    values = (
        None
        if options.field is None
        else np.array(read_split_field(job.parcels, options.field, parcels.fids), dtype=object)
    )
    known = codes != UNKNOWN
    chosen_from = SplitParcels(
        parcels.points[known],
        codes[known],
        shapely.area(parcels.shapes[known]),
        () if values is None else values[known],
    )
    grids = {grid_name(0): grid}
    plan = choose_plan(options, chosen_from, size * grid.resolution, grids, [year])
    for note in plan.notes:
        ctx.note(note)
    return plan, np.append(np.uint8(0), plan.parcel_codes(parcels.points, values, year))


def _write_label_rasters(
    folder: Path,
    parcels: Parcels,
    codes: NDArray[np.uint8],
    grid: Grid,
    plan: SplitPlan,
    splits: NDArray[np.uint8],
    outside: str,
    year: int,
    ctx: JobContext,
) -> None:
    overlaps = class_overlaps(parcels.shapes, codes)
    if overlaps:
        area = sum(part.area for part in overlaps)
        share = area / shapely.area(parcels.shapes).sum()
        ctx.note(
            f"{parcels.name}: parcels of different classes lie on each other on {area:.0f} square "
            f"metres ({share:.2%} of all): unknown where that is over a tenth of a pixel."
        )
    ids = np.arange(1, len(codes) + 1)
    burners = [
        (factor, LabelBurner(parcels.shapes, codes, ids, grid.subdivide(factor), overlaps))
        for factor in (1, FINE)
    ]
    write_labels(folder, burners, ctx)
    with LabelFiles(folder) as labels:
        own = split_layer(labels, grid, plan, splits, outside, year)
        write_split(folder, own, (), plan.guard, ctx)


def _check_chips(
    chips: Sequence[Chip], classes: ClassTable, job: DatasetJob, ctx: JobContext
) -> None:
    """Refuse a dataset without training or without anything to tell apart; warn of lone classes."""
    counts = {split: _counts(chips, split) for split in SPLITS}
    if not counts["training"]:
        raise UserError(
            "nothing_to_train",
            job.parcels,
            "no pixel is left for training after the split into blocks and its guard",
            "Use a larger area or more parcels, or another seed.",
        )
    if len(counts["training"]) < 2:
        name = classes.name_of(next(iter(counts["training"])))
        raise UserError(
            "one_class",
            job.parcels,
            f"all training pixels are of one class, {name}",
            "Use parcels of at least two crops, or count land outside parcels as a class.",
        )
    for split in ("validation", "test"):
        if not counts[split]:
            ctx.warn(
                Finding(
                    "split_empty",
                    job.parcels,
                    f"no pixel is left for {split}",
                    "Figures for it cannot be given; use a larger area.",
                    "warning",
                )
            )
    for code in classes.codes:
        present = [split for split in SPLITS if counts[split].get(code)]
        if len(present) == 1:
            ctx.warn(
                Finding(
                    "class_in_one_split",
                    f"class {classes.name_of(code)}",
                    f"it has pixels in {present[0]} only",
                    "Its figures say little; use a larger area or join it with another class.",
                    "warning",
                )
            )
        elif present and "training" not in present:
            ctx.warn(
                Finding(
                    "class_not_trained",
                    f"class {classes.name_of(code)}",
                    f"it has pixels in {' and '.join(present)}, none for training",
                    "It cannot be learnt; use a larger area or another seed.",
                    "warning",
                )
            )


def _counts(chips: Sequence[Chip], split: str) -> dict[int, int]:
    total: Counter[int] = Counter()
    for chip in chips:
        if chip.split == split:
            total.update(chip.class_counts)
    return dict(sorted(total.items()))


def _write_parcels(
    folder: Path, parcels: Parcels, codes: NDArray[np.uint8], splits: NDArray[np.uint8], grid: Grid
) -> None:
    names = np.array(["", *SPLITS])[splits[1:]]
    frame = gpd.GeoDataFrame(
        {
            "fid": parcels.fids,
            "class_code": codes,
            "split": names,
            "area": shapely.area(parcels.shapes),
        },
        geometry=list(parcels.shapes),
        crs=grid.crs,
    )
    with atomic.replacing(folder / reader.PARCELS) as part:
        frame.to_parquet(part)


def _write_chip_tables(folder: Path, chips: Sequence[Chip], grid: Grid, dates: int) -> None:
    """Write chips.parquet and chips.fgb: one chip a row."""
    frame = gpd.GeoDataFrame(
        {
            "chip": np.arange(len(chips)),
            "grid": grid_name(0),
            "cell": [chip.cell for chip in chips],
            "row": [chip.window.row for chip in chips],
            "column": [chip.window.col for chip in chips],
            "split": [chip.split for chip in chips],
            "labelled": [sum(chip.class_counts.values()) for chip in chips],
            "outside": [chip.class_counts.get(OUTSIDE, 0) for chip in chips],
            "class_counts": [
                strict_json.line({str(k): v for k, v in chip.class_counts.items()}).decode().strip()
                for chip in chips
            ],
            "boundary_share": [chip.boundary_share for chip in chips],
            "first_date": 0,
            "dates": dates,
        },
        geometry=[shapely.box(*grid.part(chip.window).bounds) for chip in chips],
        crs=grid.crs,
    )
    with atomic.replacing(folder / reader.CHIPS) as part:
        frame.to_parquet(part)
    with atomic.replacing(folder / CHIPS_FGB) as part:
        pyogrio.write_dataframe(frame, part, driver="FlatGeobuf", layer="chips")


def _fingerprint(folder: Path, description: dict[str, Any], series: TimeSeries) -> str:
    """Return a digest of all that training sees: images, labels, split, classes."""
    digest = hashlib.sha256()
    seen = {
        key: value
        for key, value in description.items()
        if key not in ("sources", "notes", "package")
    }
    digest.update(strict_json.dump(seen).encode())
    for acquisition in series.acquisitions:
        for item in acquisition.passes:
            for stamp in item.stamps.values():
                digest.update(stamp.digest.encode())
    for path in sorted((folder / FOLDER).rglob("*.tif")):
        with open(path, "rb") as handle:
            while block := handle.read(2**20):
                digest.update(block)
    return digest.hexdigest()[:32]
