"""The jobs `import` and `export-dataset`: datasets of others in, and ours out."""

from __future__ import annotations

from pathlib import Path

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob, ExportDatasetJob, ImportJob
from cscl.dataset.exchange_export import write_pastis
from cscl.dataset.exchange_mtlcc import read_mtlcc
from cscl.dataset.exchange_pastis import read_pastis
from cscl.dataset.exchange_patches import PatchSet
from cscl.dataset.exchange_scene import (
    CLASS_FIELD,
    CLASSES,
    IMAGES,
    PARCELS,
    PATCHES,
    image_bytes,
    tiles_of,
    write_images,
    write_layers,
)
from cscl.dataset.exchange_t31tfm import read_t31tfm
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.disk import check_free, size_text
from cscl.series.season import assumed_season, season_text

SOURCE = "source"


def import_dataset(job: ImportJob, ctx: JobContext) -> None:
    """Write the set in `job.source` as images, parcels and splits, and build a dataset from them.

    All of it stands in `job.output`, so that what works on a dataset of ours works on this one.
    """
    source = _read(job)
    if not source.patches:
        raise UserError(
            "no_patches", job.source, "it holds no patch", "Choose the folder of the whole set."
        )
    for note in source.notes:
        ctx.note(note)
    place = Path(job.output) / SOURCE
    place.mkdir(parents=True, exist_ok=True)
    need = image_bytes(source)
    ctx.note(f"The images of the set take {size_text(need)}, and its chips as much again at most.")
    check_free(place, 2 * need)
    tiles = tiles_of(source, ctx)
    season = job.season
    if season is None:
        found, note = assumed_season([date for tile in tiles for date in tile.dates])
        season = season_text(found)
        ctx.note(note)
    write_images(source, tiles, place, ctx)
    write_layers(source, tiles, place, ctx)
    build_dataset(
        DatasetJob(
            images=str(place / IMAGES),
            parcels=str(place / PARCELS),
            class_field=CLASS_FIELD,
            classes=str(place / CLASSES),
            output=job.output,
            season=season,
            outside="ignore" if source.ignore else "class",
            split="layer",
            split_layer=str(place / PATCHES),
            mask="none",
        ),
        ctx,
    )


def export_dataset(job: ExportDatasetJob, ctx: JobContext) -> None:
    """Write the chips of `job.dataset` in the layout of PASTIS."""
    folder = Path(job.output)
    write_pastis(Dataset.open(job.dataset), folder, ctx)
    ctx.artifact("export", folder)


def _read(job: ImportJob) -> PatchSet:
    folder = Path(job.source)
    if job.layout == "pastis":
        return read_pastis(folder, job.fold)
    if job.layout == "mtlcc":
        return read_mtlcc(folder, job.fold, job.year)
    return read_t31tfm(folder, job.year)
