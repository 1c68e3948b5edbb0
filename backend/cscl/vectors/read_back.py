"""A vector file that was just written, read back: drivers do not tell of every failure.

Where the disk is full some end a file early as they close it, and say nothing.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyogrio.raw import open_arrow

from cscl.contract.errors import UserError
from cscl.disk import size_text
from cscl.vectors.curves import shapes_of


@dataclass
class Counted:
    """How many features there are, and how many of them have a shape that is not empty."""

    features: int = 0
    shapes: int = 0

    def add(self, column: pa.Array) -> None:
        """Count a batch's geometries, as WKB."""
        shapes = shapes_of(np.asarray(column.to_numpy(zero_copy_only=False), dtype=object))
        self.features += len(shapes)
        self.shapes += int((~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum())


def check_written(path: Path, layer: str | int, wanted: Counted) -> None:
    """Raise `UserError` where a layer of a vector file does not hold what was written to it."""
    found = Counted()
    try:
        if path.suffix.lower() == ".shp":
            _check_lengths(path)
        with open_arrow(path, layer=layer, use_pyarrow=True) as (about, reader):
            # A layer without geometries has no such column.
            name = about["geometry_name"] or "wkb_geometry"
            for batch in reader:
                if name in batch.schema.names:
                    found.add(batch.column(name))
                else:
                    found.features += batch.num_rows
    except Exception as error:  # each driver has errors of its own
        raise not_written(path, f"it cannot be read back ({error})") from error
    if found != wanted:
        raise not_written(
            path,
            f"{wanted.features} features with {wanted.shapes} shapes were written to it, and "
            f"{found.features} with {found.shapes} are there",
        )


def not_written(path: Path, found: str) -> UserError:
    """Return the error for a vector file that is not what it should be."""
    free = size_text(shutil.disk_usage(path.parent).free)
    return UserError(
        "layer_not_written", path.name, f"{found}; {free} are free there",
        "Free space if there is little, and check that the values suit the format.",
    )  # fmt: skip


def _check_lengths(path: Path) -> None:
    """Compare the lengths that a Shapefile's headers state with those of its files."""
    for ending in (".shp", ".shx"):
        part = path.with_suffix(ending)
        _compare(part, 2 * _number(part, ">i", 24))
    table = path.with_suffix(".dbf")
    records, head, record = (
        _number(table, "<I", 4),
        _number(table, "<H", 8),
        _number(table, "<H", 10),
    )
    _compare(table, head + records * record)


def _number(path: Path, form: str, place: int) -> int:
    with open(path, "rb") as handle:
        handle.seek(place)
        value: Any = struct.unpack(form, handle.read(struct.calcsize(form)))[0]
    return int(value)


def _compare(path: Path, stated: int) -> None:
    size = path.stat().st_size
    if size < stated:
        raise ValueError(f"{path.name} has {size} of its {stated} bytes")
