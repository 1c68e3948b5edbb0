"""Statistics of parcels: exact, the same in every window, gathered while mapping, streamed."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from cscl.context import JobContext, Silent
from cscl.contract.errors import UserError
from cscl.contract.jobs import MapJob, ParcelsJob
from cscl.grid import Grid, Window
from cscl.mapping.job import map_crops
from cscl.mapping.windows import tiles
from cscl.parcels.classify import classify_parcels
from cscl.zonal.accumulator import ParcelAccumulator, prepare_parcels
from cscl.zonal.statistics import Statistics, inner_buffer, outline_keys, parcel_sums
from cscl.zonal.table import TABLE, ParcelTable, write_table
from hypothesis import given
from hypothesis import strategies as st
from map_scene import write_images, write_model
from test_parcels import CODES, CRS, GRID, LEFT, SIZE, TOP, box, save, table, write_map

CLASSES = len(CODES)


def probabilities(seed: int, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(CLASSES), (size, size)).transpose(2, 0, 1)
    return shares.astype(np.float32), rng.random((size, size)) > 0.1


def polygons(seed: int, count: int, size: int = SIZE) -> np.ndarray:
    """Return parcels, some with a hole or of two parts, some beyond the grid's edge."""
    rng = np.random.default_rng(seed)
    shapes = []
    for _ in range(count):
        row, col = rng.uniform(-3, size, 2)
        height, width = rng.uniform(0.2, 9, 2)
        shape = shapely.affinity.rotate(box(row, col, height, width), rng.uniform(0, 90))
        if rng.random() < 0.3:
            hole = shapely.affinity.scale(shape, 0.4, 0.4)
            shape = shape.difference(hole)
        if rng.random() < 0.2:
            shape = shapely.union(shape, box(row + 12, col, 2.3, 1.7))
        shapes.append(shape)
    return np.array(shapes, dtype=object)


def oracle(shape: shapely.Geometry, values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return pixels and sums of `values` by cutting the polygon with every pixel."""
    rows, cols = np.mgrid[: values.shape[1], : values.shape[2]]
    left, top = LEFT + 10.0 * cols, TOP - 10.0 * rows
    cells = shapely.box(left, top - 10, left + 10, top)
    cover = np.where(known, shapely.area(shapely.intersection(cells, shape)) / 100, 0)
    return np.array([cover.sum(), *(values.astype(float) * cover).sum(axis=(1, 2))])


def test_sums_equal_those_of_areas_cut_from_polygons() -> None:
    values, known = probabilities(1)
    shapes = polygons(2, 60)
    cores = inner_buffer(shapes, GRID)
    found = parcel_sums(shapes, cores, GRID, GRID.whole, values, known)
    both = np.concatenate([values, np.log(np.maximum(values, 1e-6))])
    for row, shape, core in zip(found, shapes, cores, strict=True):
        expected = np.append(oracle(shape, both, known), oracle(core, values, known))
        assert row == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert (found[:, 0] > 1).sum() > 40 and (found[:, 1 + 2 * CLASSES] == 0).sum() > 5


@given(st.integers(0, 10_000), st.integers(8, 25))
def test_parcels_cut_by_window_lines_equal_the_whole(seed: int, side: int) -> None:
    values, known = probabilities(seed)
    shapes = polygons(seed, 6)
    cores = inner_buffer(shapes, GRID)
    whole = parcel_sums(shapes, cores, GRID, GRID.whole, values, known)
    parts = sum(
        parcel_sums(
            shapes, cores, GRID, window, values[:, *window.slices], known[window.slices]
        )
        for window in tiles(SIZE, SIZE, side)
    )  # fmt: skip
    assert parts == pytest.approx(whole, rel=1e-6, abs=1e-6)


def accumulate(
    layer: Path, folder: Path, values: np.ndarray, known: np.ndarray, windows: list[Window]
) -> ParcelAccumulator:
    prepare_parcels(layer, GRID, folder, JobContext())
    gathered = ParcelAccumulator(folder, GRID, CODES)
    for window in windows:
        gathered.add(window, values[:, *window.slices], known[window.slices])
    return gathered


def test_what_mapping_gathers_is_the_same_for_any_windows_and_order(tmp_path: Path) -> None:
    values, known = probabilities(3)
    layer = save(tmp_path / "in.gpkg", list(polygons(4, 30)))
    found = []
    for side, step in ((SIZE, 1), (16, 1), (16, -1), (7, 1)):
        windows = list(tiles(SIZE, SIZE, side))[::step]
        gathered = accumulate(layer, tmp_path / f"{side}_{step}", values, known, windows)
        path = tmp_path / f"{side}_{step}.parquet"
        assert gathered.finish(path) == len(gathered.within(GRID.whole))
        found.append(path)
    frames = [geopandas.pd.read_parquet(path) for path in found]
    assert found[1].read_bytes() == found[2].read_bytes()
    for frame in frames[1:]:
        assert (frame["id"] == frames[0]["id"]).all()
        assert frame.to_numpy() == pytest.approx(frames[0].to_numpy(), abs=1e-6, nan_ok=True)


def test_a_stopped_map_goes_on_with_the_sums_it_has(tmp_path: Path) -> None:
    values, known = probabilities(5)
    layer = save(tmp_path / "in.gpkg", list(polygons(6, 20)))
    windows = list(tiles(SIZE, SIZE, 16))
    accumulate(layer, tmp_path / "whole", values, known, windows).finish(tmp_path / "a.parquet")
    accumulate(layer, tmp_path / "cut", values, known, windows[:4])
    again = accumulate(layer, tmp_path / "cut", values, known, windows[3:])
    again.finish(tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def with_table(folder: Path, layer: Path, **document) -> np.ndarray:
    """Write a map whose table of parcels says something else than its probabilities."""
    write_map(folder)
    values, known = probabilities(7)
    gathered = accumulate(layer, folder / "work", values, known, list(tiles(SIZE, SIZE, 16)))
    gathered.finish(folder / TABLE)
    text = json.loads((folder / "map.json").read_text())
    (folder / "map.json").write_text(json.dumps({**text, "parcel_table": True, **document}))
    return values * known


def classified(folder: Path, layer: Path, output: Path, field: str | None = None):
    ctx = JobContext(Silent())
    job = ParcelsJob(map=str(folder), parcels=str(layer), output=str(output), class_field=field)
    classify_parcels(job, ctx)
    return table(output).to_pylist(), ctx


def test_sums_of_mapping_are_used_where_the_outline_is_the_same(tmp_path: Path) -> None:
    shapes = [box(11, 21, 5, 5), box(3.5, 4.2, 6, 4), box(17, 21, 5, 5)]
    layer = save(tmp_path / "in.gpkg", shapes)
    values = with_table(tmp_path / "map", layer)
    moved = save(tmp_path / "moved.gpkg", [shapes[2], box(12, 21, 5, 5), shapes[1]])
    rows, ctx = classified(tmp_path / "map", moved, tmp_path / "out.gpkg")
    assert "2 parcels are classified from the sums of mapping" in ctx.noted
    assert "1 parcels are classified from probabilities.tif" in ctx.noted
    for row, shape in ((rows[0], shapes[2]), (rows[2], shapes[1])):
        _, known = probabilities(7)
        sums = oracle(shape, values, known)
        assert row["confidence"] == pytest.approx(max(sums[1:]) / sums[0], abs=1e-4)
    assert (rows[1]["crop_code"], rows[1]["confidence"], rows[1]["inner_share"]) == (1, 0.7, 0.7)


def test_votes_are_told(tmp_path: Path) -> None:
    write_map(tmp_path / "map", probabilities=False)
    layer = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5)])
    _, ctx = classified(tmp_path / "map", layer, tmp_path / "out.gpkg")
    assert "1 parcels are classified from votes of crops.tif" in ctx.noted


def test_the_parcels_temperature_changes_confidence_but_no_class(tmp_path: Path) -> None:
    write_map(tmp_path / "map")
    text = json.loads((tmp_path / "map" / "map.json").read_text())
    (tmp_path / "map" / "map.json").write_text(json.dumps({**text, "parcel_temperature": 0.5}))
    layer = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5)])
    rows, _ = classified(tmp_path / "map", layer, tmp_path / "out.gpkg")
    squares = np.array([0.7, 0.1, 0.16, 0.04]) ** 2
    first, second = sorted(squares / squares.sum())[:-3:-1]
    assert rows[0]["crop_code"] == 1 and rows[0]["second_code"] == 12
    assert rows[0]["confidence"] == pytest.approx(first, abs=1e-4)
    assert rows[0]["margin"] == pytest.approx(first - second, abs=2e-4)
    assert rows[0]["inner_share"] == 0.7


def test_the_inner_buffer_leaves_out_a_pixel_along_the_edge(tmp_path: Path) -> None:
    """The map has 0.7 of wheat in rows 10..29, columns 20..29, and anything beside."""
    write_map(tmp_path / "map")
    layer = save(tmp_path / "in.gpkg", [box(9, 19, 22, 12), box(12, 22, 2, 8)])
    rows, _ = classified(tmp_path / "map", layer, tmp_path / "out.gpkg")
    assert rows[0]["crop_code"] == 1 and rows[0]["confidence"] < 0.65
    assert rows[0]["inner_share"] == 0.7
    assert rows[1]["inner_share"] is None


def test_accuracy_is_of_parcels_that_the_model_has_not_seen(tmp_path: Path) -> None:
    write_map(tmp_path / "map")
    shapes = [box(row, col, 3, 3) for row in range(0, 36, 4) for col in range(0, 32, 4)]
    shapes.append(box(20, 22, 6, 6))
    crops = ["wheat", "beet", "maize"]
    layer = save(tmp_path / "in.gpkg", shapes, crop=[crops[n % 3] for n in range(len(shapes))])
    rows, ctx = classified(tmp_path / "map", layer, tmp_path / "out.gpkg", "crop")
    unseen = [row for row in rows if row["split"] in (None, "test") and row["agrees"] is not None]
    assert 0 < len(unseen) < len(rows)
    right = np.array([row["agrees"] for row in unseen])
    areas = np.array([36 if row is rows[-1] else 9 for row in unseen])
    figures = {name: value for name, _, value in ctx.listener.metrics}
    assert figures["parcels/unseen_accuracy"] == pytest.approx(right.mean())
    assert figures["parcels/unseen_accuracy_area"] == pytest.approx(right @ areas / areas.sum())
    assert any(
        note.startswith(f"Of {len(unseen)} parcels that the model has") for note in ctx.noted
    )


def test_without_training_ground_no_accuracy_is_told(tmp_path: Path) -> None:
    write_map(tmp_path / "map", training=False)
    layer = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5)], crop=["wheat"])
    _, ctx = classified(tmp_path / "map", layer, tmp_path / "out.gpkg", "crop")
    assert [name for name, _, _ in ctx.listener.metrics] == ["parcels/agreement"]


def test_a_damaged_table_is_told(tmp_path: Path) -> None:
    layer = save(tmp_path / "in.gpkg", [box(11, 21, 5, 5)])
    with_table(tmp_path / "map", layer)
    (tmp_path / "map" / TABLE).write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(UserError, match="Map again with the parcels"):
        classified(tmp_path / "map", layer, tmp_path / "out.gpkg")
    assert not (tmp_path / "out.gpkg").exists()


def test_rows_are_found_in_any_order_and_part(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("cscl.zonal.accumulator.ROW_GROUP", 7)
    values, known = probabilities(8)
    layer = save(tmp_path / "in.gpkg", list(polygons(9, 40)))
    gathered = accumulate(layer, tmp_path / "work", values, known, [GRID.whole])
    gathered.finish(tmp_path / TABLE)
    found = ParcelTable(tmp_path / TABLE, CODES)
    frame = geopandas.pd.read_parquet(tmp_path / TABLE)
    order = np.random.default_rng(1).permutation(len(frame))
    rows = found.rows(frame["outline"].to_numpy()[order])
    assert rows.tolist() == order.tolist()
    assert found.read(rows).pixels.tolist() == frame["pixels"].to_numpy()[order].tolist()
    assert found.rows(np.array([0, 12345], np.uint64)).tolist() == [-1, -1]


def test_f40_slivers_and_parcels_below_a_pixel_stay_without_a_class(tmp_path: Path) -> None:
    sliver = box(5, 5, 0.02, 8)
    layer = save(tmp_path / "in.gpkg", [box(12.1, 22.1, 0.3, 0.3), sliver, box(11, 21, 2, 2)])
    with_table(tmp_path / "map", layer)
    rows, ctx = classified(tmp_path / "map", layer, tmp_path / "out.gpkg")
    assert [row["reason"] for row in rows] == ["too small", "too small", None]
    assert [row["crop_code"] is None for row in rows] == [True, True, False]
    assert [row["pixels"] for row in rows[:2]] == [0, 0] and rows[2]["pixels"] in (3, 4)
    assert [row["inner_share"] for row in rows] == [None] * 3


def many_parcels(path: Path, count: int) -> Path:
    """Write small parcels, and one with 10^5 corners."""
    rng = np.random.default_rng(11)
    row, col = rng.uniform(0, SIZE - 2, (2, count))
    left, top = LEFT + 10 * col, TOP - 10 * row
    shapes = list(shapely.box(left, top - 12, left + 13, top))
    turn = np.linspace(0, 2 * np.pi, 100_000)
    radius = 150 + np.where(np.arange(100_000) % 2, 1.0, -1.0)
    ring = np.stack([LEFT + 200 + radius * np.cos(turn), TOP - 200 + radius * np.sin(turn)], axis=1)
    return save(path, [*shapes, shapely.Polygon(ring)])


class Listening(Silent):
    """Keeps every progress."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def progress(self, stage: str, done: int, total: int) -> None:
        self.seen.append(done)


def test_f47_memory_does_not_grow_with_the_parcels_and_progress_moves(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("cscl.zonal.accumulator.ROW_GROUP", 500)
    monkeypatch.setattr("cscl.zonal.accumulator.BATCH", 500)
    monkeypatch.setattr("cscl.vectors.layers.BATCH", 500)
    values, known = probabilities(12)
    peaks = []
    for count in (500, 1000, 7000):
        folder, listener = tmp_path / str(count), Listening()
        layer = many_parcels(tmp_path / f"{count}.gpkg", count)
        write_map(folder)
        text = json.loads((folder / "map.json").read_text())
        (folder / "map.json").write_text(json.dumps({**text, "parcel_table": True}))
        tracemalloc.start()
        gathered = accumulate(layer, folder / "work", values, known, list(tiles(SIZE, SIZE, 16)))
        gathered.finish(folder / TABLE)
        job = ParcelsJob(map=str(folder), parcels=str(layer), output=str(folder / "out.gpkg"))
        classify_parcels(job, JobContext(listener))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert listener.seen[0] == 0 and listener.seen[-1] == count + 1
        assert len(listener.seen) == 1 + -(-(count + 1) // 500)
    # The first run compiles. A parcel's shape takes 600 bytes, its table row 130.
    assert peaks[2] - peaks[1] < 6000 * 400


def test_tables_of_other_classes_are_refused(tmp_path: Path) -> None:
    parts = iter([(np.arange(2), np.arange(2, dtype=np.uint64), Statistics.empty(2, 2))])
    write_table(tmp_path / TABLE, (1, 2), parts)
    with pytest.raises(UserError, match="its columns are not those of the map's classes"):
        ParcelTable(tmp_path / TABLE, (1, 3))


def test_equal_outlines_have_one_key_and_absent_ones_none() -> None:
    import pyarrow as pa

    wkb = [box(1, 1, 2, 2).wkb, None, box(1, 1, 2, 2).wkb, box(1, 1, 2, 3).wkb]
    keys = outline_keys(pa.array(wkb, pa.binary()))
    assert keys[0] == keys[2] != keys[3] and keys[1] == 0


def test_a_layer_that_cannot_be_placed_is_told_before_mapping(tmp_path: Path) -> None:
    geopandas.GeoDataFrame(geometry=[], crs=CRS).to_file(tmp_path / "empty.gpkg")
    with pytest.raises(UserError, match="0 parcels in layer 'empty'"):
        prepare_parcels(tmp_path / "empty.gpkg", GRID, tmp_path / "work", JobContext())
    far = Grid(CRS, (10.0, 0.0, 0.0, 0.0, -10.0, 100.0), 5, 5)
    layer = save(tmp_path / "in.gpkg", [box(1, 1, 2, 2)])
    assert prepare_parcels(layer, far, tmp_path / "far", JobContext()) == 0


def test_a_map_with_parcels_keeps_their_statistics(tmp_path: Path) -> None:
    """But for the layers' whole numbers they are those of the map's pixels."""
    images, model = write_images(tmp_path / "images", 70, 64), write_model(tmp_path / "model")
    layer = save(tmp_path / "in.gpkg", [box(2, 2, 66, 58), box(30.3, 20.7, 9, 20), box(1, 1, 1, 1)])
    output = tmp_path / "map"
    job = MapJob(images=str(images), model=str(model), output=str(output), parcels=str(layer))
    map_crops(job, JobContext())
    rows = geopandas.pd.read_parquet(output / TABLE)
    assert rows["id"].tolist() == [1, 2, 3]
    with rasterio.open(output / "probabilities.tif") as file:
        bands, codes = file.read(), [int(file.tags(n)["code"]) for n in file.indexes]
    known = bands[0] != 255
    for shape, (_, row) in zip(geopandas.read_file(layer).geometry, rows.iterrows(), strict=True):
        expected = oracle(shape, bands / 250.0, known)
        # The map is clipped to parcels: along their edges it has no data.
        assert row["pixels"] >= expected[0] - 1e-6
        if expected[0] > 100:
            found = [row[f"mean_{code}"] for code in codes]
            assert found == pytest.approx(expected[1:] / expected[0], abs=0.01)
    found, ctx = classified(output, layer, tmp_path / "out.gpkg")
    assert "3 parcels are classified from the sums of mapping" in ctx.noted
    assert found[0]["pixels"] == round(rows["pixels"][0])
