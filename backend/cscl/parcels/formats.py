"""Writers of the formats that layers are exported to; each keeps one batch in memory."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from cscl.context import JobContext
from cscl.parcels.cells import plain
from cscl.parcels.kml import write_kml as write_kml_document
from cscl.parcels.shapefile import write_shapefile
from cscl.parcels.workbook import write_workbook
from cscl.vectors.antimeridian import cut_at_antimeridian
from cscl.vectors.geometries import promoted, promoted_type
from cscl.vectors.layers import VectorLayer
from cscl.vectors.writing import gpkg_options, write_layer

ENDINGS = {
    "gpkg": ".gpkg",
    "geojson": ".geojson",
    "shp": ".shp",
    "fgb": ".fgb",
    "parquet": ".parquet",
    "csv": ".csv",
    "xlsx": ".xlsx",
    "kml": ".kml",
}
# These are in longitude and latitude on WGS 84, by their definition.
GEOGRAPHIC = {"geojson": "GeoJSON (RFC 7946)", "kml": "KML"}
WITHOUT_GEOMETRY = ("csv", "xlsx")
# The largest whole number below which a 64-bit real holds them all.
EXACT = 2**53
GEOPARQUET = "1.1.0"


class BatchSource(Protocol):
    """Reads the selected columns, anew with each call; `ids` adds the feature ids in front."""

    def __call__(self, *, ids: bool, progress: bool) -> Iterator[pa.RecordBatch]: ...


@dataclass(frozen=True)
class Table:
    """The part of a layer to export: `fields` and geometry, in `crs`."""

    layer: VectorLayer
    fields: tuple[str, ...]
    crs: str
    batches: BatchSource

    @property
    def geometry(self) -> str:
        """The name of the geometry column in the batches."""
        return self.layer.geometry


def peeked(batches: Iterator[pa.RecordBatch]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return the schema of a stream that has at least one batch, and the whole stream."""
    first = next(batches)

    def whole() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    return first.schema, whole()


def _write_ogr(
    table: Table,
    path: Path,
    driver: str,
    *,
    batches: Iterator[pa.RecordBatch] | None = None,
    ids: bool = False,
    multiple: bool = False,
    dataset_options: dict[str, str] | None = None,
    layer_options: dict[str, str] | None = None,
) -> None:
    batches = batches or table.batches(ids=ids, progress=True)
    kind = table.layer.geometry_type
    if multiple or table.layer.mixes:
        batches, kind = (promoted(item, table.geometry) for item in batches), promoted_type(kind)
    schema, batches = peeked(batches)
    write_layer(
        path,
        schema,
        batches,
        driver=driver,
        layer=table.layer.name,
        crs=table.crs,
        geometry_type=kind,
        geometry=table.geometry,
        dataset_options=dataset_options,
        layer_options=layer_options,
    )


def write_gpkg(table: Table, path: Path, ctx: JobContext) -> None:
    """Write a GeoPackage of version 1.2, which QGIS 3.22 reads without a warning."""
    _write_ogr(
        table,
        path,
        "GPKG",
        ids=True,
        # A column of multiple geometries may hold no single ones.
        multiple=table.layer.geometry_type.startswith("Multi"),
        dataset_options={"VERSION": "1.2"},
        layer_options=gpkg_options(table.fields, table.layer.fid_column),
    )


def write_geojson(table: Table, path: Path, ctx: JobContext) -> None:
    """Write GeoJSON after RFC 7946: seven decimals, outer rings counter-clockwise."""
    large: set[str] = set()
    batches = _watched(_cut(table, ctx), table.fields, large)
    _write_ogr(table, path, "GeoJSON", batches=batches, layer_options={"RFC7946": "YES"})
    if large:
        ctx.note(
            f"Whole numbers over 2^53 in {', '.join(sorted(large))} stand in the GeoJSON in full; "
            "programs that read numbers as reals (JavaScript) round them"
        )


def _cut(table: Table, ctx: JobContext) -> Iterator[pa.RecordBatch]:
    """Yield the batches with what crosses the antimeridian cut there, and say how many it was."""
    total = 0
    for batch in table.batches(ids=False, progress=True):
        batch, count = cut_at_antimeridian(batch, table.geometry)
        total += count
        yield batch
    if total:
        ctx.note(f"{total} features cross the antimeridian: each was cut there in two parts")


def _watched(
    batches: Iterator[pa.RecordBatch], fields: tuple[str, ...], large: set[str]
) -> Iterator[pa.RecordBatch]:
    """Yield the batches, and add to `large` the fields with whole numbers over 2^53."""
    for batch in batches:
        for name in fields:
            column = batch.column(name)
            if pa.types.is_integer(column.type) and column.type.bit_width == 64:
                span = pc.min_max(column).as_py()
                if any(value is not None and abs(value) > EXACT for value in span.values()):
                    large.add(name)
        yield batch


def write_fgb(table: Table, path: Path, ctx: JobContext) -> None:
    """Write FlatGeobuf with its spatial index, which puts neighbours beside each other."""
    ctx.note("FlatGeobuf sorts features by their place: their order differs from the layer's")
    kinds = table.layer.schema
    if days := [name for name in table.fields if pa.types.is_date(kinds.field(name).type)]:
        ctx.note(f"FlatGeobuf has no days: {', '.join(days)} became moments at midnight")
    # The format takes one kind of geometry a file.
    _write_ogr(table, path, "FlatGeobuf", multiple=True)


def write_parquet(table: Table, path: Path, ctx: JobContext) -> None:
    """Write GeoParquet with WKB geometries and the CRS as PROJJSON."""
    schema, batches = peeked(table.batches(ids=False, progress=True))
    bounds = np.array([math.inf, math.inf, -math.inf, -math.inf])
    kinds: set[str] = set()
    with pq.ParquetWriter(path, schema.remove_metadata(), compression="zstd") as writer:
        for batch in batches:
            shapes = shapely.from_wkb(batch.column(table.geometry).to_numpy(zero_copy_only=False))
            found = shapely.bounds(shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)])
            if len(found):
                bounds[:2] = np.minimum(bounds[:2], found[:, :2].min(axis=0))
                bounds[2:] = np.maximum(bounds[2:], found[:, 2:].max(axis=0))
            kinds.update(_kind(shape) for shape in shapes if shape is not None)
            writer.write_batch(batch)
        geo = _geo_metadata(table, sorted(kinds), bounds)
        writer.add_key_value_metadata({"geo": json.dumps(geo)})


def _kind(shape: Any) -> str:
    return str(shape.geom_type) + (" Z" if shape.has_z else "")


def _geo_metadata(table: Table, kinds: list[str], bounds: np.ndarray) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": kinds,
        "crs": CRS.from_user_input(table.crs).to_json_dict() if table.crs else None,
    }
    if np.isfinite(bounds).all():
        column["bbox"] = [float(value) for value in bounds]
    return {
        "version": GEOPARQUET,
        "primary_column": table.geometry,
        "columns": {table.geometry: column},
    }


def write_csv(table: Table, path: Path, ctx: JobContext) -> None:
    """Write the fields as CSV in UTF-8: NULL is empty, dates are ISO 8601, no geometry."""
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\r\n")
        writer.writerow(table.fields)
        for batch in table.batches(ids=False, progress=True):
            columns = [batch.column(name).to_pylist() for name in table.fields]
            writer.writerows([plain(value) for value in row] for row in zip(*columns, strict=True))


def write_xlsx(table: Table, path: Path, ctx: JobContext) -> None:
    """Write the fields as a sheet of a workbook, without geometry."""
    batches = table.batches(ids=False, progress=True)
    write_workbook(table.layer.name, table.fields, table.layer.count, batches, path, ctx)


def write_kml(table: Table, path: Path, ctx: JobContext) -> None:
    """Write KML, in longitude and latitude."""
    write_kml_document(table.layer.name, table.fields, table.geometry, _cut(table, ctx), path, ctx)


def write_shp(table: Table, path: Path, ctx: JobContext) -> None:
    """Write a Shapefile with its names' table."""
    write_shapefile(
        table.fields,
        table.geometry,
        table.crs,
        table.layer.geometry_type,
        lambda progress: table.batches(ids=False, progress=progress),
        path,
        ctx,
    )


WRITERS: dict[str, Callable[[Table, Path, JobContext], None]] = {
    "gpkg": write_gpkg,
    "geojson": write_geojson,
    "shp": write_shp,
    "fgb": write_fgb,
    "parquet": write_parquet,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "kml": write_kml,
}
