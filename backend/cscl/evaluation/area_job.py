"""The job that estimates the area of each class, and a map's accuracy, from labelled points."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import rasterio
import shapely

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.errors import UserError
from cscl.contract.jobs import AreaJob
from cscl.contract.paths import local_path
from cscl.contract.version import VERSION
from cscl.evaluation.area import (
    FEWEST_IN_UNIT,
    NORMAL_95,
    Estimates,
    estimate,
    unit_shares,
)
from cscl.evaluation.area_report import render
from cscl.evaluation.labelled import Labelled, read_labelled
from cscl.evaluation.sampling import count_pixels
from cscl.evaluation.units import Units, count_units, read_units
from cscl.mapping.folder import MapFolder, read_map
from cscl.mapping.writer import quiet_gdal
from cscl.vectors.writing import staged, write_layer

Row = dict[str, Any]

SCHEMA = 1
HECTARE = 10_000.0
COLUMNS = (
    "unit", "code", "name", "mapped_ha", "area_ha", "low_ha", "high_ha", "standard_error_ha",
    "share", "points",
)  # fmt: skip
WHOLE = "all"


def estimate_areas(job: AreaJob, ctx: JobContext) -> None:
    """Estimate areas by class and unit from a labelled sample of the map in `job.map`.

    Writes `area.csv` (a row a unit and class), `report.json`, `report.html` and, with units,
    `units.gpkg` to the folder `job.output`. Olofsson et al. 2014; Stehman 2014 where the sample's
    strata are not this map's classes; METHOD section 7. Raises `UserError` where the sample is
    not stated to be a probability sample or the strata's areas are not known.
    """
    output = local_path(job.output, "output")
    folder = read_map(job.map)
    ctx.progress("area", 0, 3)
    units = read_units(job.units, job.unit_field, folder.grid.crs) if job.units else None
    with quiet_gdal():
        labelled = read_labelled(job, folder, ctx)
        with rasterio.open(folder.crops) as raster:
            mapped = count_pixels(raster)
            _check_population(labelled, mapped, folder, ctx)
            ctx.progress("area", 1, 3)
            report = _document(job, folder, labelled, mapped)
            if units is not None:
                report["units"] = _unit_rows(raster, units, folder, labelled, ctx)
    ctx.progress("area", 2, 3)
    report["notes"] = list(ctx.noted)
    output.mkdir(parents=True, exist_ok=True)
    atomic.write_text(output / "area.csv", area_table(report))
    if units is not None:
        _write_units(output / "units.gpkg", units, folder, report)
        ctx.artifact("unit_areas", output / "units.gpkg")
    atomic.write_text(output / "report.json", strict_json.dump(report))
    atomic.write_text(output / "report.html", render(report))
    ctx.progress("area", 3, 3)
    ctx.artifact("area_table", output / "area.csv")
    ctx.artifact("report_data", output / "report.json")
    ctx.artifact("report", output / "report.html")


def _check_population(
    labelled: Labelled, mapped: Mapping[int, int], folder: MapFolder, ctx: JobContext
) -> None:
    """See that the strata are all of the map, or say how far they are not."""
    known, total = labelled.sample.pixels.sum(), sum(mapped.values())
    lost = sorted(set(map(str, mapped)) - set(labelled.strata))
    if labelled.of_this_map and (lost or known != total):
        raise UserError(
            "strata_missing",
            folder.folder,
            f"the sample’s strata have {known:,.0f} pixels, the map {total:,}"
            + (f"; strata without points: {', '.join(lost)}" if lost else ""),
            "Use the sample whole, with the map that it was drawn from.",
        )
    if not labelled.of_this_map:
        ctx.note(
            "The sample’s strata are not the classes of this map: the general estimators are used "
            f"(Stehman 2014). The strata have {known:,.0f} pixels, the map {total:,}"
        )


def _document(
    job: AreaJob, folder: MapFolder, labelled: Labelled, mapped: Mapping[int, int]
) -> dict[str, Any]:
    sample, codes = labelled.sample, labelled.codes
    found = estimate(sample, len(codes))
    hectares = sample.pixels.sum() * folder.grid.resolution**2 / HECTARE
    used = [
        place
        for place, code in enumerate(codes)
        if code in mapped or np.any(sample.reference == place)
    ]
    classes = []
    for place in used:
        points = np.bincount(sample.reference, minlength=len(codes))
        classes.append(
            {
                "code": codes[place],
                "name": folder.table.name_of(codes[place]),
                "colour": folder.table.colour_of(codes[place]),
                "points": int(points[place]),
                "mapped_ha": mapped.get(codes[place], 0) * folder.grid.resolution**2 / HECTARE,
                **_areas(found.shares, place, hectares),
                "users_accuracy": _figure(found.users, place),
                "producers_accuracy": _figure(found.producers, place),
            }
        )
    return {
        "schema": SCHEMA,
        "kind": "area",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": VERSION,
        "map": str(folder.folder),
        "sample": str(job.sample),
        "crs": folder.grid.crs,
        "hectares": hectares,
        "points": len(sample.stratum),
        "unlabelled": labelled.unlabelled,
        "strata": [
            {"stratum": name, "pixels": int(size), "points": int(count)}
            for name, size, count in zip(labelled.strata, sample.pixels, sample.points, strict=True)
        ],
        "strata_are_classes": labelled.of_this_map,
        "overall_accuracy": _figure(found.overall, 0),
        "classes": classes,
        "matrix": [[float(found.matrix[row, column]) for column in used] for row in used],
        "units": None,
    }


def _figure(estimates: Estimates, place: int) -> Row:
    """Return a share with its interval.

    Where all or none of the points agree, their spread is 0 and says nothing: no interval then.
    """
    value, error = float(estimates.values[place]), float(estimates.errors[place])
    if not math.isfinite(value) or not error > 0:
        known = value if math.isfinite(value) else None
        return {"value": known, "standard_error": None, "low": None, "high": None}
    margin = NORMAL_95 * error
    return {
        "value": value,
        "standard_error": error,
        "low": max(0.0, value - margin),
        "high": min(1.0, value + margin),
    }


def _areas(shares: Estimates, place: int, hectares: float) -> Row:
    found = _figure(shares, place)

    def area(key: str) -> float | None:
        return None if found[key] is None else found[key] * hectares

    return {
        "share": found["value"],
        "area_ha": area("value"),
        "low_ha": area("low"),
        "high_ha": area("high"),
        "standard_error_ha": area("standard_error"),
    }


def _unit_rows(
    raster: rasterio.DatasetReader,
    units: Units,
    folder: MapFolder,
    labelled: Labelled,
    ctx: JobContext,
) -> list[Row]:
    """One row a unit: hectares, points and, where they suffice, each class's area."""
    counts = count_units(raster, units, labelled.rows, labelled.columns)
    pixel = folder.grid.resolution**2 / HECTARE
    codes, rows = list(labelled.codes), []
    for place, name in enumerate(units.names):
        inside = counts.of_points == place
        pixels = counts.pixels[place, codes].astype(np.float64)
        found = unit_shares(labelled.sample, inside, pixels, len(codes)) if pixels.any() else None
        hectares = float(pixels.sum()) * pixel
        rows.append(
            {
                "unit": name,
                "hectares": hectares,
                "points": int(inside.sum()),
                "estimated": found is not None,
                "classes": [
                    {
                        "code": code,
                        "name": folder.table.name_of(code),
                        "points": int(np.count_nonzero(inside & (labelled.sample.reference == n))),
                        "mapped_ha": float(pixels[n]) * pixel,
                        **(_areas(found, n, hectares) if found is not None else {}),
                    }
                    for n, code in enumerate(codes)
                    if pixels[n] or np.any(inside & (labelled.sample.reference == n))
                ],
            }
        )
    few = [row["unit"] for row in rows if not row["estimated"]]
    if few:
        ctx.note(
            f"{len(few)} of {len(rows)} units have fewer than {FEWEST_IN_UNIT} labelled points: "
            "for them only the map’s own area is given, without an estimate"
        )
    return rows


def area_table(report: Mapping[str, Any]) -> str:
    """Return a report's areas as CSV: a row a class for the whole area, then for each unit."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for unit in [{"unit": WHOLE, "classes": report["classes"]}, *(report["units"] or [])]:
        for row in unit["classes"]:
            rounded = {
                key: round(item, 6) if isinstance(item, float) else item
                for key, item in row.items()
            }
            writer.writerow({"unit": unit["unit"], **rounded})
    return text.getvalue()


def _write_units(output: Path, units: Units, folder: MapFolder, report: Mapping[str, Any]) -> None:
    """Write the units with fields `area_CODE`, `low_CODE`, `high_CODE` and `map_CODE`, in ha."""
    codes = [item["code"] for item in report["classes"]]
    names = {"area": "area_ha", "low": "low_ha", "high": "high_ha", "map": "mapped_ha"}
    figures = [(f"{short}_{code}", code, key) for code in codes for short, key in names.items()]
    schema = pa.schema(
        [
            ("unit", pa.string()),
            ("hectares", pa.float64()),
            ("points", pa.int32()),
            ("estimated", pa.bool_()),
            *((name, pa.float64()) for name, _, _ in figures),
            ("geom", pa.binary()),
        ]
    )
    rows = []
    for row, shape in zip(report["units"], units.shapes, strict=True):
        of = {item["code"]: item for item in row["classes"]}
        plain = {key: row[key] for key in ("unit", "hectares", "points", "estimated")}
        areas = {name: of.get(code, {}).get(key) for name, code, key in figures}
        many = shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])
        rows.append({**plain, **areas, "geom": shapely.to_wkb(many)})
    with staged(output) as work:
        write_layer(
            work / output.name,
            schema,
            [pa.RecordBatch.from_pylist(rows, schema=schema)],
            driver="GPKG",
            layer=output.stem,
            crs=folder.grid.crs,
            geometry_type="MultiPolygon",
            geometry="geom",
            dataset_options={"VERSION": "1.2"},
        )
