"""Classified parcels: the input as it was, with what the map shows in each."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import rasterio
import shapely
from cscl.context import JobContext, Silent
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import ParcelsJob
from cscl.dataset.split import SplitRule, to_split_coordinates
from cscl.grid import Grid
from cscl.mapping.layers import Layers, quantise
from cscl.mapping.writer import MapWriter
from cscl.parcels.classify import classify_parcels
from cscl.parcels.results import COLUMNS, free_names
from cscl.vectors.layers import open_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from map_scene import CLASSES, CRS, LEFT, TOP
from pyogrio.raw import open_arrow, write_arrow

SIZE = 40
CODES = (1, 7, 12, 254)
GRID = Grid(CRS, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), SIZE, SIZE)
RULE = SplitRule(80.0, 5, (0.6, 0.2, 0.2), 10.0)
ADDED = tuple(name for name, _ in COLUMNS)


def write_map(folder: Path, *, probabilities: bool = True, training: bool = True) -> np.ndarray:
    """Write a map with random probabilities and an empty strip; return them, NaN where empty."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(4)
    shares = rng.dirichlet(np.ones(4), (SIZE, SIZE)).transpose(2, 0, 1)
    shares[:, 10:30, 20:30] = np.array([0.7, 0.1, 0.16, 0.04])[:, None, None]
    known = np.ones((SIZE, SIZE), bool)
    known[:, 36:] = False
    bands = quantise(shares.astype(np.float32), known)
    crops = np.where(known, np.array(CODES)[shares.argmax(0)], 0).astype(np.uint8)
    layers = Layers(crops, bands[0], crops, bands[0], bands[0], bands)
    with MapWriter(
        folder, GRID, CLASSES, CODES, scales=(1,), side=64, probabilities=probabilities
    ) as writer:
        writer.write(GRID.whole, 1, layers)
        document = {
            "schema": 1,
            "classes": CLASSES.to_json(),
            "outside": "class",
            "grid": GRID.to_json(),
            "training": {
                "split_rule": RULE.to_json(),
                "footprint": {"crs": CRS, "bounds": [LEFT, TOP - 400, LEFT + 200, TOP]},
            }
            if training
            else {},
        }
        writer.finish({"map.json": json.dumps(document)}, lambda: None)
    return np.where(known, bands / 250.0, np.nan)


def box(row: float, col: float, height: float, width: float) -> shapely.Polygon:
    """Return a rectangle in pixels of the map."""
    left, top = LEFT + 10 * col, TOP - 10 * row
    return shapely.box(left, top - 10 * height, left + 10 * width, top)


@pytest.fixture(scope="module")
def crop_map(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("map")
    write_map(folder)
    return folder


@pytest.fixture(scope="module")
def shares() -> np.ndarray:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return write_map(Path(folder))


def classify(crop_map: Path, parcels: Path, output: Path, field: str | None = None) -> JobContext:
    ctx = JobContext()
    classify_parcels(
        ParcelsJob(map=str(crop_map), parcels=str(parcels), output=str(output), class_field=field),
        ctx,
    )
    return ctx


def table(path: Path) -> pa.Table:
    with open_arrow(path, use_pyarrow=True, return_fids=True) as (_, reader):
        return reader.read_all()


def save(path: Path, shapes: list, crs: str = CRS, **columns) -> Path:
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs=CRS)
    (frame if crs == CRS else frame.to_crs(crs)).to_file(path)
    return path


def coverage(shape: shapely.Polygon) -> np.ndarray:
    """Return the covered part of every pixel, by cutting the shape with each."""
    cells = [box(row, col, 1, 1) for row in range(SIZE) for col in range(SIZE)]
    parts = shapely.area(shapely.intersection(np.array(cells), shape)) / 100
    return parts.reshape(SIZE, SIZE)


# What is said of a parcel


@given(
    st.floats(1, 30), st.floats(1, 30), st.floats(2, 9), st.floats(2, 9), st.floats(0, 90)
)  # fmt: skip
@settings(max_examples=6)
def test_shares_are_means_weighted_by_exact_coverage(row, col, height, width, angle) -> None:
    import tempfile

    shape = shapely.affinity.rotate(box(row, col, height, width), angle)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values = write_map(folder)
        classify(folder, save(folder / "in.gpkg", [shape]), folder / "out.gpkg")
        found = table(folder / "out.gpkg").to_pylist()[0]
    cover = coverage(shape)
    known = ~np.isnan(values[0])
    weights = np.where(known, cover, 0)
    total = weights.sum()
    expected = np.where(known, values, 0)
    expected = (expected * weights).sum(axis=(1, 2)) / total
    expected /= expected.sum()
    order = np.argsort(-expected)
    assert found["pixels"] == pytest.approx(total, abs=0.51)
    assert found["confidence"] == pytest.approx(expected[order[0]], abs=1e-4)
    assert found["margin"] == pytest.approx(expected[order[0]] - expected[order[1]], abs=2e-4)
    if expected[order[0]] - expected[order[1]] > 1e-3:
        assert found["crop_code"] == CODES[order[0]]
        assert found["crop_name"] == CLASSES.name_of(CODES[order[0]])
    if expected[order[1]] - expected[order[2]] > 1e-3:
        assert found["second_code"] == CODES[order[1]]


def test_known_field(crop_map: Path, tmp_path: Path) -> None:
    parcels = save(
        tmp_path / "in.gpkg",
        [box(11, 21, 5, 5), box(17, 21, 5, 5), box(23, 21, 5, 5), box(23, 26, 5, 3)],
        crop=[" wheat ", "beet", "rye", None],
    )
    ctx = classify(crop_map, parcels, tmp_path / "out.gpkg", "crop")
    found = table(tmp_path / "out.gpkg").to_pylist()
    first = found[0]
    assert [first[name] for name in ADDED] == [
        1, "winter wheat", 0.7, 12, "maïs & <co>", 0.54, 25, True, None, None, 0.7,
    ]  # fmt: skip
    assert [row["agrees"] for row in found] == [True, False, None, None]
    unknown = "class unknown to the model"
    assert [row["reason"] for row in found] == [None, None, unknown, None]
    assert "Map and declaration agree in 1 of 2 parcels" in ctx.noted


def test_whole_numbers_are_matched_with_the_class_table(crop_map: Path, tmp_path: Path) -> None:
    parcels = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5), box(17, 21, 5, 5)], crop=[311, 91])
    classify(crop_map, parcels, tmp_path / "out.gpkg", "crop")
    assert table(tmp_path / "out.gpkg")["agrees"].to_pylist() == [True, False]


def test_without_class_field_nothing_agrees_or_not(crop_map: Path, tmp_path: Path) -> None:
    parcels = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5)])
    ctx = classify(crop_map, parcels, tmp_path / "out.gpkg")
    assert table(tmp_path / "out.gpkg")["agrees"].to_pylist() == [None]
    assert any("No class field was given" in note for note in ctx.noted)


def test_f40_parcels_without_a_class_say_why(crop_map: Path, tmp_path: Path) -> None:
    bow_tie = shapely.Polygon(
        [(LEFT + 10 * x, TOP - 10 * y) for x, y in ((21, 11), (29, 19), (29, 11), (21, 19))]
    )
    shapes = [
        box(11, 21, 5, 5),
        box(12.1, 22.1, 0.3, 0.3),
        box(5, 37, 2, 2),
        box(500, 500, 5, 5),
        None,
        shapely.Point(LEFT + 200, TOP - 200),
        bow_tie,
        box(11, 34.5, 4, 5),
        shapely.Polygon(),
    ]
    parcels = tmp_path / "in.gpkg"
    pyogrio.write_dataframe(
        geopandas.GeoDataFrame({"n": range(9)}, geometry=shapes, crs=CRS),
        parcels,
        geometry_type="Unknown",
    )
    ctx = classify(crop_map, parcels, tmp_path / "out.gpkg")
    rows = table(tmp_path / "out.gpkg").to_pylist()
    assert [row["reason"] for row in rows] == [
        None, "too small", "no data", "not on the map", "no geometry", "not a polygon", None,
        "partly covered", "no geometry",
    ]  # fmt: skip
    assert [row["crop_code"] is None for row in rows] == [
        False, True, True, True, True, True, False, False, True,
    ]  # fmt: skip
    assert [row["pixels"] for row in rows] == [25, 0, 0, 0, 0, 0, 32, 6, 0]
    assert [row["n"] for row in rows] == list(range(9))
    assert any("1 too small" in note and "of 9" in note for note in ctx.noted)
    assert any("1 parcels have invalid outlines" in note for note in ctx.noted)


def test_other_land_is_a_result_with_a_reason(tmp_path: Path) -> None:
    folder = tmp_path / "map"
    write_map(folder)
    with rasterio.open(folder / "probabilities.tif") as file:
        profile, values = file.profile, file.read()
    values[:] = np.array([25, 50, 50, 125])[:, None, None]
    profile.pop("blockxsize"), profile.pop("blockysize"), profile.pop("tiled", None)
    with rasterio.open(folder / "probabilities.tif", "w", **profile) as file:
        file.write(values)
    parcels = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5)], crop=["wheat"])
    classify(folder, parcels, tmp_path / "out.gpkg", "crop")
    row = table(tmp_path / "out.gpkg").to_pylist()[0]
    assert (row["crop_code"], row["crop_name"], row["reason"]) == (254, "other land", "outside")
    assert row["agrees"] is False and row["second_code"] == 7


def test_without_probabilities_pixels_vote_and_that_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "map"
    write_map(folder, probabilities=False)
    shape = shapely.affinity.rotate(box(8, 15, 9, 8), 20)
    parcels = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5), shape])
    ctx = classify(folder, parcels, tmp_path / "out.gpkg")
    rows = table(tmp_path / "out.gpkg").to_pylist()
    assert (rows[0]["crop_code"], rows[0]["confidence"], rows[0]["margin"]) == (1, 1.0, 1.0)
    assert rows[0]["second_code"] is None and rows[0]["second_name"] is None
    with rasterio.open(folder / "crops.tif") as file:
        crops = file.read(1)
    cover = coverage(shape)
    votes = {code: cover[crops == code].sum() / cover[crops != 0].sum() for code in CODES}
    best, second = sorted(CODES, key=lambda code: -votes[code])[:2]
    assert (rows[1]["crop_code"], rows[1]["second_code"]) == (best, second)
    assert rows[1]["confidence"] == pytest.approx(votes[best], abs=1e-4)
    assert any("no class probabilities" in note for note in ctx.noted)


def test_split_follows_the_training_rule_inside_its_footprint(crop_map, tmp_path: Path) -> None:
    shapes = [box(row, col, 3, 3) for row in range(0, 36, 4) for col in range(0, 32, 4)]
    parcels = save(tmp_path / "in.gpkg", shapes, crs="EPSG:3035")
    classify(crop_map, parcels, tmp_path / "out.gpkg")
    found = table(tmp_path / "out.gpkg")["split"].to_pylist()
    kept = geopandas.read_file(parcels)
    points = shapely.get_coordinates(shapely.point_on_surface(kept.geometry.array))
    expected = RULE.split_of(*to_split_coordinates(*points.T, "EPSG:3035"))
    inside = np.array([shape.centroid.x < LEFT + 200 for shape in shapes])
    assert [name for name, within in zip(found, inside, strict=True) if within] == list(
        expected[inside]
    )
    assert {name for name, within in zip(found, inside, strict=True) if not within} == {None}
    assert set(expected[inside]) == {"training", "validation", "test"}


def test_unknown_training_ground_leaves_split_empty(tmp_path: Path) -> None:
    write_map(tmp_path / "map", training=False)
    parcels = save(tmp_path / "in.gpkg", [box(1, 1, 5, 5)])
    ctx = classify(tmp_path / "map", parcels, tmp_path / "out.gpkg")
    assert table(tmp_path / "out.gpkg")["split"].to_pylist() == [None]
    assert any("field split is empty" in note for note in ctx.noted)


def test_parcels_in_another_reference_system_get_the_same_answer(crop_map, tmp_path) -> None:
    shapes = [box(11, 21, 5, 5), box(3, 3, 6, 4), box(20, 10, 7, 7)]
    rows = {}
    for name, crs in (("utm", CRS), ("wgs", "EPSG:4326"), ("laea", "EPSG:3035")):
        parcels = save(tmp_path / f"{name}.gpkg", shapes, crs=crs)
        classify(crop_map, parcels, tmp_path / f"{name}_out.gpkg")
        rows[name] = table(tmp_path / f"{name}_out.gpkg").to_pylist()
        assert pyogrio.read_info(tmp_path / f"{name}_out.gpkg")["crs"] == crs
    for name in ("wgs", "laea"):
        for one, other in zip(rows["utm"], rows[name], strict=True):
            assert one["crop_code"] == other["crop_code"] and one["pixels"] == other["pixels"]
            assert one["confidence"] == pytest.approx(other["confidence"], abs=2e-3)


# The input, untouched


def rich_table(count: int) -> pa.Table:
    """Return features with every type of field, NULLs, and ids out of order."""
    rng = np.random.default_rng(1)
    ids = rng.permutation(np.arange(10, 10 + 3 * count, 3))
    moment = datetime.datetime(2019, 5, 4, 3, 2, 1, 250000, tzinfo=datetime.UTC)

    def some(values: list, kind: pa.DataType) -> pa.Array:
        return pa.array([None if n % 4 == 3 else v for n, v in enumerate(values)], kind)

    shapes = [box(1 + n % 30, 1 + n % 25, 3, 4) for n in range(count)]
    return pa.table(
        {
            "fid": pa.array(ids, pa.int64()),
            "small": some([n - 5 for n in range(count)], pa.int16()),
            "int": some([n * 1000 for n in range(count)], pa.int32()),
            "large": some([2**53 + 1 + n for n in range(count)], pa.int64()),
            "real": some([n / 7 for n in range(count)], pa.float64()),
            "flag": some([n % 2 == 0 for n in range(count)], pa.bool_()),
            "Tëxt \"'; DROP": some([f"naïve 麦 {n}\n\t'\"" for n in range(count)], pa.string()),
            "day": some([datetime.date(1999, 12, 31)] * count, pa.date32()),
            "moment": some([moment] * count, pa.timestamp("ms", "UTC")),
            "raw": some([bytes([n % 256, 0, 255]) for n in range(count)], pa.binary()),
            "Crop_Code": some([f"old {n}" for n in range(count)], pa.string()),
            "shape": pa.array([shapely.to_wkb(shape) for shape in shapes], pa.binary()),
        }
    )


def write_rich(path: Path, count: int = 60) -> Path:
    write_arrow(
        rich_table(count), path, driver="GPKG", layer='a "b" \'c\'', geometry_name="shape",
        geometry_type="Polygon", crs="EPSG:32631", layer_options={"FID": "fid"},
    )  # fmt: skip
    return path


def test_features_and_attributes_come_through_untouched(crop_map, tmp_path, monkeypatch) -> None:
    # Several batches, so that their seams are tested too.
    monkeypatch.setattr("cscl.vectors.layers.BATCH", 7)
    parcels = write_rich(tmp_path / "in.gpkg")
    before = hashlib.sha256(parcels.read_bytes()).hexdigest()
    names = sorted(item.name for item in tmp_path.iterdir())
    ctx = classify(crop_map, parcels, tmp_path / "out" / "parcels.gpkg")
    output = tmp_path / "out" / "parcels.gpkg"
    given, found = table(parcels), table(output)
    kept = found.select(given.column_names)
    assert kept.schema.remove_metadata().equals(given.schema.remove_metadata())
    for name in given.column_names:
        assert kept[name].to_pylist() == given[name].to_pylist(), name
    source, target = pyogrio.read_info(parcels), pyogrio.read_info(output)
    for key in ("layer_name", "crs", "geometry_type", "geometry_name", "fid_column", "features"):
        assert source[key] == target[key], key
    assert set(found.column_names) >= {
        "crop_code_2",
        *ADDED[1:],
    }
    assert any("'crop_code' already: the new one is 'crop_code_2'" in note for note in ctx.noted)
    assert hashlib.sha256(parcels.read_bytes()).hexdigest() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted([*names, "out"])
    assert sorted(item.name for item in (tmp_path / "out").iterdir()) == [
        "parcels.gpkg", "parcels.qml", "parcels.sld",
    ]  # fmt: skip


def test_geopackage_is_of_version_1_2(crop_map, tmp_path: Path) -> None:
    parcels = save(tmp_path / "in.gpkg", [box(1, 1, 5, 5)])
    classify(crop_map, parcels, tmp_path / "out.gpkg")
    header = (tmp_path / "out.gpkg").read_bytes()[:100]
    assert int.from_bytes(header[60:64], "big") == 10200


@pytest.mark.parametrize("ending", ["shp", "geojson", "fgb"])
def test_other_formats_keep_their_order(crop_map, tmp_path: Path, ending: str) -> None:
    shapes = [box(1 + n, 2 + n, 3, 3) for n in range(12)]
    parcels = tmp_path / f"in.{ending}"
    options = {"SPATIAL_INDEX": "NO"} if ending == "fgb" else {}
    frame = geopandas.GeoDataFrame({"fid": list(range(11, -1, -1))}, geometry=shapes, crs=CRS)
    frame.to_file(parcels, **options)
    names = sorted(item.name for item in tmp_path.iterdir())
    moved = geopandas.read_file(parcels).geometry
    classify(crop_map, parcels, tmp_path / "out" / "p.gpkg")
    found = geopandas.read_file(tmp_path / "out" / "p.gpkg")
    assert found["fid"].tolist() == list(range(11, -1, -1))
    assert found["crop_code"].notna().all()
    # A Shapefile does not tell single from multiple polygons; a GeoPackage layer has one type.
    expected = "MultiPolygon" if ending == "shp" else "Polygon"
    assert pyogrio.read_info(tmp_path / "out" / "p.gpkg")["geometry_type"] == expected
    assert set(found.geom_type) == {expected}
    assert all(a.equals(b) for a, b in zip(found.geometry, moved, strict=True))
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted([*names, "out"])


@given(st.lists(st.text("abcropdesnfi_2 CO", min_size=1, max_size=12), max_size=8))
def test_new_names_never_meet_old_ones(taken: list[str]) -> None:
    names = free_names([*taken, "split", "Crop_Name", "crop_name_2"])
    used = [name.lower() for name in [*taken, "split", "Crop_Name", "crop_name_2"]]
    assert not set(name.lower() for name in names.values()) & set(used)
    assert len({name.lower() for name in names.values()}) == len(COLUMNS)
    assert names["crop_name"] == "crop_name_3" and names["split"].startswith("split_")


def test_style_has_a_category_a_class(crop_map, tmp_path: Path) -> None:
    parcels = save(tmp_path / "in.gpkg", [box(1, 1, 5, 5)])
    classify(crop_map, parcels, tmp_path / "out.gpkg")
    root = ElementTree.parse(tmp_path / "out.qml").getroot()
    renderer = root.find("renderer-v2")
    assert renderer.get("attr") == "crop_name" and renderer.get("type") == "categorizedSymbol"
    values = [item.get("value") for item in renderer.iter("category")]
    assert values == ["winter wheat", "zuckerrübe", "maïs & <co>", "other land", ""]
    colours = [item.get("v") for item in renderer.iter("prop") if item.get("k") == "color"]
    assert colours[0] == "230,194,41,190" and len(colours) == 5


# What is refused


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"output": "out.shp"}, "Classified parcels are a GeoPackage"),
        ({"parcels": "none.gpkg"}, "there is no such file"),
        ({"parcels": "empty.gpkg"}, "0 parcels in layer 'empty'"),
        ({"parcels": "far.gpkg"}, "no parcel lies on the map: the parcels cover 579680"),
        ({"parcels": "text.gpkg"}, "it cannot be read"),
        ({"parcels": "link.gpkg"}, "it only refers to other sources"),
        ({"parcels": "nowhere.geojson.gpkg"}, "no coordinate reference system"),
        ({"parcels": "/vsicurl/http://localhost/x.gpkg"}, "virtual path of GDAL"),
        ({"class_field": "kultur"}, "the layer has the fields crop"),
        ({"map": "."}, "it holds no map.json"),
        ({"output": "good.gpkg"}, "it is the input too"),
    ],
)
def test_f36_bad_input_is_named(crop_map, tmp_path, monkeypatch, values, message) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("good.gpkg"), [box(1, 1, 5, 5)], crop=["wheat"])
    save(Path("empty.gpkg"), [], crop=[])
    save(Path("far.gpkg"), [box(500, 500, 5, 5)], crop=["wheat"])
    geopandas.GeoDataFrame({"crop": ["a"]}, geometry=[box(1, 1, 5, 5)]).to_file(
        "nowhere.geojson.gpkg", driver="GPKG"
    )
    Path("text.gpkg").write_text("no layer at all")
    Path("link.gpkg").write_text("<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>")
    names = {path: path.read_bytes() for path in Path().iterdir()}
    job = {"map": str(crop_map), "parcels": "good.gpkg", "output": "out.gpkg", **values}
    with pytest.raises(UserError, match=message):
        classify_parcels(ParcelsJob(**job), JobContext())
    assert {path: path.read_bytes() for path in Path().iterdir()} == names


def test_one_of_several_layers_is_named(crop_map, tmp_path: Path) -> None:
    parcels = tmp_path / "two.gpkg"
    for name in ("first", "second"):
        geopandas.GeoDataFrame({"name": [name]}, geometry=[box(1, 1, 5, 5)], crs=CRS).to_file(
            parcels, layer=name
        )
    with pytest.raises(UserError, match="it holds 2 layers with geometries: first, second"):
        open_layer(parcels)
    classify(crop_map, f"{parcels}|layername=second", tmp_path / "out.gpkg")
    assert geopandas.read_file(tmp_path / "out.gpkg")["name"].tolist() == ["second"]


def test_f57_stopped_classification_leaves_the_old_output(crop_map, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("cscl.vectors.layers.BATCH", 3)
    parcels = save(tmp_path / "in.gpkg", [box(1 + n, 1, 5, 5) for n in range(10)])
    output = tmp_path / "out.gpkg"
    output.write_bytes(b"old")

    class Stopper(Silent):
        def progress(self, stage: str, done: int, total: int) -> None:
            if done == 6:
                raise Cancelled

    job = ParcelsJob(map=str(crop_map), parcels=str(parcels), output=str(output))
    with pytest.raises(Cancelled):
        classify_parcels(job, JobContext(Stopper()))
    assert output.read_bytes() == b"old"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["in.gpkg", "out.gpkg"]
