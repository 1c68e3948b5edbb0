"""Which chips a dataset has: with margins, on parcels, with other fine labels, rare classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
import torch
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob
from cscl.contract.resolutions import pixel_text
from cscl.dataset.chips import cell_starts, chip_size, parcel_corners
from cscl.dataset.job import build_dataset
from cscl.dataset.labels import burn_labels
from cscl.dataset.rasters import label_names
from cscl.dataset.reader import Dataset
from cscl.dataset.shards import Totals, own_pixels
from cscl.grid import Grid, Window
from cscl.series.reader import SeriesReader
from cscl.series.resample import INVALID, to_reflectance
from cscl.training.batches import BandStatistics, make_batch, plain_view, shares_at
from cscl.training.finetune import finetune
from hypothesis import given
from hypothesis import strategies as st
from small_scene import LEFT, TOP, squares, write_folder, write_parcels
from training_sample import finetune_job

SIZE = 96


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dates of 96 x 96 pixels and parcels of three crops, of which lupin is rare."""
    folder = tmp_path_factory.mktemp("chips")
    write_folder(folder / "images", ("20210401", "20210601"), size=SIZE)
    shapes = [shapely.affinity.rotate(item, 3) for item in squares(8, 104.0, 14.0)]
    crops = np.random.Generator(np.random.PCG64(2)).choice(["maize", "wheat"], len(shapes)).tolist()
    crops[10] = crops[40] = "lupin"
    write_parcels(folder / "parcels.gpkg", shapes, crops)
    return folder


def build(scene: Path, output: Path, **options: object) -> tuple[Dataset, str]:
    ctx = JobContext()
    values = {"images": str(scene / "images"), "parcels": str(scene / "parcels.gpkg"), "chip": 16,
              "class_field": "crop", "output": str(output), "mask": "none"}  # fmt: skip
    build_dataset(DatasetJob(**values | options), ctx)
    return Dataset.open(output), "\n".join(ctx.noted)


def raster(dataset: Dataset, name: str) -> np.ndarray:
    with rasterio.open(dataset.label_path(name)) as file:
        return file.read(1)


def test_a_margin_is_seen_and_not_labelled(scene: Path, tmp_path: Path) -> None:
    dataset, _ = build(scene, tmp_path / "d", margin=6)
    plain, _ = build(scene, tmp_path / "plain")
    assert dataset.side == 28 and dataset.chip == 16
    assert dataset.class_counts == plain.class_counts
    assert np.allclose(dataset.statistics.mean, plain.statistics.mean, atol=1e-12)
    table = dataset.chip_table()
    with SeriesReader(dataset.series()) as reader:
        for index in range(0, len(dataset), 9):
            corner = int(table["row"][index]), int(table["column"][index])
            stack, sample = reader.read(Window(*corner, 16, 16), pad=6), dataset.sample(index)
            assert np.array_equal(sample.images, stack.values)
            assert np.array_equal(sample.valid, stack.valid)
            inner = (slice(6, 22), slice(6, 22))
            assert np.array_equal(sample.labels[inner], plain.sample(index).labels)
            assert (sample.labels != 255).sum() == (sample.labels[inner] != 255).sum() > 0
            fine = (slice(24, 88), slice(24, 88))
            assert (sample.labels_fine != 255).sum() == (sample.labels_fine[fine] != 255).sum()


@pytest.mark.parametrize(
    ("chip", "margin", "wrong"), [(16, 1, "with its margin of 1"), (30, 0, "")]
)
def test_sides_that_networks_cannot_halve_are_refused(chip: int, margin: int, wrong: str) -> None:
    grid = Grid("EPSG:32631", (10, 0, LEFT, 0, -10, TOP), 300, 300)
    with pytest.raises(UserError, match=f"chip {chip}: it is no multiple of 4 {wrong}".strip()):
        chip_size(chip, margin, grid, JobContext())
    assert chip_size(18, 1, grid, JobContext()) == 18


@pytest.mark.parametrize(("factor", "ending", "metres"), [(2, "5m", 5.0), (5, "2m", 2.0)])
def test_fine_labels_of_any_whole_factor(
    scene: Path, tmp_path: Path, factor: int, ending: str, metres: float
) -> None:
    dataset, _ = build(scene, tmp_path / "d", factor=factor)
    assert pixel_text(factor) == ending and f"labels_{ending}" in label_names(factor)
    with rasterio.open(dataset.label_path(f"labels_{ending}")) as file:
        assert file.res == (metres, metres)
        found = file.read(1)
    parcels = dataset.parcel_table()
    expected = burn_labels(parcels.geometry.to_numpy(), parcels["class_code"].to_numpy(),
                           np.arange(1, len(parcels) + 1), dataset.grid, factor)  # fmt: skip
    assert np.array_equal(found, expected.code)
    chips = dataset.chips("training")
    sample = dataset.sample(chips[0])
    assert sample.labels_fine.shape == (16 * factor, 16 * factor)
    assert set(dataset.pair_counts) == {1, factor}
    batch = make_batch([sample], [plain_view(2, 16)], BandStatistics.of(dataset))
    shares = shares_at(batch, 1, dataset.classes.codes)
    assert shares.shape[-2:] == (16, 16)
    assert torch.allclose(shares.sum(1)[shares.sum(1) > 0], torch.ones(1))
    with pytest.raises(UserError) as caught:
        finetune(finetune_job(dataset.folder, tmp_path / "model"), JobContext())
    fits = "resolution 5 or resolution 10" if factor == 2 else "resolution 10"
    assert str(caught.value).endswith(
        f"its fine labels are {factor} times finer than 10 m, a head for 2.5 m takes labels 4 "
        f"times finer. Train with {fits}, or build the dataset with the resolution 2.5."
    )
    finetune(finetune_job(dataset.folder, tmp_path / "coarse", resolution="10"), JobContext())


def test_chips_on_parcels(scene: Path, tmp_path: Path) -> None:
    dataset, _ = build(scene, tmp_path / "d", chips="parcels")
    plain, _ = build(scene, tmp_path / "plain")
    table, parcels = dataset.chip_table(), dataset.parcel_table()
    middles = parcels.geometry.bounds
    x = (middles["minx"] + middles["maxx"]) / 2
    y = (middles["miny"] + middles["maxy"]) / 2
    box = table.geometry.bounds
    for left, top in zip(box["minx"], box["maxy"], strict=True):
        # Each chip has a parcel in its middle, to half a pixel.
        assert (np.hypot(x - left - 80, y - top + 80) <= np.hypot(5, 5) + 1e-6).any()
    assert len(table.drop_duplicates(["row", "column"])) <= len(parcels) == 64
    # Chips overlap, and yet each pixel counts once.
    assert table["labelled"].sum() > (raster(dataset, "split") > 0).sum() / 2
    seen = np.zeros((SIZE + 64, SIZE + 64), dtype=bool)
    for index in dataset.chips("training"):
        row, column = int(table["row"][index]) + 32, int(table["column"][index]) + 32
        seen[row : row + 16, column : column + 16] |= dataset.sample(index).labels != 255
    codes, counts = np.unique(raster(dataset, "labels")[seen[32:-32, 32:-32]], return_counts=True)
    assert dataset.class_counts == dict(zip(codes.tolist(), counts.tolist(), strict=True))
    with SeriesReader(dataset.series()) as reader:
        stack = reader.read(dataset.grid.whole)
    used = stack.values.transpose(0, 2, 3, 1)[stack.valid & seen[32:-32, 32:-32]]
    assert dataset.statistics.mean == pytest.approx(used.astype(np.float64).mean(axis=0), abs=1e-9)
    assert np.array_equal(raster(dataset, "split"), raster(plain, "split"))


def test_rare_classes_are_joined_before_labels_are_burnt(scene: Path, tmp_path: Path) -> None:
    plain, _ = build(scene, tmp_path / "plain")
    rare = min(plain.class_counts, key=lambda code: plain.class_counts[code])
    name = plain.classes.name_of(rare)
    least = plain.class_counts[rare] + 1
    dataset, notes = build(scene, tmp_path / "d", rare_pixels=least)
    assert f"Classes with fewer than {least} training pixels, with their pixels: {name}" in notes
    assert "other crops" in dataset.classes.names
    assert not (tmp_path / "d" / "rare.json").exists()
    ignored, notes = build(scene, tmp_path / "ignored", rare_pixels=least, rare="ignore")
    assert "they count as unknown" in notes
    assert rare not in ignored.class_counts and rare not in ignored.classes.codes
    own = raster(plain, "labels") == rare
    assert (raster(ignored, "labels")[own] == 255).all()


@given(st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7), st.integers(2, 40),
       st.integers(1, 90), st.integers(1, 90))  # fmt: skip
def test_cells_begin_at_multiples_of_their_side(
    left: int, top: int, size: int, width: int, height: int
) -> None:
    grid = Grid("EPSG:32631", (10, 0, 10.0 * left, 0, -10, 10.0 * top), width, height)
    rows, columns = cell_starts(grid, size)
    assert all((left + column) % size == 0 for column in columns)
    assert all((top - row) % size == 0 for row in rows)
    # They cover the grid and no cell lies beyond it.
    assert -size < rows[0] <= 0 and rows[-1] < height <= rows[-1] + size
    assert -size < columns[0] <= 0 and columns[-1] < width <= columns[-1] + size


@given(st.lists(st.tuples(st.integers(-5, 30), st.integers(-5, 30)), min_size=1, max_size=12))
def test_each_pixel_is_owned_by_one_cell(places: list[tuple[int, int]]) -> None:
    corners = np.unique(np.array(places), axis=0)
    count = np.zeros((60, 60), dtype=int)
    covered = np.zeros((60, 60), dtype=bool)
    for cell, (row, col) in enumerate(corners):
        part = (slice(row + 10, row + 18), slice(col + 10, col + 18))
        count[part] += own_pixels(corners, cell, 8)
        covered[part] = True
    assert np.array_equal(count, covered.astype(int))


def test_corners_of_parcels_are_each_there_once() -> None:
    grid = Grid("EPSG:32631", (10, 0, LEFT, 0, -10, TOP), 50, 50)
    shape = shapely.box(LEFT + 100, TOP - 140, LEFT + 120, TOP - 100)
    corners = parcel_corners(shapely.bounds([shape, shape]), grid, 8)
    assert corners.tolist() == [[8, 7]]


def test_sums_of_numbers_are_those_of_their_reflectance() -> None:
    generator = np.random.default_rng(3)
    numbers = generator.integers(-200, 12_000, (4, 3, 8, 8)).astype(np.int16)
    numbers[generator.random(numbers.shape) < 0.1] = INVALID
    clear, used = generator.random((4, 8, 8)) < 0.7, generator.random((8, 8)) < 0.6
    values, valid = to_reflectance({1: numbers}, clear, {1: (0, 1, 2)}, Window(0, 0, 8, 8))
    of_values, of_numbers = Totals(3, (1,)), Totals(3, (1,))
    of_values.add_pixels(values, valid, used)
    of_numbers.add_numbers(numbers, clear, used)
    assert of_values.count == int((valid & used).sum()) > 50
    # To the last digit, for a dataset's fingerprint holds them.
    assert of_numbers.to_json() == of_values.to_json()
