"""What a person may ask of parcels: buffers, minimum sizes, rare classes, findings as a layer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from cscl.contract.classes import ClassTable, CropClass
from cscl.contract.errors import Finding
from cscl.dataset.findings import write_findings
from cscl.dataset.labels import LabelBurner
from cscl.dataset.overlaps import class_overlaps
from cscl.dataset.parcel_checks import narrower
from cscl.dataset.parcel_classes import class_codes, table_of_values
from cscl.dataset.parcels import Parcels
from cscl.dataset.rare import merge_rare
from hypothesis import given
from hypothesis import strategies as st
from parcel_layers import GRID, frame, read, square


def labels_of(parcels: Parcels, factor: int = 1) -> tuple[np.ndarray, ...]:
    """Return the labels, ids and cover of the grid, burnt as a dataset burns them."""
    table = table_of_values(parcels.values, {}, "", 2021)
    codes, _ = class_codes(parcels, table, False, read_context())
    shapes, burnt, ids = parcels.burnt(codes)
    overlaps = class_overlaps(parcels.cores, codes)
    labels = LabelBurner(shapes, burnt, ids, GRID.subdivide(factor), overlaps)
    found = labels.burn(labels.grid.whole)
    return found.code, found.parcel, found.cover


def read_context():
    from cscl.context import JobContext

    return JobContext()


def test_an_inner_buffer_makes_the_rim_unknown_not_other_land(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(0, 0, 100), square(100, 0, 100)]).to_file(path, layer="p")
    parcels, ctx = read(path, inner_buffer=10.0)
    assert shapely.area(parcels.shapes).tolist() == [10_000.0] * 2
    assert shapely.area(parcels.cores).tolist() == [6400.0] * 2
    code, ids, cover = labels_of(parcels)
    assert "ground within 10 m of a parcel's outline counts as unknown" in "\n".join(ctx.noted)
    expected = np.full((10, 10), 255)
    expected[1:9, 1:9] = 1
    assert np.array_equal(code[:10, :10], expected)
    assert (code[:10, 10:20] == np.where(expected == 1, 2, 255)).all()
    assert set(np.unique(ids[:10, :20])) == {1, 2} and (cover[:10, :20] == 250).all()
    assert (code[10:] == 254).all()
    whole, _ = read(path)
    assert whole.cores is whole.shapes
    assert (labels_of(whole)[0][:10, :10] == 1).all()


def test_what_the_buffer_swallows_counts_as_unknown(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame([square(0, 0, 100), square(200, 0, 19)]).to_file(path, layer="p")
    parcels, ctx = read(path, inner_buffer=10.0)
    assert parcels.reasons.tolist() == ["", "nothing is left within the inner buffer"]
    assert [(item.code, item.parcel, item.value) for item in parcels.findings] == [
        ("unused", 2, "nothing is left within the inner buffer")
    ]
    assert (labels_of(parcels)[0][0, 20:22] == 255).all()
    assert (
        "a.gpkg, layer p: parcels that count as unknown, nothing is left within the inner buffer: "
        "1 of 2 (FID 2). They are not used for training or scoring." in ctx.noted
    )


def test_minimum_area_and_width(tmp_path: Path) -> None:
    shapes = [
        square(0, 0, 100),
        square(200, 0, 30),
        shapely.box(*(square(0, 200, 0).bounds[:2]), *(square(500, 192, 0).bounds[2:])),
    ]
    path = tmp_path / "a.gpkg"
    frame(shapes).to_file(path, layer="p")
    assert shapely.area(np.array(shapes)).tolist() == [10_000.0, 900.0, 4000.0]
    parcels, _ = read(path, minimum_area=1000.0, minimum_width=10.0)
    assert parcels.reasons.tolist() == ["", "below the minimum area", "below the minimum width"]
    codes, _ = class_codes(parcels, ClassTable.from_values(parcels.values), False, read_context())
    assert codes.tolist() == [2, 255, 255]
    assert read(path, minimum_width=8.0)[0].reasons.tolist() == [""] * 3
    assert read(path, minimum_width=8.1)[0].reasons[2] == "below the minimum width"


@given(st.floats(0.5, 60.0), st.floats(0.5, 60.0), st.floats(0.0, 180.0), st.floats(0.1, 70.0))
def test_the_width_of_a_rectangle_is_its_shorter_side(
    a: float, b: float, turn: float, width: float
) -> None:
    shape = shapely.affinity.rotate(shapely.box(0, 0, a, b), turn)
    if abs(min(a, b) - width) > 1e-3:
        assert narrower(np.array([shape]), width).tolist() == [min(a, b) < width]


def test_a_disc_and_a_strip_with_a_head() -> None:
    disc = shapely.Point(0, 0).buffer(5.0, quad_segs=64)
    key = shapely.union_all([shapely.box(0, -1, 100, 1), disc])
    assert narrower(np.array([disc, key]), 9.9).tolist() == [False, False]
    assert narrower(np.array([disc, key]), 10.1).tolist() == [True, True]


TABLE = ClassTable(
    tuple(
        CropClass(code, name, "#112233", (name, f"{name}2"), "33")
        for code, name in ((2, "beet"), (3, "maize"), (5, "rye"), (9, "wheat"))
    ),
    "s",
    2021,
)


def test_rare_classes_are_joined() -> None:
    table, mapping, text = merge_rare(TABLE, {2: 99, 3: 100, 9: 5000, 254: 3}, 100, "merge")
    assert mapping == {2: 2, 3: 3, 5: 2, 9: 9}
    assert table.names == ("other crops", "maize", "wheat")
    joined = table.classes[0]
    assert joined == CropClass(2, "other crops", "#9e9e9e", ("beet", "beet2", "rye", "rye2"))
    assert (table.source, table.year) == ("s", 2021) and table.checked("x") == table
    assert text == (
        "Classes with fewer than 100 training pixels, with their pixels: beet (99), rye (0): "
        "joined as 'other crops', code 2, 99 pixels."
    )


def test_rare_classes_are_ignored() -> None:
    table, mapping, text = merge_rare(TABLE, {2: 99, 3: 100, 9: 5000}, 100, "ignore")
    assert mapping == {2: 255, 3: 3, 5: 255, 9: 9} and table.codes == (3, 9)
    assert text.endswith("beet (99), rye (0): they count as unknown.")


def test_rare_classes_join_a_class_of_that_name() -> None:
    other = CropClass(7, "other crops", "#445566", ("x",))
    table = ClassTable((*TABLE.classes, other)).in_order()
    for count in (0, 1000):
        new, mapping, _ = merge_rare(table, {2: 1, 3: 500, 5: 500, 7: count, 9: 500}, 100, "merge")
        assert mapping == {2: 7, 3: 3, 5: 5, 7: 7, 9: 9}
        assert new.classes[2] == CropClass(7, "other crops", "#445566", ("x", "beet", "beet2"))


def test_no_threshold_changes_nothing() -> None:
    assert merge_rare(TABLE, {}, 0, "merge") == (TABLE, {2: 2, 3: 3, 5: 5, 9: 9}, "")
    with pytest.raises(ValueError, match="merge or ignore"):
        merge_rare(TABLE, {}, 1, "drop")


@given(
    st.dictionaries(st.sampled_from(TABLE.codes), st.integers(0, 50)),
    st.integers(0, 50),
    st.sampled_from(["merge", "ignore"]),
)
def test_rare_classes_keep_every_pixel_accounted_for(
    counts: dict[int, int], least: int, how: str
) -> None:
    table, mapping, text = merge_rare(TABLE, counts, least, how)
    assert set(mapping) == set(TABLE.codes)
    assert set(mapping.values()) - {255} == set(table.codes)
    assert bool(text) == any(counts.get(code, 0) < least for code in TABLE.codes)
    values = {value: mapping[code] for value, code in TABLE.by_value.items()}
    assert {value: code for value, code in values.items() if code != 255} == table.by_value


def test_findings_are_a_layer_one_can_open(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (50, -50), (50, 0), (0, -50), (0, 0)])
    bow = shapely.affinity.translate(bow, *square(300, 300, 0).bounds[:2])
    shapes = [
        square(0, 0), square(0, 0), square(0, 0), square(40, 0), None,
        shapely.Point(square(0, 0).bounds[:2]), bow, square(500, 500, 3),
    ]  # fmt: skip
    crops = ["a", "a", "b", "c", "a", "a", "a", "a"]
    path = tmp_path / "in" / "a.gpkg"
    path.parent.mkdir()
    frame(shapes, crop=crops).to_crs("EPSG:25831").to_file(path, layer="p")
    parcels, ctx = read(path)
    general = Finding("class_in_one_split", "class a", "it has pixels in test only", "x", "warning")
    out = write_findings(tmp_path, parcels.findings, [*ctx.found, general], parcels.crs)
    assert [item.name for item in tmp_path.iterdir() if item.is_file()] == ["findings.gpkg"]
    assert int.from_bytes(out.read_bytes()[60:64], "big") == 10200
    assert pyogrio.list_layers(out)[:, 0].tolist() == ["findings", "findings_points"]
    table = gpd.read_file(out, layer="findings", fid_as_index=True)
    assert list(table.columns) == ["parcel", "code", "text", "severity", "value", "geometry"]
    assert table.crs == "EPSG:25831" and table.index[0] == 1
    rows = {(row.code, row.parcel): row for row in table.itertuples() if row.parcel == row.parcel}
    assert set(rows) == {
        ("no_polygon", 5), ("no_polygon", 6), ("repaired_changed", 7), ("copy", 2),
        ("copy_other_class", 3), ("near_copy", 1), ("overlap", 1), ("overlap", 3), ("sliver", 8),
    }  # fmt: skip
    assert rows["overlap", 1].geometry.area == pytest.approx(500.0, rel=1e-3)
    assert rows["overlap", 1].text == (
        "lies on parcel 4 on 500 square metres (20.0% of the smaller), with another class"
    )
    assert rows["copy", 2].text == "a copy of parcel 1 with the same class, not used"
    assert rows["no_polygon", 5].geometry is None and rows["no_polygon", 6].value == "Point"
    assert rows["repaired_changed", 7].text == (
        "invalid outline, repaired; its area changed by 100%, more than 1 %"
    )
    assert "class a: it has pixels in test only. x" in set(table.text)
    points = gpd.read_file(out, layer="findings_points")
    assert set(points.geom_type) == {"Point"} and len(points) == 8
    assert ("no_polygon", 6) in set(zip(points.code, points.parcel, strict=True))
    with sqlite3.connect(out) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_no_findings_are_an_empty_layer(tmp_path: Path) -> None:
    out = write_findings(tmp_path, [], [], "EPSG:32631")
    assert len(gpd.read_file(out, layer="findings")) == 0
    assert len(gpd.read_file(out, layer="findings_points")) == 0
