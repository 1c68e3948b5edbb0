"""Parcels at impossible places, on each other, too small: refused or told with feature ids."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.dataset.parcel_classes import class_codes
from cscl.dataset.parcels import read_parcels
from cscl.grid import Grid
from cscl.vectors.writing import write_layer
from parcel_layers import GRID, frame, read, refused, square
from small_scene import LEFT, TOP, UTM

PLACE = (5.0, 50.0)


def degrees_grid(longitude: float, latitude: float, crs: str) -> Grid:
    """Return a grid of 600 m around a place."""
    east, north = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(
        longitude, latitude
    )
    return Grid(crs, (10.0, 0.0, east - 300, 0.0, -10.0, north + 300), 60, 60)


def field(x: float, y: float, side: float = 0.001) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def layer(path: Path, shapes: list[object], crs: str = "EPSG:4326") -> Path:
    frame(shapes, crs=crs).to_file(path, layer="p")
    return path


def raw_layer(path: Path, wkb: list[bytes | None], crs: str = UTM) -> Path:
    """Write geometries as they are, also those that no library would make."""
    schema = pa.schema([("crop", pa.string()), ("geom", pa.binary())])
    batch = pa.RecordBatch.from_arrays(
        [pa.array(["a"] * len(wkb)), pa.array(wkb, pa.binary())], schema=schema
    )
    write_layer(path, schema, [batch], driver="GPKG", layer="p", crs=crs,
                geometry_type="Unknown", geometry="geom")  # fmt: skip
    return path


def test_f33_both_extents_of_every_grid(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", [square(10_000, 0)], UTM)
    right = Grid(UTM, (10.0, 0.0, LEFT + 600, 0.0, -10.0, TOP), 60, 60)
    assert str(refused(path, "crop", GRID, right)) == (
        "a.gpkg, layer p: no parcel touches the images: parcels 510000, 5599950, 510050, 5600000, "
        "images 500000, 5599400, 500600, 5600000 (left, bottom, right, top in EPSG:32631); parcels "
        "510000, 5599950, 510050, 5600000, images 500600, 5599400, 501200, 5600000 (left, bottom, "
        "right, top in EPSG:32631). Choose parcels and images of one area."
    )


def test_f33_parcels_of_another_country(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "a.gpkg", [shapely.box(150_000, 170_000, 150_100, 170_100)], "EPSG:31370"
    )
    error = refused(path, "crop", degrees_grid(25.0, 56.5, "EPSG:32635"))
    assert error.code == "cannot_reproject"
    assert str(error) == (
        "a.gpkg, layer p: there is no exact way from BD72 / Belgian Lambert 72 to WGS 84 / UTM "
        "zone 35N where the images lie (longitude 24.99 to 25.01, latitude 56.50 to 56.50); the "
        "parcels' system is meant for longitude 2.50 to 6.40, latitude 49.50 to 51.51, the parcels "
        "at 150000, 170000, 150100, 170100 in it. Check that images and parcels are of one area, "
        "or reproject to EPSG:32635 yourself, for example in QGIS."
    )


def test_f34_antimeridian(tmp_path: Path) -> None:
    # Drawn the long way round: the band covers the images, and nothing may be read from it.
    across = shapely.box(-179.9, 49.9, 179.9, 50.1)
    path = layer(tmp_path / "a.gpkg", [field(*PLACE), across])
    error = refused(path, "crop", degrees_grid(*PLACE, UTM))
    assert error.code == "at_the_antimeridian"
    assert "1 parcels cross the antimeridian (FID 2)" in str(error)
    path = layer(tmp_path / "b.gpkg", [field(179.95, -17.0, 0.2)])
    error = refused(path, "crop", degrees_grid(179.99, -17.0, "EPSG:32760"))
    assert "no place on Earth (FID 1)" in str(error)
    grid = Grid("EPSG:32760", (10.0, 0.0, 800_000.0, 0.0, -10.0, 8_120_000.0), 3000, 60)
    error = refused(layer(tmp_path / "c.gpkg", [field(179.5, -17.0)]), "crop", grid)
    assert error.code == "at_the_antimeridian"
    assert "they cross the antimeridian, from longitude 179.8" in str(error)


def test_f34_pole(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", [shapely.box(0.0, 70.0, 10.0, 90.0), field(*PLACE)])
    error = refused(path, "crop", degrees_grid(5.0, 75.0, "EPSG:32631"))
    assert error.code == "at_a_pole" and "1 parcels reach a pole (FID 1)" in str(error)
    parcels, _ = read(path, "crop", degrees_grid(*PLACE, UTM))  # far from it, no matter
    assert parcels.fids.tolist() == [2]
    polar = Grid("EPSG:3413", (10.0, 0.0, -300.0, 0.0, -10.0, 300.0), 60, 60)
    error = refused(path, "crop", polar)
    assert error.code == "at_a_pole"
    assert "Use images between latitude -80 and 84." in str(error)


def test_f37_curves_heights_and_damage(tmp_path: Path) -> None:
    def arc(*points: tuple[float, ...], kind: int = 8) -> bytes:
        flat = [value for point in points for value in point]
        return struct.pack(f"<BII{len(flat)}d", 1, kind, len(points), *flat)

    x, y = LEFT + 100, TOP - 100
    ring = arc((x, y), (x + 10, y + 10), (x + 20, y), (x + 10, y - 10), (x, y))
    circle = struct.pack("<BII", 1, 10, 1) + ring
    surface = struct.pack("<BII", 1, 12, 2) + circle + shapely.to_wkb(square(200, 0))
    collection = struct.pack("<BII", 1, 7, 2) + circle + shapely.to_wkb(shapely.Point(x, y))
    measured = struct.pack("<BII", 1, 3003, 1) + struct.pack(
        "<I16d", 4, LEFT, TOP, 1, 2, LEFT + 20, TOP, 1, 2, LEFT, TOP - 20, 1, 2, LEFT, TOP, 1, 2
    )
    path = raw_layer(tmp_path / "a.gpkg", [circle, surface, collection, measured, ring, None])
    parcels, ctx = read(path)
    disc = np.pi * 100
    assert parcels.fids.tolist() == [1, 2, 4]  # the third repeats the first
    assert shapely.area(parcels.shapes) == pytest.approx([disc, disc + 2500, 200], rel=2e-3)
    assert not shapely.has_z(parcels.shapes).any()
    notes = "\n".join(ctx.noted)
    assert "features without a polygon: 1 LineString (FID 5)" in notes
    assert "features without a polygon: 1 NULL (FID 6)" in notes
    found = [item for item in parcels.findings if item.code == "no_polygon"]
    assert [(item.parcel, item.value) for item in found] == [(5, "LineString"), (6, "NULL")]


def test_f38_hole_outside_and_rings_twice(tmp_path: Path) -> None:
    outer, hole = square(0, 0, 100), square(300, 0, 20)
    outside = shapely.Polygon(outer.exterior, [hole.exterior])
    twice = shapely.Polygon(square(200, 200, 100).exterior, [square(220, 220, 20).exterior] * 2)
    spike = shapely.Polygon(
        [(LEFT + 400, TOP - 400), (LEFT + 450, TOP - 400), (LEFT + 500, TOP - 400),
         (LEFT + 450, TOP - 400), (LEFT + 450, TOP - 450), (LEFT + 400, TOP - 450)]
    )  # fmt: skip
    path = layer(tmp_path / "a.gpkg", [outside, twice, spike], UTM)
    parcels, ctx = read(path)
    assert shapely.is_valid(parcels.shapes).all()
    found = {item.parcel: (item.code, float(item.value)) for item in parcels.findings
             if item.code.startswith("repaired")}  # fmt: skip
    areas = dict(zip(parcels.fids.tolist(), shapely.area(parcels.shapes).tolist(), strict=True))
    assert areas[2] in (9600.0, 10_000.0) and areas[3] == 2500.0
    assert set(found) == {1, 2, 3} and found[3] == ("repaired", 0.0)
    assert found[1][0] == "repaired_changed"
    assert "parcels with invalid outlines, repaired: 3; area changed by more than 1 % in" in (
        "\n".join(ctx.noted)
    )


@pytest.mark.parametrize("bad", [(5.0, 95.0), (185.0, 50.0), (5.0, np.inf), (1e308, 50.0)])
def test_f39_no_place_on_earth(tmp_path: Path, bad: tuple[float, float]) -> None:
    corners = [bad, (bad[0], 50.1), (5.1, 50.1), bad]
    wkb = struct.pack("<BIII8d", 1, 3, 1, 4, *(value for point in corners for value in point))
    path = raw_layer(tmp_path / "a.gpkg", [shapely.to_wkb(field(*PLACE)), wkb], "EPSG:4326")
    error = refused(path, "crop", degrees_grid(*PLACE, UTM))
    assert str(error) == (
        "a.gpkg, layer p: 1 parcels have coordinates that are no place on Earth (FID 2). Repair or "
        "remove them, or check the layer's coordinate reference system."
    )


def test_f39_projected_coordinates_without_bounds(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", [square(0, 0), shapely.box(0, 0, 1e308, 1e308)], UTM)
    assert "no place on Earth (FID 2)" in str(refused(path))


def test_f39_longitude_and_latitude_swapped(tmp_path: Path) -> None:
    grid = degrees_grid(*PLACE, UTM)
    right = [field(PLACE[0] + 0.0005 * n, PLACE[1]) for n in range(5)]
    turned = [shapely.transform(shape, lambda points: points[:, ::-1]) for shape in right]
    error = refused(layer(tmp_path / "one.gpkg", [*right[:4], turned[4]]), "crop", grid)
    assert str(error) == (
        "one.gpkg, layer p: 1 parcels lie on the images only with their two coordinates swapped "
        "(FID 5). Swap their coordinates, longitude before latitude, for example in QGIS."
    )
    error = refused(layer(tmp_path / "all.gpkg", turned), "crop", grid)
    assert error.code == "swapped_coordinates" and "5 parcels" in str(error)
    assert "(FID 1, 2, 3, 4, 5)" in str(error)


def test_f39_a_country_on_the_diagonal_is_not_swapped(tmp_path: Path) -> None:
    # Parcels all over a country at longitude 37 to 41, latitude 37 to 41, images at 37 E 41 N.
    shapes = [field(37.0 + x / 4, 37.0 + y / 4) for x in range(17) for y in range(17)]
    path = layer(tmp_path / "a.gpkg", shapes)
    parcels, _ = read(path, "crop", degrees_grid(37.0, 41.0, "EPSG:32637"))
    assert len(parcels.fids) == 1


def test_f39_every_fault_at_once(tmp_path: Path) -> None:
    shapes = [field(*PLACE), field(5.0, 95.0), shapely.box(-179.9, 49.9, 179.9, 50.1),
              field(PLACE[1], PLACE[0])]  # fmt: skip
    error = refused(layer(tmp_path / "a.gpkg", shapes), "crop", degrees_grid(*PLACE, UTM))
    assert [item.code for item in error.findings] == [
        "bad_coordinates", "at_the_antimeridian", "swapped_coordinates"
    ]  # fmt: skip


def test_f40_slivers_are_told_and_used(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", [square(0, 0), square(100, 0, 3), square(200, 0, 9)], UTM)
    parcels, ctx = read(path)
    assert parcels.fids.tolist() == [1, 2, 3]
    assert (
        "a.gpkg, layer p: slivers, less than 5 m wide on the average: 2 of 3 parcels, 3.47% of the "
        "area (FID 2, 3). They are used; set a minimum width to leave them out." in ctx.noted
    )


def test_f41_overlaps_by_feature(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    shapes = [square(0, 0), square(40, 0), square(89.5, 0), square(0, 49.99)]
    frame(shapes, crop=["a", "b", "b", "a"]).to_file(path, layer="p")
    parcels, ctx = read(path)
    assert [(item.code, item.parcel, item.value) for item in parcels.findings] == [
        ("overlap", 1, "500.0"), ("overlap_same_class", 2, "25.0")
    ]  # fmt: skip
    assert (
        "a.gpkg, layer p: parcels that lie on others of another class: 1, 525 square metres or "
        "5.25% of all (FID 1). Unknown where that is over a tenth of a pixel; correct the outlines."
        in ctx.noted
    )


def test_f42_copies_of_another_class_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(0, 0)] * 3, crop=["a", "b", "a"]).to_file(path, layer="p")
    parcels, ctx = read(path)
    assert parcels.fids.tolist() == [1, 2]
    assert {(item.code, item.parcel) for item in parcels.findings} >= {
        ("copy", 3), ("copy_other_class", 2)
    }  # fmt: skip
    assert "copies of other parcels with another class: 1 (FID 2)" in "\n".join(ctx.noted)


def test_f44_one_class_and_a_class_of_one_parcel(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(60 * n, 0) for n in range(3)], crop=["a", "a", "b"]).to_file(path, layer="p")
    parcels = read_parcels(str(path), "crop", [GRID], JobContext())
    ctx = JobContext()
    class_codes(parcels, ClassTable.from_values(["a", "b"]), False, ctx)
    assert ctx.noted == (
        "a.gpkg, layer p: classes with a single parcel: b. Such a class is in one split alone: "
        "join it with another, or use a larger area.",
    )


def test_every_error_of_a_layer_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    empty = gpd.GeoDataFrame({"crop": []}, geometry=[])
    empty.to_file(path, layer="p", geometry_type="Polygon")
    error = refused(path, "crops")
    assert [item.code for item in error.findings] == ["no_parcels", "class_field_missing", "no_crs"]
