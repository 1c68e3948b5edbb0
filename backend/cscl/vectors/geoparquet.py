"""GeoParquet files: tables of Parquet with geometries as well-known binary.

Source: GeoParquet 1.0 and 1.1, https://geoparquet.org/releases/v1.1.0/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.vectors.curves import shapes_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_DEFAULT_CRS = "OGC:CRS84"
_GEOMETRY = "geometry"


class GeoParquet:
    """One file; raises `UserError` where it is no GeoParquet that can be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise self._refused(f"it cannot be read ({error})") from None
        about = self._about()
        self.geometry = str(about.get("primary_column"))
        column = about.get("columns", {}).get(self.geometry)
        schema = self._file.schema_arrow
        if not isinstance(column, dict) or self.geometry not in schema.names:
            raise self._refused("its geometry column is not described")
        if column.get("encoding") != "WKB":
            raise self._refused(f"its geometries are encoded as {column.get('encoding')}")
        self._column = column
        self.crs = self._crs_text(column)
        self.count = int(self._file.metadata.num_rows)
        others = [item for item in schema if item.name != self.geometry]
        nested = [item.name for item in others if pa.types.is_nested(item.type)]
        self.fields = tuple(item.name for item in others if item.name not in nested)
        # Columns of extents repeat what the geometries say.
        covering = str(column.get("covering", {}).get("bbox", {}).get("xmin", [""])[0])
        self.left_out = tuple(name for name in nested if name != covering)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The extent as the file tells it, else as its geometries have it."""
        told = self._column.get("bbox")
        if isinstance(told, list) and len(told) in (4, 6):
            half = len(told) // 2
            return float(told[0]), float(told[1]), float(told[half]), float(told[half + 1])
        boxes = []
        with self.batches(None, (), "", 65536) as (_, batches):
            for batch in batches:
                wkb = batch.column(self.geometry).to_numpy(zero_copy_only=False)
                boxes.append(shapely.total_bounds(shapes_of(wkb)))
        found = np.array(boxes) if boxes else np.full((1, 4), np.nan)
        with np.errstate(all="ignore"):
            left, bottom = np.nanmin(found[:, :2], axis=0, initial=np.inf)
            right, top = np.nanmax(found[:, 2:], axis=0, initial=-np.inf)
        return float(left), float(bottom), float(right), float(top)

    @contextmanager
    def batches(
        self,
        bbox: tuple[float, float, float, float] | None,
        columns: Sequence[str] | None,
        ids: str,
        size: int,
    ) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Give the schema and batches of `size` rows: the row number as `ids` first, if named."""
        wanted = [*(self.fields if columns is None else columns), self.geometry]
        schema = self._file.schema_arrow
        parts = [pa.field(ids, pa.int64())] if ids else []
        parts += [pa.field(name, _plain(schema.field(name).type)) for name in wanted]
        plain = pa.schema(parts)
        yield plain, self._rows(plain, wanted, bbox, bool(ids), size)

    def _rows(
        self,
        schema: pa.Schema,
        wanted: list[str],
        bbox: tuple[float, float, float, float] | None,
        ids: bool,
        size: int,
    ) -> Iterator[pa.RecordBatch]:
        first = 0
        try:
            for batch in self._file.iter_batches(batch_size=size, columns=wanted):
                arrays = [batch.column(name) for name in wanted]
                if ids:
                    numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
                    arrays.insert(0, pa.array(numbers))
                first += batch.num_rows
                arrays = [
                    array.cast(kind) for array, kind in zip(arrays, schema.types, strict=True)
                ]
                result = pa.RecordBatch.from_arrays(arrays, schema=schema)
                yield result if bbox is None else result.filter(self._meets(result, bbox))
        except (pa.ArrowException, OSError) as error:
            raise self._refused(f"it cannot be read ({error})") from None

    def _meets(self, batch: pa.RecordBatch, bbox: tuple[float, float, float, float]) -> pa.Array:
        shapes = shapes_of(batch.column(self.geometry).to_numpy(zero_copy_only=False))
        left, bottom, right, top = shapely.bounds(shapes).T
        return pa.array(
            (left <= bbox[2]) & (right >= bbox[0]) & (bottom <= bbox[3]) & (top >= bbox[1])
        )

    def _about(self) -> dict[str, Any]:
        text = (self._file.metadata.metadata or {}).get(b"geo")
        if text is None:
            raise self._refused("it is Parquet without geometries")
        about = strict_json.parse(text.decode("utf-8", "replace"), str(self.path))
        if not isinstance(about, dict) or not isinstance(about.get("columns", {}), dict):
            raise self._refused("its description of the geometries is damaged")
        return about

    def _crs_text(self, column: dict[str, Any]) -> str:
        """Return an authority string or WKT; empty where the file says that there is none."""
        described = column.get("crs", _DEFAULT_CRS)
        if described is None:
            return ""
        try:
            crs = CRS.from_user_input(described)
        except CRSError as error:
            raise self._refused(
                f"its coordinate reference system cannot be read ({error})"
            ) from None
        authority = crs.to_authority(min_confidence=100)
        return ":".join(authority) if authority else str(crs.to_wkt())

    def _refused(self, found: str) -> UserError:
        return UserError(
            "unreadable_layer", self.path, found, "Write it as GeoParquet with WKB, or GeoPackage."
        )


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type that a vector format can hold."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    return kind


def write_geoparquet(
    path: Path, parts: Iterable[tuple[pd.DataFrame, gpd.GeoSeries]], crs: CRS
) -> None:
    """Write a table of parts of which no two are in memory.

    A part is its rows without geometries, and their geometries in `crs`; the columns of all parts
    are those of the first.
    """
    kinds: set[str] = set()
    boxes = []
    with ExitStack() as stack:
        writer = schema = None
        for columns, outlines in parts:
            rows = pa.Table.from_pandas(columns, schema=schema, preserve_index=False)
            if writer is None:
                schema = rows.schema
                whole = schema.append(pa.field(_GEOMETRY, pa.binary()))
                writer = stack.enter_context(pq.ParquetWriter(path, whole))
            writer.write_table(rows.append_column(whole.field(_GEOMETRY), [outlines.to_wkb()]))
            kinds.update(outlines.geom_type.unique())
            boxes.append(outlines.total_bounds)
        if writer is None:
            raise ValueError(f"{path}: a table of no part has no columns")
        low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
        about = {
            "version": "1.0.0",
            "primary_column": _GEOMETRY,
            "columns": {
                _GEOMETRY: {
                    "encoding": "WKB",
                    "geometry_types": sorted(kinds),
                    "crs": crs.to_json_dict(),
                    "bbox": [*low.tolist(), *high.tolist()],
                }
            },
        }
        writer.add_key_value_metadata({"geo": json.dumps(about)})
