"""Datasets with splits by folds, field, layer and a held-out year, and their balance."""

from __future__ import annotations

import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.balance import Share, balance_note, class_balance
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.parcels.training_ground import TrainingGround
from native_scene import write_ground, write_native
from small_scene import LEFT, TOP, squares, write_folder, write_parcels
from split_scene import shared_ground

SIZE = 96
WORDS = ["training", "val", "3", "train", "training", ""]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dates of 96 x 96 pixels, parcels of three crops with the split in a field."""
    folder = tmp_path_factory.mktemp("scene")
    write_folder(folder / "images", ("20210501", "20210701"), size=SIZE)
    shapes = squares(8, 97.0, 21.0)
    crops = np.resize(["maize", "wheat", "beet", "maize", "beet"], len(shapes)).tolist()
    write_parcels(folder / "parcels.gpkg", shapes, crops)
    frame = gpd.read_file(folder / "parcels.gpkg")
    frame["part"] = np.resize(WORDS, len(frame))
    frame.to_file(folder / "parcels.gpkg")
    return folder


def build(scene: Path, output: Path, **options: object) -> tuple[Dataset, list[str]]:
    ctx = JobContext()
    values = {"images": str(scene / "images"), "parcels": str(scene / "parcels.gpkg"),
              "class_field": "crop", "output": str(output), "resolution": "10"}  # fmt: skip
    build_dataset(DatasetJob(**values | options), ctx)
    return Dataset.open(output), list(ctx.noted)


def split_raster(dataset: Dataset) -> np.ndarray:
    with rasterio.open(dataset.label_path("split")) as file:
        return file.read(1)


def test_a_dataset_by_a_field_of_the_parcels(scene: Path, tmp_path: Path) -> None:
    dataset, notes = build(scene, tmp_path / "d", split="field", split_field="part")
    parcels = dataset.parcel_table()
    words = gpd.read_file(scene / "parcels.gpkg")["part"].to_numpy()[parcels["fid"] - 1]
    names = {"training": "training", "train": "training", "val": "validation", "3": "test"}
    assert parcels["split"].tolist() == [names.get(word, "") for word in words]
    with rasterio.open(dataset.label_path("parcels")) as file:
        ids = file.read(1)
    code = np.array([0, *(["", "training", "validation", "test"].index(s) for s in
                          parcels["split"])])  # fmt: skip
    split = split_raster(dataset)
    inside = ids > 0
    assert ((split == code[ids]) | (split == 0))[inside].all()
    assert set(split[ids == 0]) == {0, 1, 2, 3}
    assert dataset.split_plan.kind == "field" and len(dataset.split_plan.shapes) == 54
    # Places alone do not tell the split of such a dataset to who has only its description.
    record = {"split_rule": dataset.split_plan.to_json(),
              "footprint": {"crs": "EPSG:32631", "bounds": [0, 0, 1, 1]}}  # fmt: skip
    assert not TrainingGround(record).known
    assert any(note.startswith("Split by the field part of the parcels: ") for note in notes)


def test_a_dataset_by_a_layer(scene: Path, tmp_path: Path) -> None:
    third = SIZE * 10 / 3
    boxes = [shapely.box(LEFT + n * third, TOP - 960, LEFT + (n + 1) * third, TOP)
             for n in range(3)]  # fmt: skip
    gpd.GeoDataFrame({"split": [1, 2, 3]}, geometry=boxes, crs="EPSG:32631").to_file(
        tmp_path / "areas.gpkg"
    )
    dataset, notes = build(
        scene, tmp_path / "d", split="layer", split_layer=str(tmp_path / "areas.gpkg"), chip=8
    )
    split = split_raster(dataset)
    columns = [set(np.unique(split[:, part]) ) for part in (slice(0, 16), slice(40, 56),
                                                           slice(80, 96))]  # fmt: skip
    assert columns[0] <= {0, 1} and columns[1] <= {0, 2} and columns[2] <= {0, 3}
    assert {1} < columns[0] | {9} and 2 in columns[1] and 3 in columns[2]
    assert any(note.startswith("Split by the polygons of areas.gpkg: ") for note in notes)


def test_folds_share_the_ground_of_one_dataset(scene: Path, tmp_path: Path) -> None:
    tested = np.zeros(64, dtype=int)
    for fold in (1, 2, 3):
        dataset, _ = build(scene, tmp_path / str(fold), split="folds", folds=3, fold=fold)
        tested += (dataset.parcel_table()["split"] == "test").to_numpy()
        assert dataset.split_plan.to_json()["fold"] == fold
    assert (tested == 1).all()


def test_the_only_year_held_out_leaves_nothing_to_train(scene: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        build(scene, tmp_path / "d", hold_out="2021")
    assert error.value.code == "nothing_to_train"
    with pytest.raises(UserError, match="hold_out 2019: the images have no such tile or harvest"):
        build(scene, tmp_path / "e", hold_out="2019")


def test_a_wrong_word_is_told_before_anything_is_burnt(scene: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        build(scene, tmp_path / "d", split="field", split_field="crop")
    assert str(error.value) == (
        "field crop: values that name no split, with their features: 'maize' (26), 'beet' (25), "
        "'wheat' (13). Use training, validation, test or 1, 2, 3; leave it empty where a feature "
        "is not to be used."
    )


def test_the_balance_is_said(scene: Path, tmp_path: Path) -> None:
    dataset, notes = build(scene, tmp_path / "d")
    note = next(text for text in notes if text.startswith("Classes by split"))
    lines = note.splitlines()
    assert lines[0] == "Classes by split (parcels / hectares / labelled pixels):"
    assert lines[1].split() == ["class", "training", "validation", "test"]
    assert [line.split("  ")[0] for line in lines[2:5]] == ["beet", "maize", "wheat"]
    pixels = sum(dataset.class_counts.values())
    found = sum(int(line.split(" / ")[2].split()[0]) for line in lines[2:])
    assert found == pixels


def test_values_of_the_balance() -> None:
    classes = ClassTable.from_values(["a", "b", "c", "d"], "x", 2021)
    rows = class_balance(
        classes,
        [1, 1, 2, 255],
        ["training", "test", "training", "test"],
        [10_000, 5_000, 2_500, 9_999],
        {"training": {1: 90, 2: 20, 254: 7}, "validation": {}, "test": {1: 40}},
    )
    assert [row.name for row in rows] == ["a", "b", "c", "d", classes.name_of(254)]
    assert rows[0].shares["training"] == Share(1, 1.0, 90)
    assert rows[0].shares["test"] == Share(1, 0.5, 40)
    assert rows[4].shares["training"] == Share(0, 0.0, 7)
    assert [row.empty for row in rows] == [False, False, True, True, False]
    assert balance_note(rows).splitlines()[-1] == "In no split: c, d."
    assert balance_note(rows).splitlines()[2] == (
        "a           1 / 1.0 ha / 90  0 / 0.0 ha / 0  1 / 0.5 ha / 40"
    )


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two grids of neighbouring zones that overlap, two dates each, and parcels over both."""
    folder = tmp_path_factory.mktemp("zones")
    days = [datetime.date(2021, 5, 3), datetime.date(2021, 7, 3)]
    season = (datetime.date(2021, 4, 1), datetime.date(2021, 8, 31))
    corner = (709_980.0, 5_600_040.0)
    write_native(folder / "west", days, size=72, corner=corner, season=season)
    forward = pyproj.Transformer.from_crs("EPSG:32631", "EPSG:32632", always_xy=True)
    x, y = forward.transform(corner[0] + 420, corner[1] - 60)
    write_native(folder / "east", days, size=72, corner=(x // 60 * 60, y // 60 * 60),
                 crs="EPSG:32632", season=season, seed=9)  # fmt: skip
    extent = (corner[0] - 50, corner[1] - 900, corner[0] + 1300, corner[1] + 50)
    write_ground(folder / "parcels.gpkg", [extent], crs="EPSG:32631")
    return folder


@pytest.mark.parametrize("hold_out", [None, "grid_1"])
def test_f42_no_ground_in_two_splits_of_a_dataset_of_two_zones(
    zones: Path, tmp_path: Path, hold_out: str | None
) -> None:
    ctx = JobContext()
    images = ";".join(str(zones / name / "scene.series.json") for name in ("west", "east"))
    build_dataset(
        DatasetJob(images, str(zones / "parcels.gpkg"), "crop", str(tmp_path / "d"), chip=8,
                   hold_out=hold_out), ctx,
    )  # fmt: skip
    dataset = Dataset.open(tmp_path / "d")
    splits = []
    for place in dataset.grids:
        with rasterio.open(place.label_path("split")) as file:
            splits.append(file.read(1))
    assert shared_ground([place.grid for place in dataset.grids], splits) < 1e-3
    if hold_out is None:
        assert all(set(np.unique(split)) == {0, 1, 2, 3} for split in splits)
    else:
        assert set(np.unique(splits[1])) == {0, 3} and {1, 3} <= set(np.unique(splits[0]))
        assert any(note.startswith("Held out: all ground of tile grid_1 is test.")
                   for note in ctx.noted)  # fmt: skip
