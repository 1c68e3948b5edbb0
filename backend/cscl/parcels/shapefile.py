"""Shapefiles: short names, few types and at most two gigabytes, each said before writing."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.vectors.writing import write_layer

LIMIT = 2**31 - 1
NAME_BYTES = 10
TEXT_BYTES = 254
# The most that the driver gives to numbers and dates, and the least that it gives to texts.
NUMBER_BYTES = 24
SHORT_TEXT_BYTES = 80
# Reals as large as this do not fit into a number of 24 bytes.
TOO_LARGE = 1e23
Source = Callable[[bool], Iterator[pa.RecordBatch]]


def write_shapefile(
    fields: Sequence[str],
    geometry: str,
    crs: str,
    geometry_type: str,
    batches: Source,
    path: Path,
    ctx: JobContext,
) -> None:
    """Write a Shapefile in UTF-8 from batches, which are read twice.

    Names over ten bytes are shortened; NAME_fields.csv beside it lists all. Date with time and
    other types that the format lacks become texts. Raises `UserError` where a file would pass two
    gigabytes.
    """
    names = short_names(fields)
    size = Size(fields, geometry)
    for batch in batches(False):
        size.add(batch, converted(batch, geometry))
    check_size(size.shp, size.dbf, path.name)
    _say(fields, names, size, ctx)
    kinds = size.schema(names, geometry)
    write_layer(
        path,
        kinds,
        (_renamed(converted(batch, geometry), kinds) for batch in batches(True)),
        driver="ESRI Shapefile",
        layer=path.stem,
        crs=crs,
        geometry_type=geometry_type,
        geometry=geometry,
    )
    with open(
        path.with_name(f"{path.stem}_fields.csv"), "w", encoding="utf-8", newline=""
    ) as table:
        writer = csv.writer(table)
        writer.writerow(["name", "full_name"])
        writer.writerows(zip(names, fields, strict=True))


def short_names(fields: Sequence[str]) -> list[str]:
    """Return a name of at most ten bytes for each field, all different but for their case."""
    used: set[str] = set()
    names = []
    for field in fields:
        name, number = _cut(field, NAME_BYTES), 1
        while name.lower() in used:
            number += 1
            tail = f"_{number}"
            name = _cut(field, NAME_BYTES - len(tail)) + tail
        used.add(name.lower())
        names.append(name)
    return names


def _cut(text: str, size: int) -> str:
    return text.encode("utf-8")[:size].decode("utf-8", errors="ignore") or "field"


class Size:
    """Counts the bytes that .shp and .dbf will need, and what their types cannot hold."""

    def __init__(self, fields: Sequence[str], geometry: str) -> None:
        self.fields, self.geometry = tuple(fields), geometry
        self.rows, self.shp = 0, 100
        self.widths = dict.fromkeys(fields, NUMBER_BYTES)
        self.cut: set[str] = set()
        self.as_text: set[str] = set()
        self.lost: set[str] = set()
        self.as_number: set[str] = set()
        self._schema: pa.Schema | None = None

    @property
    def dbf(self) -> int:
        """Bytes of the table: header, then a byte and all fields a row."""
        return 33 + 32 * len(self.fields) + self.rows * (1 + sum(self.widths.values())) + 1

    def add(self, given: pa.RecordBatch, batch: pa.RecordBatch) -> None:
        """Count one batch: its values as given, and converted."""
        self._schema = batch.schema
        for name in self.fields:
            before, after = given.schema.field(name).type, batch.schema.field(name).type
            if pa.types.is_boolean(before):
                self.as_number.add(name)
            elif pa.types.is_floating(before):
                if batch.column(name).null_count > given.column(name).null_count:
                    self.lost.add(name)
            elif pa.types.is_string(after) and not pa.types.is_string(before):
                self.as_text.add(name)
        self.rows += batch.num_rows
        shapes = shapely.from_wkb(batch.column(self.geometry).to_numpy(zero_copy_only=False))
        points = shapely.get_num_coordinates(shapes)
        rings = shapely.get_num_geometries(shapes) + _holes(shapes)
        flat = 8 + 44 + 4 * rings + 16 * points
        deep = np.where(shapely.has_z(shapes), 32 + 16 * points, 0)
        self.shp += int(np.where(points > 0, flat + deep, 12).sum())
        for name in self.fields:
            if pa.types.is_string(batch.schema.field(name).type):
                self._add_texts(name, batch.column(name).to_pylist())

    def _add_texts(self, name: str, values: list[str | None]) -> None:
        longest = max((len(value.encode("utf-8")) for value in values if value), default=0)
        self.widths[name] = max(self.widths[name], SHORT_TEXT_BYTES, min(longest, TEXT_BYTES))
        if longest > TEXT_BYTES:
            self.cut.add(name)

    def schema(self, names: Sequence[str], geometry: str) -> pa.Schema:
        """Return the schema of what is written."""
        if self._schema is None:
            raise ValueError("no batch was counted")
        kinds = [
            pa.field(name, self._schema.field(field).type)
            for name, field in zip(names, self.fields, strict=True)
        ]
        return pa.schema([*kinds, pa.field(geometry, pa.binary())])


def _holes(shapes: np.ndarray) -> np.ndarray:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    rings = np.maximum(shapely.get_num_interior_rings(parts), 0)
    return np.bincount(owners, weights=rings, minlength=len(shapes)).astype(np.int64)


def check_size(shp: int, dbf: int, name: str) -> None:
    """Raise `UserError` where one of the two files would pass two gigabytes."""
    for ending, size in ((".shp", shp), (".dbf", dbf)):
        if size > LIMIT:
            raise UserError(
                "shapefile_too_large",
                name,
                f"its {ending} file would need {size / 1e9:.1f} GB",
                "A Shapefile ends at 2 GB: use GeoPackage, or fewer fields.",
            )


def converted(batch: pa.RecordBatch, geometry: str) -> pa.RecordBatch:
    """Return the batch with values that a Shapefile can hold: whole numbers, reals, dates, texts.

    Truth values become 1 and 0, all other types texts.
    """
    columns, fields = [], []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        kind = field.type
        if field.name == geometry:
            kind = pa.binary()
        elif pa.types.is_boolean(kind):
            kind, column = pa.int32(), column.cast(pa.int32())
        elif pa.types.is_floating(kind):
            kind, column = pa.float64(), _numbers(column)
        elif not (pa.types.is_integer(kind) or pa.types.is_date32(kind)):
            kind = pa.string()
            column = pa.array([_text(value) for value in column.to_pylist()], kind)
        columns.append(column)
        fields.append(pa.field(field.name, kind))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _numbers(column: pa.Array) -> pa.Array:
    """Return reals, NULL where a Shapefile cannot hold them."""
    values = column.cast(pa.float64())
    fits = pc.less(pc.abs(values), TOO_LARGE)  # false for what is no number, NULL for NULL
    return pc.if_else(fits, values, pa.scalar(None, pa.float64()))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return json.dumps(value, ensure_ascii=False, default=str)


def _renamed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(batch.columns, schema=schema)


def _say(fields: Sequence[str], names: Sequence[str], size: Size, ctx: JobContext) -> None:
    if list(fields) != list(names):
        ctx.note("Field names were cut to ten bytes; NAME_fields.csv beside it has them in full")
    if size.as_number:
        ctx.note(f"Truth values became 1 and 0 in: {', '.join(sorted(size.as_number))}")
    if size.as_text:
        ctx.note(
            f"Became texts, as a Shapefile lacks their types: {', '.join(sorted(size.as_text))}"
        )
    if size.lost:
        ctx.note(
            f"Numbers that a Shapefile cannot hold (1e23 and larger, or none) became NULL in: "
            f"{', '.join(sorted(size.lost))}"
        )
    if size.cut:
        ctx.note(
            f"Texts over {TEXT_BYTES} bytes were cut in: {', '.join(sorted(size.cut))} "
            "(a Shapefile holds no longer ones)"
        )
