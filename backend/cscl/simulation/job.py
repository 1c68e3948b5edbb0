"""The job `simulate`: a scene with known truth."""

from __future__ import annotations

import contextlib
import datetime
import json
from pathlib import Path
from typing import Any

from rasterio.windows import Window

from cscl.context import JobContext
from cscl.contract.atomic import write_text
from cscl.contract.class_csv import write_class_table
from cscl.contract.errors import Findings
from cscl.contract.jobs import SimulateJob
from cscl.mapping.style import raster_style
from cscl.simulation.calendar import season_start
from cscl.simulation.difficulty import DIFFICULTIES
from cscl.simulation.family import FAMILIES, TEMPERATE
from cscl.simulation.render import Acquisition, Renderer, draw_acquisitions
from cscl.simulation.scene import Scene, build_scene
from cscl.simulation.writer import (
    FILE_ORDER,
    image_file,
    image_name,
    truth_file,
    write_parcels,
)

SMALLEST_SIZE = 16
MOST_DATES = 146


def simulate(job: SimulateJob, ctx: JobContext) -> None:
    """Simulate a scene into the folder `job.output`.

    Writes one GeoTIFF a date, `parcels.gpkg` (declared crops) and `truth/`. The same job gives
    the same bytes. Raises `UserError` for values and parcels that make no scene.
    """
    _check(job)
    folder = Path(job.output)
    level = DIFFICULTIES[job.difficulty]
    scene = build_scene(job, ctx)
    start = season_start(job.year)
    seed = scene.family.stream_seed(job.seed)
    dates = draw_acquisitions(seed, job.year, job.dates, scene, level)
    renderer = Renderer(scene, job.size, seed, job.year, level)
    write_parcels(folder / "parcels.gpkg", scene)
    write_class_table(folder / "truth" / "classes.csv", scene.table)
    _write_rasters(folder, renderer, dates, start, ctx)
    # A colour table alone has no names: QGIS would show codes.
    style = raster_style(scene.table, scene.table.network_codes("class"))
    write_text(folder / "truth" / "truth_2m5.qml", style)
    text = json.dumps(_describe(job, scene, dates, start), indent=1, ensure_ascii=False)
    write_text(folder / "truth" / "scene.json", text + "\n")
    ctx.artifact("scene", folder)
    ctx.artifact("parcels", folder / "parcels.gpkg")
    ctx.artifact("truth", folder / "truth" / "truth_2m5.tif")


def _check(job: SimulateJob) -> None:
    findings = Findings()
    ranges = (
        ("size", job.size, SMALLEST_SIZE, 10_980),
        ("dates", job.dates, 1, MOST_DATES),
        ("crops", job.crops, 2, len(TEMPERATE.crops)),
    )
    for name, value, least, most in ranges:
        if not least <= value <= most:
            findings.error(f"invalid_{name}", name, f"it is {value}", f"Use {least} to {most}.")
    for name, chosen, known in (
        ("difficulty", job.difficulty, tuple(DIFFICULTIES)),
        ("family", job.family, tuple(FAMILIES)),
    ):
        if chosen not in known:
            findings.error(
                f"invalid_{name}", name, f"it is {chosen!r}", f"Use one of {', '.join(known)}."
            )
    if job.seed < 0:
        findings.error("invalid_seed", "seed", f"it is {job.seed}", "Use 0 or a larger number.")
    if job.class_field is not None and job.parcels is None:
        findings.error(
            "class_field_alone", f"class_field {job.class_field!r}", "no parcels are given",
            "Give the layer whose field this is as parcels, or leave the field out.",
        )  # fmt: skip
    findings.raise_errors()


def _write_rasters(
    folder: Path,
    renderer: Renderer,
    dates: list[Acquisition],
    start: datetime.date,
    ctx: JobContext,
) -> None:
    """Write all images and the truth, strip by strip; all of them appear, or none."""
    scene, size = renderer.scene, renderer.size
    strips = renderer.strips()
    done, total = 0, len(strips) * len(dates)
    ctx.progress("images", done, total)
    with contextlib.ExitStack() as files:
        days = [start + datetime.timedelta(days=date.day) for date in dates]
        images = [
            files.enter_context(image_file(folder / image_name(day), scene, size, day))
            for day in days
        ]
        path = folder / "truth" / "truth_2m5.tif"
        truth = files.enter_context(truth_file(path, scene, size))
        for first, last in strips:
            codes = renderer.truth(first, last)
            truth.write(codes, 1, window=Window(0, 4 * first, 4 * size, len(codes)))
            strip = renderer.strip(first, last)
            for date, image in zip(dates, images, strict=True):
                pixels = strip.observe(date)[FILE_ORDER, : last - first, :size]
                image.write(pixels, window=Window(0, first, size, last - first))
                done += 1
                ctx.progress("images", done, total)


def _describe(
    job: SimulateJob, scene: Scene, dates: list[Acquisition], start: datetime.date
) -> dict[str, Any]:
    names = scene.table.names
    # A temperate scene, which is also what earlier versions wrote, does not say so.
    family = {} if scene.family is TEMPERATE else {"family": job.family}
    return {
        "schema": 1,
        "parameters": {
            "size": job.size,
            "dates": job.dates,
            "crops": job.crops,
            "difficulty": job.difficulty,
            "seed": job.seed,
            "year": job.year,
            "parcels": None if job.parcels is None else Path(job.parcels).name,
            "class_field": job.class_field,
            **family,
        },
        "crs": scene.crs,
        "bounds": list(scene.bounds),
        "season": [start.isoformat(), start.replace(year=job.year, month=9, day=30).isoformat()],
        "classes": scene.table.to_json(),
        "images": [
            {
                "date": (start + datetime.timedelta(days=date.day)).isoformat(),
                "cloud_share": round(date.sky.share, 4),
                "whole": date.sky.swath is None,
                "shift_east_south_metres": [round(value, 3) for value in date.shift],
            }
            for date in dates
        ],
        "parcels": len(scene.parcels),
        "wrong_declarations": [
            {
                "id": int(index) + 1,
                "declared": names[scene.declared[index]],
                "true": names[scene.crop_of[index]],
            }
            for index in scene.wrong
        ],
    }
