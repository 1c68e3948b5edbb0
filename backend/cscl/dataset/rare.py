"""Classes with few training pixels: joined, or left out."""

from __future__ import annotations

from collections.abc import Mapping

from cscl.contract.classes import ClassTable, CropClass
from cscl.contract.codes import UNKNOWN

OTHER_CROPS = "other crops"
OTHER_COLOUR = "#9e9e9e"
WAYS = ("merge", "ignore")


def merge_rare(
    table: ClassTable, training_counts: Mapping[int, int], least: int, how: str
) -> tuple[ClassTable, dict[int, int], str]:
    """Return the table without its rare classes, the new code of each code, and what to say.

    Rare is a class with fewer than `least` training pixels in `training_counts` (code: pixels;
    a class that is not in it has none); 0 turns this off. `how` is merge: all of them become the
    class "other crops" under the lowest of their codes, or under its own where there is such a
    class already; or ignore: their code becomes 255. Other classes keep their codes. The text is
    empty where nothing is rare. METHOD, section 5: by the training split alone.
    """
    if how not in WAYS:
        raise ValueError(f"rare classes are {' or '.join(WAYS)}, not {how!r}")
    rare = [item for item in table.classes if training_counts.get(item.code, 0) < least]
    mapping = {code: code for code in table.codes}
    if not rare:
        return table, mapping, ""
    listed = ", ".join(f"{item.name} ({training_counts.get(item.code, 0)})" for item in rare)
    text = f"Classes with fewer than {least} training pixels, with their pixels: {listed}"
    kept = [item for item in table.classes if item not in rare]
    if how == "ignore":
        mapping |= {item.code: UNKNOWN for item in rare}
        return _with(table, kept), mapping, f"{text}: they count as unknown."
    # A class of that name takes them in, whether it is rare itself or not.
    named = [item for item in table.classes if item.name == OTHER_CROPS]
    joined = _joined(named, [item for item in rare if item not in named])
    mapping |= {item.code: joined.code for item in rare}
    kept = [item for item in kept if item not in named]
    pixels = sum(training_counts.get(item.code, 0) for item in {*rare, *named})
    text += f": joined as {OTHER_CROPS!r}, code {joined.code}, {pixels} pixels"
    return _with(table, [*kept, joined]), mapping, f"{text}."


def _joined(named: list[CropClass], rare: list[CropClass]) -> CropClass:
    members = [*named, *rare]
    return CropClass(
        named[0].code if named else min(item.code for item in rare),
        OTHER_CROPS,
        named[0].colour if named else OTHER_COLOUR,
        tuple(value for item in members for value in item.values),
    )


def _with(table: ClassTable, classes: list[CropClass]) -> ClassTable:
    return ClassTable(tuple(classes), table.source, table.year).in_order()
