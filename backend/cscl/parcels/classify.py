"""The job that gives each parcel the crop that the map shows in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from cscl.context import JobContext
from cscl.contract.errors import Finding, UserError
from cscl.contract.jobs import ParcelsJob
from cscl.contract.paths import local_path
from cscl.mapping.folder import MapFolder, read_map
from cscl.mapping.writer import quiet_gdal
from cscl.parcels.judge import Judgement, MapJudge
from cscl.parcels.results import COLUMNS, NOT_ON_MAP, free_names, summary
from cscl.parcels.shares import VOTES
from cscl.parcels.style import parcel_style, write_styles
from cscl.vectors.expression import Expression
from cscl.vectors.geometries import promoted, promoted_type
from cscl.vectors.layers import VectorLayer, open_layer
from cscl.vectors.polygons import PolygonReader
from cscl.vectors.writing import gpkg_options, refuse_same_file, staged, write_layer


def classify_parcels(job: ParcelsJob, ctx: JobContext) -> None:
    """Write the parcels of `job.parcels` with the crops of the map to the GeoPackage `job.output`.

    All features and attributes of the input stand in it as they were, in the same order, with the
    fields of `results.COLUMNS` added. Its style appears beside it as .qml and .sld. Raises
    `UserError` where there is no map, no parcel, none on the map, or no such class field.
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
        self.reader = PolygonReader(layer.crs, folder.grid.crs, folder.grid.bounds)
        self.names = free_names((*layer.fields, layer.geometry, layer.fid_column))
        self.reasons: Counter[str] = Counter()
        # Of all parcels, and of those that the model has not seen, by whether they agree.
        self.agreed: Counter[bool] = Counter()
        self.unseen: Counter[bool] = Counter()
        self.areas = {True: 0.0, False: 0.0}
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
            with MapJudge(self.folder, self.declared, layer.crs) as judge:
                self._say_how(judge)
                write_layer(
                    work / output.name,
                    wider,
                    self._classified(wider, batches, judge),
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
                self._say_sources(judge)
            style = parcel_style(self.folder.table, self.folder.codes, self.names["crop_name"])
            write_styles(work / output.name, style)
        self._say_what()

    def _classified(
        self, schema: pa.Schema, batches: Iterator[pa.RecordBatch], judge: MapJudge
    ) -> Iterator[pa.RecordBatch]:
        done = 0
        self.ctx.progress("parcels", 0, self.layer.count)
        for batch in batches:
            columns = self._columns(batch, judge)
            yield pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)
            done += batch.num_rows
            self.ctx.progress("parcels", done, max(done, self.layer.count))

    def _columns(self, batch: pa.RecordBatch, judge: MapJudge) -> list[pa.Array]:
        wkb = batch.column(self.layer.geometry)
        parcels = self.reader.read(wkb)
        self.repaired += parcels.repaired
        self.changed += parcels.changed
        judged = judge.judge(parcels, wkb, batch)
        self._count(judged)
        return [judged.columns[name] for name, _ in COLUMNS]

    def _count(self, judged: Judgement) -> None:
        self.reasons.update(judged.columns["reason"].to_pylist())
        agrees = judged.columns["agrees"]
        told = np.flatnonzero(agrees.is_valid())
        right = agrees.fill_null(False).to_numpy(zero_copy_only=False)[told]
        unseen = judged.unseen[told]
        self.agreed.update(right.tolist())
        self.unseen.update(right[unseen].tolist())
        for answer, area in zip(right[unseen], judged.areas[told][unseen], strict=True):
            self.areas[bool(answer)] += float(area)

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

    def _say_how(self, judge: MapJudge) -> None:
        note = self.ctx.note
        if self.declared is None:
            note("No class field was given: whether map and declaration agree is not told")
        if not judge.ground.known:
            note("The map does not say where its model was trained: the field split is empty")
        for name, free in self.names.items():
            if name != free:
                note(f"The parcels have a field {name!r} already: the new one is {free!r}")

    def _say_sources(self, judge: MapJudge) -> None:
        """Say what the classes were made from."""
        used = judge.shares.used
        for source, count in used.items():
            if count:
                self.ctx.note(f"{count} parcels are classified from {source}")
        if used[VOTES]:
            self.ctx.note(
                "The map holds no class probabilities: parcels are classified by the shares of "
                "their pixels' classes, and so are confidence and margin"
            )

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
        told = self.agreed.total()
        if told:
            note(f"Map and declaration agree in {self.agreed[True]} of {told} parcels")
            self.ctx.metric("parcels/agreement", 0, self.agreed[True] / told)
        self._say_accuracy()

    def _say_accuracy(self) -> None:
        """Say how many of the parcels that the model has not seen it has right."""
        count, area = self.unseen.total(), sum(self.areas.values())
        if not count:
            return
        share, by_area = self.unseen[True] / count, self.areas[True] / area
        self.ctx.note(
            f"Of {count} parcels that the model has not seen, {share:.1%} agree with their "
            f"declaration, {by_area:.1%} of their area"
        )
        self.ctx.metric("parcels/unseen_accuracy", 0, share)
        self.ctx.metric("parcels/unseen_accuracy_area", 0, by_area)


def _extent(bounds: tuple[float, float, float, float]) -> str:
    return ",".join(f"{value:.10g}" for value in bounds)
