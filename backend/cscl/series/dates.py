"""The date of an image, from its metadata and its name."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

# Tags that mean the acquisition; TIFFTAG_DATETIME is when the file was made, so it comes last.
ACQUISITION_TAGS = (
    "ACQUISITION_DATE",
    "ACQUISITIONDATE",
    "ACQUISITIONDATETIME",
    "ACQUISITION_DATETIME",
    "SENSING_TIME",
    "DATATAKE_1_DATATAKE_SENSING_START",
    "PRODUCT_START_TIME",
    "DATETIME",
    "DATE",
)
CREATION_TAG = "TIFFTAG_DATETIME"

_CALENDAR = re.compile(r"(?<!\d)((?:19|20)\d{2})([-_.:]?)(\d{2})\2(\d{2})(?!\d)")
_ORDINAL = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{3})(?!\d)")
_PRODUCT = re.compile(
    r"^(?P<take>S2[A-D]_MSIL[12][AC]_\d{8}T\d{6})_N(?P<baseline>\d{4})_(?P<place>R\d{3}_T\w{5})_",
    re.IGNORECASE,
)


def dates_in(text: str) -> list[datetime.date]:
    """Return the dates written in `text`, in order: YYYYMMDD, YYYY-MM-DD or YYYYDDD."""
    found: list[datetime.date] = []
    for match in _CALENDAR.finditer(text):
        try:
            found.append(datetime.date(*(int(match.group(part)) for part in (1, 3, 4))))
        except ValueError:
            continue
    if found:
        return found
    for match in _ORDINAL.finditer(text):
        year, day = int(match.group(1)), int(match.group(2))
        if 1 <= day <= (datetime.date(year + 1, 1, 1) - datetime.date(year, 1, 1)).days:
            found.append(datetime.date(year, 1, 1) + datetime.timedelta(days=day - 1))
    return found


def image_date(name: str, tags: Mapping[str, str]) -> tuple[datetime.date | None, str]:
    """Return the date of an image and what is doubtful about it.

    Tags that mean the acquisition come first, then the name (its first date: products of
    Sentinel-2 put the acquisition before the processing), then the file's own creation tag.
    """
    upper = {key.upper(): value for key, value in tags.items()}
    in_name = dates_in(name)
    for key in ACQUISITION_TAGS:
        in_tag = dates_in(upper.get(key, ""))
        if in_tag:
            doubt = ""
            if in_name and in_tag[0] not in in_name:
                doubt = f"its tag {key} says {in_tag[0]}, its name {in_name[0]}: the tag was used"
            return in_tag[0], doubt
    if in_name:
        return in_name[0], ""
    created = dates_in(upper.get(CREATION_TAG, ""))
    if created:
        return created[0], f"its date {created[0]} comes from {CREATION_TAG}"
    return None, ""


def product_of(name: str) -> tuple[str, int] | None:
    """Return datatake with tile, and processing baseline, where `name` is a product's."""
    match = _PRODUCT.match(name)
    if match is None:
        return None
    return f"{match['take']}_{match['place']}".upper(), int(match["baseline"])


def level_of(name: str, tags: Mapping[str, str]) -> str:
    """Return L1C or L2A where name or metadata say so, else an empty string."""
    text = " ".join([name, *(v for k, v in tags.items() if "LEVEL" in k.upper())]).upper()
    found = {level for level in ("L1C", "L2A") if level in text.replace("LEVEL-", "L")}
    return found.pop() if len(found) == 1 else ""
