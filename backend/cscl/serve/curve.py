"""The season's curve of a pixel or of a parcel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.grid import Window
from cscl.serve.places import pixel_at, pixels_in
from cscl.serve.seasons import DayMean, Season, forget_seasons, seasons_of

RED, INFRARED = "B04", ("B08", "B8A")
DIGITS = 5


def curve(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return reflectance by date at a place; see `CURVE` of the contract."""
    season, window, inside = _found(values)
    asked = tuple(values.get("bands", season.bands))
    missing = [band for band in asked if band not in season.bands]
    if missing:
        raise UserError(
            "bands_missing",
            values["series"],
            f"it lacks {', '.join(missing)} and has {', '.join(season.bands)}",
            "Choose other bands.",
        )
    infrared = next((band for band in INFRARED if band in season.bands), "")
    ndvi = (RED, infrared) if infrared and RED in season.bands else ()
    bands = tuple(dict.fromkeys((*asked, *ndvi)))
    try:
        means = season.means(window, inside, bands, ctx)
    except UserError:
        forget_seasons()  # files that changed are looked at anew
        raise
    by_band = {band: [_at(day, place) for day in means] for place, band in enumerate(bands)}
    return {
        "dates": [item.date.isoformat() for item in season.acquisitions],
        "bands": {band: _rounded(by_band[band]) for band in asked},
        "ndvi": _rounded(
            ndvi_of(by_band[ndvi[0]], by_band[ndvi[1]]) if ndvi else [None] * len(means)
        ),
        "clear": [day.clear for day in means],
        "pixels": int(inside.sum()),
    }


def ndvi_of(red: Sequence[float | None], infrared: Sequence[float | None]) -> list[float | None]:
    """Return NDVI of reflectance, negative reflectance as 0; None where there is none."""
    found: list[float | None] = []
    for low, high in zip(red, infrared, strict=True):
        total = 0.0 if low is None or high is None else max(low, 0.0) + max(high, 0.0)
        if low is None or high is None or total <= 0:
            found.append(None)
        else:
            found.append((max(high, 0.0) - max(low, 0.0)) / total)
    return found


def _found(values: dict[str, Any]) -> tuple[Season, Window, NDArray[np.bool_]]:
    """Return the first series that holds the place, with the pixels of the place."""
    for season in seasons_of(values):
        if "wkt" in values:
            place = pixels_in(values["wkt"], values["crs"], season.grid)
            if place is not None:
                return season, *place
        elif "x" in values and "y" in values:
            pixel = pixel_at(values["x"], values["y"], values["crs"], season.grid)
            if pixel is not None:
                return season, pixel, np.ones((1, 1), dtype=bool)
        else:
            raise UserError(
                "invalid_question", "question curve", "it names no place", "Give x and y, or wkt."
            )
    raise UserError(
        "outside_series",
        values["series"],
        "the place lies beyond its images",
        "Choose a place on the images.",
    )


def _at(day: DayMean, place: int) -> float | None:
    return None if day.values is None else float(day.values[place])


def _rounded(numbers: Sequence[float | None]) -> list[float | None]:
    return [None if number is None else round(number, DIGITS) for number in numbers]
