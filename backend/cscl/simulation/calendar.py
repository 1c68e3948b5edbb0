"""On which days of the season the satellite passes."""

from __future__ import annotations

import datetime

import numpy as np

from cscl.simulation.streams import Stream, generator

SEASON_DAYS = 365
REVISIT = 5  # days between passes of the two satellites on one orbit


def season_start(year: int) -> datetime.date:
    """Return the first day of the season that is harvested in `year`."""
    return datetime.date(year - 1, 10, 1)


def acquisition_days(seed: int, year: int, count: int) -> list[int]:
    """Return `count` ascending days since the season's start, at irregular distances.

    Passes come every five days of one orbit, and from a second orbit two days later once the
    first has too few; dates in summer are more often kept, as fewer are wholly overcast.
    """
    rng = generator(seed, Stream.CALENDAR, year)
    first = int(rng.integers(0, REVISIT))
    passes = np.arange(first, SEASON_DAYS, REVISIT)
    if count > len(passes):
        second = np.arange((first + 2) % REVISIT, SEASON_DAYS, REVISIT)
        passes = np.sort(np.concatenate([passes, second]))
    weight = 1.0 - 0.45 * np.cos(2 * np.pi * (passes - 95) / 365)
    chosen = rng.choice(passes, count, replace=False, p=weight / weight.sum())
    return sorted(int(day) for day in chosen)
