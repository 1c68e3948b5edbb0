"""Vector layers as streams of Arrow batches: read with every value as it is, written whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import open_arrow, write_arrow

from cscl.contract import atomic
from cscl.contract.errors import UserError
from cscl.contract.paths import local_path

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
)
BATCH = 2000
# GDAL recognises these by their contents, whatever the ending, and follows their links.
_LINKING = (b"<OGRVRTDataSource", b"<VRTDataset", b"<OGRWFSDataSource")


@dataclass(frozen=True)
class VectorLayer:
    """One layer of a vector file.

    `crs` is an authority string or WKT, empty where the layer has none; `geometry` is the name of
    the geometry column in the batches; `fid_column` is empty where the format stores no ids;
    `bounds` are in the layer's CRS.
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

    @contextmanager
    def batches(
        self, bbox: tuple[float, float, float, float] | None = None
    ) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open the layer and give its schema and batches of at most `BATCH` features, in order.

        The feature ids come first where the format stores them, the geometry is WKB. `bbox`
        selects features that meet it, in the layer's CRS.
        """
        options = {"WRITE_GFS": "NO"} if self.driver == "GML" else {}
        with open_arrow(
            self.path,
            layer=self.name,
            batch_size=BATCH,
            bbox=bbox,
            return_fids=bool(self.fid_column),
            use_pyarrow=True,
            **options,
        ) as (_, reader):
            yield reader.schema, iter(reader)

    @property
    def mixes(self) -> bool:
        """Whether single and multiple geometries may stand side by side, whatever the type says."""
        return self.driver == "ESRI Shapefile"


def open_layer(source: str | Path) -> VectorLayer:
    """Return the layer with geometries of a vector file; `FILE|layername=NAME` names one of many.

    Raises `UserError` where the file is not there, is in no accepted format, is damaged, or does
    not hold exactly one layer to choose.
    """
    text, _, wanted = str(source).partition("|layername=")
    file = local_path(text, "layer")
    _check_file(file)
    try:
        name = _choose([str(row[0]) for row in pyogrio.list_layers(file) if row[1]], wanted, file)
        info = pyogrio.read_info(
            file, layer=name, force_feature_count=True, force_total_bounds=True
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
            f"Convert it to one of: {', '.join(DRIVERS)}.",
        )
    return _layer(file, name, info)


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
            f"Name one as {file.name}|layername=NAME." if names else "Give a polygon layer.",
        )
    return wanted or names[0]


def _check_file(file: Path) -> None:
    if not file.exists():
        raise UserError("no_such_file", file, "there is no such file", "Check the path.")
    if not file.is_file():
        return
    with open(file, "rb") as handle:
        start = handle.read(4096)
    if any(mark in start for mark in _LINKING):
        raise UserError(
            "format_not_accepted",
            file,
            "it only refers to other sources",
            "Give the file with the features itself.",
        )
    if start[:4] == b"PAR1":
        raise UserError(
            "format_not_accepted",
            file,
            "its format is Parquet",
            "Convert it to GeoPackage; GeoParquet is written, not read.",
        )


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


def write_layer(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    driver: str,
    layer: str,
    crs: str,
    geometry_type: str,
    geometry: str,
    dataset_options: dict[str, str] | None = None,
    layer_options: dict[str, str] | None = None,
) -> None:
    """Write batches as a vector file, without holding more than one of them.

    An exception from `batches` comes out as it is. Raises `UserError` where the file cannot be
    written.
    """
    failure: list[BaseException] = []

    def relayed() -> Iterator[pa.RecordBatch]:
        # Arrow's stream turns exceptions into texts, so the first is kept.
        try:
            yield from batches
        except BaseException as error:
            failure.append(error)
            raise

    try:
        write_arrow(
            pa.RecordBatchReader.from_batches(schema, relayed()),
            path,
            layer=layer,
            driver=driver,
            geometry_name=geometry,
            geometry_type=geometry_type,
            crs=crs or None,
            encoding="UTF-8",
            dataset_options=dataset_options,
            layer_options=layer_options,
        )
    except Exception as error:
        if failure:
            raise failure[0] from None
        raise UserError(
            "layer_not_written",
            path.name,
            f"it cannot be written ({error})",
            "Check the free space, and that the values suit the format.",
        ) from error


def gpkg_options(layer_fields: Iterable[str], fid_column: str) -> dict[str, str]:
    """Return GeoPackage layer options that keep the ids, or give them a name that is free."""
    taken = {name.lower() for name in layer_fields}
    names = (fid_column, "fid", "ogc_fid", *(f"fid_{number}" for number in range(2, 300)))
    return {"FID": next(name for name in names if name and name.lower() not in taken)}


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """Yield an empty folder beside `output`; on success all files in it move to output's folder.

    On any failure nothing of them stays. `output` itself, if among them, comes last.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    folder = atomic.part_path(output)
    folder.mkdir()
    try:
        yield folder
        members = sorted(folder.iterdir(), key=lambda item: (item.name == output.name, item.name))
        for member in members:
            atomic.flush_to_disk(member)
        for member in members:
            os.replace(member, output.parent / member.name)
    finally:
        atomic.remove(folder)


def refuse_same_file(source: Path, output: Path) -> None:
    """Raise `UserError` where the output would replace its own source."""
    if output.exists() and os.path.samefile(source, output):
        raise UserError(
            "output_is_input",
            output,
            "it is the input too",
            "Choose another output; inputs are never changed.",
        )
