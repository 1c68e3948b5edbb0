"""Crop maps: the same whatever the windows, exact on the ground, whole or absent."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
import torch
from cscl.context import JobContext, Silent
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import MapJob
from cscl.grid import Grid, Window
from cscl.mapping.folder import read_map
from cscl.mapping.job import map_crops
from cscl.mapping.layers import boundary_strength, make_layers, softmax
from cscl.mapping.predict import Predictor
from cscl.mapping.season import recurring_season, series_for_map
from cscl.mapping.windows import (
    aligned,
    area_window,
    by_blocks,
    quarters,
    tile_count,
    tiles,
)
from cscl.models.store import load_model
from cscl.series.choice import SeriesChoice
from cscl.series.job import series_from_images
from cscl.series.reader import SeriesReader
from cscl.series.stac import write_series
from hypothesis import given, settings
from hypothesis import strategies as st
from map_scene import BANDS, CLASSES, CRS, LEFT, TOP, write_images, write_model
from rio_cogeo import cog_validate

HEIGHT, WIDTH = 70, 84
NAMES = ("crops", "second", "confidence", "margin", "boundary", "probabilities")
FILES = {f"{name}{tail}.tif" for name in NAMES for tail in ("", "_2m5")} | {
    "crops.qml", "crops_2m5.qml", "map.json",
}  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {item.name: hashlib.sha256(item.read_bytes()).hexdigest() for item in folder.iterdir()}


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        values = file.read()
    return values if file.count > 1 else values[0]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return write_images(tmp_path_factory.mktemp("scene") / "images", HEIGHT, WIDTH)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def before(images: Path) -> dict[str, str]:
    return digests(images)


@pytest.fixture(scope="module")
def mapped(images: Path, model: Path, before, tmp_path_factory) -> tuple[Path, JobContext]:
    folder, ctx = tmp_path_factory.mktemp("map"), JobContext()
    map_crops(MapJob(images=str(images), model=str(model), output=str(folder)), ctx)
    return folder, ctx


@pytest.fixture
def predictor(images: Path, model: Path):
    series = series_from_images(
        str(images), bands=BANDS, season="2018-10-01/2019-09-30", ctx=JobContext()
    )
    with SeriesReader(series) as reader:
        yield Predictor(load_model(model), reader, series.days, window=48)


# Windows


@given(st.integers(1, 150), st.integers(1, 150), st.integers(5, 70))
@settings(max_examples=50)
def test_tiles_cover_every_pixel_once(height: int, width: int, side: int) -> None:
    count = np.zeros((height, width), int)
    windows = list(tiles(height, width, side))
    for window in windows:
        count[window.slices] += 1
    assert (count == 1).all()
    assert len(windows) == tile_count(height, width, side)


def test_windows_come_block_by_block() -> None:
    windows = list(tiles(100, 100, 32))
    ordered = by_blocks(windows, (64, 64))
    assert sorted(ordered, key=windows.index) == windows
    assert [(each.row, each.col) for each in ordered[:8]] == [
        (0, 0), (0, 32), (32, 0), (32, 32), (0, 64), (0, 96), (32, 64), (32, 96)
    ]  # fmt: skip
    # Strips of one row of the whole width leave the order as it is.
    assert by_blocks(windows, (1, 1000)) == windows


@given(
    st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 90), st.integers(1, 90),
    st.sampled_from([1, 2, 4, 8]),
)  # fmt: skip
def test_aligned_windows_hold_the_window_and_nothing_needless(row, col, height, width, stride):
    outer = aligned(Window(row, col, height, width), stride)
    for low, size, inner_low, inner_size in (
        (outer.row, outer.height, row, height),
        (outer.col, outer.width, col, width),
    ):
        assert low % stride == 0 and size % stride == 0
        assert inner_low - stride < low <= inner_low
        assert inner_low + inner_size <= low + size < inner_low + inner_size + stride


@given(st.integers(1, 40), st.integers(1, 40))
def test_quarters_make_up_the_window(height: int, width: int) -> None:
    count = np.zeros((height, width), int)
    parts = quarters(Window(3, 5, height, width), 4)
    for part in parts:
        count[Window(part.row - 3, part.col - 5, part.height, part.width).slices] += 1
    assert (count == 1).all()
    if max(height, width) > 4:
        assert max(part.height * part.width for part in parts) < height * width


GRID = Grid(CRS, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), WIDTH, HEIGHT)
PIXEL = st.floats(0, 60, allow_nan=False)


@given(PIXEL, PIXEL, st.floats(0.01, 30), st.floats(0.01, 30))
def test_area_is_snapped_outward_to_whole_pixels(col, row, width, height) -> None:
    xmin, ymax = LEFT + 10 * col, TOP - 10 * row
    xmax, ymin = xmin + 10 * width, ymax - 10 * height
    window = area_window(f"{xmin!r},{ymin!r},{xmax!r},{ymax!r}", GRID)
    left, bottom, right, top = GRID.part(window).bounds
    slack = 1e-4
    assert left <= xmin + slack and bottom <= max(ymin, GRID.bounds[1]) + slack
    assert top >= ymax - slack and right >= min(xmax, GRID.bounds[2]) - slack
    assert xmin - left < 10 + slack and top - ymax < 10 + slack


def test_area_in_another_reference_system_covers_the_same_ground() -> None:
    west, south, east, north = 4.0616, 50.7449, 4.0644, 50.7467
    window = area_window(f"{west},{south},{east},{north} [EPSG:4326]", GRID)
    corners = geopandas.GeoSeries([shapely.box(west, south, east, north)], crs="EPSG:4326").to_crs(
        CRS
    )
    left, bottom, right, top = GRID.part(window).bounds
    for inner, outer in zip(corners.total_bounds, (left, bottom, right, top), strict=True):
        assert abs(inner - outer) < 10.5
    assert shapely.box(left, bottom, right, top).contains(corners.iloc[0])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,2,3", "not four numbers"),
        ("5,5,5,9", "minimum is not below its maximum"),
        ("1,2,3,4 [EPSG:999999]", "no coordinate reference system"),
        ("0,0,100,100", "the images 574680,5621740,575520,5622440"),
    ],
)
def test_area_that_is_none_is_refused_in_words(text: str, found: str) -> None:
    with pytest.raises(UserError, match=found) as caught:
        area_window(text, GRID)
    assert repr(text) in str(caught.value)


# Prediction


def test_logits_do_not_depend_on_the_tiling(predictor: Predictor) -> None:
    whole = predictor.predict(Window(0, 0, HEIGHT, WIDTH), predictor.scales).logits
    for layout in (predictor.windows(Window(0, 0, HEIGHT, WIDTH)), [Window(23, 17, 37, 41)]):
        for window in layout:
            for scale, part in predictor.predict(window, predictor.scales).logits.items():
                expected = whole[scale][:, *window.times(scale).slices]
                np.testing.assert_allclose(part, expected, atol=1e-4, rtol=0)
                top_two = np.sort(expected, axis=0)[-2:]
                clear = top_two[1] - top_two[0] > 1e-3
                assert (part.argmax(0) == expected.argmax(0))[clear].all()
    for scale in (1, 4):
        assert len(np.unique(whole[scale].argmax(0))) > 1
        alone = predictor.logits(Window(20, 30, 9, 10), scale)
        rows, cols = Window(20, 30, 9, 10).times(scale).slices
        np.testing.assert_allclose(alone, whole[scale][:, rows, cols], atol=1e-4, rtol=0)


def test_window_beyond_the_grid_gives_the_same_inside(predictor: Predictor) -> None:
    inside = predictor.predict(Window(0, 0, 12, 20), (1,))
    beyond = predictor.predict(Window(-7, -3, 19, 23), (1,))
    np.testing.assert_allclose(beyond.logits[1][:, 7:, 3:], inside.logits[1], atol=1e-4, rtol=0)
    assert not beyond.seen[:7].any() and not beyond.seen[:, :3].any()
    assert (beyond.seen[7:, 3:] == inside.seen).all()
    assert not inside.seen[:6, :9].any() and inside.seen[6:, 9:].any()


def test_too_little_device_memory_cuts_the_window(predictor: Predictor, monkeypatch) -> None:
    window = Window(5, 9, 20, 24)
    expected = predictor.predict(window, (1, 4))
    run, sizes, limit = predictor._run, [], 24 + 2 * predictor.halo

    def short_of_memory(images, days, valid, scales):
        sizes.append(valid.shape[-1])
        if sizes[-1] > limit:
            raise torch.cuda.OutOfMemoryError("too large")
        return run(images, days, valid, scales)

    monkeypatch.setattr(predictor, "_run", short_of_memory)
    found = predictor.predict(window, (1, 4))
    assert sizes[0] > limit and len(sizes) == 5
    for scale in (1, 4):
        np.testing.assert_allclose(found.logits[scale], expected.logits[scale], atol=1e-4)
    assert (found.seen == expected.seen).all()


# Layers


def slow_boundary(probabilities: np.ndarray, valid: np.ndarray) -> np.ndarray:
    _, height, width = probabilities.shape
    result = np.zeros((height, width))
    for row in range(height):
        for col in range(width):
            alike = [
                np.sqrt(probabilities[:, row, col] * probabilities[:, r, c]).sum()
                for r in range(max(0, row - 1), min(height, row + 2))
                for c in range(max(0, col - 1), min(width, col + 2))
                if (r, c) != (row, col) and valid[r, c] and valid[row, col]
            ]
            result[row, col] = 1 - np.mean(alike) if alike else 0
    return result


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))
@settings(max_examples=60)
def test_boundary_strength_is_its_definition(seed, height, width, classes) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(classes), (height, width)).transpose(2, 0, 1)
    valid = rng.random((height, width)) < 0.8
    found = boundary_strength(shares.astype(np.float32), valid)
    np.testing.assert_allclose(found, slow_boundary(shares, valid), atol=1e-5)


def test_boundary_strength_marks_the_edge_of_two_fields() -> None:
    shares = np.zeros((2, 5, 6), np.float32)
    shares[0, :, :3] = 1
    shares[1, :, 3:] = 1
    found = boundary_strength(shares, np.ones((5, 6), bool))
    assert found[2, 1] == 0 and found[2, 4] == 0
    assert found[2, 2] == pytest.approx(3 / 8) and found[2, 3] == pytest.approx(3 / 8)


def test_layers_of_known_probabilities() -> None:
    shares = np.zeros((3, 3, 4), np.float32)
    shares[:, 1, 1] = 0.5, 0.3, 0.2
    shares[:, 1, 2] = 0.1, 0.1, 0.8
    valid = np.ones((3, 4), bool)
    layers = make_layers(shares, valid, (4, 9, 254), ring=1)
    assert layers.crops.tolist() == [[4, 254]]
    assert layers.second.tolist() == [[9, 4]]
    assert layers.confidence.tolist() == [[125, 200]]
    assert layers.margin.tolist() == [[50, 175]]
    assert layers.probabilities[:, 0, 0].tolist() == [125, 75, 50]
    valid[1, 2] = False
    layers = make_layers(shares, valid, (4, 9, 254), ring=1)
    empty = (layers.crops, layers.second, layers.confidence, layers.margin, layers.boundary)
    assert [int(item[0, 1]) for item in empty] == [0, 0, 255, 255, 255]
    assert layers.probabilities[:, 0, 1].tolist() == [255] * 3


def test_softmax_with_temperature() -> None:
    logits = np.array([1.0, 3.0, 500.0], np.float32).reshape(3, 1, 1)
    found = softmax(logits[:2], 2.0)[:, 0, 0]
    assert found == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)], abs=1e-6)
    assert softmax(logits, 1.0)[:, 0, 0].tolist() == [0, 0, 1]


# The map folder


def test_map_lies_exactly_on_the_images_grid_and_its_subdivision(mapped) -> None:
    folder, _ = mapped
    for name in NAMES:
        with rasterio.open(folder / f"{name}.tif") as file:
            assert Grid.of(file) == GRID
            assert file.dtypes[0] == "uint8"
        with rasterio.open(folder / f"{name}_2m5.tif") as file:
            assert Grid.of(file) == GRID.subdivide(4)
            assert file.transform[:6] == (2.5, 0.0, LEFT, 0.0, -2.5, TOP)


def test_every_layer_is_a_strict_cog_without_sidecars(mapped) -> None:
    folder, _ = mapped
    assert {item.name for item in folder.iterdir()} == FILES
    for path in folder.glob("*.tif"):
        valid, errors, warnings = cog_validate(path, strict=True)
        assert (valid, errors, warnings) == (True, [], []), path.name


def test_map_holds_what_the_network_says(mapped, predictor: Predictor) -> None:
    folder, _ = mapped
    whole = predictor.predict(Window(0, 0, HEIGHT, WIDTH), (1, 4))
    for scale, temperature, tail in ((1, 1.7, ""), (4, 1.3, "_2m5")):
        logits = torch.from_numpy(whole.logits[scale]).double() / temperature
        shares = torch.softmax(logits, 0).numpy()
        seen = np.kron(whole.seen, np.ones((scale, scale), bool))
        codes = np.array([1, 7, 12, 254])[shares.argmax(0)]
        ordered = np.sort(shares, axis=0)
        clear = seen & (ordered[-1] - ordered[-2] > 1e-3)
        crops = read(folder / f"crops{tail}.tif")
        assert (crops[clear] == codes[clear]).all()
        assert (crops[~seen] == 0).all() and (crops[seen] != 0).all()
        confidence = read(folder / f"confidence{tail}.tif")
        np.testing.assert_allclose(confidence[seen], 250 * shares.max(0)[seen], atol=0.51)
        margin = read(folder / f"margin{tail}.tif")
        np.testing.assert_allclose(margin[seen], 250 * (ordered[-1] - ordered[-2])[seen], atol=0.51)
        boundary = 250 * boundary_strength(shares.astype(np.float32), seen)
        found = read(folder / f"boundary{tail}.tif")
        np.testing.assert_allclose(found[seen], boundary[seen], atol=0.52)
        bands = read(folder / f"probabilities{tail}.tif")
        np.testing.assert_allclose(bands[:, seen], 250 * shares[:, seen], atol=0.51)
        for layer in (confidence, margin, found, *bands):
            assert (layer[~seen] == 255).all()
        assert (~seen).sum() == 54 * scale**2


def test_crops_carry_names_and_colours(mapped) -> None:
    folder, _ = mapped
    with rasterio.open(folder / "crops.tif") as file:
        tags = file.tags(1)
        assert {key: tags[key] for key in tags if key.startswith("class_")} == {
            "class_1": "winter wheat",
            "class_7": "zuckerrübe",
            "class_12": "maïs & <co>",
            "class_254": "other land",
        }
        colours = file.colormap(1)
        assert colours[7] == (0xD1, 0x11, 0x49, 255) and colours[254] == (0xD9, 0xD9, 0xD9, 255)
        assert file.nodata == 0
    with rasterio.open(folder / "probabilities.tif") as file:
        assert file.descriptions == ("winter wheat", "zuckerrübe", "maïs & <co>", "other land")
        assert file.nodata == 255
        assert not any(kind.name in ("alpha", "red") for kind in file.colorinterp)


def test_style_names_every_class(mapped) -> None:
    folder, _ = mapped
    for name in ("crops.qml", "crops_2m5.qml"):
        root = ElementTree.parse(folder / name).getroot()
        renderer = root.find("pipe/rasterrenderer")
        assert root.tag == "qgis" and renderer.get("type") == "paletted"
        entries = [
            (item.get("value"), item.get("color"), item.get("label"))
            for item in renderer.iter("paletteEntry")
        ]
        assert entries == [
            ("1", "#e6c229", "winter wheat"),
            ("7", "#d11149", "zuckerrübe"),
            ("12", "#f17105", "maïs & <co>"),
            ("254", "#d9d9d9", "other land"),
        ]


def test_map_json_says_how_it_was_made(mapped, model: Path) -> None:
    folder, ctx = mapped
    document = json.loads((folder / "map.json").read_text())
    assert document["season"] == ["2018-10-01", "2019-09-30"]
    assert document["dates"] == [
        "2018-10-05", "2018-12-04", "2019-02-02", "2019-04-03", "2019-06-02",
    ]  # fmt: skip
    assert document["model"]["sha256"] == load_model(model).card.sha256
    assert document["resolutions"] == [10.0, 2.5]
    assert document["series"] == SeriesChoice().to_json()
    assert any("2018-10-01/2019-09-30" in note for note in ctx.noted)
    opened = read_map(folder)
    assert opened.table == CLASSES and opened.grid == GRID and opened.codes == (1, 7, 12, 254)
    confidence = read(folder / "confidence.tif")
    mean = confidence[confidence != 255].mean() / 250
    assert document["mean_confidence"]["crops.tif"] == pytest.approx(mean)
    counts = document["pixels"]["crops.tif"]
    assert counts["0"] == 54 and sum(counts.values()) == HEIGHT * WIDTH
    assert str(folder.parent) not in (folder / "map.json").read_text()


def test_artifacts_are_announced(mapped) -> None:
    folder, ctx = mapped
    assert isinstance(ctx.listener, Silent)
    assert ctx.listener.artifacts == {
        "map": folder,
        "crop_map": folder / "crops.tif",
        "crop_map_2m5": folder / "crops_2m5.tif",
        "confidence": folder / "confidence.tif",
        "confidence_2m5": folder / "confidence_2m5.tif",
    }
    done, total = ctx.listener.stages["map"]
    assert done == total > 12


def test_images_are_untouched(mapped, images: Path, before: dict[str, str]) -> None:
    assert digests(images) == before


def test_same_job_writes_the_same_bytes(mapped, images, model, tmp_path: Path) -> None:
    folder, _ = mapped
    map_crops(MapJob(images=str(images), model=str(model), output=str(tmp_path)), JobContext())
    first, second = digests(folder), digests(tmp_path)
    assert first == second


def test_part_of_the_area_is_a_cut_of_the_whole_map(mapped, images, model, tmp_path) -> None:
    folder, _ = mapped
    xmin, ymax = LEFT + 10 * 13 + 3, TOP - 10 * 22 - 4
    area = f"{xmin},{ymax - 250},{xmax_of(xmin)},{ymax}"
    job = MapJob(images=str(images), model=str(model), output=str(tmp_path), area=area)
    map_crops(job, JobContext())
    for tail, scale in (("", 1), ("_2m5", 4)):
        rows, cols = slice(22 * scale, 48 * scale), slice(13 * scale, 44 * scale)
        cut, whole = (read(item / f"crops{tail}.tif") for item in (tmp_path, folder))
        margin = read(folder / f"margin{tail}.tif")[rows, cols]
        clear = margin > 0
        assert cut.shape == (26 * scale, 31 * scale)
        assert (cut == whole[rows, cols])[clear].all()
        confidence, all_of_it = (
            read(item / f"confidence{tail}.tif").astype(int) for item in (tmp_path, folder)
        )
        assert abs(confidence - all_of_it[rows, cols]).max() <= 1
        with rasterio.open(tmp_path / f"crops{tail}.tif") as file:
            assert file.transform[2] == LEFT + 130 and file.transform[5] == TOP - 220


def xmax_of(xmin: float) -> float:
    return xmin + 300


def test_only_10_m_and_no_probabilities(images, model, tmp_path: Path) -> None:
    job = MapJob(
        images=str(images), model=str(model), output=str(tmp_path), resolution="10",
        probabilities=False, area=f"{LEFT},{TOP - 200},{LEFT + 200},{TOP}",
    )  # fmt: skip
    map_crops(job, JobContext())
    assert {item.name for item in tmp_path.iterdir()} == {
        "crops.tif", "second.tif", "confidence.tif", "margin.tif", "boundary.tif", "crops.qml",
        "map.json",
    }  # fmt: skip


def test_model_without_other_land_never_maps_it_and_says_so(images, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", outside="ignore", heads=(1,))
    ctx = JobContext()
    output = tmp_path / "map"
    job = MapJob(images=str(images), model=str(model), output=str(output), resolution="10")
    map_crops(job, ctx)
    assert set(np.unique(read(output / "crops.tif"))) <= {0, 1, 7, 12}
    assert any("no land outside parcels" in note for note in ctx.noted)


def test_map_is_clipped_to_parcels(mapped, images, model, tmp_path: Path) -> None:
    folder, _ = mapped
    box = shapely.box(LEFT + 205, TOP - 400, LEFT + 403.6, TOP - 197.5)
    parcels = tmp_path / "parcels.gpkg"
    geopandas.GeoDataFrame({"id": [1]}, geometry=[box], crs=CRS).to_crs("EPSG:4326").to_file(
        parcels
    )
    ctx, output = JobContext(), tmp_path / "map"
    job = MapJob(images=str(images), model=str(model), output=str(output), parcels=str(parcels))
    map_crops(job, ctx)
    assert any("clipped to the parcels of parcels.gpkg" in note for note in ctx.noted)
    fine, coarse = read(output / "crops_2m5.tif"), read(output / "crops.tif")
    inside = np.zeros(fine.shape, bool)
    inside[79:160, 82:161] = True
    assert (fine[~inside] == 0).all()
    assert (fine == read(folder / "crops_2m5.tif"))[inside].all()
    # Half of a 10 m pixel has to be covered: of row 19 and column 40 only a quarter is.
    half = np.zeros(coarse.shape, bool)
    half[20:40, 20:40] = True
    assert (coarse[~half] == 0).all()
    assert (coarse == read(folder / "crops.tif"))[half].all()
    assert (read(output / "probabilities.tif")[:, ~half] == 255).all()


# What cannot be mapped


def refused(images: Path, model: Path, folder: Path, **values) -> UserError:
    job = MapJob(images=str(images), model=str(model), output=str(folder), **values)
    with pytest.raises(UserError) as caught:
        map_crops(job, JobContext())
    assert not list(folder.iterdir())
    return caught.value


def test_f28_missing_band_is_named(model: Path, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 40, 40, bands=("B02", "B08"))
    error = refused(images, model, tmp_path / "map")
    assert "lacks B04; wanted B02, B04, B08, SCL; found B02, B08, SCL" in str(error)


def test_resolution_that_the_model_lacks(images: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", heads=(1,))
    assert "at 10 m, not at 2.5 m" in str(refused(images, model, tmp_path / "map"))


def test_absent_device_is_refused(images: Path, model: Path, tmp_path: Path) -> None:
    error = refused(images, model, tmp_path, device="tpu")
    assert error.code == "unknown_device"


class Stopper(Silent):
    """Cancels the job at one of its steps."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def progress(self, stage: str, done: int, total: int) -> None:
        super().progress(stage, done, total)
        if stage == "map" and done == self.at:
            raise Cancelled


def test_f57_map_stopped_anywhere_shows_no_layer_and_goes_on(images, model, tmp_path: Path) -> None:
    area = f"{LEFT},{TOP - 200},{LEFT + 200},{TOP}"
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    values = {"images": str(images), "model": str(model), "area": area, "resolution": "10"}
    map_crops(MapJob(output=str(whole), **values), JobContext())
    job = MapJob(output=str(cut), **values)
    for at in range(8):
        with pytest.raises(Cancelled):
            map_crops(job, JobContext(Stopper(at)))
        # The last conversion comes before anything is moved.
        assert [item.name for item in cut.iterdir()] == ["work"], at
    map_crops(job, JobContext())
    assert digests(cut) == digests(whole)


# Season


@pytest.mark.parametrize(
    ("season", "first", "last", "expected"),
    [
        (("10-01", "09-30"), "2018-08-03", "2019-11-27", ("2018-10-01", "2019-09-30")),
        (("10-01", "09-30"), "2021-10-05", "2022-06-01", ("2021-10-01", "2022-09-30")),
        (("03-01", "08-31"), "2020-01-01", "2020-12-31", ("2020-03-01", "2020-08-31")),
        (("02-29", "08-31"), "2021-02-01", "2021-08-01", ("2021-02-28", "2021-08-31")),
    ],
)
def test_season_recurs_in_the_images_year(season, first, last, expected) -> None:
    start, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    days = [start + datetime.timedelta(days=n) for n in range(0, (end - start).days + 1, 5)]
    found = recurring_season(season, days)
    assert tuple(day.isoformat() for day in found) == expected


def test_series_file_is_used_as_it_stands(images: Path, model: Path, tmp_path: Path) -> None:
    season = "2018-11-01/2019-05-31"
    series = series_from_images(str(images), bands=BANDS, season=season, ctx=JobContext())
    write_series(series, tmp_path / "a.series.json")
    ctx = JobContext()
    job = MapJob(images=str(tmp_path / "a.series.json"), model=str(model), output=str(tmp_path))
    found = series_for_map(job, load_model(model).card, ctx)
    assert (found.season, found.dates, found.days) == (series.season, series.dates, series.days)
    assert any(f"season, {season}, is used" in note for note in ctx.noted)


def test_no_more_dates_than_in_training(images: Path, model: Path, tmp_path: Path) -> None:
    card = replace(load_model(model).card, training={"dates": 3, "mask": "scl"})
    job = MapJob(images=str(images), model=str(model), output=str(tmp_path))
    assert len(series_for_map(job, card, JobContext()).dates) == 3


def test_other_processing_level_is_refused(images: Path, model: Path, tmp_path: Path) -> None:
    card = replace(load_model(model).card, level="L1C")
    job = MapJob(images=str(images), model=str(model), output=str(tmp_path))
    with pytest.raises(UserError, match="the images are L2A, the model was trained on L1C"):
        series_for_map(job, card, JobContext())
