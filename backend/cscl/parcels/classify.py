"""The job that gives each parcel the crop that the map shows in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.contract.jobs import ParcelsJob
from cscl.contract.paths import local_path
from cscl.mapping.folder import MapFolder, read_map
from cscl.mapping.writer import quiet_gdal
from cscl.parcels.results import (
    COLUMNS,
    NOT_ON_MAP,
    declared_codes,
    free_names,
    reasons_for,
    result_columns,
    summary,
)
from cscl.parcels.shares import ParcelShares
from cscl.parcels.style import parcel_style
from cscl.parcels.training_ground import TrainingGround
from cscl.vectors.expression import Expression
from cscl.vectors.geometries import promoted, promoted_type
from cscl.vectors.layers import VectorLayer, open_layer
from cscl.vectors.polygons import PolygonReader, Polygons
from cscl.vectors.writing import gpkg_options, refuse_same_file, staged, write_layer


def classify_parcels(job: ParcelsJob, ctx: JobContext) -> None:
    """Write the parcels of `job.parcels` with the crops of the map to the GeoPackage `job.output`.

    All features and attributes of the input stand in it as they were, in the same order, with the
    fields of `results.COLUMNS` added. A style with the same name and .qml appears beside it.
    Raises `UserError` where there is no map, no parcel, none on the map, or no such class field.
    """
    output = local_path(job.output, "output")
    if output.suffix.lower() != ".gpkg":
        raise UserError(
            "wrong_ending",
            output,
            f"its ending is {output.suffix or 'missing'}",
            "Classified parcels are a GeoPackage: name the output *.gpkg, then export it.",
        )
    folder = read_map(job.map)
    layer = open_layer(job.parcels)
    declared = _check(layer, job.class_field)
    refuse_same_file(layer.path, output)
    run = _Run(folder, layer, declared, ctx)
    run.write(output)
    ctx.artifact("parcels", output)


def _check(layer: VectorLayer, class_field: str | None) -> Expression | None:
    """Return what was declared, a field or an expression, if anything."""
    if not layer.count:
        raise UserError(
            "no_parcels",
            layer.path,
            f"0 parcels in layer {layer.name!r}",
            "Give a layer with polygons.",
        )
    if not layer.crs:
        raise UserError(
            "no_crs",
            layer.path,
            f"the layer {layer.name!r} has no coordinate reference system",
            "Assign the one it was made in, for example in QGIS.",
        )
    if class_field is None:
        return None
    if class_field not in layer.fields and class_field.isidentifier():
        raise UserError(
            "no_such_field",
            f"{layer.path}, field {class_field!r}",
            f"the layer has the fields {', '.join(layer.fields) or 'none'}",
            "Name one of them.",
        )
    return Expression(class_field, layer.schema, layer.path)


class _Run:
    """One classification: the layer streamed through the map."""

    def __init__(
        self, folder: MapFolder, layer: VectorLayer, declared: Expression | None, ctx: JobContext
    ) -> None:
        self.folder, self.layer, self.declared, self.ctx = folder, layer, declared, ctx
        self.ground = TrainingGround(folder.training)
        self.reader = PolygonReader(layer.crs, folder.grid.crs, folder.grid.bounds)
        self.names = free_names((*layer.fields, layer.geometry, layer.fid_column))
        self.reasons: Counter[str] = Counter()
        self.agreed: Counter[bool | None] = Counter()
        self.repaired = self.changed = 0

    def write(self, output: Path) -> None:
        """Write the output and its style, then say what was found."""
        layer = self.layer
        with staged(output) as work, layer.batches() as (schema, batches), quiet_gdal():
            added = [pa.field(self.names[name], kind) for name, kind in COLUMNS]
            wider = pa.schema([*schema, *added])
            kind = layer.geometry_type
            if layer.mixes:
                batches, kind = (promoted(b, layer.geometry) for b in batches), promoted_type(kind)
            with ParcelShares(self.folder) as shares:
                self._say_how(shares)
                write_layer(
                    work / output.name,
                    wider,
                    self._classified(wider, batches, shares),
                    driver="GPKG",
                    layer=layer.name,
                    crs=layer.crs,
                    geometry_type=kind,
                    geometry=layer.geometry,
                    dataset_options={"VERSION": "1.2"},
                    layer_options=gpkg_options(
                        (*layer.fields, *self.names.values()), layer.fid_column
                    ),
                )
            self._check_overlap()
            style = parcel_style(self.folder.table, self.folder.codes, self.names["crop_name"])
            (work / output.name).with_suffix(".qml").write_bytes(style.encode("utf-8"))
        self._say_what()

    def _classified(
        self, schema: pa.Schema, batches: Iterator[pa.RecordBatch], shares: ParcelShares
    ) -> Iterator[pa.RecordBatch]:
        done = 0
        self.ctx.progress("parcels", 0, self.layer.count)
        for batch in batches:
            columns = self._columns(batch, shares)
            yield pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)
            done += batch.num_rows
            self.ctx.progress("parcels", done, max(done, self.layer.count))

    def _columns(self, batch: pa.RecordBatch, shares: ParcelShares) -> list[pa.Array]:
        parcels = self.reader.read(batch.column(self.layer.geometry))
        self.repaired += parcels.repaired
        self.changed += parcels.changed
        values, pixels, reasons = self._measured(parcels, shares)
        if self.declared is None:
            declared: list[int | None] = [None] * batch.num_rows
        else:
            declared = declared_codes(self.declared.evaluate(batch), self.folder.table)
        columns = result_columns(
            values,
            pixels,
            reasons,
            declared,
            self.ground.splits(parcels.points, self.layer.crs),
            self.folder.table,
            self.folder.codes,
        )
        self.reasons.update(columns[8].to_pylist())
        self.agreed.update(columns[7].to_pylist())
        return columns

    def _measured(
        self, parcels: Polygons, shares: ParcelShares
    ) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Return shares (N, K), pixels (N,) and reasons, for all parcels of a batch."""
        count = len(parcels.shapes)
        values = np.full((count, len(self.folder.codes)), np.nan)
        pixels, area = np.zeros(count), np.zeros(count)
        on_map = np.zeros(count, bool)
        extent = shapely.box(*self.folder.grid.bounds)
        for index, polygon in enumerate(parcels.shapes):
            if polygon is not None:
                area[index] = polygon.area / self.folder.grid.resolution**2
                on_map[index] = polygon.intersects(extent)
        rows = np.flatnonzero(on_map)
        values[rows], pixels[rows] = shares.read([parcels.shapes[row] for row in rows])
        return values, pixels, reasons_for(parcels.reasons, area, pixels, on_map)

    def _check_overlap(self) -> None:
        if self.reasons[NOT_ON_MAP] < self.layer.count:
            return
        raise UserError(
            "parcels_not_on_map",
            self.layer.path,
            f"no parcel lies on the map: the parcels cover {_extent(self.layer.bounds)} in "
            f"{self.layer.crs[:40]}, the map {_extent(self.folder.grid.bounds)} in "
            f"{self.folder.grid.crs[:40]}",
            "Give parcels of the mapped area, and check their coordinate reference system.",
        )

    def _say_how(self, shares: ParcelShares) -> None:
        note = self.ctx.note
        if shares.votes:
            note(
                "The map holds no class probabilities: parcels are classified by the shares of "
                "their pixels' classes, and so are confidence and margin"
            )
        if self.declared is None:
            note("No class field was given: whether map and declaration agree is not told")
        if not self.ground.known:
            note("The map does not say where its model was trained: the field split is empty")
        for name, free in self.names.items():
            if name != free:
                note(f"The parcels have a field {name!r} already: the new one is {free!r}")

    def _say_what(self) -> None:
        layer, note = self.layer, self.ctx.note
        if text := summary(Counter({k: n for k, n in self.reasons.items() if k})):
            note(f"Parcels with a reason given: {text}, of {layer.count}")
        if self.repaired:
            finding = Finding(
                "geometry_repaired",
                str(layer.path),
                f"{self.repaired} parcels have invalid outlines and were repaired for reading the "
                f"map, {self.changed} of them with a change of area above 1 %",
                "Check them; the output holds them as they are.",
                "warning",
            )
            self.ctx.warn(finding)
        told = self.agreed[True] + self.agreed[False]
        if told:
            note(f"Map and declaration agree in {self.agreed[True]} of {told} parcels")
            self.ctx.metric("parcels/agreement", 0, self.agreed[True] / told)


def _extent(bounds: tuple[float, float, float, float]) -> str:
    return ",".join(f"{value:.10g}" for value in bounds)
