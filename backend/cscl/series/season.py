"""The season of a series, and which of its dates are used; decided on the whole grid."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import TypeVar

from cscl.contract.errors import UserError

Season = tuple[datetime.date, datetime.date]
Item = TypeVar("Item")

# A series over more days than this needs a season: METHOD, section 6.
LONGEST_SPAN = 370
_ONE_DAY = datetime.timedelta(days=1)


def parse_season(text: str) -> Season:
    """Return first and last day of START/END; raises `UserError` for anything else."""
    match = re.fullmatch(r"\s*(\d{4}-\d{2}-\d{2})\s*/\s*(\d{4}-\d{2}-\d{2})\s*", text)
    try:
        if match is None:
            raise ValueError
        start, end = (datetime.date.fromisoformat(part) for part in match.groups())
    except ValueError:
        raise UserError(
            "invalid_season",
            f"season {text!r}",
            "it is not START/END",
            "Write it as 2018-10-01/2019-09-30.",
        ) from None
    if end <= start:
        raise UserError(
            "invalid_season",
            f"season {text!r}",
            "it ends before it starts",
            "Write the first day, then the last, with years.",
        )
    return start, end


def parse_day(text: str, subject: str) -> datetime.date:
    """Return a day written as YYYY-MM-DD."""
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise UserError(
            "invalid_day", f"{subject} {text!r}", "it is no day", "Write it as YYYY-MM-DD."
        ) from None


def season_text(season: Season) -> str:
    """Return START/END."""
    return f"{season[0].isoformat()}/{season[1].isoformat()}"


def assumed_season(dates: Sequence[datetime.date]) -> tuple[Season, str]:
    """Return the season to take where none is given, and a sentence that says so.

    Over more than 370 days: the last twelve calendar months that lie wholly between the first and
    the last date. Otherwise the calendar months that hold the dates, if they are at most twelve.
    """
    first, last = min(dates), max(dates)
    span = (last - first).days + 1
    if span > LONGEST_SPAN:
        season = _last_year(first, last)
        return season, (
            f"The images cover {first} to {last} ({span} days) and no season was given: the last "
            f"full twelve months are used, {season_text(season)}."
        )
    start, end = first.replace(day=1), _month_end(last)
    if (end - start).days + 1 > 366:
        start, end = first, last
    season = (start, end)
    return season, f"No season was given: {season_text(season)}, which the dates cover, is used."


def _last_year(first: datetime.date, last: datetime.date) -> Season:
    end = last if last == _month_end(last) else last.replace(day=1) - _ONE_DAY
    start = _year_before(end)
    if start < first:
        # The whole months are fewer than twelve: take the year that ends with the last date.
        start, end = _year_before(last), last
    return start, end


def _year_before(end: datetime.date) -> datetime.date:
    following = end + _ONE_DAY
    year = following.year - 1
    leap_day = following.month == 2 and following.day == 29
    return following.replace(year=year, day=28) if leap_day else following.replace(year=year)


def _month_end(day: datetime.date) -> datetime.date:
    following = (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    return following - _ONE_DAY


def choose_dates(
    items: Sequence[Item],
    days: Sequence[int],
    clear: Sequence[float],
    length: int,
    count: int,
) -> list[Item]:
    """Return `count` items spread over `length` days, the clearest of each equal part.

    `days` count from the start, `clear` is the clear share of the whole grid. Parts without a
    date are made up by the clearest of the remaining dates; equal ones by the earlier.
    """
    if count >= len(items):
        return list(items)
    order = sorted(range(len(items)), key=lambda index: (-clear[index], days[index]))
    filled: set[int] = set()
    chosen: list[int] = []
    for index in order:
        part = min(days[index] * count // length, count - 1)
        if part not in filled:
            filled.add(part)
            chosen.append(index)
    rest = [index for index in order if index not in chosen]
    chosen += rest[: count - len(chosen)]
    return [items[index] for index in sorted(chosen, key=lambda index: days[index])]
