"""Values at the ends of their types, outlines across the antimeridian, and styles, exported."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from cscl.context import JobContext
from cscl.contract.classes import ClassTable, CropClass
from cscl.contract.errors import UserError
from cscl.contract.jobs import ExportJob
from cscl.parcels.export import export_layer
from cscl.parcels.sld import read_sld, sld_text
from cscl.parcels.style import NO_CLASS, parcel_style, write_styles
from export_readers import read_placemarks, read_sheet
from pyogrio.raw import write_arrow
from pyproj import Geod

FORMATS = ("gpkg", "geojson", "shp", "fgb", "parquet", "kml")
MOMENT = datetime.datetime(2019, 5, 4, 3, 2, 1, 250000, tzinfo=datetime.UTC)
VALUES: dict[str, tuple[pa.DataType, list[Any]]] = {
    "crop_name": (pa.string(), ["麦 <&> \"ä\"", None, "", "two\nlines", "=1+1\x01_x0041_"]),
    "A long name of a field": (pa.string(), ["a", "b", "c", "d", "e"]),
    "large": (pa.int64(), [2**53 + 1, None, 2**63 - 1, -(2**63), 10**15]),
    "code": (pa.int32(), [1, None, -3, 2**31 - 1, -(2**31)]),
    "share": (pa.float64(), [0.125, None, 1e-300, 1e300, -2.5]),
    "agrees": (pa.bool_(), [True, False, None, True, False]),
    "day": (
        pa.date32(),
        [
            datetime.date(2019, 5, 4), None, datetime.date(1899, 12, 31),
            datetime.date(1900, 3, 1), datetime.date(2100, 1, 1),
        ],
    ),
    "moment": (pa.timestamp("ms", "UTC"), [MOMENT, None, MOMENT, MOMENT, MOMENT]),
}  # fmt: skip
PLACES = [shapely.box(n, 50, n + 0.5, 50.5) for n in range(5)]


def write(path: Path, shapes: list[Any], values: dict[str, pa.Array], kind: str) -> Path:
    geometry = pa.array([shapely.to_wkb(item) for item in shapes], pa.binary())
    write_arrow(
        pa.table({**values, "geom": geometry}), path, driver="GPKG", layer=path.stem,
        geometry_name="geom", geometry_type=kind, crs="EPSG:4326",
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def layer(tmp_path_factory) -> Path:
    arrays = {name: pa.array(values, kind) for name, (kind, values) in VALUES.items()}
    folder = tmp_path_factory.mktemp("values")
    return write(folder / "parcels.gpkg", PLACES, arrays, "Polygon")


def export(layer: Path, output: Path, **values: Any) -> tuple[str, ...]:
    ctx = JobContext()
    job = ExportJob(layer=str(layer), output=str(output), format=output.suffix[1:], **values)
    export_layer(job, ctx)
    return ctx.noted


def expected(name: str) -> list[Any]:
    return VALUES[name][1]


# Values


def test_workbook_by_its_definition(layer: Path, tmp_path: Path) -> None:
    notes = export(layer, tmp_path / "out.xlsx")
    assert [item.name for item in tmp_path.iterdir()] == ["out.xlsx"]
    rows = read_sheet(tmp_path / "out.xlsx")
    assert rows[0] == list(VALUES)
    found = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    for name in ("crop_name", "A long name of a field", "code", "share", "agrees"):
        assert list(found[name]) == expected(name), name
        assert [type(value) for value in found[name]] == [type(v) for v in expected(name)]
    # What a 64-bit real cannot hold is a text, exact.
    assert list(found["large"]) == [str(2**53 + 1), None, str(2**63 - 1), str(-(2**63)), 10**15]
    days = expected("day")
    assert list(found["day"]) == [days[0], None, "1899-12-31", days[3], days[4]]
    moment = MOMENT.replace(tzinfo=None)
    assert list(found["moment"]) == [moment, None, moment, moment, moment]
    assert set(notes) == {
        "XLSX: moments with a time zone are in UTC (4 cells)",
        "XLSX: numbers and days that a sheet cannot hold exactly are texts (4 cells)",
    }


def test_workbook_by_gdal(layer: Path, tmp_path: Path) -> None:
    export(layer, tmp_path / "out.xlsx", fields=("code", "share", "agrees"))
    frame = pyogrio.read_dataframe(tmp_path / "out.xlsx")
    assert list(frame.columns) == ["code", "share", "agrees"]
    assert frame["code"].dropna().astype("int64").tolist() == [1, -3, 2**31 - 1, -(2**31)]
    assert frame["share"].dropna().tolist() == [0.125, 1e-300, 1e300, -2.5]


def test_same_layer_gives_the_same_workbook(layer: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        export(layer, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_more_rows_than_a_sheet_are_refused_before_writing(layer, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("cscl.parcels.workbook.ROWS", 5)
    with pytest.raises(UserError) as caught:
        export(layer, tmp_path / "out.xlsx")
    assert str(caught.value) == (
        "out.xlsx: it would need 6 rows. An XLSX sheet ends at 5 rows: use CSV, or fewer features "
        "and fields."
    )
    assert not list(tmp_path.iterdir())


def test_long_texts_of_a_workbook_are_cut_and_that_is_said(tmp_path: Path) -> None:
    text = "ä" * 40_000
    source = write(tmp_path / "in.gpkg", PLACES[:1], {"note": pa.array([text])}, "Polygon")
    notes = export(source, tmp_path / "out.xlsx")
    assert notes == ("XLSX: texts over 32767 characters were cut (1 cells)",)
    assert read_sheet(tmp_path / "out.xlsx")[1] == [text[:32_767]]


def test_kml_by_its_definition(layer: Path, tmp_path: Path) -> None:
    notes = export(layer, tmp_path / "out.kml")
    marks = read_placemarks(tmp_path / "out.kml")
    assert len(marks) == 5
    for name, (_, values) in VALUES.items():
        found = [mark[0].get(name) for mark in marks]
        if name == "agrees":
            assert found == ["1", "0", None, "1", "0"]
        elif name == "share":
            assert [text and float(text) for text in found] == values
        elif name == "crop_name":
            assert found == [*values[:4], "=1+1\ufffd_x0041_"]
        else:
            texts = [v.isoformat() if hasattr(v, "isoformat") else v for v in values]
            assert found == [None if value is None else str(value) for value in texts], name
    schema = {
        item.get("name"): item.get("type")
        for item in ElementTree.parse(tmp_path / "out.kml").iter(
            "{http://www.opengis.net/kml/2.2}SimpleField"
        )
    }
    assert schema == {
        "crop_name": "string", "A long name of a field": "string", "large": "string",
        "code": "int", "share": "double", "agrees": "bool", "day": "string", "moment": "string",
    }  # fmt: skip
    for (_, polygons), place in zip(marks, PLACES, strict=True):
        assert shapely.Polygon(polygons[0][0]).equals(place)
        assert shapely.LinearRing(polygons[0][0]).is_ccw
    assert "1 texts hold control characters, which XML cannot: they became U+FFFD" in notes


def test_kml_is_read_by_gdal_too(tmp_path: Path) -> None:
    values = {"Name": pa.array(["麦", None]), "agrees": pa.array([True, False]),
              "share": pa.array([0.25, None])}  # fmt: skip
    source = write(tmp_path / "in.gpkg", PLACES[:2], values, "Polygon")
    export(source, tmp_path / "out.kml")
    frame = pyogrio.read_dataframe(tmp_path / "out.kml")
    assert frame["agrees"].astype(int).tolist() == [1, 0]
    assert frame["Name"].fillna("").tolist() == ["麦", ""]
    assert frame["share"].tolist()[0] == 0.25 and math.isnan(frame["share"].tolist()[1])
    assert [shape.equals(place) for shape, place in zip(frame.geometry, PLACES[:2], strict=True)]


def test_kml_of_holes_and_parts_is_reprojected(tmp_path: Path) -> None:
    square = shapely.box(574680, 5620000, 575680, 5621000)
    shape = shapely.MultiPolygon(
        [square.difference(shapely.box(574880, 5620200, 575080, 5620400)),
         shapely.box(576000, 5620000, 576100, 5620100)]
    )  # fmt: skip
    source = tmp_path / "in.gpkg"
    geometry = pa.array([shapely.to_wkb(shape)], pa.binary())
    write_arrow(
        pa.table({"geom": geometry}), source, driver="GPKG", geometry_name="geom",
        geometry_type="MultiPolygon", crs="EPSG:32631",
    )  # fmt: skip
    notes = export(source, tmp_path / "out.kml")
    assert "KML is always in EPSG:4326: the layer was reprojected" in notes
    [(values, polygons)] = read_placemarks(tmp_path / "out.kml")
    assert values == {} and [len(rings) for rings in polygons] == [2, 1]
    geod = Geod(ellps="WGS84")
    area = sum(
        abs(geod.geometry_area_perimeter(shapely.Polygon(rings[0], rings[1:]))[0])
        for rings in polygons
    )
    # The scale of UTM differs from 1 by 0.04 % at most, seven decimals are a centimetre.
    assert area == pytest.approx(shape.area, rel=1e-3)


def test_geojson_holds_every_value(layer: Path, tmp_path: Path) -> None:
    notes = export(layer, tmp_path / "out.geojson")
    document = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in document["features"]]
    for name in ("crop_name", "A long name of a field", "large", "code", "agrees"):
        assert [row[name] for row in rows] == expected(name), name
    for found, value in zip([row["share"] for row in rows], expected("share"), strict=True):
        assert found is value or math.isclose(found, value, rel_tol=1e-15)
    assert [row["day"] for row in rows] == [v and v.isoformat() for v in expected("day")]
    assert (
        "Whole numbers over 2^53 in large stand in the GeoJSON in full; programs that read "
        "numbers as reals (JavaScript) round them"
    ) in notes


def test_geoparquet_holds_every_value(layer: Path, tmp_path: Path) -> None:
    export(layer, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    for name, (kind, values) in VALUES.items():
        assert table[name].to_pylist() == values and table.schema.field(name).type == kind, name


def test_flatgeobuf_says_that_it_has_no_days(layer: Path, tmp_path: Path) -> None:
    notes = export(layer, tmp_path / "out.fgb")
    assert "FlatGeobuf has no days: day became moments at midnight" in notes
    frame = pyogrio.read_dataframe(tmp_path / "out.fgb").sort_values("A long name of a field")
    assert frame["share"].tolist()[2:] == expected("share")[2:]
    assert [v.date() for v in frame["day"].dropna()] == [v for v in expected("day") if v]


def test_shapefile_loses_no_number_in_silence(layer: Path, tmp_path: Path) -> None:
    notes = export(layer, tmp_path / "out.shp")
    assert (
        "Numbers that a Shapefile cannot hold (1e23 and larger, or none) became NULL in: share"
        in notes
    )
    found = pyogrio.read_dataframe(tmp_path / "out.shp")["share"].tolist()
    assert found[0] == 0.125 and found[2] == 0.0 and found[4] == -2.5
    assert math.isnan(found[1]) and math.isnan(found[3])


# The antimeridian


def test_outlines_across_the_antimeridian_are_cut(tmp_path: Path) -> None:
    across = shapely.Polygon([(179.9, -17), (-179.8, -17), (-179.8, -16.5), (179.9, -16.5)])
    hole = shapely.Polygon([(179.95, -16.9), (-179.9, -16.9), (-179.9, -16.8), (179.95, -16.8)])
    ring = shapely.Polygon(across.exterior, [hole.exterior.coords])
    beside = shapely.box(179.5, -17, 179.6, -16.9)
    apart = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    source = write(
        tmp_path / "in.gpkg", [ring, beside, apart], {"n": pa.array([1, 2, 3])}, "MultiPolygon"
    )
    said = "1 features cross the antimeridian: each was cut there in two parts"
    assert said in export(source, tmp_path / "out.geojson")
    document = json.loads((tmp_path / "out.geojson").read_text())
    shapes = [shapely.geometry.shape(item["geometry"]) for item in document["features"]]
    east, west = sorted(shapely.get_parts(shapes[0]), key=lambda part: -part.bounds[0])
    assert east.bounds == (179.9, -17, 180, -16.5) and west.bounds == (-180, -17, -179.8, -16.5)
    # Seven decimals of a degree.
    assert east.area == pytest.approx(0.1 * 0.5 - 0.05 * 0.1, abs=1e-7)
    assert west.area == pytest.approx(0.2 * 0.5 - 0.1 * 0.1, abs=1e-7)
    assert all(part.exterior.is_ccw for part in (east, west))
    assert shapes[1].equals(beside) and shapes[2].equals(apart)
    assert said in export(source, tmp_path / "out.kml")
    _, polygons = read_placemarks(tmp_path / "out.kml")[0]
    assert sorted(round(shapely.Polygon(rings[0]).area, 6) for rings in polygons) == [0.045, 0.09]


# Styles

TABLE = ClassTable(
    (
        CropClass(1, "winter wheat", "#D2A13C", ("w",)),
        CropClass(2, "maïs <&>", "#00ff7f", ("m",)),
    )
)


def test_sld_has_a_rule_a_class_with_its_colour(tmp_path: Path) -> None:
    style = parcel_style(TABLE, (2, 1, 254))
    text = sld_text(style, "parcels")
    namespace = {"s": "http://www.opengis.net/sld", "o": "http://www.opengis.net/ogc"}
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.opengis.net/sld}StyledLayerDescriptor"
    assert root.get("version") == "1.0.0"
    rules = root.findall("s:NamedLayer/s:UserStyle/s:FeatureTypeStyle/s:Rule", namespace)
    found = [
        (
            rule.findtext("s:Title", namespaces=namespace),
            rule.findtext("o:Filter/o:PropertyIsEqualTo/o:Literal", namespaces=namespace),
            rule.findtext("s:PolygonSymbolizer/s:Fill/s:CssParameter", namespaces=namespace),
        )
        for rule in rules
    ]
    assert found == [
        ("maïs <&>", "maïs <&>", "#00ff7f"),
        ("winter wheat", "winter wheat", "#D2A13C"),
        (TABLE.name_of(254), TABLE.name_of(254), TABLE.colour_of(254)),
        (NO_CLASS, None, "#ffffff"),
    ]
    assert rules[-1].findtext("o:Filter/o:PropertyIsNull/o:PropertyName", namespaces=namespace) == (
        "crop_name"
    )
    (tmp_path / "parcels.sld").write_text(text, encoding="utf-8")
    assert read_sld(tmp_path / "parcels.sld") == style


@pytest.mark.parametrize("kind", FORMATS)
def test_style_goes_with_the_layer(layer: Path, tmp_path: Path, kind: str) -> None:
    source = tmp_path / "parcels.gpkg"
    source.write_bytes(layer.read_bytes())
    field = "A long name of a field"
    write_styles(source, parcel_style(TABLE, (1, 2), field))
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    output = tmp_path / "out" / f"out.{kind}"
    export(source, output)
    assert {i.name: i.read_bytes() for i in tmp_path.iterdir() if i.is_file()} == before
    style = read_sld(output.with_suffix(".sld"))
    name = "A long nam" if kind == "shp" else field
    assert style == parcel_style(TABLE, (1, 2), name)
    qml = ElementTree.parse(output.with_suffix(".qml")).getroot()
    renderer = qml.find("renderer-v2")
    assert renderer is not None and renderer.get("attr") == name
    assert [item.get("value") for item in qml.iter("category")] == ["winter wheat", "maïs <&>", ""]


def test_style_of_a_layer_of_the_same_name_is_left_alone(layer: Path, tmp_path: Path) -> None:
    source = tmp_path / "parcels.gpkg"
    source.write_bytes(layer.read_bytes())
    write_styles(source, parcel_style(TABLE, (1, 2)))
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    notes = export(source, tmp_path / "parcels.geojson")
    assert "The style beside the layer is the output's too, as their names are the same" in notes
    after = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    assert after.pop("parcels.geojson") and after == before


@pytest.mark.parametrize(
    ("content", "fields", "note"),
    [
        (None, None, "there is no parcels.sld beside the layer"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", None, "it declares a document type (DOCTYPE)"),
        ("<StyledLayerDescriptor/>", None, "its rules do not compare one field"),
        ("style", ("code",), "it colours by 'crop_name', which is not exported"),
    ],
)
def test_style_that_does_not_fit_is_left_out_and_said(
    layer, tmp_path, content, fields, note
) -> None:
    source = tmp_path / "parcels.gpkg"
    source.write_bytes(layer.read_bytes())
    if content == "style":
        write_styles(source, parcel_style(TABLE, (1, 2)))
    elif content is not None:
        (tmp_path / "parcels.sld").write_text(content)
    notes = export(source, tmp_path / "out" / "out.gpkg", fields=fields)
    assert any(text.startswith("No style was written") and note in text for text in notes)
    assert [item.name for item in (tmp_path / "out").iterdir()] == ["out.gpkg"]


# What stands beside the output


@pytest.mark.parametrize("name", ["out.qml", "out.sld"])
def test_styles_beside_the_output_are_not_replaced_unasked(layer, tmp_path, name) -> None:
    source = tmp_path / "parcels.gpkg"
    source.write_bytes(layer.read_bytes())
    write_styles(source, parcel_style(TABLE, (1, 2)))
    (tmp_path / name).write_text("mine")
    with pytest.raises(UserError, match="it would be replaced, as out.shp comes with " + name):
        export(source, tmp_path / "out.shp")
    assert (tmp_path / name).read_text() == "mine" and not (tmp_path / "out.shp").exists()
    export(source, tmp_path / "out.shp", overwrite=True)
    assert (tmp_path / "out.shp").exists() and (tmp_path / name).read_bytes() != b"mine"
