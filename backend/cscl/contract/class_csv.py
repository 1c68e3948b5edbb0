"""Class tables as people write them: CSV with one source value a line."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple, Union

from . import atomic
from .classes import PALETTE, ClassTable, CropClass
from .codes import FIRST_CROP, LAST_CROP
from .errors import Findings, UserError

LARGEST_FILE = 16 * 2**20
DELIMITERS = (",", ";", "\t")
# The first of these names that a table has is the column; EuroCrops writes the later ones.
ALIASES: Dict[str, Tuple[str, ...]] = {
    "source_value": ("source_value", "original_code", "original_name", "ec_trans_n"),
    "name": ("name", "ec_hcat_n", "hcat3_name", "hcat_name", "translated_name"),
    "code": ("code",),
    "colour": ("colour", "color"),
    "hcat": ("hcat", "ec_hcat_c", "hcat3_code", "hcat_code"),
}

COLUMNS = tuple(ALIASES)


@dataclass(frozen=True)
class _Row:
    """One line of the table; `code` is None where there is none that holds."""

    value: str
    name: str
    code: Optional[int]
    colour: str
    hcat: str


def read_class_table(
    path: Union[str, Path], note: Callable[[str], None] = lambda text: None
) -> ClassTable:
    """Read a class table with the columns source_value, name, code, colour and hcat.

    Comma, semicolon or tab separate the columns. `colour` and `hcat` may be absent, `code` too:
    then the names are numbered in alphabetical order. The columns of EuroCrops (original_code,
    EC_trans_n, EC_hcat_n, EC_hcat_c and the like) stand for ours where ours are absent. `note` is
    told what was assumed. Raises `UserError` with every finding.
    """
    file = Path(path)
    text = _text(file, note)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise _unreadable(file, f"it is no table of text ({error})") from None
    header = [name.strip() for name in lines[0][1]] if lines else []
    columns = _columns(file, header, note)
    findings = Findings()
    rows = _rows(file, header, columns, lines[1:], findings)
    classes = _classes(rows, "code" in columns)
    table = ClassTable(classes, file.name)
    # Lines without a code that holds make no class; they are told already.
    if classes or not findings.errors:
        findings.items.extend(table.problems(file))
    findings.raise_errors()
    return table.in_order()


def write_class_table(path: Union[str, Path], table: ClassTable) -> None:
    """Write a class table that `read_class_table` reads back, one source value a line, whole.

    Raises `UserError` with all that is wrong with the table, or where it cannot be written.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for item in table.checked(path).classes:
        for value in item.values:
            lines.writerow((value, item.name, item.code, item.colour, item.hcat))
    try:
        atomic.write_text(path, text.getvalue())
    except OSError as error:
        raise UserError(
            "output_not_writable",
            path,
            f"it cannot be written ({error.strerror or error})",
            "Choose another folder.",
        ) from None


def _text(file: Path, note: Callable[[str], None]) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise _unreadable(file, f"it is larger than {LARGEST_FILE // 2**20} MiB")
        data = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, f"it cannot be read ({error})") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp1252":
            note(f"{file}: it is no UTF-8 and was read as Windows-1252; check names with accents.")
        return text
    raise _unreadable(file, "its text is neither UTF-8 nor UTF-16 nor Windows-1252")


def _unreadable(file: Path, found: str) -> UserError:
    return UserError("unreadable_file", file, found, "Save the table as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    """Return the separator that most of the known column names are read with."""
    first = text.splitlines()[0] if text.strip() else ""
    known = {name for names in ALIASES.values() for name in names}

    def found(delimiter: str) -> Tuple[int, int]:
        names = [name.strip().strip('"').lower() for name in first.split(delimiter)]
        return sum(name in known for name in names), len(names)

    return max(DELIMITERS, key=found)


def _columns(file: Path, header: List[str], note: Callable[[str], None]) -> Dict[str, int]:
    """Return the place of each of our columns."""
    lower = [name.lower() for name in header]
    columns: Dict[str, int] = {}
    for wanted, names in ALIASES.items():
        found = next((name for name in names if name in lower), None)
        if found is not None:
            columns[wanted] = lower.index(found)
            if lower.count(found) > 1:
                raise UserError(
                    "class_table_columns",
                    file,
                    f"the column {header[columns[wanted]]} stands in it twice",
                    "Keep one of them.",
                )
    eurocrops = "name" in columns and lower[columns["name"]] != "name"
    needed = ("source_value", "name") if eurocrops else ("source_value", "name", "code")
    missing = [name for name in needed if name not in columns]
    if missing:
        raise UserError(
            "class_table_columns",
            file,
            f"it has the columns {', '.join(header) or 'none'} and lacks {', '.join(missing)}",
            "Give the table the columns source_value, name, code and colour.",
        )
    used = [f"{header[place]} as {name}" for name, place in columns.items() if lower[place] != name]
    if used:
        note(f"{file}: columns taken: {', '.join(used)}.")
    if "code" not in columns:
        note(f"{file}: it has no codes; its classes are numbered in the order of their names.")
    return columns


def _rows(
    file: Path,
    header: List[str],
    columns: Dict[str, int],
    lines: List[Tuple[int, List[str]]],
    findings: Findings,
) -> List[_Row]:
    rows = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{file}, line {number}"
        if len(cells) != len(header):
            findings.error(
                "class_table_line",
                where,
                f"it has {len(cells)} values, the first line {len(header)}",
                "Give each column one value; put texts with a separator into quotes.",
            )
            continue
        values = {name: cells[place].strip() for name, place in columns.items()}
        if not values["source_value"]:
            findings.error(
                "class_value", where, "it has no source value", "Give it one, or remove the line."
            )
        if not values["name"]:
            findings.error("class_name", where, "it has no name", "Give the class a name.")
        code = values.get("code")
        if code is not None and not re.fullmatch(r"\d{1,3}", code):
            findings.error(
                "class_code",
                where,
                f"its code is {code!r}",
                f"Use whole numbers from {FIRST_CROP} to {LAST_CROP}.",
            )
            continue
        if values["source_value"] and values["name"]:
            rows.append(
                _Row(
                    values["source_value"],
                    values["name"],
                    None if code is None else int(code),
                    values.get("colour", ""),
                    values.get("hcat", ""),
                )
            )
    return rows


def _classes(rows: List[_Row], coded: bool) -> Tuple[CropClass, ...]:
    """Join the lines of each class, that is of each name and code."""
    numbers = {name: place for place, name in enumerate(sorted({row.name for row in rows}), 1)}
    merged: Dict[Tuple[int, str], List[_Row]] = {}
    for row in rows:
        code = row.code if coded and row.code is not None else numbers[row.name]
        merged.setdefault((code, row.name), []).append(row)
    return tuple(
        CropClass(
            code,
            name,
            next((row.colour for row in entries if row.colour), PALETTE[(code - 1) % len(PALETTE)]),
            tuple(dict.fromkeys(row.value for row in entries)),
            next((row.hcat for row in entries if row.hcat), ""),
        )
        for (code, name), entries in merged.items()
    )
