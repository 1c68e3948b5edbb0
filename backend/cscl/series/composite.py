"""From dates to frames: each date as it is, or the median of a month or ten days."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COMPOSITES = ("none", "month", "dekad")
GAPS = ("keep", "linear")
_COMPOSITE_WORDS = {
    "none": "each date as it is",
    "month": "medians by month",
    "dekad": "medians by ten days",
}
_GAP_WORDS = {"keep": "gaps kept", "linear": "gaps filled linearly"}
_ONE_DAY = datetime.timedelta(days=1)
# First days of the parts of a month.
_STARTS = {"month": (1,), "dekad": (1, 11, 21)}


@dataclass(frozen=True)
class Frame:
    """What a network sees as one date.

    `date` is a date, or the middle day of a period; `members` are the numbers of the dates whose
    median it is, none where the period has no date.
    """

    date: datetime.date
    members: tuple[int, ...]


def frames_text(composite: str, gaps: str) -> str:
    """Return in words how dates become frames."""
    return f"{_COMPOSITE_WORDS[composite]}, {_GAP_WORDS[gaps]}"


def frames_of(
    dates: Sequence[datetime.date],
    season: tuple[datetime.date, datetime.date],
    composite: str,
) -> tuple[Frame, ...]:
    """Return the frames of ascending `dates` in a season.

    With a composite these are the periods from that of the first date to that of the last. One
    between them without a date is a frame without data, so that frames are evenly spaced; periods
    before and after are left out. What is of a period outside the season does not count for its
    middle.
    """
    if composite == "none" or not dates:
        return tuple(Frame(date, (number,)) for number, date in enumerate(dates))
    frames = []
    start = _period_start(dates[0], composite)
    while start <= dates[-1]:
        following = _next_start(start, composite)
        members = tuple(n for n, date in enumerate(dates) if start <= date < following)
        first, last = max(start, season[0]), min(following - _ONE_DAY, season[1])
        frames.append(Frame(first + datetime.timedelta(days=(last - first).days // 2), members))
        start = following
    return tuple(frames)


def _period_start(day: datetime.date, composite: str) -> datetime.date:
    return day.replace(day=max(start for start in _STARTS[composite] if start <= day.day))


def _next_start(start: datetime.date, composite: str) -> datetime.date:
    later = [day for day in _STARTS[composite] if day > start.day]
    if later:
        return start.replace(day=later[0])
    return (start.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


def compose(
    values: NDArray[np.float32], valid: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the median over the valid dates of each pixel, (C, H, W), and where there is one.

    `values` is (N, C, H, W), `valid` (N, H, W); of an even number of dates it is the mean of the
    two in the middle; 0 where none is valid.
    """
    count = valid.sum(axis=0)
    # What is not valid comes last.
    ordered = np.where(valid[:, None], values, np.float32(np.inf))
    ordered.sort(axis=0)
    low = np.maximum(count - 1, 0) // 2
    high = np.where(count > 0, count // 2, 0)
    first, second = (
        np.take_along_axis(ordered, place[None, None], axis=0)[0] for place in (low, high)
    )
    seen = count > 0
    middle = np.where(seen, (first + second) * np.float32(0.5), np.float32(0.0))
    return middle, seen
