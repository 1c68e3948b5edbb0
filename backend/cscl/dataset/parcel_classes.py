"""From the values of the class field to class codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.classes import ClassTable, CropClass
from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import Finding, UserError
from cscl.dataset.findings import ParcelFinding, listed

if TYPE_CHECKING:
    from cscl.dataset.parcels import Parcels


def value_text(value: Any) -> str:
    """Return a value of the class field as text: 300 and 300.0 are "300", NULL is ""."""
    if pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def table_of_values(
    values: Sequence[str], eurocrops: Mapping[str, tuple[str, str]], source: str, year: int | None
) -> ClassTable:
    """Return a table with one class a value, named by EuroCrops where the layer has its columns."""
    if not any(values):
        raise UserError(
            "class_field_empty",
            source or "class field",
            "none of the parcels has a value in it",
            "Choose another class field or expression.",
        )
    table = ClassTable.from_values(values, source, year)
    names = {value: name for value, (name, _) in eurocrops.items() if name}
    shared = Counter(names.get(item.name, item.name) for item in table.classes)
    classes = []
    for item in table.classes:
        name = names.get(item.name, item.name)
        # Several values may have one translation; each stays a class of its own.
        name = name if shared[name] == 1 else f"{name} ({item.name})"
        hcat = eurocrops.get(item.name, ("", ""))[1]
        classes.append(CropClass(item.code, name, item.colour, item.values, hcat))
    return ClassTable(tuple(classes), source, year).checked(source or "class field")


def class_codes(
    parcels: Parcels, table: ClassTable, given: bool, ctx: JobContext
) -> tuple[NDArray[np.uint8], tuple[ParcelFinding, ...]]:
    """Return the code of each parcel, 255 where it has none, and findings about those.

    `given` says that the table is a person's own, in which values may be absent. A parcel that a
    rule leaves out has 255 too.
    """
    by_value = table.by_value
    codes = np.array([by_value.get(value, UNKNOWN) for value in parcels.values], dtype=np.int64)
    found: list[ParcelFinding] = []
    empty = [fid for fid, value in zip(parcels.fids, parcels.values, strict=True) if not value]
    if empty:
        found += [ParcelFinding("class_null", int(fid), "it has no class") for fid in empty]
        ctx.warn(
            Finding(
                "class_null",
                parcels.name,
                f"no class in {len(empty)} of {len(codes)} parcels (FID {listed(empty)})",
                "They count as unknown and are not used for training or scoring.",
                "warning",
            )
        )
    if given:
        found += _absent(parcels, by_value, ctx)
    codes[parcels.reasons != ""] = UNKNOWN
    if (codes == UNKNOWN).all():
        raise UserError(
            "no_classes",
            parcels.name,
            f"none of its {len(codes)} parcels in the images has a class in the table",
            "Choose another class field or class table.",
        )
    _say_lone_classes(parcels, table, codes, ctx)
    return codes.astype(np.uint8), tuple(found)


def _absent(parcels: Parcels, by_value: Mapping[str, int], ctx: JobContext) -> list[ParcelFinding]:
    absent = Counter(value for value in parcels.values if value and value not in by_value)
    if not absent:
        return []
    text = ", ".join(f"{value} ({count})" for value, count in sorted(absent.items()))
    ctx.warn(
        Finding(
            "class_not_in_table",
            parcels.name,
            f"not in the class table, with their parcels: {text}",
            "Their parcels count as unknown; add the values to the table to use them.",
            "warning",
        )
    )
    return [
        ParcelFinding("class_not_in_table", int(fid), "its class is not in the table", value=value)
        for fid, value in zip(parcels.fids, parcels.values, strict=True)
        if value in absent
    ]


def _say_lone_classes(
    parcels: Parcels, table: ClassTable, codes: NDArray[np.int64], ctx: JobContext
) -> None:
    counts = Counter(codes.tolist())
    lone = [item.name for item in table.classes if counts[item.code] == 1]
    if lone:
        ctx.warn(
            Finding(
                "class_of_one_parcel",
                parcels.name,
                f"classes with a single parcel: {', '.join(lone)}",
                "Such a class is in one split alone: join it with another, or use a larger area.",
                "warning",
            )
        )
