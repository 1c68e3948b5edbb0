"""The simulator: files as promised, the same bytes for the same seed, physics that holds."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract.class_csv import read_class_table
from cscl.contract.codes import OUTSIDE_COLOUR, OUTSIDE_NAME
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import SimulateJob, fingerprint
from cscl.contract.roles import ROLES
from cscl.simulation.calendar import acquisition_days
from cscl.simulation.catalogue import BANDS, CROPS, Cover
from cscl.simulation.clouds import shadow_offset
from cscl.simulation.difficulty import DIFFICULTIES
from cscl.simulation.family import CONTINENTAL, FAMILIES, TEMPERATE, Family
from cscl.simulation.fields import SmoothField
from cscl.simulation.job import simulate
from cscl.simulation.landscape import draw_landscape, elongation
from cscl.simulation.phenology import Year, parcel_canopies, reflectance, reflectance_tables
from cscl.simulation.scene import displaced
from cscl.simulation.sensor import MARGIN, sampling_matrix, spread_sigma
from rasterio.features import rasterize

FILE_BANDS = ("B02", "B03", "B04", "B08", "B05", "B06", "B07", "B8A", "B11", "B12", "SCL")

TRUTH_OF_SEED_3 = "cad4fe223d45f22efed4d9ed8129809c3076f3b4464496645b8143ba0bbb426e"
MEANS_OF_SEED_3 = (  # of B02, B08, B11 and SCL, by date
    (362.85, 2775.87, 1651.9, 4.17),
    (817.72, 1872.14, 995.38, 4.05),
    (4561.74, 5175.08, 3603.69, 7.93),
    (727.62, 2903.29, 2264.52, 4.83),
)


def run(folder: Path, **options: object) -> JobContext:
    ctx = JobContext()
    folder.mkdir(parents=True, exist_ok=True)
    values = {"size": 96, "dates": 6, "seed": 5} | options
    simulate(SimulateJob(output=str(folder), **values), ctx)
    return ctx


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scene")
    run(folder)
    return folder


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run(tmp_path / name, size=48, dates=4, seed=seed)
    first, second, other = (hashes(tmp_path / name) for name in "abc")
    assert len(first) == 9
    assert first == second
    assert first["parcels.gpkg"] != other["parcels.gpkg"]
    assert first["truth/truth_2m5.tif"] != other["truth/truth_2m5.tif"]


def test_temperate_scenes_stay_what_they_were(tmp_path: Path) -> None:
    # Recorded before there were families: land and crops exactly, pixels up to rounding.
    run(tmp_path, size=64, dates=4, seed=3)
    with rasterio.open(tmp_path / "truth" / "truth_2m5.tif") as file:
        assert hashlib.sha256(file.read(1).tobytes()).hexdigest() == TRUTH_OF_SEED_3
    means = []
    for path in sorted(tmp_path.glob("S2_*.tif")):
        with rasterio.open(path) as file:
            means.append(file.read().mean(axis=(1, 2), dtype=np.float64)[[0, 3, 8, 10]])
    np.testing.assert_allclose(means, MEANS_OF_SEED_3, atol=0.5)
    description = json.loads((tmp_path / "truth" / "scene.json").read_text(encoding="utf-8"))
    assert "family" not in description["parameters"]


def test_a_temperate_job_keeps_its_fingerprint() -> None:
    job = SimulateJob(output="x", size=48, dates=4, seed=3)
    assert fingerprint(job) == "ddab9c4978227cf0"  # recorded before there were families
    assert fingerprint(replace(job, family="continental")) != fingerprint(job)


def test_a_continental_scene_says_so_and_is_another_land(tmp_path: Path) -> None:
    for family in FAMILIES:
        run(tmp_path / family, size=64, dates=2, seed=3, family=family)
    description = json.loads((tmp_path / "continental" / "truth" / "scene.json").read_text())
    assert description["parameters"]["family"] == "continental"
    assert description["crs"] == "EPSG:32634"
    names = read_class_table(tmp_path / "continental" / "truth" / "classes.csv").names
    assert names == tuple(sorted(crop.name for crop in CONTINENTAL.crops[:8]))
    first, second = (gpd.read_file(tmp_path / family / "parcels.gpkg") for family in FAMILIES)
    assert len(second) > 1.3 * len(first)


def test_continental_parcels_are_smaller_and_longer() -> None:
    def medians(family: Family) -> tuple[float, float]:
        parcels = [
            parcel
            for seed in (1, 2)
            for parcel in draw_landscape(
                family.stream_seed(seed), (0.0, 0.0, 4000.0, 4000.0), family.land
            ).parcels
        ]
        areas = [parcel.area / 1e4 for parcel in parcels]
        return float(np.median(areas)), float(np.median([elongation(item) for item in parcels]))

    (area, length), (usual_area, usual_length) = medians(CONTINENTAL), medians(TEMPERATE)
    assert 0.9 < area < 1.3 and area < 0.75 * usual_area
    assert 3.1 < length < 4.2 and length > 1.5 * usual_length


def test_continental_crops_ripen_earlier_and_its_sky_is_clearer_in_summer() -> None:
    red, nir = BANDS.index("B04"), BANDS.index("B08")

    def wheat_greenness(family: Family) -> float:
        wheat = [crop for crop in family.crops if crop.name == "winter wheat"]
        which, level = np.zeros(50, dtype=np.intp), DIFFICULTIES["easy"]
        canopies = parcel_canopies(1, 2021, wheat, which, level, family)
        spectra = reflectance(canopies, 260, 0.4)  # 18 June
        return float(
            np.median((spectra[:, nir] - spectra[:, red]) / (spectra[:, nir] + spectra[:, red]))
        )

    assert wheat_greenness(TEMPERATE) > wheat_greenness(CONTINENTAL) + 0.25
    summer, winter = (CONTINENTAL.climate.chance_of_clear_sky(day) for day in (290, 108))
    assert summer > 0.8 and winter < 0.45
    assert {TEMPERATE.climate.chance_of_clear_sky(day) for day in range(365)} == {0.5}


def test_every_family_has_crops_and_covers_for_every_job() -> None:
    for family in FAMILIES.values():
        names = [crop.name for crop in family.crops]
        assert len(names) == len(set(names)) == 14
        assert set(family.covers) == set(Cover)
        for spectrum in [crop.green for crop in family.crops] + [family.soil_dry, family.soil_wet]:
            assert len(spectrum) == len(BANDS) and min(spectrum) > 0 and max(spectrum) < 0.7
    assert CONTINENTAL.stream_seed(0) > 2**31 - 1  # no seed of a temperate job


def test_files_have_the_shape_of_the_real_series(scene: Path, shared_data: Path) -> None:
    real = sorted((shared_data / "flanders" / "a_2019").glob("*.tif"))[0]
    images = sorted(scene.glob("*.tif"))
    assert len(images) == 6
    with rasterio.open(real) as theirs, rasterio.open(images[0]) as ours:
        assert ours.descriptions == theirs.descriptions == FILE_BANDS
        assert ours.crs.to_epsg() == theirs.crs.to_epsg() == 32631
        assert ours.dtypes == theirs.dtypes
        assert ours.nodata == theirs.nodata == 0
        assert ours.res == theirs.res == (10.0, 10.0)
        assert len(ours.name.rsplit("/", 1)[-1]) == len(real.name)
        assert ours.profile["compress"] == "deflate" and ours.profile["tiled"]


def test_outputs_are_announced_under_the_roles_of_the_contract(tmp_path: Path) -> None:
    ctx = run(tmp_path, size=48, dates=1)
    assert list(ctx.listener.artifacts) == [role for role, _ in ROLES["simulate"]]
    assert all(path.exists() for path in ctx.listener.artifacts.values())


def test_only_evaluation_may_name_the_truth(root: Path) -> None:
    # The demonstration passes the path on; nothing else names the folder or its files.
    allowed = ("simulation/", "evaluation/", "contract/", "demo.py", "experiments/scoring.py")
    package = root / "backend" / "cscl"
    checked = 0
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        if name.startswith(allowed):
            continue
        checked += 1
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = node.value == "truth" or "truth_2m5" in node.value or "truth/" in node.value
                assert not found, (name, node.lineno)
    assert checked > 20


def test_folder_holds_nothing_else(scene: Path) -> None:
    names = {path.name for path in scene.iterdir()} - {path.name for path in scene.glob("S2_*.tif")}
    assert names == {"parcels.gpkg", "truth"}
    assert {path.name for path in (scene / "truth").iterdir()} == {
        "truth_2m5.tif", "truth_2m5.qml", "classes.csv", "scene.json",
    }  # fmt: skip


def test_pixels_are_l2a_numbers(scene: Path) -> None:
    for path in scene.glob("S2_*.tif"):
        with rasterio.open(path) as file:
            image = file.read()
            assert file.tags()["ACQUISITION_DATE"].replace("-", "") == path.stem[-8:]
        scl, spectra = image[10], image[:10]
        assert set(np.unique(scl)) <= {0, 2, 3, 4, 5, 6, 7, 8, 9, 10}
        assert ((spectra == 0).any(axis=0) == (scl == 0)).all()
        assert spectra.max() < 12_000
        for band in (4, 5, 6, 7, 8, 9, 10):  # 20 m bands and SCL repeat each value 2 x 2 times
            blocks = image[band].reshape(48, 2, 48, 2)
            whole = (image[10].reshape(48, 2, 48, 2) > 0).all(axis=(1, 3))
            spread = blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3))
            assert spread[whole].max(initial=0) == 0


def test_truth_grid_is_four_times_finer_and_named(scene: Path) -> None:
    image = next(scene.glob("S2_*.tif"))
    with rasterio.open(image) as file, rasterio.open(scene / "truth" / "truth_2m5.tif") as truth:
        assert truth.shape == (4 * file.height, 4 * file.width)
        assert truth.bounds == file.bounds
        codes = set(np.unique(truth.read(1)).tolist())
        tags, colours = truth.tags(1), truth.colormap(1)
    table = read_class_table(scene / "truth" / "classes.csv")
    assert table.names == tuple(sorted(crop.name for crop in CROPS[:8]))
    assert codes <= {*table.codes, 254} and 254 in codes
    for item in table.classes:
        assert tags[f"class_{item.code}"] == item.name
        assert "#{:02x}{:02x}{:02x}".format(*colours[item.code][:3]) == item.colour
    style = Xml.parse(scene / "truth" / "truth_2m5.qml").getroot()
    entries = [(e.get("value"), e.get("label"), e.get("color")) for e in style.iter("paletteEntry")]
    assert entries == [
        *((str(item.code), item.name, item.colour) for item in table.classes),
        ("254", OUTSIDE_NAME, OUTSIDE_COLOUR),
    ]
    with open(scene / "truth" / "classes.csv", encoding="utf-8") as file:
        assert next(csv.reader(file)) == ["source_value", "name", "code", "colour", "hcat"]


def test_declarations_agree_with_truth_but_for_the_listed_ones(tmp_path: Path) -> None:
    run(tmp_path, size=256, dates=1)
    parcels = gpd.read_file(tmp_path / "parcels.gpkg")
    assert list(parcels.columns) == ["id", "crop", "geometry"]
    description = json.loads((tmp_path / "truth" / "scene.json").read_text())
    wrong = {item["id"] for item in description["wrong_declarations"]}
    assert len(wrong) == round(0.02 * len(parcels))
    table = read_class_table(tmp_path / "truth" / "classes.csv")
    with rasterio.open(tmp_path / "truth" / "truth_2m5.tif") as file:
        truth, transform = file.read(1), file.transform
    owner = rasterize(
        zip(parcels.geometry.buffer(-8), parcels["id"], strict=True), truth.shape,
        transform=transform, dtype="int32",
    )  # fmt: skip
    checked = 0
    for number, crop in zip(parcels["id"], parcels["crop"], strict=True):
        inside = truth[owner == number]
        if len(inside):
            agrees = (inside == table.by_value[crop]).all()
            assert agrees == (number not in wrong), (number, crop)
            checked += 1
    assert checked > 0.8 * len(parcels)
    # Woods, roads and water are in the truth and in no parcel.
    assert (truth == 254).mean() > 0.1
    assert (truth[owner > 0] == 254).mean() < 0.001


def test_declared_edges_are_off_by_one_to_two_metres_without_gaps() -> None:
    bounds = (0.0, 0.0, 2000.0, 2000.0)
    parcels = draw_landscape(7, bounds).parcels
    moved = displaced(7, parcels, bounds)
    assert all(shape.is_valid for shape in moved)
    distances = []
    for true, declared in zip(parcels, moved, strict=True):
        points = shapely.line_interpolate_point(
            true.exterior, np.linspace(0, 1, 20), normalized=True
        )
        distances.extend(shapely.distance(declared.boundary, points))
    root_mean_square = float(np.sqrt(np.mean(np.square(distances))))
    assert 1.0 < root_mean_square < 2.0
    tree = shapely.STRtree(moved)
    left, right = tree.query(moved, predicate="intersects")
    pairs = left < right
    shapes = np.asarray(moved, dtype=object)
    overlap = shapely.area(shapely.intersection(shapes[left[pairs]], shapes[right[pairs]]))
    assert overlap.sum() < 1e-3 * shapely.area(shapes).sum()


def test_parcels_are_of_real_size_and_shape() -> None:
    # Three landscapes side by side.
    parcels = [
        parcel
        for seed in range(3)
        for parcel in draw_landscape(seed, (5000 * seed, 0, 5000 * seed + 4000, 4000)).parcels
    ]
    areas = np.array([parcel.area for parcel in parcels]) / 1e4
    shape = np.array([elongation(parcel) for parcel in parcels])
    assert areas.min() >= 0.3 and areas.max() <= 15.75
    # The real sample: quartiles 0.91, 1.70, 3.54 ha and 1.44, 2.00, 3.01.
    np.testing.assert_allclose(np.quantile(areas, [0.25, 0.5, 0.75]), [0.91, 1.7, 3.54], rtol=0.25)
    np.testing.assert_allclose(np.quantile(shape, [0.25, 0.5, 0.75]), [1.44, 2.0, 3.0], rtol=0.25)
    tree = shapely.STRtree(parcels)
    shapes = np.asarray(parcels, dtype=object)
    left, right = tree.query(parcels, predicate="intersects")
    pairs = left < right
    overlap = shapely.intersection(shapes[left[pairs]], shapes[right[pairs]])
    assert shapely.area(overlap).max() < 0.01


def test_neighbours_of_one_crop_exist(scene: Path) -> None:
    parcels = gpd.read_file(scene / "parcels.gpkg")
    pairs = parcels.sjoin(
        parcels.set_geometry(parcels.buffer(2.0)), predicate="intersects", how="inner"
    )
    pairs = pairs[pairs["id_left"] < pairs["id_right"]]
    same = (pairs["crop_left"] == pairs["crop_right"]).mean()
    assert 0.02 < same < 0.6


def test_another_year_keeps_the_land_and_changes_the_crops(tmp_path: Path) -> None:
    for year in (2020, 2021):
        run(tmp_path / str(year), dates=2, year=year)
    first, second = (gpd.read_file(tmp_path / year / "parcels.gpkg") for year in ("2020", "2021"))
    assert first.geometry.geom_equals(second.geometry).all()
    assert (first["crop"] != second["crop"]).mean() > 0.4
    days = [path.stem[-8:] for path in (tmp_path / "2020").glob("S2_*.tif")]
    assert all("20191001" <= day <= "20200930" for day in days)


def test_days_are_irregular_ascending_and_within_the_season() -> None:
    for count in (1, 30, 73, 146):
        days = acquisition_days(1, 2021, count)
        assert len(set(days)) == count and days == sorted(days)
        assert days[0] >= 0 and days[-1] < 365
    assert len(set(np.diff(acquisition_days(1, 2021, 30)))) > 2


@pytest.mark.parametrize("transfer", [0.25, 0.11])
def test_point_spread_has_the_transfer_of_the_sensor(transfer: float) -> None:
    # A wave of two pixels (Nyquist) keeps this share of its amplitude, for both pixel sizes.
    for pixel in (10.0, 20.0):
        sigma = spread_sigma(pixel, transfer)
        assert np.isclose(np.exp(-2 * (np.pi * sigma / (2 * pixel)) ** 2), transfer)
    weights = sampling_matrix(32, 10.0, 0.0, transfer)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-6)
    place = (np.arange(weights.shape[1]) - MARGIN + 0.5) * 2.5
    wave = np.cos(2 * np.pi * (place - 5.0) / 20.0)
    seen = weights @ wave
    np.testing.assert_allclose(np.abs(seen[5:-5]), transfer, atol=0.01)


@pytest.mark.parametrize("pixel", [10.0, 20.0])
@pytest.mark.parametrize("shift", [-5.0, 0.0, 3.7])
def test_sampling_places_pixels_where_they_are(pixel: float, shift: float) -> None:
    weights = sampling_matrix(16, pixel, shift, 0.25)
    place = (np.arange(weights.shape[1]) - MARGIN + 0.5) * 2.5
    expected = (np.arange(16) + 0.5) * pixel + shift
    np.testing.assert_allclose(weights @ place, expected, atol=0.02)


def test_field_does_not_depend_on_the_window() -> None:
    field = SmoothField(np.random.default_rng(0), (0, 0, 1000, 1000), 40.0)
    x, y = np.arange(5.0, 1000, 10), np.arange(995.0, 0, -10)
    whole = field.on_grid(x, y)
    np.testing.assert_array_equal(field.on_grid(x[30:60], y[10:20]), whole[10:20, 30:60])
    np.testing.assert_allclose(field.at(x, y), np.diag(whole), atol=1e-5)
    assert abs(whole.std() - 1) < 0.15


def test_winter_crops_are_green_in_april_and_maize_in_august() -> None:
    crops = list(CROPS[:2])  # winter wheat, maize
    canopies = parcel_canopies(1, 2021, crops, np.array([0] * 50 + [1] * 50), DIFFICULTIES["easy"])
    red, nir = BANDS.index("B04"), BANDS.index("B08")

    def greenness(day: float) -> tuple[float, float]:
        spectra = reflectance(canopies, day, 0.5)
        ndvi = (spectra[:, nir] - spectra[:, red]) / (spectra[:, nir] + spectra[:, red])
        return float(np.median(ndvi[:50])), float(np.median(ndvi[50:]))

    wheat, maize = greenness(205)  # 24 April
    assert wheat > 0.7 > 0.45 > maize
    wheat, maize = greenness(320)  # 17 August
    assert maize > 0.7 > 0.55 > wheat


def test_change_tables_are_derivatives() -> None:
    canopies = parcel_canopies(1, 2021, list(CROPS), np.arange(len(CROPS)), DIFFICULTIES["hard"])
    moisture = Year.drawn(1, 2021, 0).moisture(200)
    tables = reflectance_tables(canopies, 200, moisture)
    assert tables.shape == (4, 10, len(CROPS))
    moved = reflectance(canopies, 200, moisture, soil=0.05).T
    np.testing.assert_allclose(tables[0] + 0.05 * tables[3], moved, atol=1e-5)
    assert tables[0].min() > 0 and tables[0].max() < 0.9


def test_shadows_fall_northwards_and_far_in_winter() -> None:
    winter, summer = shadow_offset(81, 1000.0, 49.0), shadow_offset(263, 1000.0, 49.0)
    assert winter[1] > summer[1] > 0
    assert np.hypot(*winter) > 2 * np.hypot(*summer)


def test_clouds_are_bright_and_mostly_but_not_always_classified(tmp_path: Path) -> None:
    run(tmp_path, size=128, dates=30)
    cloudy, clear = [], []
    masked_share = []
    for path in sorted(tmp_path.glob("S2_*.tif")):
        with rasterio.open(path) as file:
            image = file.read()
        cloudy.append(image[0][np.isin(image[10], (8, 9))])
        clear.append(image[0][np.isin(image[10], (4, 5))])
        masked_share.append(np.isin(image[10], (0, 3, 8, 9, 10)).mean())
    blue = np.concatenate(clear)
    assert np.median(np.concatenate(cloudy)) > 4 * np.median(blue)
    assert (blue > 2500).any()  # missed cloud
    assert 8 <= sum(share < 0.05 for share in masked_share) <= 25


def test_real_parcels_with_their_crops(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "parcels" / "france_rpg.gpkg"
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    ctx = run(tmp_path, size=200, dates=1, parcels=str(source), class_field="code_group")
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    parcels = gpd.read_file(tmp_path / "parcels.gpkg")
    known = set(gpd.read_file(source)["code_group"].astype(str))
    assert set(parcels["crop"]) <= known
    assert len(parcels) > 10
    assert any("as winter wheat" in note for note in ctx.noted)
    with rasterio.open(next(tmp_path.glob("S2_*.tif"))) as file:
        assert str(file.crs.to_epsg()).startswith("326")


def test_real_parcels_with_drawn_crops(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "parcels" / "latvia_eurocrops" / "LV_2021_EC21.shp"
    run(tmp_path, size=64, dates=1, parcels=str(source), crops=4)
    assert set(gpd.read_file(tmp_path / "parcels.gpkg")["crop"]) <= {c.name for c in CROPS[:4]}


def refusal(tmp_path: Path, **options: object) -> UserError:
    with pytest.raises(UserError) as caught:
        run(tmp_path / "out", **options)
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert left == []
    return caught.value


def test_bad_values_are_refused_together(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        size=4,
        dates=500,
        crops=1,
        difficulty="odd",
        seed=-1,
        class_field="crop",
        family="polar",
    )
    assert [finding.code for finding in error.findings] == [
        "invalid_size", "invalid_dates", "invalid_crops", "invalid_difficulty", "invalid_family",
        "invalid_seed", "class_field_alone",
    ]  # fmt: skip
    assert "size: it is 4. Use 16 to 10980." in str(error)


def test_bad_parcels_are_refused(tmp_path: Path) -> None:
    layer = tmp_path / "parcels.gpkg"
    box = shapely.box(600_000, 5_200_000, 600_200, 5_200_200)
    frame = gpd.GeoDataFrame({"crop": [None]}, geometry=[box], crs="EPSG:32631")
    frame.to_file(layer)
    assert refusal(tmp_path, parcels=str(tmp_path / "no.gpkg")).code == "file_missing"
    missing = refusal(tmp_path, parcels=str(layer), class_field="kind")
    assert missing.code == "class_field_missing" and "'kind'" in str(missing)
    assert "crop" in missing.findings[0].found
    assert refusal(tmp_path, parcels=str(layer), class_field="crop").code == "no_parcels"
    points = tmp_path / "points.gpkg"
    frame.set_geometry(frame.centroid).to_file(points)
    assert refusal(tmp_path, parcels=str(points)).code == "no_parcels"
    bare = tmp_path / "bare.geojson"
    bare.write_text("{}")
    assert refusal(tmp_path, parcels=str(bare)).code == "unreadable_file"
    assert refusal(tmp_path, parcels="http://example.org/a.gpkg").code == "path_not_local"
    naked = tmp_path / "naked.parquet"
    frame.set_crs(None, allow_override=True).to_parquet(naked)
    assert refusal(tmp_path, parcels=str(naked)).code == "no_crs"


def test_f57_cancelling_leaves_no_image(tmp_path: Path) -> None:
    ctx = JobContext()
    progress = ctx.listener.progress

    def cancel(stage: str, done: int, total: int) -> None:
        progress(stage, done, total)
        ctx.cancelled = stage == "images" and done == 2

    ctx.listener.progress = cancel  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        simulate(SimulateJob(output=str(tmp_path), size=48, dates=4), ctx)
    assert sorted(path.name for path in tmp_path.rglob("*.tif")) == []
    assert list(tmp_path.rglob(".cscl-part-*")) == []
