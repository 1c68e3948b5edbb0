"""Exported layers, each read again by something other than what wrote it."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from cscl.context import JobContext, Silent
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import ExportJob
from cscl.parcels.export import export_layer
from cscl.parcels.shapefile import Size, check_size, converted, short_names
from export_readers import read_placemarks, read_sheet
from hypothesis import given
from hypothesis import strategies as st
from pyogrio.raw import write_arrow
from pyproj import CRS, Transformer

LEFT, TOP = 574680.0, 5622440.0
COUNT = 23
MOMENT = datetime.datetime(2019, 5, 4, 3, 2, 1, 250000, tzinfo=datetime.UTC)
ENDINGS = ("gpkg", "geojson", "shp", "fgb", "parquet", "csv", "xlsx", "kml")
HOLE = [(30, -10), (60, -10), (60, -30), (30, -30)]
FIELDS = ("name", "code", "large", "second_code", "second_name", "share", "agrees", "day", "moment")


def shapes() -> list[Any]:
    result = []
    for n in range(COUNT):
        left, top = LEFT + 37.5 * n, TOP - 21.25 * n
        ring = [(left + x, top + y) for x, y in ((0, 0), (90, 0), (80, -70), (0, -60))]
        hole = [(left + x, top + y) for x, y in HOLE]
        result.append(shapely.Polygon(ring, [hole] if n % 2 else None))
    result[5] = shapely.MultiPolygon([result[5], shapely.box(LEFT, TOP, LEFT + 5, TOP + 5)])
    return result


def columns() -> dict[str, list[Any]]:
    """Return the values by field; every fourth is NULL."""

    def some(values: list[Any]) -> list[Any]:
        return [None if n % 4 == 3 else value for n, value in enumerate(values)]

    return {
        "name": some([f'naïve 麦 {n}, "x"' for n in range(COUNT)]),
        "code": some([n - 3 for n in range(COUNT)]),
        "large": some([10**15 + n for n in range(COUNT)]),
        "second_code": some(list(range(COUNT))),
        "second_name": some([f"n{n}" for n in range(COUNT)]),
        "share": some([round(n / 7, 4) for n in range(COUNT)]),
        "agrees": some([n % 2 == 0 for n in range(COUNT)]),
        "day": some([datetime.date(2019, 1, 1) + datetime.timedelta(n) for n in range(COUNT)]),
        "moment": some([MOMENT] * COUNT),
    }


KINDS = (
    pa.string(), pa.int32(), pa.int64(), pa.int32(), pa.string(), pa.float64(), pa.bool_(),
    pa.date32(), pa.timestamp("ms", "UTC"),
)  # fmt: skip


@pytest.fixture(scope="module")
def layer(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("layer") / "parcels.gpkg"
    values = columns()
    arrays = {name: pa.array(values[name], kind) for name, kind in zip(FIELDS, KINDS, strict=True)}
    arrays["geom"] = pa.array([shapely.to_wkb(item) for item in shapes()], pa.binary())
    ids = pa.array([3 * n + 7 for n in range(COUNT)], pa.int64())
    write_arrow(
        pa.table({"fid": ids, **arrays}), path, driver="GPKG", layer="parcels",
        geometry_name="geom", geometry_type="MultiPolygon", crs="EPSG:32631",
        layer_options={"FID": "fid"},
    )  # fmt: skip
    return path


def export(layer: Path, output: Path, **values: Any) -> JobContext:
    ctx = JobContext()
    kind = values.pop("format", output.suffix[1:])
    export_layer(ExportJob(layer=str(layer), output=str(output), format=kind, **values), ctx)
    assert isinstance(ctx.listener, Silent)
    assert ctx.listener.artifacts == {"layer": output}
    assert ctx.listener.stages["export"] == (COUNT, COUNT)
    return ctx


def same_places(found: list[Any], tolerance: float, expected: list[Any] | None = None) -> None:
    for one, other in zip(found, expected or shapes(), strict=True):
        assert one.is_valid
        assert one.symmetric_difference(other).area <= tolerance * other.length
        assert abs(one.area - other.area) <= tolerance * other.length


# Each format, by another reader


def test_geopackage_by_sqlite(layer: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.gpkg"
    export(layer, output)
    assert [item.name for item in tmp_path.iterdir()] == ["out.gpkg"]
    base = sqlite3.connect(f"file:{output}?mode=ro", uri=True)
    assert base.execute("PRAGMA user_version").fetchone() == (10200,)
    assert base.execute("SELECT table_name, srs_id FROM gpkg_contents").fetchall() == [
        ("parcels", 32631)
    ]
    names = ", ".join(f'"{name}"' for name in ("fid", *FIELDS))
    rows = base.execute(f"SELECT {names}, geom FROM parcels ORDER BY fid").fetchall()
    base.close()
    assert [row[0] for row in rows] == [3 * n + 7 for n in range(COUNT)]
    values = columns()
    for position, name in enumerate(FIELDS[:6], start=1):
        assert [row[position] for row in rows] == values[name], name
    assert [row[7] for row in rows] == [v if v is None else int(v) for v in values["agrees"]]
    assert [row[8] for row in rows] == [v and v.isoformat() for v in values["day"]]
    assert rows[0][9] == "2019-05-04T03:02:01.250Z"
    # The header of a GeoPackage geometry: 8 bytes, then an envelope of 32.
    same_places([shapely.from_wkb(row[10][40:]) for row in rows], 0)


def test_geojson_is_rfc_7946(layer: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.geojson"
    ctx = export(layer, output)
    assert any("always in EPSG:4326" in note for note in ctx.noted)
    document = json.loads(output.read_text(encoding="utf-8"))
    assert "crs" not in document and len(document["features"]) == COUNT
    transformer = Transformer.from_crs("EPSG:4326", "EPSG:32631", always_xy=True)
    found = []
    for feature in document["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        for part in shapely.get_parts(shape):
            # The right-hand rule: exterior counter-clockwise, holes clockwise.
            assert part.exterior.is_ccw and not any(ring.is_ccw for ring in part.interiors)
        west, south, east, north = shape.bounds
        assert 4 < west < east < 4.1 and 50.7 < south < north < 50.8
        found.append(shapely.transform(shape, transformer.transform, interleaved=False))
    # Seven decimals of a degree are a centimetre.
    same_places(found, 0.02)
    values = columns()
    properties = [feature["properties"] for feature in document["features"]]
    for name in FIELDS[:7]:
        assert [row[name] for row in properties] == values[name], name
    assert [row["day"] for row in properties] == [v and v.isoformat() for v in values["day"]]
    assert properties[0]["moment"] == "2019-05-04T03:02:01.250Z"


def read_dbf(path: Path) -> tuple[list[tuple[str, str, int]], list[list[str]]]:
    """Return fields (name, type, width) and rows of a table, by its definition."""
    raw = path.read_bytes()
    rows, header, width = struct.unpack("<IHH", raw[4:12])
    fields = []
    for start in range(32, header - 1, 32):
        name = raw[start : start + 11].rstrip(b"\0").decode("utf-8")
        fields.append((name, chr(raw[start + 11]), raw[start + 16]))
    table = []
    for row in range(rows):
        position = header + row * width + 1
        values = []
        for _, _, size in fields:
            values.append(raw[position : position + size].decode("utf-8").strip())
            position += size
        table.append(values)
    return fields, table


def read_shp(path: Path) -> list[list[list[tuple[float, float]]]]:
    """Return the rings of each record of a polygon file, by its definition."""
    raw = path.read_bytes()
    assert struct.unpack(">I", raw[:4]) == (9994,)
    assert struct.unpack(">I", raw[24:28])[0] * 2 == len(raw)
    assert struct.unpack("<I", raw[32:36]) == (5,)
    records, position = [], 100
    while position < len(raw):
        _, words = struct.unpack(">II", raw[position : position + 8])
        body = raw[position + 8 : position + 8 + 2 * words]
        parts, points = struct.unpack("<II", body[36:44])
        starts = [*struct.unpack(f"<{parts}I", body[44 : 44 + 4 * parts]), points]
        numbers = struct.unpack(f"<{2 * points}d", body[44 + 4 * parts :])
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        records.append([pairs[a:b] for a, b in zip(starts, starts[1:], strict=False)])
        position += 8 + 2 * words
    return records


def test_shapefile_by_its_definition(layer: Path, tmp_path: Path) -> None:
    ctx = export(layer, tmp_path / "out.shp")
    assert sorted(item.name for item in tmp_path.iterdir()) == [
        "out.cpg", "out.dbf", "out.prj", "out.shp", "out.shx", "out_fields.csv",
    ]  # fmt: skip
    assert (tmp_path / "out.cpg").read_text() == "UTF-8"
    assert CRS.from_wkt((tmp_path / "out.prj").read_text()).to_epsg() == 32631
    fields, rows = read_dbf(tmp_path / "out.dbf")
    names = ["name", "code", "large", "second_cod", "second_nam", "share", "agrees", "day"]
    assert [name for name, _, _ in fields] == [*names, "moment"]
    with open(tmp_path / "out_fields.csv", encoding="utf-8", newline="") as handle:
        assert list(csv.reader(handle)) == [
            ["name", "full_name"], *map(list, zip([*names, "moment"], FIELDS, strict=True)),
        ]  # fmt: skip
    values = columns()
    stored = list(zip(*rows, strict=True))
    assert list(stored[0]) == [value or "" for value in values["name"]]
    for index in (1, 2, 3):
        numbers = [int(cell) if cell.strip("*") else None for cell in stored[index]]
        assert numbers == values[FIELDS[index]]
    assert [cell and float(cell) for cell in stored[5] if cell.strip("*")] == [
        value for value in values["share"] if value is not None
    ]
    assert [cell for cell in stored[6] if cell.strip("*")] == [
        str(int(value)) for value in values["agrees"] if value is not None
    ]
    assert stored[7][0] == "20190101" and stored[8][0] == MOMENT.isoformat()
    assert any("cut to ten bytes" in note for note in ctx.noted)
    assert "Truth values became 1 and 0 in: agrees" in ctx.noted
    assert any(note.endswith("lacks their types: moment") for note in ctx.noted)
    found = []
    for rings in read_shp(tmp_path / "out.shp"):
        area = shapely.Polygon()
        for ring in rings:
            area = area.symmetric_difference(shapely.Polygon(ring))
        found.append(area)
    same_places(found, 1e-9)


def test_flatgeobuf_has_an_index_and_all_features(layer: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.fgb"
    ctx = export(layer, output)
    assert output.read_bytes()[:8] == b"fgb\x03fgb\x00" or output.read_bytes()[:3] == b"fgb"
    assert any("order differs" in note for note in ctx.noted)
    found = pyogrio.read_dataframe(output)
    order = np.argsort(found["second_code"].fillna(-1).to_numpy(), kind="stable")
    values = columns()
    known = [n for n in range(COUNT) if values["second_code"][n] is not None]
    rows = found.iloc[order[COUNT - len(known) :]]
    assert rows["name"].tolist() == [values["name"][n] for n in known]
    assert rows["large"].astype("int64").tolist() == [values["large"][n] for n in known]
    same_places(list(rows.geometry), 0, [shapes()[n] for n in known])
    assert found.crs.to_epsg() == 32631 and len(found) == COUNT


def test_geoparquet_by_geopandas(layer: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"
    export(layer, output)
    found = geopandas.read_parquet(output)
    assert found.crs.to_epsg() == 32631
    same_places(list(found.geometry), 0)
    table = pq.read_table(output)
    values = columns()
    for name, kind in zip(FIELDS, KINDS, strict=True):
        assert table[name].to_pylist() == values[name], name
        assert table.schema.field(name).type == kind, name
    meta = json.loads(pq.read_metadata(output).metadata[b"geo"])
    column = meta["columns"][meta["primary_column"]]
    assert column["encoding"] == "WKB"
    assert set(column["geometry_types"]) == {"Polygon", "MultiPolygon"}
    assert column["bbox"] == pytest.approx(list(found.total_bounds))


def test_csv_by_the_standard_library(layer: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    export(layer, output)
    with open(output, encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    assert rows[0] == list(FIELDS)
    values = columns()
    for index, name in enumerate(FIELDS[:6]):
        expected = ["" if value is None else str(value) for value in values[name]]
        assert [row[index] for row in rows[1:]] == expected, name
    assert rows[1][6:] == ["true", "2019-01-01", MOMENT.isoformat()]
    assert rows[4] == [""] * len(FIELDS)


# Fields, reference systems, refusals


@pytest.mark.parametrize("kind", ENDINGS)
def test_fields_are_selected_in_their_order(layer: Path, tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"out.{kind}"
    export(layer, output, fields=("share", "name"))
    if kind == "csv":
        assert output.read_text(encoding="utf-8").splitlines()[0] == "share,name"
    elif kind == "parquet":
        assert pq.read_schema(output).names == ["share", "name", "geom"]
    elif kind == "xlsx":
        assert read_sheet(output)[0] == ["share", "name"]
    elif kind == "kml":
        assert list(read_placemarks(output)[0][0]) == ["share", "name"]
    else:
        assert list(pyogrio.read_info(output)["fields"]) == ["share", "name"]


@pytest.mark.parametrize("kind", ["gpkg", "shp", "fgb", "parquet"])
def test_layer_is_reprojected(layer: Path, tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"out.{kind}"
    export(layer, output, crs="EPSG:3035")
    found = geopandas.read_parquet(output) if kind == "parquet" else geopandas.read_file(output)
    assert found.crs.to_epsg() == 3035
    expected = geopandas.GeoSeries(shapes(), crs="EPSG:32631").to_crs("EPSG:3035")
    if kind == "fgb":
        assert found.total_bounds == pytest.approx(expected.total_bounds, abs=1e-3)
    else:
        same_places(list(found.geometry), 1e-3, list(expected))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"output": "out.json", "format": "geojson"}, "its ending is .json, the format geojson"),
        ({"output": "out", "format": "csv"}, "its ending is missing"),
        ({"fields": ("name", "nmae")}, "fields 'nmae': the layer has the fields name, code"),
        ({"crs": "EPSG:99999"}, "no such coordinate reference system"),
        ({"layer": "none.gpkg"}, "there is no such file"),
        ({"output": "parcels.gpkg"}, "it is the input too"),
    ],
)
def test_what_does_not_fit_is_refused(layer, tmp_path, monkeypatch, values, message) -> None:
    monkeypatch.chdir(tmp_path)
    Path("parcels.gpkg").write_bytes(layer.read_bytes())
    job = {"layer": "parcels.gpkg", "output": "out.gpkg", "format": "gpkg", **values}
    with pytest.raises(UserError, match=message):
        export_layer(ExportJob(**job), JobContext())
    assert [item.name for item in tmp_path.iterdir()] == ["parcels.gpkg"]


@pytest.mark.parametrize("kind", ENDINGS)
def test_stopped_export_leaves_nothing(layer, tmp_path, monkeypatch, kind) -> None:
    class Stopper(Silent):
        def progress(self, stage: str, done: int, total: int) -> None:
            if done >= 10:
                raise Cancelled

    monkeypatch.setattr("cscl.vectors.layers.BATCH", 5)
    before = hashlib.sha256(layer.read_bytes()).hexdigest()
    job = ExportJob(layer=str(layer), output=str(tmp_path / f"out.{kind}"), format=kind)
    with pytest.raises(Cancelled):
        export_layer(job, JobContext(Stopper()))
    assert not list(tmp_path.iterdir())
    assert hashlib.sha256(layer.read_bytes()).hexdigest() == before
    assert [item.name for item in layer.parent.iterdir()] == ["parcels.gpkg"]


# Shapefile limits


@given(st.lists(st.text(min_size=1, max_size=14), max_size=40, unique=True))
def test_short_names_are_short_and_differ(fields: list[str]) -> None:
    names = short_names(fields)
    assert len(names) == len(fields)
    assert all(1 <= len(name.encode("utf-8")) <= 10 for name in names)
    assert len({name.lower() for name in names}) == len(names)


def test_size_is_known_before_writing(layer: Path, tmp_path: Path) -> None:
    export(layer, tmp_path / "out.shp")
    batch = pa.RecordBatch.from_pydict(
        {
            **{n: pa.array(columns()[n], k) for n, k in zip(FIELDS, KINDS, strict=True)},
            "geom": pa.array([shapely.to_wkb(item) for item in shapes()], pa.binary()),
        }
    )
    size = Size(FIELDS, "geom")
    size.add(batch, converted(batch, "geom"))
    assert size.shp == (tmp_path / "out.shp").stat().st_size
    assert size.dbf >= (tmp_path / "out.dbf").stat().st_size


def test_shapefile_over_two_gigabytes_is_refused() -> None:
    check_size(2**31 - 1, 2**31 - 1, "out.shp")
    for sizes, ending in (((2**31, 0), ".shp"), ((0, 2**31), ".dbf")):
        with pytest.raises(UserError, match=f"its {ending} file would need 2.1 GB"):
            check_size(*sizes, "out.shp")


def test_long_texts_are_cut_and_that_is_said(tmp_path: Path) -> None:
    source = tmp_path / "in.gpkg"
    text = "ä" * 200
    geopandas.GeoDataFrame(
        {"note": [text]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:32631"
    ).to_file(source)
    ctx = JobContext()
    job = ExportJob(layer=str(source), output=str(tmp_path / "out.shp"), format="shp")
    export_layer(job, ctx)
    assert any("254 bytes were cut in: note" in note for note in ctx.noted)
    _, rows = read_dbf(tmp_path / "out.dbf")
    assert rows == [["ä" * 127]]
