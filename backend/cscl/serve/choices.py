"""What questions say about images: the same words as the fields of the job `series`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cscl.series.image_table import hints_of, joined, read_image_table
from cscl.series.images import Hint
from cscl.series.mask import CloudMask
from cscl.series.options import SeriesOptions, cloud_mask, days_of


def options_of(values: Mapping[str, Any]) -> SeriesOptions:
    """Return the options of a question with the values of `look`; raises `UserError`."""
    bands = values.get("bands")
    return SeriesOptions(
        bands=tuple(bands) if bands else None,
        season=values.get("season"),
        until=values.get("until"),
        without=days_of(values.get("without")),
        mask=mask_of(values),
        hints=said_of(values),
    )


def mask_of(values: Mapping[str, Any]) -> CloudMask:
    """Return the cloud mask of a question; that of the scene classification where it names none."""
    return cloud_mask(
        values.get("mask", "scl"),
        values.get("mask_band"),
        values.get("mask_values"),
        values.get("mask_dilation"),
    )


def said_of(values: Mapping[str, Any]) -> dict[str, Hint]:
    """Return what a question says about images: a table, and above it dates and bands by name."""
    path = values.get("image_table")
    table = dict(read_image_table(path)) if path else {}
    rows: dict[str, dict[str, str]] = {}
    for column, told in (("date", "dates_of"), ("bands", "bands_of")):
        for name, text in values.get(told, {}).items():
            rows.setdefault(name, {"image": name})[column] = text
    said = hints_of((f"image {name}", row) for name, row in rows.items())
    return table | {name: joined(hint, table.get(name, Hint())) for name, hint in said.items()}
