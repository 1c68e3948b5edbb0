"""The table of parcels in a map folder: what was accumulated while mapping, one parcel a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.zonal.statistics import Statistics, class_columns

TABLE = "parcels.parquet"
# Parcels that are held in memory at once, while writing and reading.
ROW_GROUP = 20_000
BY_CLASS = ("mean", "log_mean", "inner")
BY_PARCEL = ("pixels", "inner_pixels")


def table_schema(codes: Sequence[int]) -> pa.Schema:
    """Return the columns: the feature's id and outline, pixels, and three figures a class.

    `mean_CODE`, `log_mean_CODE` and `inner_CODE` are those of `Statistics`.
    """
    figures = [*BY_PARCEL, *(name for kind in BY_CLASS for name in class_columns(kind, codes))]
    return pa.schema(
        [("id", pa.int64()), ("outline", pa.uint64()), *((name, pa.float64()) for name in figures)]
    )


def write_table(
    path: Path,
    codes: Sequence[int],
    parts: Iterator[tuple[NDArray[np.int64], NDArray[np.uint64], Statistics]],
) -> None:
    """Write ids, outlines and statistics of parcels part by part, whole or not at all."""
    schema = table_schema(codes)
    with atomic.replacing(path) as part, parquet.ParquetWriter(part, schema) as writer:
        for ids, outlines, found in parts:
            columns: list[Any] = [ids, outlines, *(getattr(found, name) for name in BY_PARCEL)]
            columns += [column for name in BY_CLASS for column in getattr(found, name).T]
            arrays = [pa.array(c, kind) for c, kind in zip(columns, schema.types, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


class ParcelTable:
    """Finds parcels in a map folder's table by their outlines; reads it part by part.

    Raises `UserError` where the file is damaged or belongs to other classes.
    """

    def __init__(self, path: Path, codes: Sequence[int]) -> None:
        self._codes = tuple(codes)
        try:
            self._file = parquet.ParquetFile(path, memory_map=True)
            if self._file.schema_arrow.names != table_schema(codes).names:
                raise ValueError("its columns are not those of the map's classes")
            outlines = self._file.read(["outline"])["outline"].to_numpy()
        except (OSError, ValueError, pa.ArrowInvalid) as error:
            raise UserError(
                "invalid_map", path, f"it cannot be read ({error})", "Map again with the parcels."
            ) from None
        self._order = np.argsort(outlines, kind="stable")
        self._outlines = outlines[self._order]
        sizes = [
            self._file.metadata.row_group(number).num_rows
            for number in range(self._file.num_row_groups)
        ]
        self._ends = np.cumsum([0, *sizes])
        self._group = lru_cache(maxsize=2)(self._read_group)

    def rows(self, outlines: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the row of each outline in the table, -1 where it is not there."""
        if not len(self._outlines):
            return np.full(len(outlines), -1)
        place = np.minimum(np.searchsorted(self._outlines, outlines), len(self._outlines) - 1)
        here = (self._outlines[place] == outlines) & (outlines != 0)
        return np.where(here, self._order[place], -1).astype(np.int64)

    def read(self, rows: NDArray[np.int64]) -> Statistics:
        """Return the statistics of rows of the table, in their order."""
        result = Statistics.empty(len(rows), len(self._codes))
        group = np.searchsorted(self._ends, rows, side="right") - 1
        for number in np.unique(group):
            chosen = np.flatnonzero(group == number)
            figures = self._group(int(number))[rows[chosen] - self._ends[number]]
            result.put(chosen, self._statistics(figures))
        return result

    def _read_group(self, number: int) -> NDArray[np.float64]:
        names = table_schema(self._codes).names[2:]
        table = self._file.read_row_group(number, columns=names)
        return np.stack([table[name].to_numpy() for name in names], axis=1)

    def _statistics(self, figures: NDArray[np.float64]) -> Statistics:
        size = len(self._codes)
        by_class = [figures[:, 2 + size * part : 2 + size * (part + 1)] for part in range(3)]
        return Statistics(figures[:, 0], by_class[0], by_class[1], figures[:, 1], by_class[2])
