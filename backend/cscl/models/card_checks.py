"""What must hold of a model card, and every fault of one that does not."""

from __future__ import annotations

import math
import re
from typing import Any

from cscl.contract.errors import Findings, UserError
from cscl.contract.version import VERSION

SCHEMA_VERSION = 2
# A card of this version is no STAC item, and otherwise the same.
BARE_VERSION = 1
STAGES = ("pretrained", "finetuned")
OUTSIDE_CHOICES = ("class", "ignore")
LEVELS = ("L2A", "L1C", "")
# What a network can answer at, and what it does unless asked otherwise.
SCALES = (1, 2, 4)
HEADS = (1, 4)
# What a boundary strength can be made from; the first needs no projections.
BOUNDARY_SOURCES = ("probabilities", "projections", "projections_10m")
BOUNDARY_KEYS = frozenset({"source", "average_precision", "offsets"})
NEIGHBOURS = 8
MAXIMUM_BANDS = 256
MAXIMUM_WIDTH = 4.0
# Sides of the window in which neighbours share their answers, and how sharply likeness may count.
CONTEXT_WINDOWS = (3, 5, 7, 9, 11, 13, 15)
MAXIMUM_SHARPNESS = 1000.0
UNCHANGED = "Use a model folder written by this product, unchanged."
MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")

KINDS: dict[str, tuple[type, ...]] = {
    "schema_version": (int,),
    "package": (str,),
    "architecture": (str,),
    "width": (int, float),
    "heads": (list,),
    "context": (dict,),
    "residual": (bool,),
    "stage": (str,),
    "bands": (list,),
    "level": (str,),
    "season": (list,),
    "year": (int,),
    "mean": (list,),
    "std": (list,),
    "classes": (dict,),
    "outside": (str,),
    "temperatures": (dict,),
    "losses": (dict,),
    "boundary": (dict,),
    "series": (dict,),
    "training": (dict,),
    "sha256": (str,),
}

# Cards of before do without.
CAME_LATER = frozenset({"boundary", "context", "residual", "series"})


def check_keys(value: Any, subject: object, findings: Findings) -> None:
    """Report fields that are missing, unknown or of another type."""
    if not isinstance(value, dict):
        findings.error("invalid_card", subject, "it is no JSON object", UNCHANGED)
        return
    for name in sorted(KINDS.keys() - value.keys() - CAME_LATER):
        findings.error("invalid_card", f"{subject}, {name}", "the field is missing", UNCHANGED)
    for name in sorted(value.keys() - KINDS.keys()):
        findings.error("invalid_card", f"{subject}, {name}", "the field is not known", UNCHANGED)
    for name, kinds in KINDS.items():
        item = value.get(name)
        # A bool is an int to Python.
        fits = isinstance(item, kinds) and (bool in kinds or not isinstance(item, bool))
        if name in value and not fits:
            findings.error(
                "invalid_card", f"{subject}, {name}", f"it is a {type(item).__name__}", UNCHANGED
            )


def check_version(value: Any, subject: object) -> None:
    """Refuse a card of another version before its fields are looked at: they may differ."""
    version = value.get("schema_version") if isinstance(value, dict) else None
    if not isinstance(version, int) or version in (BARE_VERSION, SCHEMA_VERSION):
        return
    writer = str(value.get("package", "unknown"))[:40]
    newer = version > SCHEMA_VERSION
    raise UserError(
        "card_version",
        f"{subject}, schema_version",
        f"it is {version}, this version reads {SCHEMA_VERSION}; "
        f"version {writer} of this product wrote the model, this is version {VERSION}",
        f"Install version {writer} or a later one, or train the model anew."
        if newer
        else f"Use version {writer} of this product, or train the model anew.",
    )


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool) and math.isfinite(item)


def _is_boundary(entry: Any) -> bool:
    """Tell whether this is what a card says of the boundary strength at one scale."""
    if not isinstance(entry, dict) or not entry.keys() <= BOUNDARY_KEYS:
        return False
    scores, offsets = entry.get("average_precision"), entry.get("offsets", [0.0] * NEIGHBOURS)
    return (
        entry.get("source") in BOUNDARY_SOURCES
        and isinstance(scores, dict)
        and all(key in BOUNDARY_SOURCES and _is_number(item) for key, item in scores.items())
        and isinstance(offsets, list)
        and len(offsets) == NEIGHBOURS
        and all(map(_is_number, offsets))
    )


def _is_context(entry: dict[str, Any], heads: list[Any]) -> bool:
    """Tell whether this is how neighbours share their answers; empty where they do not."""
    if not entry:
        return True
    sharpness = entry.get("sharpness")
    return (
        entry.keys() == {"window", "sharpness"}
        and type(entry["window"]) is int
        and entry["window"] in CONTEXT_WINDOWS
        and 1 in heads
        and isinstance(sharpness, dict)
        and bool(sharpness)
        and all(key in map(str, SCALES) for key in sharpness)
        and all(_is_number(item) and 0 < item <= MAXIMUM_SHARPNESS for item in sharpness.values())
    )


def check_values(value: dict[str, Any], subject: object, findings: Findings) -> None:
    """Report values out of their range; all fields must be there, of their types."""

    def expect(name: str, holds: bool, wanted: str) -> None:
        if not holds:
            shown = repr(value[name])
            shown = shown if len(shown) <= 80 else shown[:77] + "..."
            findings.error(
                "invalid_card", f"{subject}, {name}", f"it is {shown}, not {wanted}", UNCHANGED
            )

    bands, heads = value["bands"], value["heads"]
    names = all(isinstance(band, str) and band for band in bands)
    count = len(bands)
    unique = names and len(set(bands)) == count
    expect("bands", unique and 1 <= count <= MAXIMUM_BANDS, "a list of distinct band names")
    for name in ("mean", "std"):
        numbers = all(_is_number(item) for item in value[name])
        positive = name == "mean" or (numbers and all(item > 0 for item in value[name]))
        wanted = f"{count} {'positive ' if name == 'std' else ''}numbers"
        expect(name, numbers and positive and len(value[name]) == count, wanted)
    whole = all(isinstance(head, int) and head in SCALES for head in heads)
    expect("heads", bool(heads) and whole and len(set(heads)) == len(heads), "some of 1, 2 and 4")
    if not _is_context(value.get("context", {}), heads):
        expect("context", False, "a window and, with a head at 1, a sharpness for each scale")
    season = value["season"]
    texts = all(isinstance(item, str) and MONTH_DAY.fullmatch(item) for item in season)
    scales = tuple(map(str, SCALES))
    expect("season", texts and len(season) == 2, "two dates as MM-DD")
    expect("year", 1970 <= value["year"] <= 2200, "a year")
    expect("width", _is_number(value["width"]) and 0 < value["width"] <= MAXIMUM_WIDTH, "0 to 4")
    expect("stage", value["stage"] in STAGES, " or ".join(STAGES))
    expect("level", value["level"] in LEVELS, "L2A, L1C or empty")
    expect("outside", value["outside"] in OUTSIDE_CHOICES, " or ".join(OUTSIDE_CHOICES))
    temperatures = value["temperatures"]
    expect(
        "temperatures",
        all(key in scales and _is_number(item) and item > 0
            for key, item in temperatures.items()),
        "a positive number for each scale",
    )  # fmt: skip
    losses = value["losses"]
    expect(
        "losses",
        all(key in scales and isinstance(item, dict) for key, item in losses.items()),
        "options for each scale",
    )
    boundary = value.get("boundary", {})
    if not all(key in scales and _is_boundary(item) for key, item in boundary.items()):
        expect("boundary", False, "source, average_precision and offsets for each scale")
    expect("sha256", bool(re.fullmatch(r"[0-9a-f]{64}", value["sha256"])), "a SHA-256 in hex")
