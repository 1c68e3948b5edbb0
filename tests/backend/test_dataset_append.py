"""An area or a year appended to a dataset: what it takes over, and that it changes nothing."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.series.reader import SeriesReader
from native_scene import LEFT, TOP, write_ground, write_native

SIZE = 120


def dates(year: int) -> list[datetime.date]:
    return [datetime.date(year, month, 3) for month in (4, 5, 6, 7)]


def season(year: int) -> tuple[datetime.date, datetime.date]:
    return datetime.date(year, 4, 1), datetime.date(year, 8, 31)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of one ground, with other parcels in the second."""
    folder = tmp_path_factory.mktemp("years")
    for year, side in ((2020, 130.0), (2021, 105.0)):
        write_native(folder / str(year), dates(year), size=SIZE, season=season(year), seed=year)
        ground = [(LEFT, TOP - 10 * SIZE, LEFT + 10 * SIZE, TOP)]
        write_ground(folder / f"{year}.gpkg", ground, side=side)
    return folder


def job(scene: Path, output: Path, year: int, **options: object) -> DatasetJob:
    values = {
        "images": str(scene / str(year) / "scene.series.json"),
        "parcels": str(scene / f"{year}.gpkg"),
        "class_field": "crop",
        "output": str(output),
    }
    return DatasetJob(**values | options)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def first(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    output = tmp_path_factory.mktemp("dataset") / "first"
    build_dataset(job(scene, output, 2020, chip=20), JobContext())
    return Dataset.open(output)


@pytest.fixture(scope="module")
def both(scene: Path, first: Dataset) -> Dataset:
    before = digests(first.folder)
    output = first.folder.parent / "both"
    build_dataset(job(scene, output, 2021, append=str(first.folder)), JobContext())
    assert digests(first.folder) == before
    return Dataset.open(output)


def raster(dataset: Dataset, number: int, name: str) -> np.ndarray:
    with rasterio.open(dataset.grids[number].label_path(name)) as file:
        return file.read(1)


def test_both_years_stand_in_one_dataset(first: Dataset, both: Dataset) -> None:
    assert [place.name for place in both.grids] == ["grid_0", "grid_1"]
    assert both.season == season(2021) and both.chip == first.chip == 20
    assert both.classes == first.classes and both.split_rule == first.split_rule
    assert len(both) > len(first) and both.fingerprint != first.fingerprint
    for index in range(0, len(first), 5):
        old, new = first.sample(index), both.sample(index)
        assert np.array_equal(old.images, new.images) and np.array_equal(old.labels, new.labels)
    own = both.grid_of(len(both) - 1)
    assert own.name == "grid_1" and both.sample(len(both) - 1).days.tolist() == [2, 32, 63, 93]
    # The chips of both years have the same places.
    table = both.chip_table()
    places = [set(zip(part["row"], part["column"], strict=True)) for _, part in
              table.groupby("grid")]  # fmt: skip
    assert len(places[0] & places[1]) > 20


def test_ids_go_on_after_the_parcels_that_were_there(first: Dataset, both: Dataset) -> None:
    old, table = first.parcel_table(), both.parcel_table()
    assert table[: len(old)].drop(columns="geometry").equals(old.drop(columns="geometry"))
    ids = raster(both, 1, "parcels")
    assert ids[ids > 0].min() > len(old) and ids.max() <= len(table)
    codes = np.append(0, table["class_code"])
    labels = raster(both, 1, "labels")
    pure = (raster(both, 1, "mixed") == 0) & (ids > 0)
    assert (labels[pure] == codes[ids[pure]]).all()


def test_no_ground_is_in_two_splits_over_the_years(both: Dataset) -> None:
    old, new = raster(both, 0, "split"), raster(both, 1, "split")
    used = (old > 0) & (new > 0)
    assert used.sum() > 200
    assert (old[used] == new[used]).all()
    assert set(np.unique(new)) == {0, 1, 2, 3}


def test_statistics_are_over_both(both: Dataset) -> None:
    used = []
    counts = np.zeros(256, dtype=int)
    for number, place in enumerate(both.grids):
        labels = raster(both, number, "labels")
        training = (raster(both, number, "split") == 1) & (labels != 255)
        counts += np.bincount(labels[training], minlength=256)
        with SeriesReader(place.series()) as reader:
            stack = reader.read(place.grid.whole)
        used.append(stack.values.transpose(0, 2, 3, 1)[stack.valid & training].astype(np.float64))
    together = np.concatenate(used)
    assert both.statistics.mean == pytest.approx(together.mean(axis=0), abs=1e-9)
    assert both.statistics.std == pytest.approx(together.std(axis=0), abs=1e-7)
    assert both.class_counts == {int(code): int(counts[code]) for code in np.flatnonzero(counts)}
    description = json.loads((both.folder / "dataset.json").read_text())
    assert sum(description["chips"].values()) == len(both)


def test_files_are_linked_and_no_copies(first: Dataset, both: Dataset) -> None:
    one = first.grids[0].label_path("labels")
    assert one.stat().st_ino == both.grids[0].label_path("labels").stat().st_ino


def test_what_differs_is_listed(scene: Path, first: Dataset, tmp_path: Path) -> None:
    options = {"append": str(first.folder), "chip": 16, "bands": ("B02", "B04"), "factor": 2,
               "split": "folds", "folds": 4}  # fmt: skip
    with pytest.raises(UserError) as caught:
        build_dataset(job(scene, tmp_path / "a", 2021, **options), JobContext())
    assert [item.subject for item in caught.value.findings] == [
        "chip 16", "factor 2", "bands B02, B04", "folds 4", "split folds"]  # fmt: skip
    assert "chip 16: the dataset" in str(caught.value) and "has 20" in str(caught.value)
    # Its fine labels are at 2.5 m, as those of any dataset that nothing else was asked of.
    with pytest.raises(UserError, match="has fine labels 4 times finer than 10 m") as caught:
        options = {"append": str(first.folder), "resolution": "5"}
        build_dataset(job(scene, tmp_path / "c", 2021, **options), JobContext())
    assert [item.subject for item in caught.value.findings] == ["resolution 5"]
    longer = (datetime.date(2021, 3, 1), datetime.date(2021, 11, 30))
    path = write_native(tmp_path / "long", dates(2021), size=60, season=longer)
    with pytest.raises(UserError) as caught:
        build_dataset(
            job(scene, tmp_path / "b", 2021, images=str(path), append=str(first.folder)),
            JobContext(),
        )
    assert [item.code for item in caught.value.findings] == ["season_length"]
