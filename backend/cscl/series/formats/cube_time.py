"""The dates of a cube: its coordinate of time, as the CF conventions write it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.series.cube_model import Cube, Variable

# Seconds of the units that CF and xarray write, by their first letters.
_UNITS = {
    "day": 86400.0, "d": 86400.0, "hour": 3600.0, "hr": 3600.0, "h": 3600.0, "minute": 60.0,
    "min": 60.0, "second": 1.0, "sec": 1.0, "s": 1.0, "millisecond": 1e-3, "msec": 1e-3,
    "ms": 1e-3, "microsecond": 1e-6, "nanosecond": 1e-9,
}  # fmt: skip
CALENDARS = ("standard", "gregorian", "proleptic_gregorian")
_SINCE = re.compile(
    r"(?P<unit>[a-z]+?)s? since (?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d*)?)?)?"
    r"(?: ?(?:Z|UTC|[+-]00:?00))?",
    re.IGNORECASE,
)


def dates_of(cube: Cube, variable: Variable) -> tuple[list[datetime.date], str]:
    """Return the date of each step of a variable in UTC, or none and in words why.

    A variable without a dimension of time has the one step of a scalar coordinate of time.
    Source: CF conventions 1.11, section 4.4.
    """
    axes = variable.axes
    if "time" in axes:
        name = variable.dims[axes["time"]]
        numbers = cube.coordinate(name)
        if numbers is None:
            return [], f"its dimension {name} has no dates"
    else:
        scalars = [name for name in ("t", "time") if name in cube.variables]
        single = [name for name in scalars if cube.variables[name].shape == ()]
        if not single:
            return [], ""
        name = single[0]
        numbers = cube.variables[name].read(()).reshape(1)
    return _decoded(name, numbers, cube.variables[name])


def _decoded(name: str, numbers: NDArray[Any], stored: Variable) -> tuple[list[datetime.date], str]:
    if numbers.dtype.kind == "M":
        days = numbers.astype("datetime64[D]")
        if np.isnat(days).any():
            return [], f"its coordinate {name} has steps without a date"
        return [day.item() for day in days], ""
    units, calendar = (str(stored.attributes.get(key, "")) for key in ("units", "calendar"))
    match = _SINCE.fullmatch(units.strip())
    if match is None or match["unit"].lower() not in _UNITS:
        return [], f"the units of its coordinate {name} are {units!r}, no time since a date"
    if calendar and calendar.lower() not in CALENDARS:
        return [], f"the calendar of its coordinate {name} is {calendar}"
    return _since(name, numbers, match)


def _since(
    name: str, numbers: NDArray[Any], match: re.Match[str]
) -> tuple[list[datetime.date], str]:
    start: Sequence[int] = [
        int(match[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    ]
    seconds = numbers.astype(np.float64) * _UNITS[match["unit"].lower()]
    try:
        first = datetime.datetime(*start)
        # A microsecond more, since midnight in fractions of a day may fall just short of it.
        margin = datetime.timedelta(microseconds=1)
        dates = [
            (first + datetime.timedelta(seconds=float(value)) + margin).date() for value in seconds
        ]
    except (ValueError, OverflowError):
        return [], f"its coordinate {name} holds steps that are no dates"
    return dates, ""
