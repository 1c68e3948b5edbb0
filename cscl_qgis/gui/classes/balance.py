"""How large the classes are, and how a dataset shares them among its splits."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from qgis.PyQt.QtCore import QLocale

from ...words import tr
from .bars import Bar
from .legend import ClassSum

MOST_BARS = 12
SPLITS = ("training", "validation", "test")


def class_bars(classes: Sequence[ClassSum]) -> List[Bar]:
    """Return one bar a class, the largest area first; many small ones share the last line."""
    number = QLocale().toString
    whole = sum(item.area for item in classes)
    largest = max((item.area for item in classes), default=0.0)
    few = len(classes) <= MOST_BARS
    shown = list(classes) if few else list(classes[: MOST_BARS - 1])
    bars = [
        Bar(
            item.name, (item.area / largest if largest else 0.0,), _percent(item.area, whole),
            tr("{name}: {parcels} parcels, {area} ha", name=item.name,
               parcels=number(item.count), area=number(item.area, "f", 1)),
            item.colour,
        )
        for item in shown
    ]  # fmt: skip
    if not few:
        rest = classes[len(shown) :]
        area = sum(item.area for item in rest)
        bars.append(
            Bar(
                tr("{count} others", count=len(rest)), (min(area / largest, 1.0),),
                _percent(area, whole), ", ".join(item.name for item in rest), "#9e9e9e",
            )
        )  # fmt: skip
    return bars


def split_names() -> List[str]:
    """Return what the splits are called, in their order."""
    return [tr("Training"), tr("Validation"), tr("Test")]


def split_bars(classes: Sequence[Dict[str, Any]]) -> List[Bar]:
    """Return one bar a class of a dataset: how its labelled pixels are shared."""
    number = QLocale().toString
    bars = []
    for item in classes:
        pixels = [item[split]["pixels"] for split in SPLITS]
        whole = sum(pixels)
        if not whole:
            continue
        parts = tuple(count / whole for count in pixels)
        lines = [
            tr("{split}: {parcels} parcels, {area} ha, {pixels} pixels", split=name,
               parcels=number(item[split]["parcels"]),
               area=number(item[split]["hectares"], "f", 1), pixels=number(item[split]["pixels"]))
            for name, split in zip(split_names(), SPLITS)  # noqa: B905 - Python 3.9 has no strict
        ]  # fmt: skip
        text = " / ".join(f"{round(100 * part)}" for part in parts) + " %"
        bars.append(Bar(item["name"], parts, text, "\n".join([item["name"], *lines])))
    return bars


def _percent(part: float, whole: float) -> str:
    share = 100 * part / whole if whole else 0.0
    return tr("{share} %", share=QLocale().toString(share, "f", 0 if share >= 10 else 1))
