"""A map in the making: streamed, stopped and gone on with, shared among processes and devices."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
import torch
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import MapJob
from cscl.device import choose_devices
from cscl.grid import Grid, Window
from cscl.mapping import job as mapping_job
from cscl.mapping import mapper as mapping_mapper
from cscl.mapping.areas import CroplandMask, Places
from cscl.mapping.job import map_crops
from cscl.mapping.layers import Layers
from cscl.mapping.parts import Part, read_part, write_part
from cscl.mapping.predict import Predictor
from cscl.mapping.stream import stream
from cscl.models.store import load_card, load_model, save_model
from map_scene import CRS, LEFT, TOP, write_images, write_model
from rasterio.transform import Affine

HEIGHT, WIDTH, SIDE = 64, 80, 32
WINDOWS = 6
GRID = Grid(CRS, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), WIDTH, HEIGHT)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cscl.mapping.predict.SIDES", (SIDE,))


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return write_images(tmp_path_factory.mktemp("scene") / "images", HEIGHT, WIDTH, dates=3)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def make(images: Path, model: Path):
    def job(output: Path, **values) -> MapJob:
        return MapJob(
            images=str(images), model=str(model), output=str(output), resolution="10", **values
        )

    return job


@pytest.fixture(scope="module")
def whole(make, tmp_path_factory) -> Path:
    """The map of an unbroken run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cscl.mapping.predict.SIDES", (SIDE,))
        folder = tmp_path_factory.mktemp("whole")
        map_crops(make(folder), JobContext())
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {item.name: hashlib.sha256(item.read_bytes()).hexdigest() for item in folder.iterdir()}


def crops(folder: Path, name: str = "crops") -> np.ndarray:
    with rasterio.open(folder / f"{name}.tif") as file:
        return file.read(1)


def document(folder: Path) -> dict:
    return json.loads((folder / "map.json").read_text())


# Streaming


def test_stages_go_on_at_the_same_time_and_keep_the_order() -> None:
    meeting, written, most = threading.Barrier(3, timeout=10), [], []
    under_way: set[int] = set()

    def read(item: int) -> int:
        under_way.add(item)
        most.append(len(under_way))
        # All three stages wait here for each other, on different items.
        if 2 <= item < 8:
            meeting.wait()
        return 10 * item

    def compute(found: int) -> int:
        if 1 <= found // 10 < 7:
            meeting.wait()
        return found + 1

    def write(item: int, result: int) -> None:
        if item < 6:
            meeting.wait()
        written.append((item, result))
        under_way.remove(item)

    steps: list[int] = []
    stream(range(8), read, [compute], write, lambda: steps.append(len(written)))
    assert written == [(item, 10 * item + 1) for item in range(8)]
    assert len(steps) == 8 and max(most) == 3


@pytest.mark.parametrize("stage", ["read", "compute", "write", "step"])
def test_an_error_of_any_stage_ends_all(stage: str) -> None:
    threads = threading.active_count()
    written: list[int] = []
    steps = itertools.count()

    def fail_at(name: str, item: int) -> int:
        if name == stage and item == 2:
            raise ValueError(name)
        return item

    def write(item: int, result: int) -> None:
        written.append(fail_at("write", item))

    with pytest.raises(ValueError, match=stage):
        stream(
            range(100),
            lambda item: fail_at("read", item),
            [lambda item: fail_at("compute", item)],
            write,
            lambda: fail_at("step", next(steps)) and None,
        )
    assert len(written) < 8 and threading.active_count() == threads


def test_every_device_takes_windows_and_the_map_is_the_same(
    make, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[int] = []
    compute = Predictor.compute

    def slow(self: Predictor, prepared, scales):
        used.append(id(self))
        time.sleep(0.05)
        return compute(self, prepared, scales)

    monkeypatch.setattr(Predictor, "compute", slow)
    two = (torch.device("cpu"), torch.device("cpu"))
    monkeypatch.setattr(mapping_job, "choose_devices", lambda text: two)
    map_crops(make(tmp_path), JobContext())
    assert len(used) == WINDOWS and len(set(used)) == 2
    assert digests(tmp_path) == digests(whole)


def test_all_cuda_devices_are_taken_where_none_is_named(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert [str(each) for each in choose_devices("auto")] == ["cuda:0", "cuda:1", "cuda:2"]
    assert [str(each) for each in choose_devices("cuda:1")] == ["cuda:1"]
    assert [str(each) for each in choose_devices("cpu")] == ["cpu"]


def test_f70_memory_that_does_not_suffice_is_recorded(
    make, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Predictor._run

    def short(self: Predictor, images, days, valid, scales):
        if valid.shape[-1] > 40 + 2 * self.halo:
            raise torch.cuda.OutOfMemoryError("too large")
        return run(self, images, days, valid, scales)

    monkeypatch.setattr(Predictor, "_run", short)
    # With their margins windows of 32 pixels have 36 or 40, those of 16 at the edge fewer.
    monkeypatch.setattr("cscl.mapping.predict.SIDES", (48,))
    ctx = JobContext()
    map_crops(make(tmp_path), ctx)
    computed = document(tmp_path)["computed"]
    assert computed["cut_for_memory"] >= 2 and computed["windows"] == 4
    note = f"The device's memory did not hold {computed['cut_for_memory']} windows whole"
    assert any(text.startswith(note) for text in ctx.noted)
    assert (crops(tmp_path) == crops(whole)).mean() >= 0.9999


# Stopped and gone on with


class Killed(BaseException):
    """The end of the process, as far as Python can play it."""


def stopped_after(windows: int, job: MapJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a job that ends when so many windows are written."""
    with monkeypatch.context() as patch:

        def counting(path: Path, part: Part, probabilities: bool) -> None:
            if len(list(path.parent.glob("*.zip"))) == windows:
                raise Killed
            write_part(path, part, probabilities)

        patch.setattr(mapping_mapper, "write_part", counting)
        with pytest.raises(Killed):
            map_crops(job, JobContext())


@pytest.mark.parametrize("windows", [0, 1, 4])
def test_f57_a_map_goes_on_where_it_was_stopped(
    windows: int, make, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(tmp_path)
    stopped_after(windows, job, monkeypatch)
    parts = tmp_path / "work" / "parts"
    before = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.zip")}
    assert len(before) == windows and [item.name for item in tmp_path.iterdir()] == ["work"]
    written: list[str] = []

    def noting(path: Path, part: Part, probabilities: bool) -> None:
        written.append(path.name)
        write_part(path, part, probabilities)

    monkeypatch.setattr(mapping_mapper, "write_part", noting)
    ctx = JobContext()
    map_crops(job, ctx)
    assert len(written) == WINDOWS - windows and not set(written) & set(before)
    found = f"{windows} of {WINDOWS} windows are there from an earlier run"
    assert (found in ctx.noted) == (windows > 0)
    assert digests(tmp_path) == digests(whole)


def test_f61_what_a_dead_process_left_in_the_work_is_swept(
    make, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(tmp_path)
    stopped_after(2, job, monkeypatch)
    work = tmp_path / "work"
    orphans = [
        work / ".cscl-part-999999999-0-plan.json",
        work / "parts" / ".cscl-part-999999999-0-a",
    ]
    own = tmp_path / "notes of a person.txt"
    for path in (*orphans, own):
        path.write_text("left")
    stopped_after(3, job, monkeypatch)
    assert not any(path.exists() for path in orphans)
    map_crops(job, JobContext())
    assert own.read_text() == "left"
    own.unlink()
    assert digests(tmp_path) == digests(whole)


def test_f58_a_map_that_finds_no_room_is_refused_before_pixels_are_read(
    make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(tmp_path)
    usage = SimpleNamespace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    monkeypatch.setattr(mapping_job, "_map_windows", lambda *_: pytest.fail("a window was read"))
    with pytest.raises(UserError, match="the map needs .* MB more, and 0.0 MB are free") as caught:
        map_crops(job, JobContext())
    assert caught.value.code == "disk_full"


def test_the_room_of_a_map_is_told_and_a_little_is_warned_of(
    make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = JobContext()
    map_crops(make(tmp_path), ctx)
    told = next(note for note in ctx.noted if note.startswith("The map takes about"))
    size = sum(path.stat().st_size for path in tmp_path.glob("*.tif"))
    most = float(told.split("up to ")[1].split(" MB")[0]) * 1e6
    assert size < most < 20 * size
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=most * 0.6))
    warned = JobContext()
    map_crops(make(tmp_path / "again"), warned)
    assert "little_room" in [finding.code for finding in warned.found]


def test_windows_of_the_same_weights_with_another_card_are_not_gone_on_with(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_model(tmp_path / "model")
    job = MapJob(
        images=str(images), model=str(model), output=str(tmp_path / "map"), resolution="10"
    )
    stopped_after(3, job, monkeypatch)
    loaded = load_model(model)
    temperatures = {**loaded.card.temperatures, "1": 3.0}
    card = dataclasses.replace(loaded.card, temperatures=temperatures)
    save_model(model, loaded.network, card, loaded.losses)
    assert load_card(model).sha256 == loaded.card.sha256
    ctx = JobContext()
    map_crops(job, ctx)
    assert not any("from an earlier run" in note for note in ctx.noted)


def test_f35_windows_of_other_images_are_not_gone_on_with(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(tmp_path / "images", HEIGHT, WIDTH, dates=3)
    job = MapJob(
        images=str(images), model=str(model), output=str(tmp_path / "map"), resolution="10"
    )
    stopped_after(3, job, monkeypatch)
    path = sorted(images.glob("*.tif"))[1]
    with rasterio.open(path, "r+") as file:
        values = file.read()
        file.write(np.where(values > 0, values + 9, 0).astype(np.uint16))
    ctx = JobContext()
    map_crops(job, ctx)
    assert not any("from an earlier run" in note for note in ctx.noted)


def test_f35_an_image_that_changes_on_the_way_stops_the_map(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(tmp_path / "images", HEIGHT, WIDTH, dates=3)
    path = sorted(images.glob("*.tif"))[1]

    def changing(place: Path, part: Part, probabilities: bool) -> None:
        write_part(place, part, probabilities)
        with open(path, "ab") as file:
            file.write(b"more")

    monkeypatch.setattr(mapping_mapper, "write_part", changing)
    job = MapJob(
        images=str(images), model=str(model), output=str(tmp_path / "map"), resolution="10"
    )
    with pytest.raises(UserError, match="it changed after the time series was defined") as caught:
        map_crops(job, JobContext())
    assert str(path) in str(caught.value)
    assert [item.name for item in (tmp_path / "map").iterdir()] == ["work"]


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    path = tmp_path / "000001.zip"
    layers = Layers.empty(4, 5, 3)
    write_part(path, Part({1: layers}, "cpu", 2), probabilities=True)
    found = read_part(path)
    assert (found.device, found.cuts, list(found.layers)) == ("cpu", 2, [1])
    for name, values in vars(found.layers[1]).items():
        np.testing.assert_array_equal(values, getattr(layers, name))
    data = bytearray(path.read_bytes())
    data[data.index(b"1/crops") + len("1/crops") + 4] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UserError, match="its window is computed again") as caught:
        read_part(path)
    assert str(path) in str(caught.value)


def test_two_workers_and_one_make_the_same_map(make, whole: Path, tmp_path: Path) -> None:
    ctx = JobContext()
    map_crops(make(tmp_path, workers=2), ctx)
    assert ctx.listener.stages["map"] == (WINDOWS + 6, WINDOWS + 6)
    assert digests(tmp_path) == digests(whole)


# Where


def test_only_polygons_are_mapped_and_only_their_windows_computed(
    make, whole: Path, tmp_path: Path
) -> None:
    # Both in columns 2 to 78, rows 3 to 60, far from each other.
    shapes = [
        shapely.box(LEFT + 20, TOP - 100, LEFT + 120, TOP - 30),
        shapely.box(LEFT + 700, TOP - 600, LEFT + 780, TOP - 500),
    ]
    path = tmp_path / "area.gpkg"
    geopandas.GeoDataFrame(geometry=shapes, crs=CRS).to_file(path)
    output, ctx = tmp_path / "map", JobContext()
    map_crops(make(output, area_polygons=str(path)), ctx)
    assert "Only what lies in the polygons of area.gpkg is mapped" in ctx.noted
    with rasterio.open(output / "crops.tif") as file:
        assert Grid.of(file) == GRID.part(Window(3, 2, 57, 76))
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[3:10, 2:12] = inside[50:60, 70:78] = True
    found, expected = crops(output), np.where(inside, crops(whole), 0)[3:60, 2:78]
    assert (found == expected).mean() >= 0.9999 and found.any()
    assert document(output)["computed"]["skipped"] == 4
    assert "4 of 6 windows had nothing to map" in ctx.noted


def test_polygons_beyond_the_images_or_the_extent_are_refused(make, tmp_path: Path) -> None:
    path = tmp_path / "area.gpkg"
    box = shapely.box(LEFT + 20, TOP - 100, LEFT + 120, TOP - 30)
    geopandas.GeoDataFrame(geometry=[box], crs=CRS).to_file(path)
    extent = f"{LEFT + 500},{TOP - 600},{LEFT + 600},{TOP - 500}"
    with pytest.raises(UserError, match="does not meet the polygons"):
        map_crops(make(tmp_path / "map", area_polygons=str(path), area=extent), JobContext())
    far = geopandas.GeoDataFrame(geometry=[shapely.affinity.translate(box, 1e5)], crs=CRS)
    far.to_file(tmp_path / "far.gpkg")
    with pytest.raises(UserError, match="the images 574680,5621800,575480,5622440"):
        map_crops(make(tmp_path / "map", area_polygons=str(tmp_path / "far.gpkg")), JobContext())
    points = tmp_path / "points.gpkg"
    geopandas.GeoDataFrame(geometry=[box.centroid], crs=CRS).to_file(points)
    with pytest.raises(UserError, match="geometries of the type Point in layer 'points'"):
        map_crops(make(tmp_path / "map", area_polygons=str(points)), JobContext())
    with pytest.raises(UserError, match="geometries of the type Point in layer 'points'"):
        map_crops(make(tmp_path / "map", parcels=str(points)), JobContext())


def write_mask(
    path: Path, values: np.ndarray, left: float, top: float, side: float, **more
) -> Path:
    profile = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1,
        "dtype": "uint8", "crs": CRS, "transform": Affine(side, 0, left, 0, -side, top), **more,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def test_only_cropland_is_mapped(make, whole: Path, tmp_path: Path) -> None:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[10:30, 8:40] = 3
    values[12, 12] = 77
    path = write_mask(tmp_path / "cropland.tif", values, LEFT, TOP, 10.0, nodata=77)
    output, ctx = tmp_path / "map", JobContext()
    map_crops(make(output, cropland=str(path)), ctx)
    assert any("its pixels are those of the map's grid" in note for note in ctx.noted)
    np.testing.assert_array_equal(crops(output), np.where(values == 3, crops(whole), 0))
    assert (crops(output, "confidence")[values != 3] == 255).all()
    assert document(output)["only_on_cropland"] and document(output)["computed"]["skipped"] == 4


def test_another_grid_of_cropland_counts_by_its_nearest_pixel(tmp_path: Path) -> None:
    values = np.zeros((20, 20), np.uint8)
    values[2:4, 1:5] = 1
    path = write_mask(tmp_path / "coarse.tif", values, LEFT + 5, TOP - 3, 40.0)
    mask = CroplandMask(path, GRID)
    assert not mask.aligned
    found = Places(cropland=str(path)).selection(GRID).masks(Window(0, 0, HEIGHT, WIDTH))
    rows = TOP - 2.5 * (np.arange(4 * HEIGHT) + 0.5)
    columns = LEFT + 2.5 * (np.arange(4 * WIDTH) + 0.5)
    expected = np.outer(
        (rows < TOP - 83) & (rows > TOP - 163), (columns > LEFT + 45) & (columns < LEFT + 205)
    )
    np.testing.assert_array_equal(found[4], expected)
    shares = expected.reshape(HEIGHT, 4, WIDTH, 4).mean(axis=(1, 3))
    np.testing.assert_array_equal(found[1], shares >= 0.5)


def test_bfloat16_changes_little_and_is_told(make, whole: Path, tmp_path: Path) -> None:
    map_crops(make(tmp_path, precision="bfloat16"), JobContext())
    assert document(tmp_path)["precision"] == "bfloat16"
    assert document(whole)["precision"] == "float32"
    sure = crops(whole, "margin") > 12
    assert (crops(tmp_path) == crops(whole))[sure].mean() > 0.99
    assert digests(tmp_path) != digests(whole)


def test_f65_a_second_start_on_the_same_folder_is_refused(
    make, tmp_path: Path, monkeypatch
) -> None:
    from cscl.contract.events import Failed
    from cscl.service import Run

    monkeypatch.setenv("CSCL_HOME", str(tmp_path / "home"))
    job, second = make(tmp_path / "map"), []
    events: list = []

    def counting(path: Path, part: Part, probabilities: bool) -> None:
        if not second:
            second.append(Run(job, events.append).execute())
        write_part(path, part, probabilities)

    monkeypatch.setattr(mapping_mapper, "write_part", counting)
    assert Run(job, lambda event: None).execute() == 0
    assert second == [1]
    failed = [event for event in events if isinstance(event, Failed)]
    assert [event.code for event in failed] == ["output_busy"]
    assert f"a job map is running there (process {os.getpid()})" in failed[0].message
