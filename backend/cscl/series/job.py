"""The job `series`, and how every other job gets its time series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import SeriesJob
from cscl.contract.paths import local_path
from cscl.series.define import series_of_images
from cscl.series.model import FEWEST_DATES, TimeSeries, restrict_bands
from cscl.series.season import choose_dates, parse_day, parse_season
from cscl.series.stac import ENDING, read_series, write_series


def define_series(job: SeriesJob, ctx: JobContext) -> None:
    """Write the time series of `job.images` to `job.output`."""
    output = local_path(job.output, "output")
    if not output.name.endswith(ENDING):
        raise UserError(
            "wrong_ending",
            output,
            "it is no name of a time series",
            f"Let it end in {ENDING}.",
        )
    series = series_from_images(
        job.images,
        bands=job.bands,
        season=job.season,
        until=job.until,
        mask=job.mask,
        dates=job.dates,
        ctx=ctx,
    )
    write_series(series, output)
    ctx.artifact("series", output)


def series_from_images(
    images: str,
    *,
    bands: Sequence[str] | None = None,
    season: str | None = None,
    until: str | None = None,
    mask: str = "scl",
    dates: int | None = None,
    ctx: JobContext,
) -> TimeSeries:
    """Return the series of a folder, of image files joined by ';', or of a .series.json.

    A .series.json is narrowed to `bands`, `season`, `until` and `dates` where they are given; its
    own cloud mask stands. Raises `UserError` with all that makes the images unusable.
    """
    if images.lower().endswith(ENDING):
        return _narrowed(local_path(images, "images"), bands, season, until, mask, dates, ctx)
    return series_of_images(images, bands, season, until, mask, dates, ctx)


def _narrowed(
    path: Path,
    bands: Sequence[str] | None,
    season: str | None,
    until: str | None,
    mask: str,
    dates: int | None,
    ctx: JobContext,
) -> TimeSeries:
    series = read_series(path)
    if bands:
        series = restrict_bands(series, tuple(bands), path)
    if mask != series.mask_method:
        ctx.note(f"{path.name}: its own cloud mask ({series.mask_method}) is used.")
    if season:
        series = _in_season(series, season)
    if until:
        last = parse_day(until, "until")
        kept = tuple(item for item in series.acquisitions if item.date <= last)
        series = replace(series, acquisitions=kept)
    if dates is not None and dates < len(series.acquisitions):
        length = (series.season[1] - series.season[0]).days + 1
        clear = [item.valid_share for item in series.acquisitions]
        chosen = choose_dates(series.acquisitions, series.days, clear, length, dates)
        ctx.note(f"{path.name}: {len(chosen)} of {len(clear)} dates are used.")
        series = replace(series, acquisitions=tuple(chosen))
    if len(series.acquisitions) < FEWEST_DATES:
        raise UserError(
            "too_few_dates",
            path,
            f"{len(series.acquisitions)} of its dates lie in the season; {FEWEST_DATES} are needed",
            "Choose another season, or define the time series again from its images.",
        )
    return series


def _in_season(series: TimeSeries, text: str) -> TimeSeries:
    start, end = parse_season(text)
    kept = tuple(
        replace(item, day=(item.date - start).days)
        for item in series.acquisitions
        if start <= item.date <= end
    )
    return replace(series, season=(start, end), acquisitions=kept)
