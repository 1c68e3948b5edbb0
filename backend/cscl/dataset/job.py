"""The job `dataset`: time series and parcels become chips with labels, as a stream of dates."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.codes import UNKNOWN
from cscl.contract.jobs import DatasetJob
from cscl.contract.resolutions import label_factor
from cscl.contract.version import VERSION
from cscl.dataset import reader
from cscl.dataset.append import Before
from cscl.dataset.balance import balance_note, class_balance
from cscl.dataset.build import Built, build_chips, build_labels, plan_chips, start_workers
from cscl.dataset.checks import check_counts, check_series, counts_by_split
from cscl.dataset.chips import Chips, chip_size, grid_corners, parcel_corners
from cscl.dataset.declared import burnt, planned
from cscl.dataset.grids import grid_description, grid_name, series_path
from cscl.dataset.inputs import read_inputs, read_labelled_parcels, write_all_findings
from cscl.dataset.parcels import Parcels
from cscl.dataset.rare import merge_rare
from cscl.dataset.rasters import FOLDER
from cscl.dataset.split import SPLITS
from cscl.dataset.split_options import SplitOptions
from cscl.dataset.tables import write_chips, write_parcels
from cscl.dataset.work import Shapes, Work
from cscl.memory import trim_memory
from cscl.parallel import TaskPool, task_pool
from cscl.series.choice import SeriesChoice
from cscl.series.job import all_series
from cscl.series.stac import read_series, write_series

# What was counted before rare classes were joined.
RARE = "rare.json"


@dataclass(frozen=True)
class Ground:
    """Everything that a dataset is made of, read and checked."""

    work: Work
    parcels: Parcels
    classes: ClassTable
    codes: NDArray[np.uint8]
    source: str
    before: Before | None

    @property
    def first(self) -> int:
        """The number of parcels whose ids come before these."""
        return self.before.parcels if self.before else 0

    @property
    def splits(self) -> NDArray[np.uint8]:
        """The split of each parcel (N,)."""
        return self.work.splits[self.first + 1 :]

    def burnt(self, ctx: JobContext) -> dict[str, Shapes]:
        """Return what is burnt into each grid."""
        grids = {name: item.grid for name, item in self.work.series.items()}
        result = burnt(self.parcels, self.codes, grids, self.first, ctx)
        trim_memory()
        return result


def build_dataset(job: DatasetJob, ctx: JobContext) -> None:
    """Write the dataset folder `job.output`; raises `UserError` where there is nothing to learn.

    An unfinished dataset of the same job, images and parcels is gone on with: what it holds of
    label tiles, passes and shards is used.
    """
    SplitOptions.of(job)
    known = len(ctx.noted)
    before = Before.open(job.append) if job.append else None
    if before is not None:
        job = before.adapted(job)
    with task_pool(job.workers, job.scheduler, ctx) as pool:
        ground = _read(job, before, pool, ctx)
        work, folder = ground.work, ground.work.folder
        for name, item in work.series.items():
            write_series(item, series_path(folder, name))
        if job.rare_pixels:
            ground = _without_rare(job, ground, pool, ctx)
        key, chips = _labelled(ground, pool, ctx)
        built = build_chips(
            work, key, pool, chips, lambda chips: _check(chips, ground, job, ctx), ctx
        )
    _write_tables(ground, built)
    work.plan.write_shapes(folder)
    findings = write_all_findings(folder, ground.parcels, ctx)
    if before is not None:
        before.take_over(folder)
    description = _description(job, ground, built, list(ctx.noted[known:]))
    description["fingerprint"] = _fingerprint(folder, description)
    atomic.write_text(folder / reader.DESCRIPTION, strict_json.dump(description))
    atomic.remove(work.path)
    atomic.remove(folder / RARE)
    ctx.artifact("dataset", folder)
    ctx.artifact("findings", findings)


def _write_tables(ground: Ground, built: Built) -> None:
    work, dataset = ground.work, ground.before.dataset if ground.before else None
    trim_memory()
    grids = {name: item.grid for name, item in work.series.items()}
    dates = {name: len(item.days) for name, item in work.series.items()}
    parcels, chips = (dataset.parcel_table(), dataset.chip_table()) if dataset else (None, None)
    write_parcels(work.folder, ground.parcels, ground.codes, ground.splits, grids, parcels)
    write_chips(work.folder, built.chips, grids, dates, chips)


def _read(job: DatasetJob, before: Before | None, pool: TaskPool, ctx: JobContext) -> Ground:
    """Read images, parcels and classes, and decide what chips and splits there shall be."""
    found, table = read_inputs(
        job,
        lambda: all_series(
            job.images,
            bands=job.bands,
            season=job.season,
            mask=job.mask,
            dates=job.dates,
            workers=job.workers,
            scheduler=job.scheduler,
            ctx=ctx,
        ),
        ctx,
    )
    known = len(before.dataset.grids) if before else 0
    series = {grid_name(known + number): item for number, item in enumerate(found)}
    check_series(series, job.images)
    start_workers(pool, job, series)
    if before is not None:
        before.check_series(series, job.images)
        table = before.dataset.classes
    grids = {name: item.grid for name, item in series.items()}
    years = {name: item.season[1].year for name, item in series.items()}
    first = found[0].grid
    size = chip_size(job.chip, job.margin, first, ctx)
    factor = label_factor(job.factor, job.resolution)
    finest = first.resolution / factor
    labelled = read_labelled_parcels(
        job, table, list(grids.values()), max(years.values()), finest, ctx
    )
    parcels, codes = labelled.parcels, labelled.codes
    metres = (size + 2 * job.margin) * first.resolution
    kept = before.dataset.split_plan if before else None
    plan, splits = planned(job, parcels, codes, grids, years, metres, ctx, kept)
    trim_memory()
    earlier = before.split_codes() if before else []
    work = Work(
        # Workers may have another folder as their own.
        folder=Path(job.output).absolute(),
        chip=size,
        margin=job.margin,
        factor=factor,
        outside=job.outside,
        chips=job.chips,
        plan=plan,
        series=series,
        years=years,
        splits=np.concatenate([[0], earlier, splits]).astype(np.uint8),
        before=before.dataset.folder if before else None,
    )
    return Ground(work, parcels, labelled.classes, codes, labelled.source, before)


def _labelled(ground: Ground, pool: TaskPool, ctx: JobContext) -> tuple[str, dict[str, Chips]]:
    """Write the label rasters; return the key of the work and the chips of each grid."""
    work, parcels = ground.work, ground.parcels
    grids = {name: item.grid for name, item in work.series.items()}
    key = work.write(ground.burnt(ctx))
    build_labels(work, key, pool)
    corners = {}
    for number, (name, grid) in enumerate(grids.items()):
        own = (parcels.grids == number) & (ground.codes != UNKNOWN)
        corners[name] = (
            parcel_corners(parcels.shapes.bounds[own], grid, work.chip)
            if work.chips == "parcels"
            else grid_corners(grid, work.chip)
        )
    return key, plan_chips(work, key, pool, corners, ctx)


def _without_rare(job: DatasetJob, ground: Ground, pool: TaskPool, ctx: JobContext) -> Ground:
    """Return the ground with its rare classes joined or left out, by the training split alone.

    Joined classes are burnt together, so the labels are made twice where a class is rare. What
    was counted stays beside the work until the dataset is finished, for a run that goes on.
    """
    work = ground.work
    key, kept = work.key(ground.burnt(ctx)), work.folder / RARE
    value = strict_json.read(kept) if kept.is_file() else {}
    if value.get("key") != key:
        _, chips = _labelled(ground, pool, ctx)
        found = counts_by_split(chips)["training"]
        value = {"key": key, "counts": {str(code): n for code, n in found.items()}}
        atomic.write_text(kept, strict_json.dump(value))
    counts = {int(code): int(n) for code, n in value["counts"].items()}
    classes, mapping, text = merge_rare(ground.classes, counts, job.rare_pixels, job.rare)
    if not text:
        return ground
    ctx.note(text)
    lookup = np.arange(256, dtype=np.uint8)
    lookup[list(mapping)] = list(mapping.values())
    return replace(ground, classes=classes, codes=lookup[ground.codes])


def _check(chips: Mapping[str, Chips], ground: Ground, job: DatasetJob, ctx: JobContext) -> None:
    """Refuse what cannot be learnt from, and say how the classes are shared."""
    pixels = counts_by_split(chips)
    check_counts(pixels, ground.classes, job, ctx, appended=ground.before is not None)
    names = np.array(["", *SPLITS])[ground.splits]
    areas = ground.parcels.shapes.areas
    balance = class_balance(ground.classes, ground.codes, names, areas, pixels)
    ctx.note(balance_note(balance))


def _description(
    job: DatasetJob, ground: Ground, built: Built, notes: Sequence[str]
) -> dict[str, Any]:
    work = ground.work
    first = next(iter(work.series.values()))
    before, totals = ground.before, built.totals
    grids = [grid_description(name, work.series[name]) for name in built.chips]
    numbers = np.concatenate([own.splits for own in built.chips.values()])
    counts = Counter(SPLITS[number] for number in numbers.tolist())
    if before is not None:
        totals.add(before.totals)
        grids = [*before.description["grids"], *grids]
        counts.update(before.description["chips"])
        notes = [*before.description["notes"], *notes]
    classes = totals.classes
    return {
        "schema": reader.SCHEMA,
        "package": VERSION,
        "bands": list(first.bands),
        "level": first.level,
        "mask": first.mask_method,
        "series": SeriesChoice.of(first).to_json(),
        "grids": grids,
        "classes": ground.classes.to_json(),
        "outside": work.outside,
        "chip": work.chip,
        "margin": work.margin,
        "factor": work.factor,
        "cells": work.chips,
        "split": work.plan.to_json(),
        "chips": dict(counts),
        "statistics": totals.statistics(),
        "totals": totals.to_json(),
        "class_counts": {str(code): classes[code] for code in sorted(classes)},
        "pair_counts": {str(scale): pair for scale, pair in totals.pairs.items()},
        "sources": {"images": job.images, "parcels": ground.source, "append": job.append},
        "notes": list(notes),
    }


def _fingerprint(folder: Path, description: Mapping[str, Any]) -> str:
    """Return a digest of all that training sees: images, labels, split, classes."""
    digest = hashlib.sha256()
    seen = {
        key: value
        for key, value in description.items()
        if key not in ("sources", "notes", "package")
    }
    digest.update(strict_json.dump(seen).encode())
    for place in description["grids"]:
        item = read_series(series_path(folder, place["name"]))
        for acquisition in item.acquisitions:
            for part in acquisition.passes:
                for stamp in part.stamps.values():
                    digest.update(stamp.digest.encode())
    for path in sorted((folder / FOLDER).rglob("*.tif")):
        with open(path, "rb") as handle:
            while block := handle.read(2**20):
                digest.update(block)
    return digest.hexdigest()[:32]
