"""Vector layers as streams of Arrow batches: read with every value as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import open_arrow

from cscl.contract.errors import UserError
from cscl.contract.paths import LAYER_MARK, local_path
from cscl.vectors.files import is_parquet, prepared
from cscl.vectors.geoparquet import GeoParquet

# Formats of files; none that leads elsewhere (VRT, web services, databases).
DRIVERS = (
    "GPKG",
    "ESRI Shapefile",
    "GeoJSON",
    "GeoJSONSeq",
    "FlatGeobuf",
    "OpenFileGDB",
    "SQLite",
    "GML",
    "KML",
    "LIBKML",
    "MapInfo File",
    "TopoJSON",
    "ESRIJSON",
    "JSONFG",
    "CSV",
)
PARQUET = "Parquet"
BATCH = 2000
_OWN_IDS = "OGC_FID"  # pyogrio's name for the ids of formats that store none
# A schema is read from beside the file or not at all.
pyogrio.set_gdal_config_options({"GML_DOWNLOAD_SCHEMA": False})


@dataclass(frozen=True)
class VectorLayer:
    """One layer of a vector file.

    `crs` is an authority string or WKT, empty where the layer has none; `geometry` is the name of
    the geometry column in the batches; `fid_column` is empty where the format stores no ids;
    `bounds` are in the layer's CRS; `left_out` are columns of nested values, which are not read.
    """

    path: Path
    name: str
    driver: str
    crs: str
    geometry_type: str
    geometry: str
    fid_column: str
    fields: tuple[str, ...]
    count: int
    bounds: tuple[float, float, float, float]
    left_out: tuple[str, ...] = ()
    # What is opened in place of `path`: a copy, where reading would leave traces beside it.
    opened: Path | None = field(default=None, repr=False)
    keeper: object = field(default=None, repr=False)

    @contextmanager
    def batches(
        self,
        bbox: tuple[float, float, float, float] | None = None,
        *,
        columns: Sequence[str] | None = None,
        ids: bool = False,
    ) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open the layer and give its schema and batches of at most `BATCH` features, in order.

        The feature ids come first where the format stores them, or where `ids` asks for them
        (`id_column`); the geometry is WKB. `bbox` selects features that meet it, in the layer's
        CRS, `columns` some of the fields.
        """
        if self.driver == PARQUET:
            with GeoParquet(self.path).batches(bbox, columns, _OWN_IDS if ids else "", BATCH) as it:
                yield it
            return
        with open_arrow(
            self.opened or self.path,
            layer=self.name,
            batch_size=BATCH,
            bbox=bbox,
            columns=None if columns is None else list(columns),
            return_fids=ids or bool(self.fid_column),
            use_pyarrow=True,
        ) as (_, reader):
            yield reader.schema, iter(reader)

    @property
    def schema(self) -> pa.Schema:
        """The fields with their types, without ids and geometry."""
        with self.batches(columns=self.fields) as (schema, _):
            kinds = {item.name: item.type for item in schema}
        return pa.schema([(name, kinds[name]) for name in self.fields])

    @property
    def id_column(self) -> str:
        """The column of the feature ids in batches that were read with `ids`."""
        return self.fid_column or _OWN_IDS

    @property
    def mixes(self) -> bool:
        """Whether single and multiple geometries may stand side by side, whatever the type says."""
        return self.driver == "ESRI Shapefile"


def open_polygons(source: str | Path, code: str, noun: str) -> VectorLayer:
    """Return a layer as `open_layer` does, which may hold polygons in a known reference system.

    Raises `UserError` with `code` where it does not; `noun` is what its features are called.
    """
    layer, found = open_layer(source), ""
    if not layer.count:
        found = f"0 {noun}"
    elif not layer.crs:
        found = "no coordinate reference system"
    elif any(kind in layer.geometry_type for kind in ("Point", "LineString")):
        found = f"geometries of the type {layer.geometry_type}"
    if found:
        raise UserError(
            code,
            layer.path,
            f"{found} in layer {layer.name!r}",
            "Give a polygon layer with features and a coordinate reference system.",
        )
    return layer


def open_layer(source: str | Path) -> VectorLayer:
    """Return the layer with geometries of a vector file; `FILE|layername=NAME` names one of many.

    Raises `UserError` where the file is not there, is in no accepted format, is damaged, or does
    not hold exactly one layer to choose. Nothing is written to the file or beside it.
    """
    text, _, wanted = str(source).partition(LAYER_MARK)
    file = local_path(text, "layer")
    opened, keeper = prepared(file)
    if is_parquet(opened):
        return _parquet_layer(file, wanted)
    try:
        name = _choose([str(row[0]) for row in pyogrio.list_layers(opened) if row[1]], wanted, file)
        info = pyogrio.read_info(
            opened, layer=name, force_feature_count=True, force_total_bounds=True
        )
    except (DataSourceError, DataLayerError) as error:
        raise UserError(
            "unreadable_layer", file, f"it cannot be read ({error})", "Check or repair the file."
        ) from None
    if info["driver"] not in DRIVERS:
        raise UserError(
            "format_not_accepted",
            file,
            f"its format is {info['driver']}",
            f"Convert it to one of: {', '.join((*DRIVERS, 'GeoParquet'))}.",
        )
    return dataclasses.replace(_layer(file, name, info), opened=opened, keeper=keeper)


def _parquet_layer(file: Path, wanted: str) -> VectorLayer:
    table = GeoParquet(file)
    _choose([file.stem], wanted, file)
    return VectorLayer(
        path=file,
        name=file.stem,
        driver=PARQUET,
        crs=table.crs,
        geometry_type="Unknown",
        geometry=table.geometry,
        fid_column="",
        fields=table.fields,
        count=table.count,
        bounds=table.bounds,
        left_out=table.left_out,
    )


def _choose(names: list[str], wanted: str, file: Path) -> str:
    listed = ", ".join(names) or "none"
    if wanted and wanted not in names:
        raise UserError(
            "layer_missing",
            file,
            f"it has no layer with geometries named {wanted!r}; found {listed}",
            "Choose one of these layers.",
        )
    if not wanted and len(names) != 1:
        raise UserError(
            "layers_several" if names else "no_geometry",
            file,
            f"it holds {len(names)} layers with geometries: {listed}",
            f"Name one as {file.name}{LAYER_MARK}NAME." if names else "Give a polygon layer.",
        )
    return wanted or names[0]


def _layer(file: Path, name: str, info: dict[str, Any]) -> VectorLayer:
    bounds = info["total_bounds"] or (float("nan"),) * 4
    return VectorLayer(
        path=file,
        name=name,
        driver=str(info["driver"]),
        crs=str(info["crs"] or ""),
        geometry_type=str(info["geometry_type"]),
        geometry=str(info["geometry_name"] or "wkb_geometry"),
        fid_column=str(info["fid_column"] or ""),
        fields=tuple(str(field) for field in info["fields"]),
        count=int(info["features"]),
        bounds=tuple(float(value) for value in bounds),  # type: ignore[arg-type]
    )
