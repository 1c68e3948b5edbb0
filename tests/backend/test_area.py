"""Areas from labelled samples: published examples, coverage, and how points are drawn."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.jobs import AreaJob, SampleJob
from cscl.dispatch import perform
from cscl.evaluation.area import Sample, estimate, poststrata, unit_shares
from cscl.evaluation.sampling import allocate, count_pixels, draw, sample_size
from cscl.evaluation.summary import print_tables
from cscl.grid import Grid
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import rowcol
from rich.console import Console

OLOFSSON = np.array([200_000.0, 150_000.0, 3_200_000.0, 6_450_000.0])
MATRIX = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
PIXEL = 30 * 30 / 10_000  # hectares


def olofsson() -> Sample:
    rows, columns = np.indices(MATRIX.shape)
    mapped = np.repeat(rows.ravel(), MATRIX.ravel())
    reference = np.repeat(columns.ravel(), MATRIX.ravel())
    return Sample(mapped, mapped, reference, OLOFSSON)


def test_the_published_example_of_olofsson_comes_out():
    found = estimate(olofsson(), 4)
    assert round(float(found.overall.values[0]), 3) == 0.947
    assert round(float(found.overall.margins[0]), 3) == 0.018
    assert found.users.values.round(2).tolist() == [0.88, 0.73, 0.93, 0.96]
    assert found.users.margins.round(2).tolist() == [0.07, 0.10, 0.04, 0.02]
    assert round(float(found.producers.values[0]), 2) == 0.75
    assert round(float(found.producers.margins[0]), 2) == 0.21
    hectares = OLOFSSON.sum() * PIXEL
    assert round(float(found.shares.values[0] * hectares)) == 21_158
    assert round(float(found.shares.margins[0] * hectares)) == 6_158
    assert found.matrix.sum() == pytest.approx(1)
    assert found.matrix[0].sum() == pytest.approx(OLOFSSON[0] / OLOFSSON.sum())


def test_the_published_example_of_stehman_comes_out():
    places = {name: place for place, name in enumerate("ABCD")}
    strata = "A" * 10 + "B" * 10 + "C" * 10 + "D" * 10
    mapped = "A" * 7 + "B" * 3 + "A" + "B" * 11 + "C" * 6 + "BB" + "D" * 10
    truth = "AAAAACBABCA" + "B" * 5 + "AABB" + "C" * 5 + "DDBBA" + "D" * 7 + "CCB"
    arrays = [np.array([places[letter] for letter in text]) for text in (strata, mapped, truth)]
    found = estimate(Sample(*arrays, np.array([40_000.0, 30_000, 20_000, 10_000])), 4)
    shown = [
        (round(float(item.values[place]), 3), round(float(item.errors[place]), 3))
        for item, place in (
            (found.overall, 0), (found.shares, 0), (found.shares, 2), (found.users, 1),
            (found.producers, 1),
        )
    ]  # fmt: skip
    assert shown == [(0.63, 0.085), (0.35, 0.082), (0.2, 0.064), (0.574, 0.125), (0.794, 0.117)]


@given(st.integers(0, 2**32 - 1))
def test_estimates_with_the_map_s_classes_as_strata_are_those_of_the_plain_formulas(seed: int):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(1_000, 100_000, 3).astype(float)
    stratum = np.repeat(np.arange(3), rng.integers(3, 20, 3))
    truth = np.where(rng.random(len(stratum)) < 0.7, stratum, rng.integers(0, 3, len(stratum)))
    found = estimate(Sample(stratum, stratum, truth, pixels), 3)
    weights = pixels / pixels.sum()
    for code in range(3):
        inside = [truth[stratum == row] == code for row in range(3)]
        share = sum(w * hit.mean() for w, hit in zip(weights, inside, strict=True))
        spread = sum(
            w**2 * hit.mean() * (1 - hit.mean()) / (len(hit) - 1)
            for w, hit in zip(weights, inside, strict=True)
        )
        assert found.shares.values[code] == pytest.approx(share)
        assert found.shares.errors[code] == pytest.approx(np.sqrt(spread), abs=1e-12)
        assert found.users.values[code] == pytest.approx(inside[code].mean())


def test_a_stratum_with_one_point_is_no_sample():
    with pytest.raises(ValueError, match="strata"):
        Sample(np.array([0, 0, 1]), np.zeros(3, int), np.zeros(3, int), np.array([50.0, 50.0]))


def test_intervals_of_areas_and_units_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(1)
    truth = rng.choice(3, (60, 60), p=[0.5, 0.3, 0.2]).ravel()
    mapped = np.where(rng.random(3600) < 0.75, truth, rng.choice(3, 3600))
    unit = np.arange(3600) % 60 < 25
    pixels = np.bincount(mapped).astype(float)
    hits, unit_hits = [], []
    for _ in range(150):
        drawn = np.concatenate(
            [rng.choice(np.flatnonzero(mapped == code), 70, replace=False) for code in range(3)]
        )
        sample = Sample(mapped[drawn], mapped[drawn], truth[drawn], pixels)
        whole = estimate(sample, 3).shares
        part = unit_shares(sample, unit[drawn], np.bincount(mapped[unit]).astype(float), 3)
        for found, true, told in (
            (whole, truth, hits), (part, truth[unit], unit_hits),
        ):  # fmt: skip
            shares = np.bincount(true, minlength=3) / len(true)
            told += (np.abs(found.values - shares) <= found.margins).tolist()
    assert 0.92 <= np.mean(hits) <= 0.98
    assert 0.91 <= np.mean(unit_hits) <= 0.98


def test_classes_with_few_points_in_a_unit_stand_together():
    pixels = np.array([100.0, 50.0, 10.0, 5.0, 0.0])
    assert poststrata(np.array([10, 8, 1, 0, 0]), pixels) is None
    assert poststrata(np.array([20, 9, 6, 5, 0]), pixels) == [[3], [2], [1], [0]]
    assert poststrata(np.array([20, 9, 2, 0, 0]), pixels) == [[0], [3, 2, 1]]
    assert poststrata(np.array([20, 9, 4, 1, 0]), pixels) == [[1], [0], [3, 2]]


def test_points_follow_from_the_standard_error_as_published():
    pixels = dict(enumerate(OLOFSSON.astype(int).tolist()))
    expected = {0: 0.7, 1: 0.6, 2: 0.9, 3: 0.95}
    assert sample_size(pixels, expected, 0.01) == 641
    assert allocate(pixels, 641, 75, "proportional") == {0: 75, 1: 75, 2: 163, 3: 328}


@given(
    st.dictionaries(st.integers(1, 20), st.integers(1, 5_000), min_size=1, max_size=8),
    st.integers(2, 60),
    st.integers(0, 4_000),
    st.sampled_from(["proportional", "equal"]),
)
def test_points_are_shared_within_their_bounds(
    pixels: dict[int, int], minimum: int, more: int, how: str
):
    least = sum(min(minimum, count) for count in pixels.values())
    found = allocate(pixels, max(least, 2 * len(pixels)) + more, minimum, how)
    assert set(found) == set(pixels)
    assert sum(found.values()) == min(max(least, 2 * len(pixels)) + more, sum(pixels.values()))
    for code, count in found.items():
        assert min(2, pixels[code]) <= count <= pixels[code]
        if how == "proportional":
            assert count >= min(minimum, pixels[code])
    if how == "equal":
        most = max(found.values())
        assert all(count in (most, most - 1, pixels[code]) for code, count in found.items())
    else:
        ordered = sorted(pixels, key=lambda code: (pixels[code], found[code]))
        assert [found[code] for code in ordered] == sorted(found[code] for code in ordered)


def test_too_few_points_for_the_classes_are_refused():
    with pytest.raises(UserError, match="3 classes with 50 points each take 150"):
        allocate({1: 900, 2: 900, 3: 900}, 100, 50, "proportional")
    with pytest.raises(UserError, match="would get fewer than two"):
        allocate({1: 900, 2: 900, 3: 900}, 4, 50, "equal")


def write_map(folder: Path, codes: np.ndarray) -> Path:
    """Write the parts of a map folder that samples and areas read."""
    folder.mkdir()
    grid = Grid("EPSG:32631", (10.0, 0.0, 5e5, 0.0, -10.0, 5.6e6), codes.shape[1], codes.shape[0])
    document = {
        "schema": 1, "outside": "class", "grid": grid.to_json(), "training": {},
        "classes": ClassTable.from_values(["barley", "maize", "wheat"]).to_json(),
    }  # fmt: skip
    (folder / "map.json").write_text(strict_json.dump(document))
    with rasterio.open(
        folder / "crops.tif", "w", driver="GTiff", width=codes.shape[1], height=codes.shape[0],
        count=1, dtype="uint8", crs=grid.crs, transform=grid.affine,
    ) as raster:  # fmt: skip
        raster.write(codes, 1)
    return folder


def landscape() -> tuple[np.ndarray, np.ndarray]:
    """Return true codes and a map of them with errors, with a strip without data."""
    rng = np.random.default_rng(2)
    truth = rng.choice(np.array([1, 2, 3, 254], np.uint8), (20, 30)).repeat(6, 0).repeat(6, 1)
    wrong = rng.random(truth.shape) < 0.2
    codes = np.where(wrong, rng.choice(np.array([1, 3, 254], np.uint8), truth.shape), truth)
    codes[:, :7] = 0
    return truth, codes


def test_every_pixel_has_the_same_chance_and_stripes_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    codes = np.zeros((10, 12), np.uint8)
    codes[:4], codes[4:, 3:] = 1, 7
    folder = write_map(tmp_path / "map", codes)
    with rasterio.open(folder / "crops.tif") as raster:
        pixels = count_pixels(raster)
        assert pixels == {1: 48, 7: 54}
        times = np.zeros(codes.shape, int)
        for seed in range(400):
            drawn = draw(raster, pixels, {1: 12, 7: 9}, seed)
            assert (codes[drawn.rows, drawn.columns] == drawn.codes).all()
            np.add.at(times, (drawn.rows, drawn.columns), 1)
        monkeypatch.setattr("cscl.evaluation.sampling.STRIPE", 12 * 3)
        again = draw(raster, pixels, {1: 12, 7: 9}, 399)
        assert (again.rows == drawn.rows).all() and (again.columns == drawn.columns).all()
    assert times.max() <= 400 and not times[codes == 0].any()
    for code, chance in ((1, 0.25), (7, 1 / 6)):
        counts = times[codes == code]
        chi = ((counts - 400 * chance) ** 2 / (400 * chance * (1 - chance))).mean()
        assert 0.5 < chi < 1.6


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, np.ndarray]:
    """A map and a sample of it with 300 points, as drawn."""
    base = tmp_path_factory.mktemp("area")
    truth, codes = landscape()
    folder = write_map(base / "map", codes)
    job = SampleJob(map=str(folder), output=str(base / "sample.gpkg"), points=300, minimum=40)
    perform(job, JobContext())
    return base, truth, codes


def labelled(drawn: tuple[Path, np.ndarray, np.ndarray], output: Path) -> gpd.GeoDataFrame:
    """Write the sample with every point's true class, and return it."""
    base, truth, _ = drawn
    frame = gpd.read_file(base / "sample.gpkg")
    with rasterio.open(base / "map" / "crops.tif") as raster:
        places = rowcol(raster.transform, frame.geometry.x, frame.geometry.y)
    rows, columns = np.asarray(places, int)
    names = {1: "barley", 2: "maize", 3: "wheat", 254: "254"}
    frame["reference"] = [names[int(code)] for code in truth[rows, columns]]
    frame.to_file(output, layer="labelled")
    return frame


def areas(drawn, sample: Path, output: Path, **changes) -> tuple[dict, JobContext]:
    ctx = JobContext()
    values = {"map": str(drawn[0] / "map"), "sample": str(sample), "output": str(output)}
    perform(AreaJob(**values | changes), ctx)
    return strict_json.read(output / "report.json"), ctx


def test_a_drawn_sample_has_what_estimates_need_and_hides_the_map_from_the_form(drawn):
    base, _, codes = drawn
    frame = gpd.read_file(base / "sample.gpkg")
    assert len(frame) == 300 and sorted(frame["id"]) == list(range(1, 301))
    assert frame["reference"].isna().all() and str(frame.crs) == "EPSG:32631"
    with rasterio.open(base / "map" / "crops.tif") as raster:
        for row in frame.iloc[::29].itertuples():
            line, column = raster.index(row.geometry.x, row.geometry.y)
            assert raster.xy(line, column) == (row.geometry.x, row.geometry.y)
            assert codes[line, column] == row.map_code == row.stratum
    counts = frame["stratum"].value_counts()
    for code, rows in frame.groupby("stratum"):
        total = int((codes == code).sum())
        assert set(rows["stratum_pixels"]) == {total}
        assert counts[code] >= 40
        assert set(rows["weight"]) == {total / counts[code]}
    assert not frame["stratum"].is_monotonic_increasing
    assert set(frame["design"]) == {"stratified random sample, seed 1"}
    style = (base / "sample.qml").read_text(encoding="utf-8")
    assert style.count('type="Hidden"') == 6 and 'value="wheat"' in style
    with (base / "sample.strata.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [int(row["pixels"]) for row in rows] == [
        int((codes == int(row["stratum"])).sum()) for row in rows
    ]
    assert sum(int(row["points"]) for row in rows) == 300


def test_points_follow_the_standard_error_where_no_number_is_given(drawn, tmp_path: Path):
    base, _, _ = drawn
    ctx = JobContext()
    job = SampleJob(map=str(base / "map"), output=str(tmp_path / "s.gpkg"), minimum=10)
    perform(job, ctx)
    assert len(gpd.read_file(tmp_path / "s.gpkg")) == 400  # (0.4 / 0.02) squared
    assert any("takes 400 points" in note for note in ctx.noted)


def test_areas_of_a_labelled_sample_hold_the_truth_and_units_add_up(drawn, tmp_path: Path):
    base, truth, codes = drawn
    labelled(drawn, tmp_path / "labelled.gpkg")
    left, top = 5e5, 5.6e6
    boxes = {
        "West": shapely.box(left, top - 1200, left + 900, top),
        "East": shapely.box(left + 900, top - 1200, left + 1800, top),
        "Corner": shapely.box(left + 1700, top - 60, left + 1760, top),
    }
    units = gpd.GeoDataFrame({"name": list(boxes)}, geometry=list(boxes.values()), crs="EPSG:32631")
    units.to_crs("EPSG:4326").iloc[:2].to_file(tmp_path / "units.gpkg")
    units.to_file(tmp_path / "corner.gpkg")
    report, ctx = areas(
        drawn, tmp_path / "labelled.gpkg", tmp_path / "out",
        units=str(tmp_path / "units.gpkg"), unit_field="name",
    )  # fmt: skip
    known = codes > 0
    assert report["strata_are_classes"] and report["points"] == 300
    assert report["hectares"] == pytest.approx(known.sum() / 100)
    for item in report["classes"]:
        true = (truth[known] == item["code"]).sum() / 100
        assert abs(item["area_ha"] - true) < 2.5 * item["standard_error_ha"]
        assert item["mapped_ha"] == pytest.approx((codes == item["code"]).sum() / 100)
    agreement = (truth == codes)[known].mean()
    overall = report["overall_accuracy"]
    assert overall["low"] < agreement < overall["high"]
    west, east = report["units"]
    assert west["points"] + east["points"] == 300
    assert west["hectares"] + east["hectares"] == pytest.approx(report["hectares"], rel=0.01)
    for unit in (west, east):
        assert sum(item["area_ha"] for item in unit["classes"]) == pytest.approx(unit["hectares"])
    with (tmp_path / "out" / "area.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert {row["unit"] for row in rows} == {"all", "West", "East"}
    layer = gpd.read_file(tmp_path / "out" / "units.gpkg")
    assert layer.loc[0, "area_1"] == pytest.approx(west["classes"][0]["area_ha"])
    console = Console(width=120, record=True, file=io.StringIO())
    print_tables(report, console)
    assert f"{report['classes'][2]['area_ha']:,.1f}" in console.export_text()
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Olofsson et al. 2014" in page and "West" in page
    assert set(ctx.listener.artifacts) == {"area_table", "unit_areas", "report", "report_data"}

    small, ctx = areas(
        drawn, tmp_path / "labelled.gpkg", tmp_path / "corner",
        units=str(tmp_path / "corner.gpkg"), unit_field="name",
    )  # fmt: skip
    corner = small["units"][2]
    assert not corner["estimated"] and "area_ha" not in corner["classes"][0]
    assert corner["classes"][0]["mapped_ha"] > 0
    assert any("1 of 3 units have fewer than 20" in note for note in ctx.noted)


def test_another_map_of_the_same_ground_is_judged_by_the_general_estimators(drawn, tmp_path: Path):
    base, truth, codes = drawn
    labelled(drawn, tmp_path / "labelled.gpkg")
    better = np.where(codes > 0, truth, 0).astype(np.uint8)
    other = write_map(tmp_path / "other", better)
    report, ctx = areas(drawn, tmp_path / "labelled.gpkg", tmp_path / "out", map=str(other))
    assert not report["strata_are_classes"]
    assert report["overall_accuracy"]["value"] == 1.0
    assert report["overall_accuracy"]["standard_error"] is None
    assert any("Stehman 2014" in note for note in ctx.noted)


def changed(frame: gpd.GeoDataFrame, path: Path, **columns: object) -> Path:
    frame.assign(**columns).to_file(path, layer="labelled")
    return path


def test_a_sample_that_says_nothing_of_the_rest_is_refused(drawn, tmp_path: Path):
    base, _, _ = drawn
    frame = labelled(drawn, tmp_path / "l.gpkg")
    with pytest.raises(UserError, match="no point has a true class"):
        areas(drawn, base / "sample.gpkg", tmp_path / "out")
    own = frame.drop(columns=["design", "stratum_pixels"])
    own.to_file(tmp_path / "own.gpkg")
    with pytest.raises(UserError, match="nothing says that its points were drawn at random"):
        areas(drawn, tmp_path / "own.gpkg", tmp_path / "out")
    with pytest.raises(UserError, match="how many pixels each stratum has"):
        areas(drawn, tmp_path / "own.gpkg", tmp_path / "out", probability_sample=True)
    strata = str(base / "sample.strata.csv")
    with pytest.raises(UserError, match="nothing says"):
        areas(drawn, tmp_path / "own.gpkg", tmp_path / "out", strata=strata)
    lost = frame.drop(columns="stratum_pixels")
    lost.to_file(tmp_path / "lost.gpkg")
    areas(drawn, tmp_path / "lost.gpkg", tmp_path / "found", strata=strata)
    one = changed(frame[frame["stratum"] != 3], tmp_path / "one.gpkg")
    with pytest.raises(UserError, match="strata without points: 3"):
        areas(drawn, one, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    given, _ = areas(
        drawn, tmp_path / "own.gpkg", tmp_path / "out", strata=strata, probability_sample=True
    )
    plain, _ = areas(drawn, tmp_path / "l.gpkg", tmp_path / "plain")
    for one, other in zip(given["classes"], plain["classes"], strict=True):
        for key in ("code", "area_ha", "low_ha", "high_ha"):
            assert one[key] == pytest.approx(other[key])


def test_everything_wrong_with_the_labels_is_said_at_once(drawn, tmp_path: Path):
    frame = labelled(drawn, tmp_path / "l.gpkg")
    few = frame["reference"].where(frame["stratum"] != 2, None)
    names = few.mask(frame["stratum"] == 3, "whaet")
    moved = frame.geometry.where(frame["stratum"] != 1, shapely.Point(0, 0))
    path = changed(frame.set_geometry(moved), tmp_path / "wrong.gpkg", reference=names)
    with pytest.raises(UserError) as caught:
        areas(drawn, path, tmp_path / "out")
    codes = {finding.code for finding in caught.value.findings}
    assert codes == {"unknown_class", "points_off_map", "too_few_points"}
    assert "'whaet' (" in str(caught.value)


def test_points_without_a_label_are_left_out_and_told(drawn, tmp_path: Path):
    frame = labelled(drawn, tmp_path / "l.gpkg")
    path = changed(
        frame, tmp_path / "some.gpkg", reference=frame["reference"].where(frame["id"] > 30, None)
    )
    report, ctx = areas(drawn, path, tmp_path / "out")
    assert (report["points"], report["unlabelled"]) == (270, 30)
    assert sum(row["points"] for row in report["strata"]) == 270
    assert any("30 of 300 points have no true class" in note for note in ctx.noted)
