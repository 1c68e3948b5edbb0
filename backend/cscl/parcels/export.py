"""The job that writes a layer to a GIS format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from pyproj import CRS
from pyproj.exceptions import CRSError

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import ExportJob
from cscl.contract.paths import local_path
from cscl.parcels.formats import ENDINGS, GEOGRAPHIC, WITHOUT_GEOMETRY, WRITERS, Table
from cscl.parcels.shapefile import short_names
from cscl.parcels.sld import ParcelStyle, sld_text
from cscl.parcels.style import carried_style, qml_style, write_styles
from cscl.vectors.geometries import reprojected
from cscl.vectors.layers import VectorLayer, open_layer
from cscl.vectors.writing import refuse_same_file, staged

WGS84 = "EPSG:4326"


def export_layer(job: ExportJob, ctx: JobContext) -> None:
    """Write the layer `job.layer` to `job.output` in `job.format`.

    Formats: GeoPackage 1.2, GeoJSON (RFC 7946) and KML, both always in EPSG:4326, Shapefile (all
    its files appear together), FlatGeobuf, GeoParquet, CSV and XLSX without geometry. `fields`
    selects and orders, `crs` reprojects. The style of classified parcels (.sld beside the layer) is
    written as .qml and .sld beside the output. Raises `UserError` where fields, CRS or ending do
    not fit, or where a style beside the output would be replaced unasked.
    """
    output = local_path(job.output, "output")
    ending = ENDINGS[job.format]
    if output.suffix.lower() != ending:
        raise UserError(
            "wrong_ending",
            output,
            f"its ending is {output.suffix or 'missing'}, the format {job.format}",
            f"Name it *{ending}, or choose another format.",
        )
    layer = open_layer(job.layer)
    refuse_same_file(layer.path, output)
    fields = _fields(layer, job.fields)
    crs = _target_crs(layer, job, ctx)
    style = _style(layer, output, fields, job, ctx)
    if style is not None:
        names = short_names(fields) if job.format == "shp" else fields
        style = replace(style, field=dict(zip(fields, names, strict=True))[style.field])
        if not job.overwrite:
            _refuse_styles(output, style)
    with staged(output) as work:
        WRITERS[job.format](_table(layer, fields, crs, ctx), work / output.name, ctx)
        if style is not None:
            write_styles(work / output.name, style)
    ctx.artifact("layer", output)


def _style(
    layer: VectorLayer, output: Path, fields: tuple[str, ...], job: ExportJob, ctx: JobContext
) -> ParcelStyle | None:
    """Return the style to write beside the output, if there is one and it is not there already."""
    if job.format in WITHOUT_GEOMETRY:
        return None
    style = carried_style(layer.path, fields, ctx)
    if (
        style is not None
        and output.with_suffix("").resolve() == layer.path.with_suffix("").resolve()
    ):
        ctx.note("The style beside the layer is the output's too, as their names are the same")
        return None
    return style


def _refuse_styles(output: Path, style: ParcelStyle) -> None:
    """Raise `UserError` where a style that somebody may have made is beside the output already.

    The very style that is to be written is what a killed export left.
    """
    texts = {".qml": qml_style(style), ".sld": sld_text(style, output.stem)}
    files = {output.with_suffix(ending): text.encode("utf-8") for ending, text in texts.items()}
    there = [
        file.name for file, text in files.items() if file.exists() and file.read_bytes() != text
    ]
    if there:
        raise UserError(
            "output_exists",
            output.parent / there[0],
            f"it would be replaced, as {output.name} comes with {', '.join(there)}",
            "Choose another output, or allow overwriting.",
        )


def _fields(layer: VectorLayer, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    if wanted is None:
        return layer.fields
    missing = [name for name in wanted if name not in layer.fields]
    if missing:
        raise UserError(
            "no_such_field",
            f"{layer.path}, fields {', '.join(map(repr, missing))}",
            f"the layer has the fields {', '.join(layer.fields) or 'none'}",
            "Name some of them.",
        )
    return tuple(dict.fromkeys(wanted))


def _target_crs(layer: VectorLayer, job: ExportJob, ctx: JobContext) -> str:
    """Return the CRS to write: the layer's text where nothing is to be reprojected."""
    wanted = job.crs or layer.crs
    if title := GEOGRAPHIC.get(job.format):
        if job.crs and _crs(job.crs) != CRS.from_user_input(WGS84):
            ctx.note(f"{title} is always in {WGS84}: {job.crs} was not used")
        elif not job.crs and layer.crs and _crs(layer.crs) != CRS.from_user_input(WGS84):
            ctx.note(f"{title} is always in {WGS84}: the layer was reprojected")
        wanted = WGS84
    if wanted == layer.crs:
        return layer.crs
    if not layer.crs:
        raise UserError(
            "no_crs",
            layer.path,
            f"the layer {layer.name!r} has no coordinate reference system to reproject from",
            "Assign the one it was made in, for example in QGIS.",
        )
    target = _crs(wanted)
    return layer.crs if target == _crs(layer.crs) else _text(target)


def _crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise UserError(
            "unknown_crs",
            f"crs {text!r}",
            "there is no such coordinate reference system",
            "Write it as EPSG:4326, or as WKT.",
        ) from None


def _text(crs: CRS) -> str:
    code = crs.to_epsg(min_confidence=100)
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def _table(layer: VectorLayer, fields: tuple[str, ...], crs: str, ctx: JobContext) -> Table:
    """Return the selected part of a layer, which each call of its `batches` reads anew."""

    def batches(*, ids: bool, progress: bool) -> Iterator[pa.RecordBatch]:
        columns = [*((layer.fid_column,) if ids and layer.fid_column else ()), *fields]
        done = 0
        with layer.batches() as (_, stream):
            for batch in stream:
                part = batch.select([*columns, layer.geometry])
                if crs != layer.crs:
                    part = reprojected(part, layer.geometry, layer.crs, crs)
                yield part
                done += batch.num_rows
                if progress:
                    ctx.progress("export", done, max(done, layer.count))
                else:
                    ctx.check()

    ctx.progress("export", 0, max(layer.count, 1))
    return Table(layer=layer, fields=fields, crs=crs, batches=batches)
