"""The card of a model, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cscl.context import JobContext
from cscl.models.card_file import WEIGHTS_NAME, load_card, model_folder
from cscl.series.choice import choice_of


def card(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return what the card of a model folder says; see `CARD` of the contract."""
    folder = model_folder(values["model"])
    found = load_card(folder)
    return {
        "name": folder.name,
        "architecture": found.architecture,
        "width": found.width,
        "stage": found.stage,
        "bands": list(found.bands),
        "dates": _whole(found.training.get("dates")),
        "season": list(found.season),
        "year": found.year,
        "level": found.level,
        "series": str(choice_of(found, folder)),
        "classes": [
            {"code": item.code, "name": item.name, "colour": item.colour, "hcat": item.hcat}
            for item in found.classes.classes
        ],
        "heads": [f"{10 / scale:g}" for scale in found.heads],
        "outside": found.outside,
        "projections": bool(found.losses),
        "trained": dict(found.training),
        "figures": figures_of(found.training),
        "size": (folder / WEIGHTS_NAME).stat().st_size,
    }


def figures_of(training: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of a training record, which is free in form."""
    told = training.get("validation")
    rows = told.items() if isinstance(told, dict) else ()
    return {str(name): float(value) for name, value in rows if _is_number(value)}


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
