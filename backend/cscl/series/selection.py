"""Which dates of a grid a series uses: by season, clear pixels, cloud limit and number."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypeVar

from cscl.contract.codes import LEAST_VALID
from cscl.contract.errors import UserError
from cscl.series.images import Image
from cscl.series.model import FEWEST_DATES, Acquisition
from cscl.series.season import (
    Season,
    assumed_season,
    choose_dates,
    parse_day,
    parse_season,
    season_text,
)

Dated = TypeVar("Dated", Image, Acquisition)


def season_of(found: Sequence[Image], season: str | None, notes: list[str]) -> Season:
    """Return the season that is given, or else the one that the dates cover, with a note."""
    if season:
        return parse_season(season)
    period, note = assumed_season([image.date for image in found])
    notes.append(note)
    return period


def last_day(period: Season, until: str | None) -> datetime.date:
    """Return the last day that is looked at."""
    return min(period[1], parse_day(until, "until")) if until else period[1]


def images_inside(
    found: Sequence[Image], period: Season, until: str | None, subject: str, notes: list[str]
) -> list[Image]:
    """Return the images of the season, by date, up to `until`; raises where they are too few."""
    last = last_day(period, until)
    if last < period[0]:
        raise UserError(
            "until_before_season",
            subject,
            f"the season {season_text(period)} begins after {until}, up to which dates are used",
            "Give a later date, or another season.",
        )
    inside = [image for image in found if period[0] <= image.date <= last]
    days = len({image.date for image in inside})
    if days < FEWEST_DATES:
        raise UserError(
            "too_few_dates",
            subject,
            f"{days} of its dates ({found[0].date} to {found[-1].date}) lie from {period[0]} to "
            f"{last}; a time series needs {FEWEST_DATES}",
            "Choose another season, or add images.",
        )
    if len(inside) < len(found):
        notes.append(
            f"{len(found) - len(inside)} of {len(found)} images lie outside the season "
            f"{season_text(period)}" + (f" or after {last}" if until else "") + " and are not used."
        )
    return inside


def without_days(
    grids: Sequence[Sequence[Dated]],
    without: frozenset[datetime.date],
    subject: object,
    notes: list[str],
) -> list[list[Dated]]:
    """Return what is of none of the days, grid by grid, without grids that have nothing left.

    Notes name the days that were left out and those of which there was nothing; raises
    `UserError` where nothing is left.
    """
    there = {item.date for members in grids for item in members}
    if without & there:
        notes.append(f"Left out as chosen: {_days(sorted(without & there))}.")
    if without - there:
        days = _days(sorted(without - there))
        notes.append(f"There is nothing of these days, which were to be left out: {days}.")
    left = [[item for item in members if item.date not in without] for members in grids]
    if there and not any(left):
        raise UserError(
            "too_few_dates",
            subject,
            f"all of its {len(there)} dates are left out",
            f"Leave out fewer: a time series needs {FEWEST_DATES}.",
        )
    return [members for members in left if members]


def clear_dates(
    acquisitions: Sequence[Acquisition],
    cloud_limit: float | None,
    subject: str,
    notes: list[str],
) -> list[Acquisition]:
    """Return the dates with clear pixels and no more cloud than `cloud_limit` (0..1)."""
    used = [item for item in acquisitions if item.valid_share >= LEAST_VALID]
    dropped = [item for item in acquisitions if item.valid_share < LEAST_VALID]
    if dropped:
        notes.append(
            f"{len(dropped)} of {len(acquisitions)} dates have less than {LEAST_VALID:.0%} valid "
            f"pixels and are not used: {_listed(dropped)}."
        )
    if len(used) < FEWEST_DATES:
        raise UserError(
            "no_clear_dates",
            subject,
            f"{len(used)} of {len(acquisitions)} dates have at least {LEAST_VALID:.0%} valid, "
            f"unclouded pixels; a time series needs {FEWEST_DATES}",
            "Add clearer images, choose another season, or use no cloud mask.",
        )
    return used if cloud_limit is None else _below_limit(used, cloud_limit, subject, notes)


def _below_limit(
    acquisitions: Sequence[Acquisition], limit: float, subject: str, notes: list[str]
) -> list[Acquisition]:
    used = [item for item in acquisitions if item.cloud_share <= limit]
    dropped = [item for item in acquisitions if item.cloud_share > limit]
    if dropped:
        shares = ", ".join(f"{item.date} ({item.cloud_share:.0%})" for item in dropped)
        notes.append(
            f"Clouds hide more than {limit:.0%} of the area on {len(dropped)} of "
            f"{len(acquisitions)} dates, which are not used: {shares}."
        )
    if len(used) < FEWEST_DATES:
        raise UserError(
            "no_clear_dates",
            subject,
            f"clouds hide at most {limit:.0%} of the area on {len(used)} of {len(acquisitions)} "
            f"dates; a time series needs {FEWEST_DATES}",
            "Allow more clouds, or choose another season.",
        )
    return used


def spread_dates(
    used: list[Acquisition],
    period: Season,
    until: str | None,
    dates: int | None,
    notes: list[str],
) -> list[Acquisition]:
    """Return `dates` of the dates, spread over the season, the clearest of each part."""
    if dates is None:
        return used
    if dates > len(used):
        notes.append(f"{dates} dates were asked for; all {len(used)} that there are are used.")
        return used
    length = (last_day(period, until) - period[0]).days + 1
    chosen = choose_dates(
        used, [item.day for item in used], [item.valid_share for item in used], length, dates
    )
    if len(chosen) < len(used):
        notes.append(
            f"{len(chosen)} of {len(used)} dates are used, spread over the season, the clearest "
            "of each part."
        )
    return chosen


def _listed(items: Sequence[Acquisition]) -> str:
    return _days([item.date for item in items])


def _days(days: Sequence[datetime.date]) -> str:
    return ", ".join(day.isoformat() for day in days)
