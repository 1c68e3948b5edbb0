"""A time series that is there already, narrowed to bands, season and number of dates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.series.model import FEWEST_DATES, TimeSeries, restrict_bands
from cscl.series.options import SeriesOptions
from cscl.series.season import choose_dates, parse_day, parse_season
from cscl.series.selection import without_days
from cscl.series.stac import read_series


def narrowed(path: Path, options: SeriesOptions, ctx: JobContext) -> TimeSeries:
    """Return the series of a file with the bands, season and dates of `options`.

    Its own cloud mask, composite and gaps stand, which is noted.
    """
    series = read_series(path)
    if options.bands:
        series = restrict_bands(series, options.bands, path)
    if options.mask != series.mask:
        ctx.note(f"{path.name}: its own cloud mask ({series.mask}) is used.")
    if (options.composite, options.gaps) != (series.composite, series.gaps):
        ctx.note(f"{path.name}: its own dates ({series.frames_text}) are used.")
    if options.season:
        series = _in_season(series, options.season)
    if options.until:
        series = series.until(parse_day(options.until, "until"))
    if options.without:
        notes: list[str] = []
        left = without_days([series.acquisitions], options.without, path, notes)[0]
        series = replace(series, acquisitions=tuple(left))
        for note in notes:
            ctx.note(f"{path.name}: {note}")
    series = _spread(series, options.dates, path.name, ctx)
    if len(series.acquisitions) < FEWEST_DATES or len(series.frames) < FEWEST_DATES:
        raise UserError(
            "too_few_dates",
            path,
            f"{len(series.frames)} of its dates lie in the season; {FEWEST_DATES} are needed",
            "Choose another season, or define the time series again from its images.",
        )
    return series


def _spread(series: TimeSeries, dates: int | None, name: str, ctx: JobContext) -> TimeSeries:
    if dates is None or dates >= len(series.frames):
        return series
    if series.composite != "none":
        ctx.note(
            f"{name}: all its {len(series.frames)} medians are used; the {dates} dates that were "
            "asked for do not count for medians."
        )
        return series
    length = (series.season[1] - series.season[0]).days + 1
    clear = [item.valid_share for item in series.acquisitions]
    chosen = choose_dates(series.acquisitions, series.days, clear, length, dates)
    ctx.note(f"{name}: {len(chosen)} of {len(clear)} dates are used.")
    return replace(series, acquisitions=tuple(chosen))


def _in_season(series: TimeSeries, text: str) -> TimeSeries:
    start, end = parse_season(text)
    kept = tuple(
        replace(item, day=(item.date - start).days)
        for item in series.acquisitions
        if start <= item.date <= end
    )
    return replace(series, season=(start, end), acquisitions=kept)
