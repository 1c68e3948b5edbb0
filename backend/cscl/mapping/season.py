"""The time series that a map is made from: the model's bands, season and number of dates."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import MapJob
from cscl.mapping.suitability import require_choice
from cscl.models.card import ModelCard
from cscl.series.choice import choice_of
from cscl.series.job import series_from_images
from cscl.series.model import TimeSeries
from cscl.series.options import SeriesOptions
from cscl.series.scan import scan_images
from cscl.series.season import Season, season_text
from cscl.series.stac import ENDING, read_series


def series_for_map(job: MapJob, card: ModelCard, ctx: JobContext) -> TimeSeries:
    """Return the series to map, checked against the model.

    Season: the job's, else that of a .series.json, else the model's in the images' year. The
    bands, the cloud mask and what becomes of the dates are the model's, and no more dates are used
    than the dataset had that it was trained on. Raises `UserError` where bands or processing level
    do not suit the model, or a .series.json was made with another choice.
    """
    try:
        return _series(job, card, ctx)
    except UserError as error:
        raise _told_of_the_model(error, job.model) from error


def _series(job: MapJob, card: ModelCard, ctx: JobContext) -> TimeSeries:
    choice = choice_of(card, job.model)
    ready = job.images.lower().endswith(ENDING)
    season = job.season
    if ready:
        found = read_series(job.images)
        require_choice(found, choice, job.images, job.model)
        if season is None:
            _compare(found.season, card, ctx)
    elif season is None:
        scan = scan_images(job.images, SeriesOptions(card.bands, mask=choice.mask).wanted)
        period = recurring_season(card.season, [image.date for image in scan.images])
        season = season_text(period)
        ctx.note(
            f"Season: the model's, {card.season[0]} to {card.season[1]}, in the images' year: "
            f"{season}"
        )
    # Which dates a ready series uses is settled already, and medians are as many as the periods.
    settled = ready or choice.composite != "none"
    series = series_from_images(
        job.images,
        bands=card.bands,
        season=season,
        mask=choice.mask,
        dates=None if settled else card.training.get("dates"),
        composite=choice.composite,
        gaps=choice.gaps,
        ctx=ctx,
    )
    warning = card.require_level(series.level, job.images)
    if warning is not None:
        ctx.warn(warning)
    return series


def _told_of_the_model(error: UserError, model: str) -> UserError:
    """Return an error about bands with the remedy that fits a map: its bands are the model's."""
    if error.code != "bands_missing":
        return error
    first = error.findings[0]
    return UserError(
        first.code,
        first.subject,
        f"{first.found} (the bands of the model {model})",
        "Use images with the model's bands, or train a model on the bands that these have.",
    )


def recurring_season(season: tuple[str, str], dates: Sequence[datetime.date]) -> Season:
    """Return a season of month and day (MM-DD) in the year that holds most of the dates.

    It crosses New Year where it ends before it starts; of equal years the later.
    """
    years = range(min(dates).year - 1, max(dates).year + 2)
    periods = [_in_year(season, year) for year in years]
    return max(periods, key=lambda item: (sum(item[0] <= d <= item[1] for d in dates), item[0]))


def _in_year(season: tuple[str, str], year: int) -> Season:
    start = _day(year, season[0])
    end = _day(year, season[1])
    return start, end if end > start else _day(year + 1, season[1])


def _day(year: int, text: str) -> datetime.date:
    month, day = int(text[:2]), int(text[3:])
    try:
        return datetime.date(year, month, day)
    except ValueError:  # 29 February, in a common year
        return datetime.date(year, month, 28)


def _compare(season: Season, card: ModelCard, ctx: JobContext) -> None:
    found = tuple(f"{day:%m-%d}" for day in season)
    if found != card.season:
        ctx.note(
            f"The time series' season, {season_text(season)}, is used; the model was trained on "
            f"{card.season[0]} to {card.season[1]}"
        )
