"""What people say about images that do not tell it themselves: a CSV, one row an image."""

from __future__ import annotations

import csv
import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

from cscl.contract.errors import Finding, Findings, UserError
from cscl.contract.paths import local_path
from cscl.series.images import ANY_IMAGE, Hint

COLUMNS = ("image", "date", "bands", "scale", "offset", "nodata", "level")
LEVELS = ("L1C", "L2A")
SHOWN = 5
# Findings that a table answers.
ASKED = ("no_date", "no_bands", "no_scale", "offset_contradicts", "scale_contradicts")
LARGEST_BYTES = 16 * 2**20
_EXAMPLE = {
    "date": "2021-06-01",
    "bands": "B02 B03 B04 B08 SCL",
    "scale": "0.0001",
    "offset": "0",
    "level": "L2A",
}


def read_image_table(path: str | Path) -> dict[str, Hint]:
    """Return what a table says by the name of the image; `*` stands for every image.

    A row of an image takes what it leaves empty from that of `*`. Bands are the names of a file's
    bands in their order, separated by blanks, `-` for one not to use. Raises one `UserError` with
    every unknown column and value.
    """
    file = local_path(path, "image_table")
    rows = _rows(file)
    return hints_of((f"{file}, line {line}", row) for line, row in enumerate(rows, start=2))


def hints_of(rows: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, Hint]:
    """Return what rows of such a table say, each given with its place in words.

    Raises one `UserError` as `read_image_table` does.
    """
    findings = Findings()
    found: dict[str, Hint] = {}
    for place, row in rows:
        name = (row.get("image") or "").strip()
        if not name or name in found:
            findings.error(
                "invalid_image_table",
                place,
                "it names no image" if not name else f"it names {name} again",
                "Write one row for each image, and * for all others.",
            )
            continue
        found[name] = _hint(row, place, findings)
    findings.raise_errors()
    common = found.get(ANY_IMAGE, Hint())
    return {name: joined(hint, common) for name, hint in found.items()}


def check_names(hints: Mapping[str, Hint], names: Iterable[str], findings: Findings) -> None:
    """Report the images that a table names and that are not among `names`."""
    known = sorted(set(names))
    for name in hints:
        if name not in (ANY_IMAGE, *known):
            shown = ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
            findings.error(
                "image_unknown",
                f"image_table, image {name!r}",
                f"no image has this name; there are {shown}",
                "Write names as those of the files, or * for all of them.",
            )


def is_asked_for(finding: Finding) -> bool:
    """Tell whether a finding is that an image does not tell its date, bands or scale."""
    lacks_names = finding.code == "bands_missing" and finding.found.endswith("found none")
    return finding.code in ASKED or lacks_names


def with_table(items: Sequence[Finding]) -> list[Finding]:
    """Return findings, the last of those on what could not be told with a table to fill in."""
    result = list(items)
    asked = [number for number, item in enumerate(items) if is_asked_for(item)]
    if asked:
        name = Path(items[asked[0]].subject.split(", ")[0].split(": ")[0]).name
        last = items[asked[-1]]
        result[asked[-1]] = replace(last, remedy=f"{last.remedy} {_table_to_fill_in(name)}")
    return result


def _table_to_fill_in(image: str) -> str:
    row = ",".join({"image": image, **_EXAMPLE}.get(name, "") for name in COLUMNS)
    return (
        "Or tell what the images do not, each in a row or all in one with the image *, in a table "
        f"(--image-table FILE.csv) such as:\n{','.join(COLUMNS)}\n{row}"
    )


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise _refused(file, f"it is larger than {LARGEST_BYTES // 2**20} MiB")
        with open(file, encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restkey="", restval="")
            unknown = [name for name in reader.fieldnames or () if name.strip() not in COLUMNS]
            if unknown or "image" not in [name.strip() for name in reader.fieldnames or ()]:
                raise _refused(
                    file,
                    f"it has the columns {', '.join(reader.fieldnames or ()) or 'none'}",
                )
            rows = [{(key or "").strip(): value for key, value in row.items()} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(file, f"it cannot be read ({error})") from None
    for number, row in enumerate(rows, start=2):
        if "" in row:
            raise _refused(f"{file}, line {number}", "it has more values than columns")
    return rows


def _refused(subject: object, found: str) -> UserError:
    return UserError(
        "invalid_image_table",
        subject,
        found,
        f"Write a CSV with some of the columns {', '.join(COLUMNS)}; image is needed.",
    )


def _hint(row: Mapping[str, str], place: str, findings: Findings) -> Hint:
    texts = {name: text.strip() for name, text in row.items() if text and text.strip()}
    level = texts.get("level", "").upper()
    if level and level not in LEVELS:
        _wrong(findings, place, "level", level, " or ".join(LEVELS))
    date = None
    if "date" in texts:
        try:
            date = datetime.date.fromisoformat(texts["date"])
        except ValueError:
            _wrong(findings, place, "date", texts["date"], "a day as YYYY-MM-DD")
    bands = tuple("" if name == "-" else name for name in texts.get("bands", "").split())
    numbers = {
        name: _number(texts, name, place, findings) for name in ("scale", "offset", "nodata")
    }
    if numbers["scale"] is not None and numbers["scale"] <= 0:
        _wrong(findings, place, "scale", texts["scale"], "a number above 0")
    return Hint(date, bands, level=level, **numbers)


def _number(texts: Mapping[str, str], name: str, place: str, findings: Findings) -> float | None:
    if name not in texts:
        return None
    try:
        number = float(texts[name])
    except ValueError:
        number = math.inf
    if math.isinf(number) or (math.isnan(number) and name != "nodata"):
        _wrong(findings, place, name, texts[name], "a number")
        return None
    return number


def _wrong(findings: Findings, place: str, column: str, value: str, wanted: str) -> None:
    findings.error(
        "invalid_image_table", f"{place}, {column}", f"it is {value!r}", f"Write {wanted}."
    )


def joined(hint: Hint, common: Hint) -> Hint:
    """Return what `hint` says, and what it leaves open from `common`."""
    empty = Hint()
    changes = {
        item.name: getattr(common, item.name)
        for item in fields(Hint)
        if getattr(hint, item.name) == getattr(empty, item.name)
    }
    return replace(hint, **changes)
