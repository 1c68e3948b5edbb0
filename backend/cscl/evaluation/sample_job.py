"""The job that draws a stratified random sample from a map, as points to label."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405 - only written, or read by parse_xml

import numpy as np
import pyarrow as pa
import rasterio
import shapely
from rasterio.transform import xy

from cscl.context import JobContext
from cscl.contract.codes import OUTSIDE
from cscl.contract.errors import UserError
from cscl.contract.jobs import SampleJob
from cscl.contract.paths import local_path
from cscl.evaluation.sampling import Drawn, allocate, count_pixels, draw, sample_size
from cscl.mapping.folder import MapFolder, read_map
from cscl.mapping.style import QGIS_VERSION, qml_text
from cscl.mapping.writer import quiet_gdal
from cscl.vectors.writing import staged, write_layer

DESIGN = "stratified random sample"
GEOMETRY = "geom"
REFERENCE = "reference"
SCHEMA = pa.schema(
    [
        ("id", pa.int32()),
        ("stratum", pa.int32()),
        ("map_code", pa.int32()),
        ("map_name", pa.string()),
        (REFERENCE, pa.string()),
        ("weight", pa.float64()),
        ("stratum_pixels", pa.int64()),
        ("design", pa.string()),
        (GEOMETRY, pa.binary()),
    ]
)
# Who labels must not know what the map says there.
HIDDEN = ("stratum", "map_code", "map_name", "weight", "stratum_pixels", "design")


def draw_sample(job: SampleJob, ctx: JobContext) -> None:
    """Draw points from the map in `job.map` and write them to the GeoPackage `job.output`.

    The strata are the map's classes at 10 m; each point lies in the middle of its pixel, and the
    points come in random order. Every point carries its stratum, the stratum's pixels and its
    weight, so that the file is all that the job `area` needs; a style that hides the map's class
    from the form and a table of the strata (`NAME.strata.csv`) appear beside it. Raises
    `UserError` where there is no map or the points do not suffice.
    """
    output = local_path(job.output, "output")
    if output.suffix.lower() != ".gpkg":
        raise UserError(
            "wrong_ending",
            output,
            f"its ending is {output.suffix or 'missing'}",
            "A sample is a GeoPackage: name the output *.gpkg.",
        )
    folder = read_map(job.map)
    ctx.progress("sample", 0, 3)
    with quiet_gdal(), rasterio.open(folder.crops) as raster:
        pixels = count_pixels(raster)
        if not pixels:
            raise UserError(
                "empty_map", folder.crops, "no pixel has a class", "Map an area with data."
            )
        ctx.progress("sample", 1, 3)
        points = allocate(pixels, _total(job, pixels, ctx), job.minimum, job.allocation)
        drawn = draw(raster, pixels, points, job.seed)
    ctx.progress("sample", 2, 3)
    with staged(output) as work:
        batch = _batch(drawn, folder, pixels, points, job.seed)
        write_layer(
            work / output.name,
            SCHEMA,
            [batch],
            driver="GPKG",
            layer=output.stem,
            crs=folder.grid.crs,
            geometry_type="Point",
            geometry=GEOMETRY,
            dataset_options={"VERSION": "1.2"},
        )
        style = form_style(folder).encode("utf-8")
        (work / output.name).with_suffix(".qml").write_bytes(style)
        strata = (work / output.name).with_suffix(".strata.csv")
        strata.write_bytes(strata_table(folder, pixels, points).encode("utf-8"))
    ctx.progress("sample", 3, 3)
    ctx.artifact("sample", output)
    _say(folder, points, ctx)


def _total(job: SampleJob, pixels: Mapping[int, int], ctx: JobContext) -> int:
    """Return how many points to draw: as asked, or what the standard error takes."""
    if job.points is not None:
        return job.points
    expected = dict.fromkeys(pixels, job.expected_accuracy)
    size = sample_size(pixels, expected, job.standard_error)
    least = sum(min(job.minimum, count) for count in pixels.values())
    ctx.note(
        f"A standard error of {job.standard_error:g} of the overall accuracy takes {size} points "
        f"where each class is right with {job.expected_accuracy:g}"
        + (f"; at least {job.minimum} a class take {least}" if least > size else "")
    )
    return max(size, least)


def _batch(
    drawn: Drawn,
    folder: MapFolder,
    pixels: Mapping[int, int],
    points: Mapping[int, int],
    seed: int,
) -> pa.RecordBatch:
    count = len(drawn.codes)
    x, y = xy(folder.grid.affine, drawn.rows, drawn.columns)
    codes = drawn.codes.tolist()
    columns = [
        pa.array(np.arange(1, count + 1), pa.int32()),
        pa.array(codes, pa.int32()),
        pa.array(codes, pa.int32()),
        pa.array([folder.table.name_of(code) for code in codes], pa.string()),
        pa.nulls(count, pa.string()),
        pa.array([pixels[code] / points[code] for code in codes], pa.float64()),
        pa.array([pixels[code] for code in codes], pa.int64()),
        pa.array([f"{DESIGN}, seed {seed}"] * count, pa.string()),
        pa.array(shapely.to_wkb(shapely.points(x, y)), pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def strata_table(folder: MapFolder, pixels: Mapping[int, int], points: Mapping[int, int]) -> str:
    """Return the strata as CSV: stratum, name, pixels, points."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("stratum", "name", "pixels", "points"))
    for code, count in pixels.items():
        writer.writerow((code, folder.table.name_of(code), count, points[code]))
    return text.getvalue()


def form_style(folder: MapFolder) -> str:
    """Return a QML text: the reference is chosen from the classes, the map's class is hidden."""
    root = Xml.Element("qgis", version=QGIS_VERSION, styleCategories="Fields|Forms")
    fields = Xml.SubElement(root, "fieldConfiguration")
    for name in HIDDEN:
        widget = Xml.SubElement(Xml.SubElement(fields, "field", name=name), "editWidget")
        widget.set("type", "Hidden")
        Xml.SubElement(Xml.SubElement(widget, "config"), "Option")
    widget = Xml.SubElement(Xml.SubElement(fields, "field", name=REFERENCE), "editWidget")
    widget.set("type", "ValueMap")
    options = Xml.SubElement(Xml.SubElement(widget, "config"), "Option", type="Map")
    listed = Xml.SubElement(options, "Option", type="List", name="map")
    for code in dict.fromkeys((*folder.table.codes, OUTSIDE)):
        name = folder.table.name_of(code)
        one = Xml.SubElement(listed, "Option", type="Map")
        Xml.SubElement(one, "Option", type="QString", name=name, value=name)
    return qml_text(root)


def _say(folder: MapFolder, points: Mapping[int, int], ctx: JobContext) -> None:
    listed = ", ".join(f"{folder.table.name_of(code)} {count}" for code, count in points.items())
    ctx.note(f"{sum(points.values())} points to label: {listed}")
    ctx.note(
        f"Give each point its true class in the field {REFERENCE}, without a look at the map; then "
        f"run the job area on {Path(folder.folder).name} and the labelled points"
    )
