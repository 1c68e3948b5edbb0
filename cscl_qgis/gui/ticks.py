"""Round numbers and days along the axes of a chart."""

from __future__ import annotations

import math
from typing import List, Tuple

from qgis.PyQt.QtCore import QDate, QLocale

Tick = Tuple[float, str]

EPOCH = QDate(1970, 1, 1)
DAY_STEPS = (1, 2, 5, 10)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
DAYS_A_MONTH = 30.4


def day_number(day: QDate) -> int:
    """Return the days from 1970-01-01 to a day."""
    return int(EPOCH.daysTo(day))


def day_of(number: float) -> QDate:
    """Return the day that many days after 1970-01-01."""
    return EPOCH.addDays(int(round(number)))


def number_ticks(low: float, high: float, most: int) -> List[Tick]:
    """Return at most about `most` round numbers from `low` to `high` with their labels."""
    step = _round_step((high - low) / max(most, 1))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    locale = QLocale()
    values = [(first + index) * step for index in range(count)]
    return [(value, _number(locale, value, decimals)) for value in values]


def day_ticks(low: float, high: float, most: int) -> List[Tick]:
    """Return at most about `most` days from `low` to `high`: days, first of months or of years."""
    wanted = (high - low) / max(most, 1)
    if wanted <= DAY_STEPS[-1]:
        step = next(step for step in DAY_STEPS if step >= wanted)
        first = math.ceil(low / step) * step
        numbers = range(int(first), math.floor(high) + 1, step)
        return [(number, _day_label(day_of(number))) for number in numbers]
    months = next((step for step in MONTH_STEPS if step * DAYS_A_MONTH >= wanted), MONTH_STEPS[-1])
    return _month_ticks(low, high, months)


def short_number(value: float) -> str:
    """Return a number with four digits in the person's own way of writing."""
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        return QLocale().toString(float(value), "e", 2)
    digits = 0 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
    text = QLocale().toString(float(value), "f", digits)
    point = QLocale().decimalPoint()
    return text.rstrip("0").rstrip(point) if point in text else text


def _round_step(wanted: float) -> float:
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * unit for unit in (1, 2, 5, 10) if power * unit >= wanted * (1 - 1e-9))


def _number(locale: QLocale, value: float, decimals: int) -> str:
    if abs(value) >= 1e7 or decimals > 5:
        return str(locale.toString(float(value), "g", 3))
    return str(locale.toString(float(value), "f", decimals))


def _day_label(day: QDate) -> str:
    return str(QLocale().toString(day, "d MMM"))


def _month_ticks(low: float, high: float, months: int) -> List[Tick]:
    start = day_of(low)
    day = QDate(start.year(), 1, 1)
    days: List[QDate] = []
    while day_number(day) <= high:
        if day_number(day) >= low:
            days.append(day)
        day = day.addMonths(months)
    # The year stands where it begins, else at the first label.
    named = [day for day in days if day.month() == 1] or days[:1]
    return [(float(day_number(day)), _month_label(day, day in named)) for day in days]


def _month_label(day: QDate, named: bool) -> str:
    return str(QLocale().toString(day, "MMM yyyy" if named else "MMM"))
