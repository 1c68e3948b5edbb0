"""With which options images that lack bands could be used all the same."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Sequence

from ...words import told
from .images import ImageRow
from .settings import FIELDS

_REFLECTANCE = re.compile(r"B(0[1-9]|1[0-2]|8A)")


def usable_options(rows: Sequence[ImageRow], wanted: Sequence[str]) -> Dict[str, Any]:
    """Return the options of the job `series` that all images allow; nothing where all is well.

    Images that tell no bands at all are passed over: theirs must be named first.
    """
    telling = [row for row in rows if row.bands]
    if not telling or not any(row.problem for row in telling):
        return {}
    common = set.intersection(*(set(row.bands) for row in telling))
    lacking = [name for name in wanted if name not in common]
    bands: List[str] = [name for name in wanted if name in common and _REFLECTANCE.fullmatch(name)]
    if not lacking or not bands:
        return {}
    options: Dict[str, Any] = {}
    if any(_REFLECTANCE.fullmatch(name) for name in lacking):
        options["bands"] = ", ".join(bands)
    if any(not _REFLECTANCE.fullmatch(name) for name in lacking):
        options["mask"] = "none"
    return options


def options_text(options: Dict[str, Any]) -> str:
    """Return options in the words of the job's form."""
    parts = []
    for name, value in options.items():
        titles = dict(FIELDS[name].choices)
        parts.append(f"{told(FIELDS[name].title)}: {told(titles.get(value, value))}")
    return "; ".join(parts)
