"""What a map says of a test chip is what `evaluate` scored there, whatever form images come in."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import cube_samples as samples
import geopandas as gpd
import numpy as np
import pytest
import shapely
import torch
from cscl.context import JobContext
from cscl.contract.jobs import DatasetJob, EvaluateJob, MapJob
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.evaluation.grounds import open_grounds
from cscl.grid import Window
from cscl.mapping.predict import Predictor
from cscl.mapping.season import series_for_map
from cscl.models.inputs import prepare
from cscl.models.store import load_model, save_model
from cscl.series.reader import SeriesReader
from map_scene import write_model
from small_scene import LEFT, TOP, UTM
from test_forms_agree import write

BANDS = samples.BANDS[:-1]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Path]:
    """A dataset of the stack, and a model with its classes and statistics."""
    base = tmp_path_factory.mktemp("scene")
    images = write(base / "stack", "stack")
    side = 50.0
    shapes = [
        shapely.box(LEFT + x * side, TOP - (y + 1) * side, LEFT + (x + 1) * side, TOP - y * side)
        for x in range(6)
        for y in range(4)
    ]
    crops = ["wheat", "maize", "beet"] * 8
    parcels = base / "parcels.gpkg"
    gpd.GeoDataFrame({"crop": crops}, geometry=shapes, crs=UTM).to_file(parcels, driver="GPKG")
    job = DatasetJob(
        images=str(images), parcels=str(parcels), class_field="crop", output=str(base / "dataset"),
        bands=BANDS, chip=8,
    )  # fmt: skip
    build_dataset(job, JobContext())
    dataset = Dataset.open(base / "dataset")
    made = load_model(write_model(base / "first", bands=BANDS, classes=dataset.classes))
    season = tuple(day.strftime("%m-%d") for day in dataset.season)
    card = replace(
        made.card,
        mean=tuple(dataset.statistics.mean),
        std=tuple(dataset.statistics.std),
        season=season,
        year=2021,
    )
    save_model(base / "model", made.network, card)
    return dataset, base / "model"


@pytest.mark.parametrize("form", ["stack", "safe", "netcdf4", "items"])
def test_logits_of_a_test_chip(scene: tuple[Dataset, Path], tmp_path: Path, form: str) -> None:
    dataset, model_folder = scene
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = write(tmp_path / "images", form)
    model = load_model(model_folder)
    job = MapJob(images=str(images), model=str(model_folder), output=str(tmp_path / "map"))
    series = series_for_map(job, model.card, JobContext())
    scored = EvaluateJob(
        dataset=str(dataset.folder), model=str(model_folder), output=str(tmp_path / "report")
    )
    table = dataset.chip_table()
    chip = dataset.chips("test")[0]
    with (
        open_grounds(scored, dataset, model, torch.device("cpu"), JobContext()) as grounds,
        SeriesReader(series) as reader,
    ):
        (ground,) = grounds
        size = dataset.chip
        row, col = int(table["row"].iloc[chip]), int(table["column"].iloc[chip])
        window = Window(row, col, size, size)
        mapper = Predictor(model, reader, series.days)
        for scale in (1, 4):
            found, wanted = mapper.logits(window, scale), ground.predictor.logits(window, scale)
            assert np.abs(found - wanted).max() <= 1e-5
            assert wanted.std() > 0.1
        # The chip that training would see holds the same reflectance, filled the same way.
        stack, sample = reader.read(window), dataset.sample(chip)
    np.testing.assert_array_equal(stack.valid, sample.valid)
    np.testing.assert_array_equal(np.where(stack.valid[:, None], stack.values, 0), sample.images)
    one = prepare(stack.values, stack.valid, series.days, model.card)
    other = prepare(sample.images, sample.valid, sample.days, model.card)
    for mine, theirs in zip(one, other, strict=True):
        assert torch.equal(mine, theirs)
