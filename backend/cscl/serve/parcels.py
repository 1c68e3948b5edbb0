"""Parcels before a dataset is built of them: their classes, and what is doubtful about them."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract import atomic
from cscl.contract.class_csv import read_class_table
from cscl.contract.classes import ClassTable
from cscl.contract.errors import Finding, Findings, UserError
from cscl.contract.home import data_folder
from cscl.dataset.findings import ParcelFinding, write_findings
from cscl.dataset.parcel_classes import class_codes, table_of_values
from cscl.dataset.parcel_rules import ParcelRules
from cscl.dataset.parcels import Parcels, check_parcels, read_parcels
from cscl.grid import Grid
from cscl.serve.pictures import cache_not_writable
from cscl.serve.scans import grids_of
from cscl.vectors.layers import VectorLayer
from cscl.vectors.transformation import degrees

HECTARE = 10_000.0
PIXEL = 10.0
KEPT_CHECKS = 20


def parcels(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return the classes of a layer and all that was found; see `PARCELS` of the contract."""
    source, class_field = values["parcels"], values["class_field"]
    given = read_class_table(values["classes"], ctx.note) if "classes" in values else None
    layer, _ = check_parcels(source, class_field)
    grids = grids_of(values["series"]) if "series" in values else [_own_grid(layer)]
    rules = ParcelRules(
        **{
            name: values[name]
            for name in ("inner_buffer", "minimum_area", "minimum_width")
            if name in values
        }
    )
    found = read_parcels(source, class_field, grids, ctx, rules)
    findings = Findings()
    table = given
    with findings.collecting():
        table = table or table_of_values(found.values, found.eurocrops, found.name, None)
    doubtful = found.findings
    if table is not None:
        with findings.collecting():
            doubtful += class_codes(found, table, given is not None, ctx)[1]
    findings.items[:0] = ctx.found
    told = {str(item) for item in ctx.found}
    return {
        "classes": _rows(found, table, grids if "series" in values else ()),
        "parcels": len(found.fids),
        "findings": [item.to_json() for item in findings.items],
        "notes": [note for note in ctx.noted if note not in told],
        "findings_layer": _written(doubtful, findings.items, found.crs),
    }


def _own_grid(layer: VectorLayer) -> Grid:
    """Return a grid that covers the layer in its zone of UTM, as images of it would.

    Raises `UserError` where the layer's extent is no place on Earth.
    """
    west, south, east, north = degrees(layer.bounds, layer.crs)
    if not all(map(math.isfinite, (west, south, east, north))):
        raise UserError(
            "bad_coordinates",
            f"{layer.path.name}, layer {layer.name}",
            "its extent is no place on Earth",
            "Repair or remove its features, or check its coordinate reference system.",
        )
    zone = min(int(((west + east) / 2 + 180) // 6) + 1, 60)
    crs = f"EPSG:{(32600 if south + north >= 0 else 32700) + zone}"
    to_zone = pyproj.Transformer.from_crs(layer.crs, crs, always_xy=True)
    left, bottom, right, top = to_zone.transform_bounds(*layer.bounds, densify_pts=21)
    left, top = math.floor(left / PIXEL - 1) * PIXEL, math.ceil(top / PIXEL + 1) * PIXEL
    width, height = math.ceil((right - left) / PIXEL) + 1, math.ceil((top - bottom) / PIXEL) + 1
    return Grid(crs, (PIXEL, 0.0, left, 0.0, -PIXEL, top), width, height)


def _rows(found: Parcels, table: ClassTable | None, grids: Sequence[Grid]) -> list[dict[str, Any]]:
    """Return one row a value of the class field; without grids no pixels are counted."""
    classes = {} if table is None else {v: item for item in table.classes for v in item.values}
    values = np.array(found.values, dtype=object)
    areas = found.shapes.areas
    pixels = _pixels(found, grids)
    rows = []
    for value in sorted(set(found.values)):
        own, item = values == value, classes.get(value)
        rows.append(
            {
                "value": value,
                "code": item.code if item else None,
                "name": item.name if item else None,
                "colour": item.colour if item else None,
                "hcat": item.hcat if item else None,
                "count": int(own.sum()),
                "area_ha": round(float(areas[own].sum()) / HECTARE, 4),
                "pixels": int(pixels[own].sum()) if grids else None,
            }
        )
    return rows


def _pixels(found: Parcels, grids: Sequence[Grid]) -> NDArray[np.float64]:
    """Return how many pixels of its grid the part of each parcel that is labelled takes (N,)."""
    result = np.zeros(len(found.shapes))
    for number, grid in enumerate(grids):
        own = (found.grids == number) & (found.reasons == "")
        inside = shapely.intersection(found.cores[own], shapely.box(*grid.bounds))
        result[own] = shapely.area(inside) / grid.resolution**2
    return result


def _written(doubtful: Sequence[ParcelFinding], general: Sequence[Finding], crs: str) -> str | None:
    """Write the findings that have a parcel into a folder of their own; None where there are none.

    Earlier checks stay, as QGIS may show them; the oldest are removed.
    """
    if not doubtful:
        return None
    checks = data_folder() / "cache" / "findings"
    folder = checks / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True)
        path = write_findings(folder, doubtful, general, crs)
        for old in sorted(checks.iterdir())[:-KEPT_CHECKS]:
            atomic.remove(old)
    except OSError as error:
        raise cache_not_writable(folder, error) from None
    return str(path)
