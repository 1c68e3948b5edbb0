"""The list for inspectors: parcels that disagree with their declaration, the surest ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.mapping.folder import MapFolder
from cscl.mapping.writer import quiet_gdal
from cscl.parcels.judge import TEST, MapJudge
from cscl.parcels.results import COLUMNS, free_names
from cscl.vectors.expression import Expression
from cscl.vectors.geometries import promoted, promoted_type
from cscl.vectors.layers import VectorLayer, open_layer
from cscl.vectors.polygons import PolygonReader
from cscl.vectors.writing import gpkg_options, staged, write_layer

# The id of a parcel in its layer. `doubt` is the natural logarithm of the odds of the class found
# against the declared one.
PARCEL_ID = "parcel_id"
ADDED = (("rank", pa.int32()), ("doubt", pa.float64()), ("fold", pa.int32()), *COLUMNS)


def write_inspection(
    maps: Sequence[MapFolder], parcels: str, class_field: str, output: Path, ctx: JobContext
) -> None:
    """Write the parcels that disagree with their declaration to a GeoPackage, by rank.

    `maps` are those of the models of all folds, on one grid: each parcel is judged by the one
    whose test ground it lies in, which has seen neither it nor its block. The columns are those of
    the input and `ADDED`; ids of features that the input stores stand in the field parcel_id.
    """
    layer = open_layer(parcels)
    declared = Expression(class_field, layer.schema, layer.path)
    wanted = [PARCEL_ID, *(name for name, _ in ADDED)]
    names = free_names((*layer.fields, layer.geometry), wanted)
    with staged(output) as work, quiet_gdal(), ExitStack() as stack:
        judges = [stack.enter_context(MapJudge(item, declared, layer.crs)) for item in maps]
        inspection = _Inspection(layer, judges)
        table = _ranked(pa.Table.from_batches(list(inspection.rows(ctx)), inspection.schema))
        ctx.note(
            f"{len(table)} of {inspection.judged} parcels that a model judged without having seen "
            "them or their block disagree with their declaration"
        )
        kind = promoted_type(layer.geometry_type) if layer.mixes else layer.geometry_type
        # The features' own ids are their ranks.
        given = [names[PARCEL_ID] if n == layer.fid_column else n for n in inspection.given]
        table = table.rename_columns([*given, *(names[name] for name, _ in ADDED)])
        write_layer(
            work / output.name,
            table.schema,
            table.to_batches(),
            driver="GPKG",
            layer="inspection",
            crs=layer.crs,
            geometry_type=kind,
            geometry=layer.geometry,
            dataset_options={"VERSION": "1.2"},
            layer_options=gpkg_options((*layer.fields, *names.values()), ""),
        )


class _Inspection:
    """The parcels of a layer that their judges find to disagree."""

    def __init__(self, layer: VectorLayer, judges: Sequence[MapJudge]) -> None:
        if not all(judge.ground.known for judge in judges):
            raise UserError(
                "no_training_ground",
                judges[0].folder.folder,
                "the map does not say where its model was trained",
                "Map with models that were trained on a split by folds.",
            )
        self.layer, self.judges, self.judged = layer, judges, 0
        grid = judges[0].folder.grid
        self.reader = PolygonReader(layer.crs, grid.crs, grid.bounds)
        with layer.batches() as (schema, _):
            self.schema = pa.schema([*schema, *ADDED])
        self.given = list(schema.names)

    def rows(self, ctx: JobContext) -> Iterator[pa.RecordBatch]:
        """Yield the parcels that disagree, in the order of the layer."""
        with self.layer.batches() as (_, batches):
            for batch in batches:
                ctx.check()
                yield self._disagreeing(batch)

    def _disagreeing(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        wkb = batch.column(self.layer.geometry)
        parcels = self.reader.read(wkb)
        parts = []
        for number, judge in enumerate(self.judges, start=1):
            judged = judge.judge(parcels, wkb, batch)
            own = compute.equal(judged.columns["split"], TEST).fill_null(False)
            told = compute.and_(own, judged.columns["agrees"].is_valid())
            self.judged += compute.sum(told).as_py() or 0
            wrong = compute.and_(told, compute.invert(judged.columns["agrees"]).fill_null(False))
            added = [
                pa.nulls(batch.num_rows, pa.int32()),
                pa.array(judged.doubt.round(4)),
                pa.array(np.full(batch.num_rows, number, np.int32)),
                *judged.columns.values(),
            ]
            whole = pa.RecordBatch.from_arrays([*self._given(batch), *added], schema=self.schema)
            parts.append(whole.filter(wrong))
        return pa.concat_batches(parts)

    def _given(self, batch: pa.RecordBatch) -> list[pa.Array]:
        return (promoted(batch, self.layer.geometry) if self.layer.mixes else batch).columns


def _ranked(table: pa.Table) -> pa.Table:
    """Return the rows by falling doubt, equal ones in the order of the layer, with their rank."""
    place = table.num_columns - len(ADDED)
    doubt = table.column(place + 1).to_numpy()
    order = np.argsort(-doubt, kind="stable")
    rank = pa.array(np.arange(1, len(order) + 1), pa.int32())
    return table.take(pa.array(order)).set_column(place, table.field(place), rank)
