"""What is said of each parcel, from the shares of the classes in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cscl.contract.classes import ClassTable
from cscl.contract.codes import OUTSIDE
from cscl.dataset.parcel_classes import value_text

TOO_SMALL = "too small"
NO_DATA = "no data"
NOT_ON_MAP = "not on the map"
OTHER_LAND = "outside"
PARTLY = "partly covered"
# Less than this many pixels say nothing about a crop.
FEWEST_PIXELS = 0.5
# Below this share of its area with data, a parcel's class is marked.
COVERED_SHARE = 0.5

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
)


def reasons_for(
    given: Sequence[str],
    area: NDArray[np.float64],
    pixels: NDArray[np.float64],
    on_map: NDArray[np.bool_],
) -> list[str]:
    """Return why each parcel has no class, or why its class is to be taken with care, or "".

    `given` are the reasons known from the geometries, `area` and `pixels` the parcel's size and
    the part of it with data in pixels, `on_map` whether it meets the map at all.
    """
    reasons = []
    for known, size, covered, meets in zip(given, area, pixels, on_map, strict=True):
        if known:
            reasons.append(known)
        elif not meets:
            reasons.append(NOT_ON_MAP)
        elif size < FEWEST_PIXELS:
            reasons.append(TOO_SMALL)
        elif covered < FEWEST_PIXELS:
            reasons.append(NO_DATA)
        else:
            reasons.append(PARTLY if covered < COVERED_SHARE * size else "")
    return reasons


def result_columns(
    shares: NDArray[np.float64],
    pixels: NDArray[np.float64],
    reasons: Sequence[str],
    declared: Sequence[int | None],
    splits: Sequence[str | None],
    table: ClassTable,
    codes: tuple[int, ...],
) -> list[pa.Array]:
    """Return the columns `COLUMNS` of a batch of N parcels.

    `shares` (N, K) belong to `codes`; `declared` are class codes, None where not known. Classes
    that tie go to the lower position in `codes`.
    """
    rows: list[tuple[object, ...]] = []
    items = zip(shares, pixels, reasons, declared, splits, strict=True)
    for share, covered, reason, stated, split in items:
        if reason not in ("", PARTLY):
            rows.append((None, None, None, None, None, None, 0, None, reason, split))
            continue
        order = np.argsort(-share, kind="stable")
        code = codes[order[0]]
        # With votes a parcel of one class has no second one.
        second = order[1] if len(order) > 1 and share[order[1]] > 0 else None
        rest = 0.0 if second is None else float(share[second])
        rows.append(
            (
                code,
                table.name_of(code),
                round(float(share[order[0]]), 4),
                None if second is None else codes[second],
                None if second is None else table.name_of(codes[second]),
                round(float(share[order[0]]) - rest, 4),
                # Half a pixel and more counts as one.
                max(1, round(float(covered))),
                None if stated is None else stated == code,
                reason or (OTHER_LAND if code == OUTSIDE else None),
                split,
            )
        )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    return [pa.array(values, type=kind) for values, (_, kind) in zip(columns, COLUMNS, strict=True)]


def declared_codes(values: pa.Array, table: ClassTable) -> list[int | None]:
    """Return the class code of each declared value, None where NULL or not in the table."""
    by_value = table.by_value
    return [by_value.get(value_text(value)) for value in values.to_pylist()]


def free_names(taken: Sequence[str]) -> dict[str, str]:
    """Return the name of each new field in the output: its own, or with a number where taken.

    Names differ only by more than their case, as SQLite wants it.
    """
    used = {name.lower() for name in taken}
    names = {}
    for name, _ in COLUMNS:
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
