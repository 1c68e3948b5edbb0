"""XLSX: a workbook of one sheet, written row by row.

Source: ECMA-376 (Office Open XML), part 1.
"""

from __future__ import annotations

import datetime
import io
import math
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # nosec B406 - only written

import pyarrow as pa

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.parcels.cells import plain

# Limits of a sheet and of a cell.
ROWS, COLUMNS, CHARACTERS = 1_048_576, 16_384, 32_767
# Numbers of a sheet are 64-bit reals.
EXACT = 2**53
# Day numbers before this day count a 29 February 1900 that never was.
FIRST_DAY = datetime.date(1900, 3, 1)
ZERO_DAY = datetime.datetime(1899, 12, 30)
DATE, MOMENT = 1, 2  # positions in cellXfs of the styles below
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# A fixed date in the archive: the same layer gives the same bytes.
STAMP = (1980, 1, 1, 0, 0, 0)
# Characters that XML lacks are written as _xHHHH_, and so is a text that looks like that.
ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write_workbook(
    name: str,
    fields: Sequence[str],
    count: int,
    batches: Iterable[pa.RecordBatch],
    path: Path,
    ctx: JobContext,
) -> None:
    """Write the fields of `count` rows as the sheet `name`: NULL is an empty cell.

    Numbers, truth values, dates and times are cells of their type; moments with a zone are in UTC.
    What a sheet cannot hold exactly (whole numbers over 2^53, days before March 1900, reals that
    are no number) is a text. Raises `UserError`, before anything is written, where the layer has
    more rows or columns than a sheet.
    """
    for found, limit, what in ((count + 1, ROWS, "rows"), (len(fields), COLUMNS, "columns")):
        if found > limit:
            raise UserError(
                "sheet_too_large",
                path.name,
                f"it would need {found} {what}",
                f"An XLSX sheet ends at {limit} {what}: use CSV, or fewer features and fields.",
            )
    said: Counter[str] = Counter()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in _parts(_sheet_name(name)).items():
            archive.writestr(_member(member), text)
        with (
            archive.open(_member("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as raw,
            io.TextIOWrapper(raw, encoding="utf-8", newline="\n") as sheet,
        ):
            sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>\n')
            sheet.write(_row(1, fields, said))
            number = 1
            for batch in batches:
                columns = [batch.column(field).to_pylist() for field in fields]
                for values in zip(*columns, strict=True):
                    number += 1
                    sheet.write(_row(number, values, said))
            sheet.write("</sheetData></worksheet>\n")
    for text, cells in said.items():
        ctx.note(f"XLSX: {text} ({cells} cells)")


def _row(number: int, values: Sequence[Any], said: Counter[str]) -> str:
    cells = "".join(
        _cell(f"{_letters(index)}{number}", value, said)
        for index, value in enumerate(values)
        if value is not None
    )
    return f'<row r="{number}">{cells}</row>\n'


def _cell(place: str, value: Any, said: Counter[str]) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int) and abs(value) <= EXACT:
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, float) and math.isfinite(value):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.UTC).replace(tzinfo=None)
            said["moments with a time zone are in UTC"] += 1
        if value.date() >= FIRST_DAY:
            return f'<c r="{place}" s="{MOMENT}"><v>{_days(value)!r}</v></c>'
    elif isinstance(value, datetime.date) and value >= FIRST_DAY:
        days = (value - ZERO_DAY.date()).days
        return f'<c r="{place}" s="{DATE}"><v>{days}</v></c>'
    if not isinstance(value, str):
        said["numbers and days that a sheet cannot hold exactly are texts"] += 1
    return _text_cell(place, str(plain(value)), said)


def _days(moment: datetime.datetime) -> float:
    return (moment - ZERO_DAY) / datetime.timedelta(days=1)


def _text_cell(place: str, text: str, said: Counter[str]) -> str:
    if len(text) > CHARACTERS:
        said[f"texts over {CHARACTERS} characters were cut"] += 1
        text = text[:CHARACTERS]
    safe = escape(ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'


def _letters(index: int) -> str:
    """Return the name of a column: A, B, ... Z, AA."""
    name, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _sheet_name(name: str) -> str:
    """Return a name that a sheet may have: at most 31 characters, some not allowed."""
    return re.sub(r"[\x00-\x1f\[\]:*?/\\']", "_", name)[:31] or "layer"


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _parts(sheet: str) -> dict[str, str]:
    """Return the members of the archive that are the same for every sheet but for its name."""
    parts = (("xl/workbook.xml", "sheet.main"), ("xl/worksheets/sheet1.xml", "worksheet"))
    kinds = (*parts, ("xl/styles.xml", "styles"))
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/{member}" ContentType="{SHEET_TYPE}.{kind}+xml"/>'
            for member, kind in kinds
        )
        + "</Types>",
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        f'<sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
        ),
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}">'
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="3">'
        + "".join(
            f'<xf numFmtId="{code}" fontId="0" fillId="0" borderId="0" xfId="0" '
            f'applyNumberFormat="1"/>'
            for code in (0, 164, 165)
        )
        + "</cellXfs></styleSheet>",
    }


def _relations(*targets: tuple[str, str]) -> str:
    items = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'
