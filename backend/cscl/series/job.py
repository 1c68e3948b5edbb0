"""The job `series`, and how every other job gets its time series."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import SeriesJob
from cscl.contract.paths import local_path
from cscl.series.define import series_of_images
from cscl.series.entries import IMAGE_SUFFIXES
from cscl.series.image_table import read_image_table
from cscl.series.model import TimeSeries
from cscl.series.narrow import narrowed
from cscl.series.options import (
    Choices,
    SeriesOptions,
    cloud_mask,
    days_of,
    series_options,
)
from cscl.series.outputs import mask_folder, write_all
from cscl.series.stac import ENDING


def define_series(job: SeriesJob, ctx: JobContext) -> None:
    """Write the time series of `job.images` to `job.output`.

    Where the images lie on several grids there is one file a grid, NAME_GRID.series.json, all of
    them or none.
    """
    output = local_path(job.output, "output")
    if not output.name.endswith(ENDING):
        raise UserError(
            "wrong_ending",
            output,
            "it is no name of a time series",
            f"Let it end in {ENDING}.",
        )
    options = SeriesOptions(
        bands=job.bands,
        season=job.season,
        until=job.until,
        without=days_of(job.without),
        mask=cloud_mask(job.mask, job.mask_band, job.mask_values, job.mask_dilation),
        cloud_limit=None if job.cloud_limit is None else job.cloud_limit / 100,
        dates=job.dates,
        composite=job.composite,
        gaps=job.gaps,
        hints=read_image_table(job.image_table) if job.image_table else {},
        masks=mask_folder(output),
        workers=job.workers,
        scheduler=job.scheduler,
    )
    write_all(_all(job.images, options, ctx, one_grid=False), output, job.overwrite, ctx)


def series_from_images(images: str, *, ctx: JobContext, **choices: Unpack[Choices]) -> TimeSeries:
    """Return the series of images of one grid, or of a .series.json.

    `images` is a folder, or files joined by ';'. A .series.json is narrowed to the bands, season,
    until and dates that are given; its own cloud mask and composite stand. Raises `UserError` with
    all that makes the images unusable, and where they lie on several grids.
    """
    return _all(images, series_options(**choices), ctx, one_grid=True)[0]


def all_series(images: str, *, ctx: JobContext, **choices: Unpack[Choices]) -> list[TimeSeries]:
    """Return the series of images of any number of grids, one a grid, as `series_from_images`.

    `images` may also be a folder of .series.json, or several of them joined by ';'.
    """
    return _all(images, series_options(**choices), ctx, one_grid=False)


def _all(
    images: str, options: SeriesOptions, ctx: JobContext, *, one_grid: bool
) -> list[TimeSeries]:
    files = series_files(images)
    if not files:
        return series_of_images(images, options, ctx, one_grid=one_grid)
    if one_grid and len(files) > 1:
        raise UserError(
            "several_series",
            images,
            f"it names {len(files)} time series",
            "Name one of them.",
        )
    return [narrowed(path, options, ctx) for path in files]


def series_files(images: str) -> list[Path]:
    """Return the .series.json that `images` names, sorted; none where it names images.

    A folder stands for the series in it where it holds no images. Raises `UserError` where series
    and images are mixed.
    """
    parts = [local_path(part.strip(), "images") for part in images.split(";") if part.strip()]
    if len(parts) == 1 and parts[0].is_dir():
        entries = sorted(parts[0].iterdir())
        holds_images = any(path.suffix.lower() in IMAGE_SUFFIXES for path in entries)
        return [] if holds_images else [path for path in entries if path.name.endswith(ENDING)]
    series = [path for path in parts if path.name.lower().endswith(ENDING)]
    if series and len(series) < len(parts):
        raise UserError(
            "series_and_images",
            images,
            f"it names {len(series)} time series and {len(parts) - len(series)} other files",
            "Name images, or time series that were defined from them.",
        )
    return series
