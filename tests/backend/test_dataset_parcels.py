"""Parcels of any format and authority: what is read, how it is brought to the images' grid."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.dataset.parcel_classes import class_codes, table_of_values
from cscl.grid import Grid
from cscl.vectors.transformation import transformation
from parcel_layers import GRID, around, frame, read, refused, square, state
from small_scene import LEFT, TOP, UTM

REAL = [
    ("be_vlg/*.gpkg", "GWSNAM_H", "EPSG:31370", "EPSG:32631",
     "Inverse of Belgian Lambert 72 + BD72 to WGS 84 (3) + UTM zone 31N", 100, 15,
     {"sliver": 7}),
    ("ch/*.gpkg", "nutzung", "EPSG:2056", "EPSG:32632",
     "Inverse of Swiss Oblique Mercator 1995 + CH1903+ to WGS 84 (1) + UTM zone 32N", 100, 2, {}),
    ("nl/*.gpkg", "gewas", "EPSG:28992", "EPSG:32631",
     "Inverse of RD New + Amersfoort to WGS 84 (4) + UTM zone 31N", 100, 16, {"sliver": 63}),
    ("france_rpg.gpkg", "code_cultu", "EPSG:2154", "EPSG:32631",
     "Inverse of Lambert-93 + RGF93 v1 to WGS 84 (1) + UTM zone 31N", 193, 24,
     {"sliver": 5, "overlap_same_class": 1}),
    ("latvia_eurocrops/*.shp", "PRODUCT_CO", "EPSG:3059", "EPSG:32635",
     "Inverse of Latvian Transverse Mercator + LKS-92 to WGS 84 (1) + UTM zone 35N", 100, 20, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field", "crs", "target", "way", "count", "classes", "found"), REAL
)
def test_layers_of_authorities(
    shared_data: Path,
    name: str,
    field: str,
    crs: str,
    target: str,
    way: str,
    count: int,
    classes: int,
    found: dict[str, int],
) -> None:
    path = next((shared_data / "parcels").glob(name))
    before = state(path.parent)
    parcels, ctx = read(path, field, around(path, target))
    assert state(path.parent) == before
    assert len(parcels.fids) == count and parcels.crs == crs
    assert len(table_of_values(parcels.values, {}, "", 2021).codes) == classes
    assert (
        f"{parcels.name}: reprojected from {crs} to {target} by {way} (accuracy 1 m)." in ctx.noted
    )
    assert parcels.transformations == (f"from {crs} to {target} by {way} (accuracy 1 m)",)
    codes = [item.code for item in parcels.findings]
    assert {code: codes.count(code) for code in codes} == found
    # An operation of its own, so that the coordinates can be checked against another library.
    expected = gpd.read_file(path).to_crs(target).geometry.area.sum()
    assert shapely.area(parcels.shapes).sum() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("area", "field", "count", "classes"),
    [("a_2019", "ct_name", 19, 7), ("b_2019", "ct_code", 17, 5)],
)
def test_parcels_that_lie_on_the_images_as_they_are(
    shared_data: Path, area: str, field: str, count: int, classes: int
) -> None:
    path = shared_data / "flanders" / area / "parcels.gpkg"
    parcels, ctx = read(path, field, around(path, UTM))
    assert len(parcels.fids) == count and len(set(parcels.values)) == classes
    assert parcels.transformations == (f"from {UTM} to {UTM} by no change (exact)",)
    assert ctx.noted == () and parcels.findings == ()


def test_eurocrops_columns_name_the_classes(shared_data: Path) -> None:
    path = next((shared_data / "parcels" / "latvia_eurocrops").glob("*.shp"))
    grid = around(path, "EPSG:32635")
    parcels, _ = read(path, "PRODUCT_CO", grid)
    table = table_of_values(parcels.values, parcels.eurocrops, parcels.name, 2021)
    barley = next(item for item in table.classes if item.values == ("131",))
    assert (barley.name, barley.hcat) == ("Barley summer", "3301010402")
    assert all(item.hcat for item in table.classes)
    parcels, _ = read(path, "EC_hcat_c", grid)
    table = table_of_values(parcels.values, parcels.eurocrops, parcels.name, 2021)
    assert len(table.classes) == 19
    rye = next(item for item in table.classes if item.values == ("3301010300",))
    assert (rye.name, rye.hcat) == ("rye", "3301010300")


def test_a_class_field_without_any_value_is_said_to_be_empty() -> None:
    with pytest.raises(UserError, match="layer v: none of the parcels has a value in it"):
        table_of_values(["", ""], {}, "layer v", None)


def test_two_values_of_one_translation_stay_two_classes() -> None:
    names = {"131": ("Barley", "33"), "132": ("Barley", "34"), "133": ("Rye", "35")}
    table = table_of_values(["131", "132", "133", "9"], names, "x", None)
    assert table.names == ("Barley (131)", "Barley (132)", "Rye", "9")
    assert [item.hcat for item in table.classes] == ["33", "34", "35", ""]


def test_a_class_by_expression_over_a_real_layer(shared_data: Path) -> None:
    path = next((shared_data / "parcels" / "nl").glob("*.gpkg"))
    grid = around(path, UTM)
    parcels, _ = read(path, "'grass' if category == 'Grasland' else strip(lower(gewas))", grid)
    table = gpd.read_file(path)
    expected = np.where(table.category == "Grasland", "grass", table.gewas.str.lower().str.strip())
    assert parcels.values == expected.tolist()
    error = refused(path, "gewas + jaar", grid)
    assert error.code == "class_expression"
    assert str(error) == (
        f"{path.name}, layer brp_gewas, expression 'gewas + jaar': at position 9: a text is needed "
        "here, this is number. Its fields are category, gewas, gewascode, jaar, status."
    )


FORMATS = {
    "gpkg": "GPKG",
    "shp": "ESRI Shapefile",
    "geojson": "GeoJSON",
    "geojsonl": "GeoJSONSeq",
    "fgb": "FlatGeobuf",
    "gml": "GML",
    "kml": "KML",
    "sqlite": "SQLite",
    "tab": "MapInfo File",
    "gdb": "OpenFileGDB",
    "parquet": "",
    "csv": "CSV",
}


@pytest.mark.parametrize("ending", [*FORMATS, "zip"])
def test_every_format_gives_the_same_parcels(tmp_path: Path, ending: str) -> None:
    shapes = [square(60 * n, 0) for n in range(3)]
    layer = frame(shapes)
    path = tmp_path / f"parcels.{ending}"
    if ending in ("geojson", "geojsonl", "kml"):
        layer = layer.to_crs("EPSG:4326")
    if ending == "parquet":
        layer.to_parquet(path)
    elif ending == "csv":
        layer.to_file(path, driver="CSV", layer_options={"GEOMETRY": "AS_WKT"})
        (tmp_path / "parcels.prj").write_text(pyproj.CRS(UTM).to_wkt("WKT1_ESRI"))
    elif ending == "zip":
        (tmp_path / "inside").mkdir()
        layer.to_file(tmp_path / "inside" / "parcels.shp")
        shutil.make_archive(str(tmp_path / "parcels"), "zip", tmp_path / "inside")
    else:
        layer.to_file(path, driver=FORMATS[ending])
    before = state(tmp_path)
    parcels, _ = read(path)
    assert state(tmp_path) == before
    # FlatGeobuf has an order of its own.
    order = np.argsort(shapely.get_x(shapely.centroid(parcels.shapes)))
    assert [parcels.values[row] for row in order] == ["maize", "wheat", "beet"]
    assert shapely.area(parcels.shapes) == pytest.approx([2500.0] * 3, rel=1e-3)
    assert len(set(parcels.fids.tolist())) == 3


def test_a_layer_without_a_reference_system_of_text(tmp_path: Path) -> None:
    path = tmp_path / "parcels.csv"
    frame([square(0, 0)]).to_file(path, driver="CSV", layer_options={"GEOMETRY": "AS_WKT"})
    error = refused(path)
    assert error.code == "no_crs"


def test_geoparquet_with_what_vector_formats_cannot_hold(tmp_path: Path) -> None:
    layer = frame([square(0, 0), None, square(100, 0)])
    layer["kind"] = layer["crop"].astype("category")
    layer["list"] = [[1, 2], [3], []]
    path = tmp_path / "a.parquet"
    layer.to_crs("EPSG:4258").to_parquet(path, write_covering_bbox=True)
    parcels, ctx = read(path, "kind")
    assert parcels.fids.tolist() == [0, 2] and parcels.values == ["maize", "beet"]
    assert parcels.crs == "EPSG:4258"
    assert "a.parquet, layer a: columns of nested values are not read: list." in ctx.noted
    layer.drop(columns="geometry").to_parquet(tmp_path / "plain.parquet")
    assert "it is Parquet without geometries" in str(refused(tmp_path / "plain.parquet"))
    (tmp_path / "cut.parquet").write_bytes(path.read_bytes()[:-100])
    assert refused(tmp_path / "cut.parquet").code == "unreadable_layer"


def test_the_operation_is_the_best_for_the_ground(tmp_path: Path) -> None:
    czech = transformation("EPSG:5514", "EPSG:32633", "x", (14.0, 49.0, 15.0, 50.0))
    assert czech.accuracy == 1.0
    slovak = transformation("EPSG:5514", "EPSG:32634", "x", (19.0, 48.0, 20.0, 48.4))
    assert slovak.accuracy == 1.0 and slovak.name != czech.name
    assert "S-JTSK to WGS 84 (4)" in slovak.name
    with pytest.raises(Exception, match="there is no exact way from BD72 / Belgian Lambert 72"):
        transformation("EPSG:31370", "EPSG:32635", "x", (24.0, 56.0, 26.0, 57.0))


@pytest.mark.parametrize(
    ("crs", "utm", "place", "finest", "code"),
    [
        ("EPSG:27700", "EPSG:32630", (-2.0, 52.0), 2.5, "warned"),
        ("EPSG:4267", "EPSG:32615", (-95.0, 40.0), 2.5, "refused"),
        ("EPSG:4267", "EPSG:32615", (-95.0, 40.0), 10.0, "warned"),
        ("EPSG:4258", "EPSG:32630", (-2.0, 52.0), 2.5, "silent"),
    ],
)
def test_accuracy_decides(
    tmp_path: Path, crs: str, utm: str, place: tuple[float, float], finest: float, code: str
) -> None:
    east, north = pyproj.Transformer.from_crs(4326, utm, always_xy=True).transform(*place)
    grid = Grid(utm, (10.0, 0.0, east - 300, 0.0, -10.0, north + 300), 60, 60)
    layer = frame([shapely.box(east, north, east + 50, north + 50)], crs=utm)
    path = tmp_path / "a.gpkg"
    layer.to_crs(crs).to_file(path, layer="p")
    if code == "refused":
        error = refused(path, "crop", grid, finest=finest)
        assert error.code == "transformation_accuracy"
        text = str(error)
        assert text.startswith(
            "a.gpkg, layer p: parcels are brought from EPSG:4267 to EPSG:32615 by NAD27 to WGS 84 "
            "(6) + UTM zone 15N (accuracy 7 m); better would be "
        )
        assert text.endswith(
            ", too rough for labels of 2.5 m. Reproject the parcels with the exact operation, for "
            "example in QGIS with its grids."
        )
        assert "us_noaa_conus.tif" in text
        return
    parcels, ctx = read(path, "crop", grid, finest=finest)
    assert len(parcels.fids) == 1
    told = [str(item) for item in ctx.found if item.code == "transformation_accuracy"]
    if code == "silent":
        assert told == []
    elif crs == "EPSG:27700":
        assert told == [
            "a.gpkg, layer p: parcels are brought from EPSG:27700 to EPSG:32630 by Inverse of "
            "British National Grid + OSGB36 to WGS 84 (6) + UTM zone 30N (accuracy 2 m); better "
            "would be Inverse of British National Grid + OSGB36 to WGS 84 (9) + UTM zone 30N (1 m),"
            " which needs uk_os_OSTN15_NTv2_OSGBtoETRS.tif. Reproject the parcels with the exact "
            "operation, for example in QGIS with its grids."
        ]
    else:
        assert len(told) == 1 and "(accuracy 7 m)" in told[0]


def test_the_network_is_off() -> None:
    assert pyproj.network.is_network_enabled() is False


def test_values_that_a_table_lacks_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(60 * n, 0) for n in range(4)], crop=["a", "b", "b", None]).to_file(
        path, layer="p"
    )
    parcels, ctx = read(path)
    codes, found = class_codes(parcels, ClassTable.from_values(["a"]), True, ctx)
    assert codes.tolist() == [1, 255, 255, 255]
    assert [(item.code, item.parcel, item.value) for item in found] == [
        ("class_null", 4, ""), ("class_not_in_table", 2, "b"), ("class_not_in_table", 3, "b"),
    ]  # fmt: skip
    assert "not in the class table, with their parcels: b (2)" in "\n".join(ctx.noted)


def test_several_grids_own_what_lies_on_them_most(tmp_path: Path) -> None:
    right = Grid(UTM, (10.0, 0.0, LEFT + 500, 0.0, -10.0, TOP), 60, 60)
    other = Grid("EPSG:32630", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 60, 60)
    shapes = [
        square(0, 0),  # on the first alone
        square(520, 0),  # on both, whole: the first
        square(570, 0),  # 60 % on the first, all on the second
        square(700, 0),  # on the second alone
        square(2000, 0),  # on none
    ]
    path = tmp_path / "a.gpkg"
    frame(shapes).to_file(path, layer="p")
    parcels, ctx = read(path, "crop", GRID, right)
    assert parcels.fids.tolist() == [1, 2, 3, 4] and parcels.grids.tolist() == [0, 0, 1, 1]
    assert "4 of 5 parcels touch the images" in "\n".join(ctx.noted)
    assert [[row for row, _ in items] for items in parcels.elsewhere] == [[2], [1]]
    codes = np.array([1, 2, 3, 1], dtype=np.uint8)
    shapes, burnt, ids = parcels.burnt(codes, 0)
    assert burnt.tolist() == [1, 2, 255] and ids.tolist() == [1, 2, 3]
    assert shapes[2].equals(parcels.shapes[2])
    _, burnt, ids = parcels.burnt(codes, 1)
    assert burnt.tolist() == [3, 1, 255] and ids.tolist() == [3, 4, 2]
    assert refused(path, "crop", other).code in ("at_a_pole", "no_overlap")


def test_two_zones_each_have_parcels_in_their_own_system(tmp_path: Path) -> None:
    # The same ground, on the border of the zones 30 and 31.
    shapes = [shapely.box(0.0, 50.0, 0.001, 50.001), shapely.box(-0.02, 50.0, -0.019, 50.001)]
    path = tmp_path / "a.gpkg"
    frame(shapes, crs="EPSG:4326").to_file(path, layer="p")
    grids = []
    for crs, place in (("EPSG:32630", -0.02), ("EPSG:32631", 0.0)):
        way = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
        east, north = way.transform(place, 50.0)
        grids.append(Grid(crs, (10.0, 0.0, east - 300, 0.0, -10.0, north + 300), 60, 60))
    parcels, _ = read(path, "crop", *grids)
    assert parcels.grids.tolist() == [1, 0]
    for number, (shape, grid) in enumerate(zip(parcels.shapes, parcels.grids, strict=True)):
        crs = grids[grid].crs
        expected = gpd.GeoSeries([shapes[number]], crs=4326).to_crs(crs)[0]
        assert shape.equals_exact(expected, 1e-6)
    assert [len(items) for items in parcels.elsewhere] == [0, 0]
    assert parcels.points[:, 0] == pytest.approx([48.2, -1881.5], abs=0.5)


FLANDERS = Grid(UTM, (10.0, 0.0, 574_680.0, 0.0, -10.0, 5_622_440.0), 64, 64)
PLACE = (
    "where the images lie (longitude 4.06 to 4.07, latitude 50.74 to 50.75); the parcels' system "
)
REFUSED = {
    "be_vlg": "no parcel touches the images: parcels 578585, 5638894, 594500, 5687342, images "
    "574680, 5621800, 575320, 5622440 (left, bottom, right, top in EPSG:32631)",
    "ch": "there is no exact way from CH1903+ / LV95 to WGS 84 / UTM zone 31N " + PLACE
    + "is meant for longitude 5.96 to 10.49, latitude 45.82 to 47.81, the parcels at 2485968.901, "
    "1109295.516, 2512865.253, 1135190.272 in it",
    "nl": "there is no exact way from Amersfoort / RD New to WGS 84 / UTM zone 31N " + PLACE
    + "is meant for longitude 3.20 to 7.22, latitude 50.75 to 53.70, the parcels at 62457.7406, "
    "346308.542, 252276.3258, 585260.335 in it",
    "latvia_eurocrops": "there is no exact way from LKS-92 / Latvia TM to WGS 84 / UTM zone 31N "
    + PLACE + "is meant for longitude 19.06 to 28.24, latitude 55.67 to 58.09, the parcels at "
    "423406.4133, 286992.9606, 681791.8135, 434443.5677 in it",
}  # fmt: skip


@pytest.mark.parametrize("country", REFUSED)
def test_parcels_of_one_country_and_images_of_another(shared_data: Path, country: str) -> None:
    folder = shared_data / "parcels" / country
    path = next(item for item in folder.iterdir() if item.suffix in (".gpkg", ".shp"))
    before = state(folder)
    error = refused(path, gpd.read_file(path).columns[0], FLANDERS)
    assert error.findings[0].found == REFUSED[country]
    assert state(folder) == before


def test_images_that_reach_beyond_a_country_use_its_operation() -> None:
    way = transformation("EPSG:28992", "EPSG:32631", "x", (5.5, 50.0, 7.0, 51.2))
    assert way.accuracy == 1.0 and "Amersfoort to WGS 84 (4)" in way.name
