"""From the engine's curves to lines of a chart."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QDate, Qt

from ..chart_lines import Line
from ..ticks import day_number

NDVI, ALL = "ndvi", "all"
NDVI_COLOUR = "#2c7fb8"
OTHER_COLOUR = "#888888"
# Near what the eye or a common composition has for each band, and told apart from each other.
BAND_COLOURS = {
    "B01": "#5e4fa2", "B02": "#3288bd", "B03": "#4daf4a", "B04": "#e31a1c", "B05": "#fdae61",
    "B06": "#f46d43", "B07": "#d53e4f", "B08": "#9e0142", "B8A": "#c51b7d", "B09": "#80cdc1",
    "B11": "#8c510a", "B12": "#bf812d",
}  # fmt: skip


def curve_lines(answer: Dict[str, Any], shown: str, place: str) -> List[Line]:
    """Return the lines of the answer to `curve`: NDVI of the place, one band, or all of them."""
    days = [_number(day) for day in answer["dates"]]
    muted = [not clear for clear in answer["clear"]]
    if shown == NDVI:
        return [_line(place, NDVI_COLOUR, days, answer["ndvi"], muted)]
    bands = answer["bands"] if shown == ALL else {shown: answer["bands"].get(shown, [])}
    return [
        _line(name, BAND_COLOURS.get(name, OTHER_COLOUR), days, values, muted)
        for name, values in bands.items()
        if values
    ]


def class_lines(
    answer: Optional[Dict[str, Any]], codes: Iterable[int], shown: str, first_day: str
) -> List[Line]:
    """Return the lines of some classes of the answer to `class_curves`, in the season shown.

    Curves of another year are moved by whole years to where `first_day` lies. One class alone
    comes with the range in which most of its pixels lie.
    """
    wanted = set(codes)
    if answer is None or shown == ALL or not wanted:
        return []
    start = _moved(answer["season"].split("/")[0], first_day)
    rows = [row for row in answer["classes"] if row["code"] in wanted]
    lines = []
    for row in rows:
        mean, low, high = _values(row, shown)
        if mean:
            days = [start + number for number in row["days"]]
            band = {"low": low, "high": high} if len(rows) == 1 else {}
            lines.append(Line(row["name"], row["colour"], days, mean, dashed=True, **band))
    return lines


def choices_of(answer: Dict[str, Any]) -> List[str]:
    """Return what of an answer can be shown: NDVI where there is any, the bands, all of them."""
    bands = list(answer["bands"])
    ndvi = [NDVI] if any(value is not None for value in answer["ndvi"]) else []
    return [*ndvi, *bands, *([ALL] if len(bands) > 1 else [])]


def _values(row: Dict[str, Any], shown: str) -> Tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    if shown == NDVI:
        return row["ndvi"], row["low"], row["high"]
    return tuple(row[part].get(shown, ()) for part in ("mean", "band_low", "band_high"))  # type: ignore[return-value]


def _line(
    name: str, colour: str, days: List[int], values: Sequence[Optional[float]], muted: List[bool]
) -> Line:
    """Return a line of the days that have a value: a day without one is no gap in the season."""
    there = [place for place, value in enumerate(values) if value is not None]
    return Line(
        name,
        colour,
        [days[place] for place in there],
        [values[place] for place in there],
        dots=True,
        muted=[muted[place] for place in there],
    )


def _moved(start: str, first_day: str) -> int:
    """Return the day on which curves begin, in the year that is nearest to the first day shown."""
    day, shown = QDate.fromString(start, Qt.DateFormat.ISODate), _number(first_day)
    years = (day.addYears(step) for step in range(-60, 61))
    return min((day_number(year) for year in years), key=lambda number: abs(number - shown))


def _number(day: str) -> int:
    return day_number(QDate.fromString(day, Qt.DateFormat.ISODate))
