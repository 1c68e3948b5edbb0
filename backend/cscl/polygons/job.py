"""The job that makes polygons of a map: parcels where there is no layer of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from cscl.context import JobContext
from cscl.contract.codes import NO_DATA, OUTSIDE
from cscl.contract.errors import UserError
from cscl.contract.jobs import PolygonsJob
from cscl.contract.paths import local_path
from cscl.mapping.folder import MapFolder, read_map
from cscl.mapping.writer import quiet_gdal
from cscl.parcels.style import parcel_style, write_styles
from cscl.polygons.merging import Merged, Neighbourhood, merged, neighbourhood
from cscl.polygons.outlines import Outlines, outlines, require_coverage, simplified
from cscl.polygons.pixels import MapPixels
from cscl.polygons.segments import segment
from cscl.vectors.writing import staged, write_layer

TILE = 2048
PASSES = 4
# All outlines are simplified at once, which takes about 0.2 GiB a million sides of pixels.
MOST_SIDES = 20_000_000
# In pixels. Maps of 2.5 m still have steps of 10 m, where they follow the images closely.
TOLERANCE, FINE_TOLERANCE = 3.0, 4.0
GEOMETRY = "geom"
SCHEMA = pa.schema(
    [
        ("crop_code", pa.int32()),
        ("crop_name", pa.string()),
        ("area_ha", pa.float64()),
        ("confidence", pa.float64()),
        ("boundary_strength", pa.float64()),
        (GEOMETRY, pa.binary()),
    ]
)
BATCH = 10_000


def map_polygons(job: PolygonsJob, ctx: JobContext) -> None:
    """Write the parcels that the map in `job.map` shows to the GeoPackage `job.output`.

    A polygon is connected ground of one crop at the map's finest resolution, parted where the
    boundary strength reaches `job.strength`; ground below `job.minimum_area` (m2) joins a
    neighbour. Outlines are simplified as a coverage by `job.tolerance` pixels: no gap and no
    overlap comes of it. Other land is left out. Raises `UserError` where there is no map or crop,
    where the disk lacks 8 bytes a pixel, or where the outlines would not fit into memory.
    """
    output = local_path(job.output, "output")
    if output.suffix.lower() != ".gpkg":
        raise UserError(
            "wrong_ending",
            output,
            f"its ending is {output.suffix or 'missing'}",
            "Polygons are a GeoPackage: name the output *.gpkg, then export it.",
        )
    folder = read_map(job.map)
    with quiet_gdal(), MapPixels(folder) as pixels, staged(output) as work:
        _check_disk(pixels, work)
        scratch = work / "scratch"
        scratch.mkdir()
        try:
            drawn, codes = _drawn(job, pixels, scratch, ctx)
        finally:
            shutil.rmtree(scratch)
        _write(work / output.name, drawn, codes, folder, pixels.grid.crs)
    _say(job, drawn, codes, ctx)
    ctx.artifact("parcels", output)


def _drawn(
    job: PolygonsJob, pixels: MapPixels, scratch: Path, ctx: JobContext
) -> tuple[Outlines, np.ndarray]:
    """Return the simplified polygons on the ground, and the class of each."""
    tick = _ticker(pixels, ctx)
    found = segment(pixels, job.strength, TILE, scratch, tick)
    around = neighbourhood(found, TILE, tick)
    joined = merged(around, job.minimum_area / pixels.grid.resolution**2)
    crops = (joined.codes != NO_DATA) & (joined.codes != OUTSIDE)
    _check(around, joined, crops, pixels)
    if joined.alone:
        ctx.note(
            f"{joined.alone} pieces below the minimum area have no data all around: they were kept"
        )
    drawn = outlines(found.renumbered(joined.numbers), crops, TILE, tick)
    tolerance = job.tolerance
    if tolerance is None:
        tolerance = FINE_TOLERANCE if pixels.fine else TOLERANCE
    a, b, c, d, e, f = pixels.grid.affine[:6]
    placed = shapely.transform(
        simplified(drawn.shapes, tolerance),
        lambda x, y: (a * x + b * y + c, d * x + e * y + f),
        interleaved=False,
    )
    require_coverage(placed)
    return replace(drawn, shapes=placed), joined.codes[drawn.numbers]


def _ticker(pixels: MapPixels, ctx: JobContext) -> Callable[[], None]:
    """Return what tells the progress, one tile of one pass a call."""
    total = PASSES * sum(1 for _ in pixels.tiles(TILE))
    done = count()
    ctx.progress("polygons", next(done), total)
    return lambda: ctx.progress("polygons", next(done), total)


def _check_disk(pixels: MapPixels, work: Path) -> None:
    height, width = pixels.grid.shape
    needed, free = 8 * height * width, shutil.disk_usage(work).free
    if needed > free:
        raise UserError(
            "disk_too_small",
            work.parent,
            f"{needed / 1e9:.1f} GB are needed for a while, {free / 1e9:.1f} GB are free",
            "Free some space, or write to another disk.",
        )


def _check(around: Neighbourhood, joined: Merged, crops: np.ndarray, pixels: MapPixels) -> None:
    """Raise `UserError` where there is nothing to draw, or more than fits into memory."""
    if not crops.any():
        raise UserError(
            "no_crops", pixels.folder, "no pixel of the map has a crop", "Map an area with crops."
        )
    one, other = joined.numbers[around.pairs]
    drawn = (one != other) & (crops[one] | crops[other])
    sides = int(around.lengths[drawn].sum())
    if sides > MOST_SIDES:
        raise UserError(
            "too_many_outlines",
            pixels.folder,
            f"the outlines of its parcels have {sides} sides of pixels, {MOST_SIDES} fit",
            "Map a smaller area, or give a larger minimum area.",
        )


def _write(path: Path, drawn: Outlines, codes: np.ndarray, folder: MapFolder, crs: str) -> None:
    """Write the polygons and their style."""
    columns = [
        pa.array(codes, pa.int32()),
        pa.array([folder.table.name_of(code) for code in codes.tolist()], pa.string()),
        pa.array(np.round(shapely.area(drawn.shapes) / 1e4, 4)),
        pa.array(np.round(drawn.confidence, 4), from_pandas=True),
        pa.array(np.round(drawn.strength, 4), from_pandas=True),
        pa.array(shapely.to_wkb(drawn.shapes), pa.binary()),
    ]
    write_layer(
        path,
        SCHEMA,
        pa.Table.from_arrays(columns, schema=SCHEMA).to_batches(BATCH),
        driver="GPKG",
        layer=path.stem,
        crs=crs,
        geometry_type="Polygon",
        geometry=GEOMETRY,
        dataset_options={"VERSION": "1.2"},
    )
    crops = tuple(code for code in folder.codes if code != OUTSIDE)
    write_styles(path, parcel_style(folder.table, crops))


def _say(job: PolygonsJob, drawn: Outlines, codes: np.ndarray, ctx: JobContext) -> None:
    area = shapely.area(drawn.shapes).sum() / 1e4
    ctx.note(f"{len(codes)} parcels of {len(np.unique(codes))} crops, {area:.1f} ha")
    ctx.note(
        f"Neighbours of one crop are one polygon where the boundary strength between them stays "
        f"below {job.strength:g}; strength that comes from class probabilities cannot part them"
    )
    ctx.note("Other land and ground without data have no polygons")
