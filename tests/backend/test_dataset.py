"""Datasets: chips, splits without leaks, statistics of the training split, bounded memory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset import rasters
from cscl.dataset.chips import chip_size, count_pairs
from cscl.dataset.job import build_dataset
from cscl.dataset.rasters import label_names
from cscl.dataset.reader import Dataset
from cscl.dataset.split import SPLITS, to_split_coordinates
from cscl.grid import Grid, Window
from cscl.series.reader import SeriesReader
from scipy import ndimage
from small_scene import LEFT, TOP, squares, write_folder, write_parcels

SUMMER = ("20210401", "20210501", "20210601", "20210701")
SIZE = 120


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four dates of 120 x 120 pixels, parcels of about a hectare of three crops with gaps."""
    folder = tmp_path_factory.mktemp("scene")
    write_folder(folder / "images", SUMMER, size=SIZE)
    generator = np.random.Generator(np.random.PCG64(2))
    shapes = [shapely.affinity.rotate(item, 3) for item in squares(11, 97.0, 11.0)]
    crops = generator.choice(["maize", "wheat", "beet"], len(shapes)).tolist()
    write_parcels(folder / "parcels.gpkg", shapes, crops)
    return folder


def build(scene: Path, output: Path, **options: object) -> tuple[Dataset, str]:
    ctx = JobContext()
    values = {"images": str(scene / "images"), "parcels": str(scene / "parcels.gpkg")}
    build_dataset(DatasetJob(**values | {"class_field": "crop", "output": str(output)} | options),
                  ctx)  # fmt: skip
    assert ctx.listener.stages["labels"][0] == ctx.listener.stages["labels"][1] > 0
    assert ctx.listener.stages["chips"][0] == ctx.listener.stages["chips"][1] > 0
    return Dataset.open(output), "\n".join(ctx.noted)


@pytest.fixture(scope="module")
def built(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, str]:
    return build(scene, tmp_path_factory.mktemp("dataset"))


def raster(dataset: Dataset, name: str) -> np.ndarray:
    with rasterio.open(dataset.label_path(name)) as file:
        assert file.crs.to_epsg() == 32631
        factor = 4 if name.endswith("_2m5") else 1
        assert tuple(file.transform)[:6] == dataset.grid.subdivide(factor).transform
        assert file.shape == dataset.grid.subdivide(factor).shape
        return file.read(1)


def padded(values: np.ndarray, window: Window, beyond: int) -> np.ndarray:
    result = np.full((window.height, window.width), beyond, dtype=values.dtype)
    part = values[window.row : window.row + window.height, window.col : window.col + window.width]
    result[: part.shape[0], : part.shape[1]] = part
    return result


def windows_of(dataset: Dataset) -> list[Window]:
    table = dataset.chip_table()
    return [Window(row, col, dataset.chip, dataset.chip)
            for row, col in zip(table["row"], table["column"], strict=True)]  # fmt: skip


def test_description(built: tuple[Dataset, str]) -> None:
    dataset, notes = built
    assert dataset.classes.names == ("beet", "maize", "wheat")
    assert dataset.classes.year == 2021
    assert dataset.days.tolist() == [0, 30, 61, 91]
    assert dataset.chip == 16 and "chips of 16 pixels are used" in notes
    assert len(dataset.fingerprint) == 32
    assert "The area is small: blocks of" in notes
    assert "The guard around validation and test ground is" in notes
    assert set(dataset.class_counts) == {1, 2, 3, 254}


def test_chips_hold_the_series_and_their_own_labels(built: tuple[Dataset, str]) -> None:
    dataset, _ = built
    labels, fine, split = (raster(dataset, name) for name in ("labels", "labels_2m5", "split"))
    ids, fine_ids, mixed = (raster(dataset, n) for n in ("parcels", "parcels_2m5", "mixed"))
    own = np.append("", dataset.parcel_table()["split"].to_numpy())
    windows = windows_of(dataset)
    assert len({(w.row, w.col) for w in windows}) < len(windows)  # some straddle splits
    with SeriesReader(dataset.series()) as reader:
        for split_number, name in enumerate(SPLITS, start=1):
            for index in dataset.chips(name)[:6]:
                window, sample = windows[index], dataset.sample(index)
                stack = reader.read(window)
                assert np.array_equal(sample.images, stack.values)
                assert np.array_equal(sample.valid, stack.valid)
                here = padded(split, window, 0) == split_number
                expected = np.where(here, padded(labels, window, 255), 255)
                assert np.array_equal(sample.labels, expected)
                assert (sample.labels != 255).any()
                wide = window.times(4)
                parcels = padded(fine_ids, wide, 0)
                here = here.repeat(4, 0).repeat(4, 1) & np.isin(own[parcels], ("", name))
                expected = np.where(here, padded(fine, wide, 255), 255)
                assert np.array_equal(sample.labels_fine, expected)
                assert np.array_equal(sample.parcels, padded(ids, window, 0))
                assert np.array_equal(sample.parcels_fine, parcels)
                assert np.array_equal(sample.mixed, padded(mixed, window, 0))


def test_every_labelled_pixel_stands_in_one_chip(built: tuple[Dataset, str]) -> None:
    dataset, _ = built
    labels, split = raster(dataset, "labels"), raster(dataset, "split")
    seen = np.zeros((SIZE + 16, SIZE + 16), dtype=int)
    for index, window in enumerate(windows_of(dataset)):
        seen[window.slices] += dataset.sample(index).labels != 255
    assert np.array_equal(seen[:SIZE, :SIZE], ((split > 0) & (labels != 255)).astype(int))
    assert not seen[SIZE:].any() and not seen[:, SIZE:].any()


def test_f42_split_does_not_leak(built: tuple[Dataset, str]) -> None:
    dataset, _ = built
    split, ids, labels = (raster(dataset, name) for name in ("split", "parcels", "labels"))
    table = dataset.parcel_table()
    parcel_split = np.append(0, [SPLITS.index(name) + 1 for name in table["split"]])
    # A parcel goes whole to one split; in training its pixels may fall to the guard.
    inside = ids > 0
    assert ((split == parcel_split[ids]) | (split == 0))[inside].all()
    assert (split == parcel_split[ids])[inside & (parcel_split[ids] > 1)].all()
    guard = round(dataset.split_rule.guard / 10)
    assert guard >= 2
    near = ndimage.binary_dilation(split > 1, np.ones((2 * guard + 1,) * 2))
    assert not (near & (split == 1)).any()
    assert ((split == 0) & ~near & (labels != 255)).sum() == 0
    rows, columns = np.nonzero(labels == 254)
    x, y = LEFT + 10 * (columns + 0.5), TOP - 10 * (rows + 0.5)
    block = dataset.split_rule.codes_of(*to_split_coordinates(x, y, "EPSG:32631"))
    found = split[rows, columns]
    assert ((found == block) | ((found == 0) & (block == 1))).all()
    copies = gpd.GeoSeries(table.geometry).representative_point()
    rule = dataset.split_rule.split_of(*to_split_coordinates(copies.x, copies.y, "EPSG:32631"))
    assert (rule == table["split"].to_numpy()).mean() > 0.95


def test_statistics_and_counts_are_of_training_alone(built: tuple[Dataset, str]) -> None:
    dataset, _ = built
    labels, fine, split = (raster(dataset, name) for name in ("labels", "labels_2m5", "split"))
    training = (split == 1) & (labels != 255)
    with SeriesReader(dataset.series()) as reader:
        stack = reader.read(dataset.grid.whole)
    used = stack.values.transpose(0, 2, 3, 1)[stack.valid & training].astype(np.float64)
    assert dataset.statistics.mean == pytest.approx(used.mean(axis=0), abs=1e-9)
    assert dataset.statistics.std == pytest.approx(used.std(axis=0), abs=1e-7)
    counts = np.bincount(labels[training], minlength=256)
    assert dataset.class_counts == {int(c): int(counts[c]) for c in np.nonzero(counts)[0]}
    assert counts.sum() == training.sum()
    pairs = np.zeros((2, 2), dtype=int)
    for index in dataset.chips("training"):
        sample = dataset.sample(index)
        pairs += count_pairs(sample.labels), count_pairs(sample.labels_fine)
    assert dataset.pair_counts == {1: tuple(pairs[0]), 4: tuple(pairs[1])}
    assert pairs[1, 0] > 0 and pairs[1, 1] / pairs[1, 0] > pairs[0, 1] / pairs[0, 0]
    assert fine.shape == (4 * SIZE, 4 * SIZE)


def test_tables_of_chips_and_parcels(built: tuple[Dataset, str]) -> None:
    dataset, _ = built
    table = dataset.chip_table()
    flat = gpd.read_file(dataset.folder / "chips.fgb")
    assert len(table) == len(flat) == len(dataset)
    assert table.crs.to_epsg() == 32631
    for index in (0, len(dataset) - 1):
        codes, counts = np.unique(dataset.sample(index).labels, return_counts=True)
        expected = {str(c): int(n) for c, n in zip(codes, counts, strict=True) if c != 255}
        assert json.loads(table["class_counts"][index]) == expected
        assert table["labelled"][index] == sum(expected.values())
        assert 0 <= table["boundary_share"][index] <= 1
        left, top = LEFT + 10 * table["column"][index], TOP - 10 * table["row"][index]
        assert table.geometry[index].bounds == (left, top - 160, left + 160, top)
    parcels = dataset.parcel_table()
    assert set(parcels["class_code"]) == {1, 2, 3} and set(parcels["split"]) == set(SPLITS)
    ids = raster(dataset, "parcels")
    row = parcels.iloc[ids[30, 30] - 1]
    assert row.geometry.intersects(shapely.Point(LEFT + 305, TOP - 305))
    assert np.allclose(parcels["area"], shapely.area(parcels.geometry.to_numpy()))


def test_outside_ignored(scene: Path, tmp_path: Path, built: tuple[Dataset, str]) -> None:
    dataset, _ = build(scene, tmp_path, outside="ignore")
    labels, split = raster(dataset, "labels"), raster(dataset, "split")
    assert (labels == 254).any() and not split[labels == 254].any()
    assert np.array_equal(labels, raster(built[0], "labels"))
    assert set(dataset.class_counts) == {1, 2, 3}
    for index in range(0, len(dataset), 5):
        sample = dataset.sample(index)
        assert not (sample.labels == 254).any() and not (sample.labels_fine == 254).any()
    assert dataset.fingerprint != built[0].fingerprint


def test_same_inputs_same_dataset(scene: Path, tmp_path: Path, built: tuple[Dataset, str]) -> None:
    again, _ = build(scene, tmp_path)
    assert again.fingerprint == built[0].fingerprint
    other, _ = build(scene, tmp_path / "seed", seed=2)
    assert other.fingerprint != again.fingerprint
    assert np.array_equal(raster(other, "labels"), raster(again, "labels"))


def test_rasters_are_the_same_in_other_tiles(
    scene: Path, tmp_path: Path, built: tuple[Dataset, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasters, "TILE", 50)
    again, _ = build(scene, tmp_path)
    for name in label_names(4):
        assert np.array_equal(raster(again, name), raster(built[0], name))


def test_classes_by_table(scene: Path, tmp_path: Path) -> None:
    table = tmp_path / "classes.csv"
    table.write_text(
        "source_value,name,code,colour\nmaize,row crops,7,#112233\nbeet,row crops,7,#112233\n"
        "barley,barley,9,#445566\n"
    )
    dataset, notes = build(scene, tmp_path / "dataset", classes=str(table))
    assert dataset.classes.codes == (7, 9) and set(dataset.class_counts) == {7, 254}
    wheat = (gpd.read_file(scene / "parcels.gpkg")["crop"] == "wheat").sum()
    assert f"not in the class table, with their parcels: wheat ({wheat})" in notes
    labels = raster(dataset, "labels")
    assert (labels == 255).sum() > 1000
    assert not raster(dataset, "split")[labels == 255].any()


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(64, 64, 16), (127, 500, 16), (256, 256, 32), (264, 264, 24), (280, 280, 28), (384, 384, 32)],
)
def test_chip_size_fits_the_images(height: int, width: int, expected: int) -> None:
    grid = Grid("EPSG:32631", (10, 0, LEFT, 0, -10, TOP), width, height)
    assert chip_size(None, 0, grid, JobContext()) == expected


def test_chip_size_is_a_multiple_of_four() -> None:
    grid = Grid("EPSG:32631", (10, 0, LEFT, 0, -10, TOP), 300, 300)
    assert chip_size(48, 0, grid, JobContext()) == 48
    with pytest.raises(UserError, match="chip 30: it is no multiple of 4. Use 28 or 32."):
        chip_size(30, 0, grid, JobContext())


def test_nothing_to_learn_is_refused(scene: Path, tmp_path: Path) -> None:
    one = write_parcels(tmp_path / "one.gpkg", squares(10, 100.0), ["maize"] * 100)
    with pytest.raises(UserError, match="all training pixels are of one class, maize"):
        build(scene, tmp_path / "a", parcels=str(one), outside="ignore")
    assert not (tmp_path / "a" / "dataset.json").exists()
    dataset, _ = build(scene, tmp_path / "b", parcels=str(one))
    assert set(dataset.class_counts) == {1, 254}


def test_class_in_one_split_is_a_warning(scene: Path, tmp_path: Path) -> None:
    crops = ["maize", "wheat"] * 60 + ["lupin"]
    parcels = write_parcels(tmp_path / "rare.gpkg", squares(11, 100.0), crops)
    _, notes = build(scene, tmp_path / "a", parcels=str(parcels))
    assert "class lupin: it has pixels in" in notes


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda folder: (folder / "dataset.json").unlink(), "not_a_dataset"),
        (lambda folder: (folder / "dataset.json").write_text('{"schema": 9}'), "damaged_dataset"),
        (lambda folder: (folder / "dataset.json").write_text('{"schema": 1}'), "damaged_dataset"),
        (lambda folder: (folder / "dataset.json").write_text('{"schema": 2}'), "damaged_dataset"),
        (lambda folder: (folder / "dataset.json").write_text("{"), "invalid_json"),
    ],
)
def test_damaged_datasets_are_refused(
    built: tuple[Dataset, str], tmp_path: Path, damage, code: str
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "dataset.json").write_bytes((built[0].folder / "dataset.json").read_bytes())
    damage(folder)
    with pytest.raises(UserError) as caught:
        Dataset.open(folder)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "codes", "found"),
    [
        (
            {"bands": ["B02"]},
            ["dataset_shape", "dataset_statistics", "dataset_statistics"],
            "there are 1 bands (B02)",
        ),
        (
            {"days": [1, 2, 3]},
            ["dataset_shape"],
            "grid_0, days: it is (4,), dataset.json and chips.parquet make it (3,)",
        ),
        (
            {"passes": [1, 1, 2, 1]},
            ["dataset_shape"] * 2,
            "it is (64, 4, 16, 16), dataset.json and chips.parquet make it (64, 5, 16, 16)",
        ),
        ({"chip": 12}, ["dataset_shape"] * 10, "dataset.json and chips.parquet make it"),
        ({"statistics": {"mean": [0.1] * 10, "std": [0.0] * 10}}, ["dataset_statistics"], "zero"),
        ({"statistics": {"mean": [0.1], "std": [0.1] * 10}}, ["dataset_statistics"], "[0.1]"),
    ],
)
def test_f52_a_description_that_its_chips_do_not_fit_is_refused(
    built: tuple[Dataset, str],
    tmp_path: Path,
    changes: dict[str, object],
    codes: list[str],
    found: str,
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(built[0].folder, folder)
    path = folder / "dataset.json"
    value = json.loads(path.read_text()) | changes
    value["grids"][0] |= {name: changes[name] for name in ("days", "passes") if name in changes}
    path.write_text(json.dumps(value))
    with pytest.raises(UserError) as error:
        Dataset.open(folder)
    assert [item.code for item in error.value.findings] == codes
    assert found in str(error.value)
    assert str(folder) in error.value.findings[0].subject


def test_flanders_without_a_season(shared_data: Path, tmp_path: Path) -> None:
    area = shared_data / "flanders" / "a_2019"
    ctx = JobContext()
    build_dataset(
        DatasetJob(
            images=str(area), parcels=str(area / "parcels.gpkg"), class_field="ct_name",
            output=str(tmp_path), classes=str(shared_data / "flanders" / "classes.csv"), dates=8,
        ),
        ctx,
    )  # fmt: skip
    dataset = Dataset.open(tmp_path)
    assert dataset.chip == 16 and len(dataset.days) == 8
    assert dataset.season[0].isoformat() == "2018-11-01"
    assert {"winter cereals", "maize"} <= set(dataset.classes.names)
    for name in SPLITS:
        assert dataset.chips(name)
    # The polygons are outlines of the 10 m raster: no pixel is mixed.
    with rasterio.open(dataset.label_path("mixed")) as file:
        assert not file.read(1).any()
    labels, fine = raster(dataset, "labels"), raster(dataset, "labels_2m5")
    assert np.array_equal(labels.repeat(4, 0).repeat(4, 1), fine)
    text = "\n".join(ctx.noted)
    assert "last full twelve months" in text and "chips of 16 pixels" in text
