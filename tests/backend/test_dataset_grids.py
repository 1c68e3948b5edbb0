"""Datasets of several grids: zones and overlaps, dates of each grid, one parcel in one of them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import torch
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob, EvaluateJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.evaluation.job import evaluate
from cscl.grid import Window
from cscl.models.store import load_model
from cscl.series.reader import SeriesReader
from cscl.training.batches import ChipStore, Sampler, plain_batches
from cscl.training.finetune import finetune
from native_scene import write_ground, write_native
from training_sample import finetune_job

WEST, EAST = "EPSG:32631", "EPSG:32632"
LEFT, TOP = 709_980.0, 5_600_040.0
SIZE = 120
SUMMER = [datetime.date(2021, month, 3) for month in (4, 5, 6, 7)]
SEASON = (datetime.date(2021, 4, 1), datetime.date(2021, 8, 31))


def to_west(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return pyproj.Transformer.from_crs(EAST, WEST, always_xy=True).transform(x, y)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two overlapping grids of two zones, with four and three dates, and parcels over both."""
    folder = tmp_path_factory.mktemp("zones")
    write_native(folder / "west", SUMMER, size=SIZE, corner=(LEFT, TOP), season=SEASON)
    forward = pyproj.Transformer.from_crs(WEST, EAST, always_xy=True)
    x, y = forward.transform(LEFT + 700, TOP - 100)
    corner = (x // 60 * 60, y // 60 * 60)
    write_native(
        folder / "east", SUMMER[1:], size=SIZE, corner=corner, crs=EAST, season=SEASON, seed=9
    )
    extent = (LEFT - 50, TOP - 10 * SIZE - 150, LEFT + 2000, TOP + 50)
    write_ground(folder / "parcels.gpkg", [extent], crs=WEST)
    return folder


def images(scene: Path) -> str:
    return ";".join(str(scene / name / "scene.series.json") for name in ("west", "east"))


def job(scene: Path, output: Path, **options: object) -> DatasetJob:
    values = {"images": images(scene), "parcels": str(scene / "parcels.gpkg"), "chip": 16,
              "class_field": "crop", "output": str(output), "workers": 1}  # fmt: skip
    return DatasetJob(**values | options)


@pytest.fixture(scope="module")
def built(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    output = tmp_path_factory.mktemp("dataset") / "d"
    build_dataset(job(scene, output), JobContext())
    return Dataset.open(output)


def raster(dataset: Dataset, number: int, name: str) -> np.ndarray:
    with rasterio.open(dataset.grids[number].label_path(name)) as file:
        return file.read(1)


def test_each_grid_has_its_own_dates_and_season(built: Dataset) -> None:
    assert [place.name for place in built.grids] == ["grid_0", "grid_1"]
    assert sorted(place.grid.crs for place in built.grids) == [WEST, EAST]
    counts = {place.grid.crs: place.days.tolist() for place in built.grids}
    assert counts == {WEST: [2, 32, 63, 93], EAST: [32, 63, 93]}
    assert built.dates == 4 and built.season == SEASON
    with pytest.raises(ValueError, match="has 2 grids: ask each of them"):
        built.grid  # noqa: B018
    table = built.chip_table()
    assert table.crs.to_epsg() == 4326 and set(table["grid"]) == {"grid_0", "grid_1"}
    for index in (0, len(built) - 1):
        place = built.grid_of(index)
        assert table["grid"][index] == place.name
        sample = built.sample(index)
        assert sample.images.shape[:2] == (len(place.days), 5)
        with SeriesReader(place.series()) as reader:
            corner = int(table["row"][index]), int(table["column"][index])
            stack = reader.read(Window(*corner, 16, 16))
        assert np.array_equal(sample.images, stack.values)


def test_a_parcel_counts_in_one_grid_and_is_unknown_in_the_other(built: Dataset) -> None:
    parcels = built.parcel_table()
    assert set(parcels["grid"]) == {"grid_0", "grid_1"}
    owner = np.append("", parcels["grid"].to_numpy(str))
    seen = []
    for number, place in enumerate(built.grids):
        ids, labels = raster(built, number, "parcels"), raster(built, number, "labels")
        split = raster(built, number, "split")
        strange = (ids > 0) & (owner[ids] != place.name)
        assert (labels[strange] == 255).all() and not split[strange].any()
        seen.append(strange.any())
        own = (ids > 0) & ~strange
        assert (labels[own] < 254).any()
    assert any(seen)


def test_land_outside_parcels_counts_in_the_first_grid_alone(built: Dataset) -> None:
    west = next(n for n, place in enumerate(built.grids) if place.grid.crs == WEST)
    first, second = built.grids
    split, labels = raster(built, 1, "split"), raster(built, 1, "labels")
    rows, columns = np.nonzero(labels == 254)
    x = second.grid.affine.c + 10 * (columns + 0.5)
    y = second.grid.affine.f - 10 * (rows + 0.5)
    source, target = second.grid.crs, first.grid.crs
    x, y = pyproj.Transformer.from_crs(source, target, always_xy=True).transform(x, y)
    left, bottom, right, top = first.grid.bounds
    inside = (x > left) & (x < right) & (y > bottom) & (y < top)
    assert inside.sum() > 50 and west in (0, 1)
    assert not split[rows, columns][inside].any()
    assert split[rows, columns][~inside].any()


def test_statistics_are_over_the_training_pixels_of_all_grids(built: Dataset) -> None:
    used = []
    for number, place in enumerate(built.grids):
        training = (raster(built, number, "split") == 1) & (raster(built, number, "labels") != 255)
        with SeriesReader(place.series()) as reader:
            stack = reader.read(place.grid.whole)
        used.append(stack.values.transpose(0, 2, 3, 1)[stack.valid & training].astype(np.float64))
    together = np.concatenate(used)
    assert min(map(len, used)) > 100
    assert built.statistics.mean == pytest.approx(together.mean(axis=0), abs=1e-9)
    assert built.statistics.std == pytest.approx(together.std(axis=0), abs=1e-7)


def test_chips_with_fewer_dates_are_padded_with_what_is_not_valid(built: Dataset) -> None:
    chips = built.chips("training")
    lengths = [len(built.grid_of(chip).days) for chip in chips]
    mixed = [chips[lengths.index(4)], chips[lengths.index(3)]]
    store = ChipStore(built, mixed)
    batch = next(plain_batches(built, store, mixed, 2))
    alone = next(plain_batches(built, store, mixed[1:], 1))
    assert batch.images.shape[:2] == (2, 4) and alone.images.shape[1] == 3
    assert torch.equal(batch.images[1, :3], alone.images[0])
    assert torch.equal(batch.valid[1, :3], alone.valid[0])
    assert torch.equal(batch.days[1, :3], alone.days[0])
    assert not batch.valid[1, 3].any() and not batch.images[1, 3].any()
    sampler = Sampler(built, ChipStore(built, chips), batch=len(chips), side=16, dates=None,
                      seed=[1])  # fmt: skip
    drawn = sampler.next()
    assert drawn.images.shape[1] == 4 and (~drawn.valid[:, 3].any(dim=(1, 2))).any()


def test_trained_and_evaluated_over_all_grids(built: Dataset, tmp_path: Path) -> None:
    finetune(finetune_job(built.folder, tmp_path / "model"), JobContext())
    training = load_model(tmp_path / "model").card.training
    assert training["dates"] == 4
    ctx = JobContext()
    (tmp_path / "report").mkdir()
    evaluate(
        EvaluateJob(dataset=str(built.folder), model=str(tmp_path / "model"), device="cpu",
                    output=str(tmp_path / "report"), until_curve=2),
        ctx,
    )  # fmt: skip
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    expected = 0
    for number, place in enumerate(built.grids):
        test = (raster(built, number, "split") == 3) & (raster(built, number, "labels") != 255)
        with SeriesReader(place.series()) as reader:
            expected += int((test & reader.read(place.grid.whole).valid.any(axis=0)).sum())
    zone = next(
        row for row in report["zones"]
        if (row["method"], row["zone"], row["resolution"]) == ("network", "all", "10")
    )  # fmt: skip
    assert zone["pixels"] == expected > 0
    assert {trial["grid"] for trial in report["forest"]["trials"]} == {"grid_0", "grid_1"}
    assert [item["dates"] for item in report["dataset"]["grids"]] == [
        len(place.days) for place in built.grids
    ]
    notes = "\n".join(ctx.noted)
    assert "Figures through the season are left out: the dataset has several grids." in notes
    assert "The random forest is trained on each grid by itself" in notes


def test_series_that_differ_are_refused_with_all_differences(scene: Path, tmp_path: Path) -> None:
    late = (datetime.date(2021, 3, 1), datetime.date(2021, 11, 30))
    write_native(tmp_path / "other", SUMMER, size=60, corner=(LEFT, TOP + 6000), season=late,
                 composite="month")  # fmt: skip
    both = f"{scene / 'west' / 'scene.series.json'};{tmp_path / 'other' / 'scene.series.json'}"
    with pytest.raises(UserError) as caught:
        build_dataset(job(scene, tmp_path / "d", images=both), JobContext())
    assert [item.code for item in caught.value.findings] == ["series_differ", "season_length"]
    text = str(caught.value)
    assert "medians by month, gaps kept" in text
    first, second = both.split(";")
    assert text.startswith(f"{second}: ")
    assert f"its season is 2021-03-01/2021-11-30, that of {first} 2021-04-01/2021-08-31" in text
