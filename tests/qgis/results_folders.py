"""A small folder of results, as the engine writes them, for tests of what QGIS shows of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from osgeo import gdal, ogr, osr

CLASSES = ((1, "maize", "#f17105"), (2, "winter wheat", "#f4a6c0"), (3, "grassland", "#e6c229"))
# Declared, mapped, confidence, split.
PARCELS = (
    ("maize", 1, 0.91, "training"),
    ("maize", 2, 0.62, "test"),
    ("maize", 2, 0.97, "training"),
    ("winter wheat", 2, 0.88, "test"),
    ("winter wheat", 1, 0.71, "test"),
    ("grassland", 3, 0.99, None),
    ("vines", 3, 0.55, "test"),
    (None, 254, 0.80, "test"),
)
SIDE = 50
WEST, NORTH = 500000, 5600000
CONFUSION = [[40, 3, 0, 1], [5, 60, 0, 0], [0, 0, 22, 2], [1, 1, 1, 90]]


def write_results(folder: Path, plugin: Any, job: str = "pipeline") -> Path:
    """Write map, parcels, report and manifest of a complete job; no pixel matters."""
    folder.mkdir(parents=True)
    (folder / "map").mkdir()
    write_map(folder / "map" / "crops.tif")
    write_parcels(folder / "parcels.gpkg")
    (folder / "report.html").write_text("<p>figures</p>", encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(report()), encoding="utf-8")
    (folder / "map" / "map.json").write_text(json.dumps(document()), encoding="utf-8")
    parameters = {"images": "/images", "class_field": "crop", "season": None}
    record = {"schema": 1, "job": job, "parameters": parameters}
    (folder / "job.json").write_text(json.dumps(record), encoding="utf-8")
    manifest = plugin.load("backend.cscl.contract.manifest")
    outputs = {
        "crop_map": "map/crops.tif", "map": "map", "parcels": "parcels.gpkg",
        "report": "report.html", "report_data": "report.json",
    }  # fmt: skip
    manifest.write_manifest(
        folder,
        manifest.Manifest(
            job, "0" * 16, "complete", "0.1.0", 1, 1_700_000_000.0, 1_700_000_600.0, outputs,
            ("2 of 3 dates are used.",),
        ),
    )  # fmt: skip
    return folder


def document() -> dict[str, Any]:
    """Return what `map.json` says."""
    classes = [
        {"code": code, "name": name, "colour": colour, "values": [name], "hcat": ""}
        for code, name, colour in CLASSES
    ]
    return {
        "schema": 1,
        "classes": {"classes": classes, "source": "p.gpkg, layer p, field crop", "year": 2021},
        "outside": "class",
        "season": ["2020-10-01", "2021-09-30"],
        "dates": ["2020-11-04", "2021-05-08"],
    }


def report() -> dict[str, Any]:
    """Return the scores of an evaluation: the forest's first, which the page shows last."""
    shared = {"codes": [1, 2, 3, 254], "reference": "declared", "resolution": "10"}
    return {
        "confusion": [
            {**shared, "method": "forest", "matrix": [[9, 0, 0, 0]] * 4},
            {**shared, "method": "ceiling", "matrix": [[7, 0, 0, 0]] * 4},
            {**shared, "method": "network", "matrix": CONFUSION},
        ]
    }


def write_map(path: Path) -> None:
    """Write a raster of codes with a colour table."""
    size = 40
    data = gdal.GetDriverByName("GTiff").Create(str(path), size, size, 1, gdal.GDT_Byte)
    data.SetProjection(system().ExportToWkt())
    data.SetGeoTransform((WEST, 10, 0, NORTH, 0, -10))
    table = gdal.ColorTable()
    for code, _, colour in CLASSES:
        rgb = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
        table.SetColorEntry(code, (*rgb, 255))
    band = data.GetRasterBand(1)
    band.SetColorTable(table)
    band.WriteRaster(0, 0, size, size, bytes([1, 2, 3, 2] * (size * size // 4)))


def write_parcels(path: Path) -> None:
    """Write classified squares, one above the other."""
    data = ogr.GetDriverByName("GPKG").CreateDataSource(str(path), options=["VERSION=1.2"])
    layer = data.CreateLayer("parcels", system(), ogr.wkbPolygon)
    kinds = {
        "crop": ogr.OFTString, "crop_code": ogr.OFTInteger, "crop_name": ogr.OFTString,
        "confidence": ogr.OFTReal, "second_name": ogr.OFTString, "reason": ogr.OFTString,
        "split": ogr.OFTString,
    }  # fmt: skip
    for name, kind in kinds.items():
        layer.CreateField(ogr.FieldDefn(name, kind))
    agrees = ogr.FieldDefn("agrees", ogr.OFTInteger)
    agrees.SetSubType(ogr.OFSTBoolean)
    layer.CreateField(agrees)
    codes = {name: code for code, name, _ in CLASSES}
    names = {code: name for code, name, _ in CLASSES}
    for number, (declared, mapped, confidence, split) in enumerate(PARCELS):
        feature = ogr.Feature(layer.GetLayerDefn())
        values = {
            "crop": declared, "crop_code": mapped, "crop_name": names.get(mapped, "other land"),
            "confidence": confidence, "second_name": "maize", "split": split,
            "agrees": int(codes[declared] == mapped) if declared in codes else None,
        }  # fmt: skip
        for name, value in values.items():
            if value is not None:
                feature.SetField(name, value)
        low = NORTH - SIDE * (number + 1)
        corners = (
            f"{WEST} {low}, {WEST + SIDE} {low}, {WEST + SIDE} {low + SIDE}, {WEST} {low + SIDE}"
        )
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({corners}, {WEST} {low}))"))
        layer.CreateFeature(feature)


def system() -> osr.SpatialReference:
    """Return the reference system of all of it."""
    found = osr.SpatialReference()
    found.ImportFromEPSG(32631)
    return found
