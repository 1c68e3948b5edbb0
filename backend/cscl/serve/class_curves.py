"""The season's curves of a dataset's classes, to compare others with."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.dataset.reader import Dataset
from cscl.dataset.report_curves import MOST_CHIPS, NDVI, Curve, season_curves
from cscl.series.season import season_text

DIGITS = 5
_kept: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}


def class_curves(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return one row a class that training pixels show; see `CLASS_CURVES` of the contract."""
    dataset = Dataset.open(values["dataset"])
    bands = tuple(values.get("bands", dataset.bands))
    key = dataset.fingerprint, bands
    if key not in _kept:
        _kept.clear()
        _kept[key] = _curves(dataset, bands, ctx)
    return _kept[key]


def _curves(dataset: Dataset, bands: tuple[str, ...], ctx: JobContext) -> dict[str, Any]:
    found = season_curves(dataset, bands, ctx)
    chips = min(len(dataset.chips("training")), MOST_CHIPS)
    codes = sorted({code for curves in found.by_quantity.values() for code in curves})
    return {
        "classes": [
            _row(dataset, code, found.start, {n: c[code] for n, c in found.by_quantity.items()
                                              if code in c})
            for code in codes
        ],
        "season": season_text(dataset.season),
        "based_on": f"{chips} training chips",
    }  # fmt: skip


def _row(
    dataset: Dataset, code: int, start: datetime.date, curves: Mapping[str, Curve]
) -> dict[str, Any]:
    days = sorted({int(day) for curve in curves.values() for day in curve.days})
    ndvi = curves.get(NDVI)
    empty: list[float | None] = [None] * len(days)

    def on_days(curve: Curve, numbers: NDArray[Any]) -> list[float | None]:
        known = dict(zip(curve.days.tolist(), numbers.tolist(), strict=True))
        return [round(known[day], DIGITS) if day in known else None for day in days]

    bands = {name: curve for name, curve in curves.items() if name != NDVI}
    return {
        "code": code,
        "name": dataset.classes.name_of(code),
        "colour": dataset.classes.colour_of(code),
        "days": days,
        "dates": [(start + datetime.timedelta(day)).timetuple().tm_yday for day in days],
        "mean": {name: on_days(curve, curve.mean) for name, curve in bands.items()},
        "band_low": {name: on_days(curve, curve.low) for name, curve in bands.items()},
        "band_high": {name: on_days(curve, curve.high) for name, curve in bands.items()},
        "ndvi": on_days(ndvi, ndvi.mean) if ndvi else empty,
        "low": on_days(ndvi, ndvi.low) if ndvi else empty,
        "high": on_days(ndvi, ndvi.high) if ndvi else empty,
    }
