"""Faulty parcel layers: refused or repaired in words, with counts and feature ids."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.job import build_dataset
from cscl.dataset.parcel_classes import class_codes, value_text
from cscl.dataset.parcels import read_parcels
from cscl.grid import Grid
from small_scene import LEFT, TOP, UTM, squares, write_folder, write_parcels

GRID = Grid(UTM, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), 60, 60)


def read(path: Path | str, field: str = "crop", grid: Grid = GRID):
    ctx = JobContext()
    return read_parcels(str(path), field, [grid], ctx), "\n".join(ctx.noted)


def refused(path: Path | str, field: str = "crop", grid: Grid = GRID) -> UserError:
    with pytest.raises(UserError) as caught:
        read(path, field, grid)
    return caught.value


def square(x: float, y: float, side: float = 50.0) -> shapely.Polygon:
    return shapely.box(LEFT + x, TOP - y - side, LEFT + x + side, TOP - y)


def test_f36_zero_features(tmp_path: Path) -> None:
    empty = gpd.GeoDataFrame({"crop": pd.Series([], dtype=str)}, geometry=[], crs=UTM)
    path = tmp_path / "empty.gpkg"
    empty.to_file(path, layer="fields", driver="GPKG", geometry_type="Polygon")
    error = refused(path)
    assert error.code == "no_parcels"
    assert "empty.gpkg, layer fields: 0 parcels in layer fields" in str(error)


def test_f36_no_polygon_among_features(tmp_path: Path) -> None:
    path = write_parcels(tmp_path / "a.gpkg", [shapely.Point(LEFT, TOP), None], ["maize", "wheat"])
    error = refused(path)
    assert error.code == "no_parcels" and "none of its 2 features is a polygon" in str(error)


def test_f36_no_dataset_is_left(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", ("20210401", "20210601"))
    path = write_parcels(tmp_path / "a.gpkg", [shapely.Point(LEFT, TOP)], ["maize"])
    job = DatasetJob(images=str(folder), parcels=str(path), class_field="crop",
                     output=str(tmp_path / "out"))  # fmt: skip
    with pytest.raises(UserError):
        build_dataset(job, JobContext())
    assert not [item for item in (tmp_path / "out").rglob("*") if item.is_file()]


def test_f33_no_overlap_prints_both_extents(tmp_path: Path) -> None:
    path = write_parcels(tmp_path / "a.gpkg", [square(10_000, 0)], ["maize"])
    text = str(refused(path))
    assert "parcels 510000, 5599950, 510050, 5600000" in text
    assert "images 500000, 5599400, 500600, 5600000" in text


def test_f37_kinds_are_counted_and_listed(tmp_path: Path) -> None:
    good = square(0, 0)
    collection = shapely.GeometryCollection([square(100, 0), shapely.Point(LEFT, TOP)])
    shapes = [
        good, None, shapely.Point(LEFT, TOP), shapely.LineString([(LEFT, TOP), (LEFT + 9, TOP)]),
        shapely.force_3d(square(200, 0), 7.0), shapely.MultiPolygon([square(300, 0)]), collection,
        shapely.Polygon(),
    ]  # fmt: skip
    path = write_parcels(tmp_path / "a.gpkg", shapes, ["maize"] * len(shapes))
    parcels, notes = read(path)
    assert parcels.fids.tolist() == [1, 5, 6, 7]
    assert shapely.area(parcels.shapes).tolist() == [2500.0] * 4
    assert not shapely.has_z(parcels.shapes).any()
    assert "features without a polygon: 1 Point (FID 3)" in notes
    assert "features without a polygon: 1 LineString (FID 4)" in notes
    assert "1 NULL (FID 2" in notes or "2 NULL (FID 2, 8)" in notes


def test_f38_bow_tie_is_repaired_and_reported(tmp_path: Path) -> None:
    bow = shapely.Polygon([(LEFT, TOP), (LEFT + 50, TOP - 50), (LEFT + 50, TOP), (LEFT, TOP - 50)])
    path = write_parcels(tmp_path / "a.gpkg", [square(100, 0), bow], ["maize", "wheat"])
    parcels, notes = read(path)
    assert shapely.is_valid(parcels.shapes).all()
    assert shapely.area(parcels.shapes).tolist() == [2500.0, pytest.approx(1250.0)]
    assert "parcels with invalid outlines, repaired: 1" in notes
    assert "changed by more than 1 % in 1: FID 2 (100%)" in notes


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_f39_coordinates_that_are_no_place(tmp_path: Path, value: float) -> None:
    bad = shapely.Polygon([(5.0, 50.0), (5.1, 50.0), (5.1, value), (5.0, 50.1)])
    good = shapely.box(4.0, 50.0, 5.0, 51.0)
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"crop": ["a", "b"]}, geometry=[good, bad], crs="EPSG:4326").to_file(path)
    error = refused(path)
    assert error.code == "bad_coordinates" and "(FID 2)" in str(error)


def test_f41_overlapping_classes_are_unknown(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", ("20210401", "20210601"), size=60)
    shapes = [*squares(6, 100.0), square(0, 0, 95.0)]
    crops = ["maize", "wheat", "beet"] * 12 + ["wheat"]
    path = write_parcels(tmp_path / "a.gpkg", shapes, crops)
    ctx = JobContext()
    job = DatasetJob(images=str(folder), parcels=str(path), class_field="crop",
                     output=str(tmp_path / "out"))  # fmt: skip
    build_dataset(job, ctx)
    assert "lie on each other on 9025 square metres" in "\n".join(ctx.noted)
    with rasterio.open(tmp_path / "out" / "labels" / "grid_0" / "labels.tif") as file:
        labels = file.read(1)
    assert (labels[:10, :10] == 255).all() and not (labels[10:] == 255).any()


def test_f42_copies_count_once(tmp_path: Path) -> None:
    shapes = [square(0, 0), square(100, 0), square(0, 0)]
    path = write_parcels(tmp_path / "a.gpkg", shapes, ["maize", "wheat", "maize"])
    parcels, notes = read(path)
    assert parcels.fids.tolist() == [1, 2]
    assert "copies of other parcels with the same class, not used: 1 (FID 3)" in notes


VALUES = [0, -1, 255, 256, 300, 2**31]


@pytest.mark.parametrize("as_float", [False, True])
def test_f43_numbers_in_the_class_field_are_values_not_codes(
    tmp_path: Path, as_float: bool
) -> None:
    values: list[object] = [float(v) for v in VALUES] if as_float else list(VALUES)
    if as_float:
        values[-1] = 3.7
    shapes = [square(60 * n, 0) for n in range(len(values))]
    parcels, _ = read(write_parcels(tmp_path / "a.gpkg", shapes, values))
    expected = ["0", "-1", "255", "256", "300", "3.7" if as_float else "2147483648"]
    assert parcels.values == expected
    table = ClassTable.from_values(parcels.values)
    codes, _ = class_codes(parcels, table, False, JobContext())
    assert codes.dtype == np.uint8
    assert sorted(codes.tolist()) == [1, 2, 3, 4, 5, 6]
    assert [table.name_of(int(code)) for code in codes] == expected


def test_f43_labels_hold_no_wrapped_code(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", ("20210401", "20210601"), size=60)
    values = [VALUES[n % len(VALUES)] for n in range(36)]
    path = write_parcels(tmp_path / "a.gpkg", squares(6, 100.0), values)
    job = DatasetJob(images=str(folder), parcels=str(path), class_field="crop",
                     output=str(tmp_path / "out"))  # fmt: skip
    build_dataset(job, JobContext())
    with rasterio.open(tmp_path / "out" / "labels" / "grid_0" / "labels.tif") as file:
        assert set(np.unique(file.read(1))) == {1, 2, 3, 4, 5, 6}


def test_f43_white_space_and_null(tmp_path: Path) -> None:
    values = ["wheat ", "wheat", None, " maize", "", "MAIZE"]
    shapes = [square(60 * n, 0) for n in range(len(values))]
    parcels, _ = read(write_parcels(tmp_path / "a.gpkg", shapes, values))
    assert parcels.values == ["wheat", "wheat", "", "maize", "", "MAIZE"]
    table = ClassTable.from_values(parcels.values)
    assert table.names == ("MAIZE", "maize", "wheat")
    ctx = JobContext()
    assert class_codes(parcels, table, False, ctx)[0].tolist() == [3, 3, 255, 2, 255, 1]
    assert "no class in 2 of 6 parcels" in "\n".join(ctx.noted)


@pytest.mark.parametrize(
    ("value", "text"),
    [(300, "300"), (300.0, "300"), (3.7, "3.7"), (np.int64(-1), "-1"), (None, ""), (np.nan, ""),
     (pd.NA, ""), (" a\nb ", "a\nb"), (True, "True"), (np.float64(2**31), "2147483648")],
)  # fmt: skip
def test_f43_value_as_text(value: object, text: str) -> None:
    assert value_text(value) == text


def test_f43_more_than_253_values(tmp_path: Path) -> None:
    shapes = [square(2 * n, 0, 1.0) for n in range(254)]
    parcels, _ = read(write_parcels(tmp_path / "a.gpkg", shapes, [f"crop {n}" for n in range(254)]))
    with pytest.raises(UserError, match="holds 254 values"):
        ClassTable.from_values(parcels.values, parcels.name)


@pytest.mark.parametrize("code", ["0", "-1", "254", "255", "256", "300", "2147483648", "3.7", "x"])
def test_f43_codes_of_a_class_table(tmp_path: Path, code: str) -> None:
    folder = write_folder(tmp_path / "images", ("20210401", "20210601"))
    path = write_parcels(tmp_path / "a.gpkg", [square(0, 0)], ["maize"])
    table = tmp_path / "classes.csv"
    table.write_text(f"source_value,name,code,colour\nmaize,maize,{code},#112233\n")
    job = DatasetJob(images=str(folder), parcels=str(path), class_field="crop",
                     classes=str(table), output=str(tmp_path / "out"))  # fmt: skip
    with pytest.raises(UserError) as caught:
        build_dataset(job, JobContext())
    assert caught.value.code == "class_code" and code in str(caught.value)
    assert "1 to 253" in str(caught.value)


def test_f44_class_field_absent_and_all_null(tmp_path: Path) -> None:
    path = write_parcels(tmp_path / "a.gpkg", [square(0, 0), square(60, 0)], [None, ""])
    error = refused(path, "crops")
    assert error.code == "class_field_missing"
    assert "it has no field 'crops'; found crop" in str(error)
    parcels, _ = read(path)
    table = ClassTable.from_values(["maize"])
    with pytest.raises(UserError, match="none of its 2 parcels"):
        class_codes(parcels, table, False, JobContext())


@pytest.mark.parametrize(
    "field", ['x"; DROP TABLE parcels; --', "Feld 'Größe'", "f" * 200, "\u202eportc"]
)
def test_f45_strange_fields_and_layers(tmp_path: Path, field: str) -> None:
    frame = gpd.GeoDataFrame({field: ["maize", "1 OR 1=1"]},
                             geometry=[square(0, 0), square(60, 0)], crs=UTM)  # fmt: skip
    path = tmp_path / "a.gpkg"
    layer = 'lay"er; DROP TABLE x'
    frame.to_file(path, layer=layer, driver="GPKG")
    parcels, _ = read(path, field)
    assert parcels.values == ["maize", "1 OR 1=1"]
    assert layer in parcels.name


def test_several_layers_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"crop": ["maize"]}, geometry=[square(0, 0)], crs=UTM)
    frame.to_file(path, layer="this year", driver="GPKG")
    frame.to_file(path, layer="last year", driver="GPKG")
    error = refused(path)
    assert "this year" in str(error) and "last year" in str(error)
    parcels, _ = read(f"{path}|layername=last year")
    assert parcels.values == ["maize"]
    with pytest.raises(UserError, match="next year"):
        read(f"{path}|layername=next year")


def test_without_a_reference_system(tmp_path: Path) -> None:
    path = write_parcels(tmp_path / "a.gpkg", [square(0, 0)], ["maize"], crs=None)
    assert refused(path).code == "no_crs"


def test_f46_damaged_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 2000)
    assert "a.gpkg" in str(refused(path))
    assert "gone.gpkg" in str(refused(tmp_path / "gone.gpkg"))
    good = write_parcels(tmp_path / "b.gpkg", [square(0, 0)], ["maize"])
    digest = hashlib.sha256(good.read_bytes()).digest()
    read(good)
    assert hashlib.sha256(good.read_bytes()).digest() == digest
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.gpkg", "b.gpkg"]
