"""Readers of workbooks and KML, by their definitions and the standard library alone."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
KML = "{http://www.opengis.net/kml/2.2}"
ZERO = datetime.datetime(1899, 12, 30)


def read_sheet(path: Path) -> list[list[Any]]:
    """Return the rows of the first sheet: texts, numbers, truth values, days and moments."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    codes = {item.get("numFmtId"): item.get("formatCode") for item in styles.iter(f"{SHEET}numFmt")}
    cells = styles.find(f"{SHEET}cellXfs")
    assert cells is not None
    formats = [codes.get(item.get("numFmtId"), "") for item in cells]
    rows = []
    for row in root.iter(f"{SHEET}row"):
        values: list[Any] = []
        for cell in row:
            column = 0
            for letter in re.match("[A-Z]+", cell.get("r"))[0]:  # type: ignore[arg-type,index]
                column = 26 * column + ord(letter) - ord("A") + 1
            values.extend([None] * (column - 1 - len(values)))
            values.append(_cell(cell, formats[int(cell.get("s", "0"))]))
        rows.append(values)
    width = len(rows[0])
    return [[*row, *[None] * (width - len(row))] for row in rows]


def _cell(cell: ElementTree.Element, kind: str | None) -> Any:
    if cell.get("t") == "inlineStr":
        text = cell.findtext(f"{SHEET}is/{SHEET}t") or ""
        return re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)
    text = cell.findtext(f"{SHEET}v") or ""
    if cell.get("t") == "b":
        return text == "1"
    if kind and "hh" in kind:
        moment = ZERO + datetime.timedelta(days=float(text))
        # A day number is exact to a microsecond or so.
        return (
            moment
            + datetime.timedelta(microseconds=round(moment.microsecond, -3))
            - (datetime.timedelta(microseconds=moment.microsecond))
        )
    if kind and "yyyy" in kind:
        return (ZERO + datetime.timedelta(days=int(text))).date()
    return int(text) if re.fullmatch("-?[0-9]+", text) else float(text)


def read_placemarks(path: Path) -> list[tuple[dict[str, str], list[list[list[tuple[float, ...]]]]]]:
    """Return for each placemark its fields, and its polygons as rings, the outer one first."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{KML}kml"
    found = []
    for mark in root.iter(f"{KML}Placemark"):
        values = {str(item.get("name")): item.text or "" for item in mark.iter(f"{KML}SimpleData")}
        polygons = []
        for polygon in mark.iter(f"{KML}Polygon"):
            rings = [
                [tuple(map(float, point.split(","))) for point in (item.text or "").split()]
                for side in ("outerBoundaryIs", "innerBoundaryIs")
                for item in polygon.findall(f"{KML}{side}/{KML}LinearRing/{KML}coordinates")
            ]
            polygons.append(rings)
        found.append((values, polygons))
    return found
