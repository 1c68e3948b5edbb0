"""What is said of each parcel, from the statistics of the classes in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cscl.contract.classes import ClassTable
from cscl.contract.codes import OUTSIDE
from cscl.dataset.parcel_classes import value_text
from cscl.zonal.statistics import Statistics, calibrated

TOO_SMALL = "too small"
NO_DATA = "no data"
NOT_ON_MAP = "not on the map"
OTHER_LAND = "outside"
PARTLY = "partly covered"
UNKNOWN_CLASS = "class unknown to the model"
# Less than this many pixels say nothing about a crop.
FEWEST_PIXELS = 0.5
# Below this share of its area with data, a parcel's class is marked.
COVERED_SHARE = 0.5
DECIMALS = 4

COLUMNS = (
    ("crop_code", pa.int32()),
    ("crop_name", pa.string()),
    ("confidence", pa.float64()),
    ("second_code", pa.int32()),
    ("second_name", pa.string()),
    ("margin", pa.float64()),
    ("pixels", pa.int32()),
    ("agrees", pa.bool_()),
    ("reason", pa.string()),
    ("split", pa.string()),
    ("inner_share", pa.float64()),
)
NAMES = tuple(name for name, _ in COLUMNS)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Declared:
    """What was declared of N parcels: class codes (N,), 0 where not told or not a class.

    `unknown` (N,) marks values that are told and that the class table lacks.
    """

    codes: NDArray[np.uint8]
    unknown: NDArray[np.bool_]

    @classmethod
    def none(cls, count: int) -> Declared:
        """Return that nothing was declared."""
        return cls(np.zeros(count, np.uint8), np.zeros(count, bool))

    @classmethod
    def of(cls, values: pa.Array, table: ClassTable) -> Declared:
        """Return the class of each declared value."""
        by_value = table.by_value
        encoded = values.dictionary_encode()
        texts = ["", *(value_text(value) for value in encoded.dictionary.to_pylist())]
        codes = np.array([by_value.get(text, 0) for text in texts], np.uint8)
        told = np.array([bool(text) for text in texts], bool)
        place = 1 + encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return cls(codes[place], told[place] & (codes[place] == 0))


def reasons_for(
    given: Sequence[str], area: Floats, pixels: Floats, on_map: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Return why each parcel has no class, or why its class is to be taken with care, or "".

    `given` are the reasons known from the geometries, `area` and `pixels` the parcel's size and
    the part of it with data in pixels, `on_map` whether it meets the map at all.
    """
    known = np.asarray(given, dtype=object)
    conditions = [
        known != "",
        ~on_map,
        area < FEWEST_PIXELS,
        pixels < FEWEST_PIXELS,
        pixels < COVERED_SHARE * area,
    ]
    reasons: NDArray[np.object_] = np.full(len(known), "", dtype=object)
    told = (known, NOT_ON_MAP, TOO_SMALL, NO_DATA, PARTLY)
    for condition, reason in reversed(list(zip(conditions, told, strict=True))):
        reasons = np.where(condition, reason, reasons)
    return reasons


def result_columns(
    found: Statistics,
    reasons: NDArray[np.object_],
    declared: Declared,
    splits: Sequence[str | None],
    table: ClassTable,
    codes: tuple[int, ...],
    temperature: NDArray[np.float64],
) -> dict[str, pa.Array]:
    """Return the columns `COLUMNS` of a batch of N parcels by name.

    The classes of `found` are `codes`; classes that tie go to the lower position. Confidence and
    margin are calibrated by the parcels' `temperature` (N,).
    """
    has_class = np.isin(reasons, ("", PARTLY))
    mean = np.where(has_class[:, None], np.nan_to_num(found.mean), 0.0)
    shares = np.nan_to_num(calibrated(mean, temperature))
    order = np.argsort(-shares, axis=1, kind="stable")
    rows, first = np.arange(len(mean)), order[:, 0]
    # With votes a parcel of one class has no second one.
    second = order[:, min(1, len(codes) - 1)]
    has_second = has_class & (shares[rows, second] > 0) & (second != first)
    rest = np.where(has_second, shares[rows, second], 0.0)
    of_code = np.asarray(codes)
    names = np.array([table.name_of(code) for code in codes], dtype=object)
    winner = of_code[first]
    inner = found.inner[rows, first] / found.inner.sum(axis=1)
    has_inner = has_class & (found.inner_pixels >= FEWEST_PIXELS)
    reason = np.where(has_class & (reasons == "") & (winner == OUTSIDE), OTHER_LAND, reasons)
    reason = np.where(has_class & (reasons == "") & declared.unknown, UNKNOWN_CLASS, reason)
    # Half a pixel and more counts as one.
    pixels = np.where(has_class, np.maximum(1, np.rint(found.pixels)), 0)
    columns = {
        "crop_code": (winner, has_class),
        "crop_name": (names[first], has_class),
        "confidence": (shares[rows, first].round(DECIMALS), has_class),
        "second_code": (of_code[second], has_second),
        "second_name": (names[second], has_second),
        "margin": ((shares[rows, first] - rest).round(DECIMALS), has_class),
        "pixels": (pixels, np.ones(len(rows), bool)),
        "agrees": (declared.codes == winner, has_class & (declared.codes > 0)),
        "reason": (reason, reason != ""),
        "split": (np.asarray(splits, dtype=object), np.ones(len(rows), bool)),
        "inner_share": (inner.round(DECIMALS), has_inner),
    }
    return {
        name: pa.array(values, type=kind, mask=~valid)
        for (name, kind), (values, valid) in zip(COLUMNS, columns.values(), strict=True)
    }


def free_names(taken: Sequence[str], wanted: Sequence[str] = NAMES) -> dict[str, str]:
    """Return the name of each new field in the output: its own, or with a number where taken.

    Names differ only by more than their case, as SQLite wants it.
    """
    used = {name.lower() for name in taken}
    names = {}
    for name in wanted:
        number, free = 1, name
        while free.lower() in used:
            number += 1
            free = f"{name}_{number}"
        used.add(free.lower())
        names[name] = free
    return names


def summary(reasons: Counter[str]) -> str:
    """Return how many parcels have each reason, in words."""
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()) if reason)
