"""Mask, composite and gaps of training stand in the model's card and are checked in mapping."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import EvaluateJob, MapJob, SeriesJob
from cscl.evaluation.job import check_match
from cscl.evaluation.until import cut_days
from cscl.mapping.season import series_for_map
from cscl.mapping.suitability import unlike_reflectance
from cscl.models.card import ModelCard
from cscl.series.choice import SeriesChoice, choice_of
from cscl.series.job import define_series, series_from_images
from cscl.series.mask import CloudMask
from cscl.series.options import cloud_mask
from cscl.series.reader import SeriesReader
from cscl.series.stac import read_series
from map_scene import BANDS, CLASSES, write_images
from small_scene import flat_bands, write_image

SEASON = "2018-10-01/2019-09-30"
MONTHLY = SeriesChoice(cloud_mask("scl", dilation=40.0), "month", "linear")


def card_of(choice: SeriesChoice | None, **changes: object) -> ModelCard:
    card = ModelCard(
        bands=BANDS,
        level="L2A",
        season=("10-01", "09-30"),
        year=2019,
        mean=(0.2,) * 3,
        std=(0.1,) * 3,
        classes=CLASSES,
        outside="class",
        series={} if choice is None else choice.to_json(),
        sha256="0" * 64,
    )
    return replace(card, **changes)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_images(tmp_path_factory.mktemp("scene") / "images", 40, 40, dates=8, step=12)


def mapped(images: Path | str, card: ModelCard):
    ctx = JobContext()
    job = MapJob(images=str(images), model="crops", output="map")
    return series_for_map(job, card, ctx), "\n".join(ctx.noted)


def defined(images: Path, folder: Path, **options: object) -> Path:
    output = folder / "a.series.json"
    job = SeriesJob(images=str(images), output=str(output), season=SEASON, bands=BANDS, **options)
    define_series(job, JobContext())
    return output


def test_a_card_reads_back_with_its_choice() -> None:
    card = card_of(MONTHLY)
    document = json.loads(json.dumps(card.to_json()))
    assert ModelCard.from_json(document) == card
    assert choice_of(card) == MONTHLY


def test_cards_of_before_tell_the_mask_alone() -> None:
    document = card_of(None, training={"mask": "none"}).to_json()
    del document["series"]
    older = ModelCard.from_json(document)
    assert choice_of(older) == SeriesChoice(CloudMask.of("none"))
    assert choice_of(replace(older, training={})) == SeriesChoice()
    with pytest.raises(UserError, match="model card, series: it is damaged"):
        choice_of(replace(older, series={"composite": "week"}))


def test_raw_images_are_mapped_with_the_models_choice(images: Path) -> None:
    series, notes = mapped(images, card_of(MONTHLY, training={"dates": 2}))
    assert SeriesChoice.of(series) == MONTHLY
    assert len(series.acquisitions) == 8 and series.days == (15, 45, 76)
    assert "8 dates became 3 medians" in notes and "were asked for" not in notes
    series, _ = mapped(images, card_of(None, training={"mask": "none", "dates": 3}))
    assert (series.mask.method, len(series.days)) == ("none", 3)


def test_a_series_of_another_choice_is_refused_naming_both(images: Path, tmp_path: Path) -> None:
    path = defined(images, tmp_path, composite="dekad", mask_values="9,10")
    with pytest.raises(UserError) as caught:
        mapped(path, card_of(MONTHLY))
    assert caught.value.code == "series_choice"
    assert str(caught.value) == (
        f"{path}: its clouds and dates: the scene classification (values 9, 10; 20 m around 9), "
        "medians by ten days, gaps kept; the model crops was trained on: the scene classification "
        "(values 0, 1, 3, 8, 9, 10, 11; 40 m around 3, 8, 9), medians by month, gaps filled "
        "linearly. Define the time series with the model's choice, or map the images themselves."
    )


def test_a_series_of_the_same_choice_gives_the_same_frames(images: Path, tmp_path: Path) -> None:
    path = defined(images, tmp_path, composite="month", gaps="linear", mask_dilation=40.0)
    ready, notes = mapped(path, card_of(MONTHLY))
    assert "its own" not in notes
    raw, _ = mapped(images, card_of(MONTHLY))
    assert ready.days == raw.days
    with SeriesReader(ready) as one, SeriesReader(raw) as other:
        assert np.array_equal(one.read(ready.grid.whole).values, other.read(raw.grid.whole).values)


def test_days_to_cut_at_count_dates_and_medians(images: Path, tmp_path: Path) -> None:
    series = read_series(defined(images, tmp_path, composite="month"))
    cuts = cut_days(series, 36)
    assert [dates for _, dates in cuts] == [4, 5, 6, 7, 8]
    assert all(len(series.until(day).frames) >= 2 for day, _ in cuts)
    assert all(len(series.until(day).acquisitions) == dates for day, dates in cuts)


def test_reflectance_of_another_kind_is_warned_of(tmp_path: Path) -> None:
    for date in ("20190401", "20190501"):
        write_image(
            tmp_path / f"{date}.tif", flat_bands(value=2000, bands=BANDS), scales=(0.001, 0.0)
        )
    series = series_from_images(str(tmp_path), bands=BANDS, ctx=JobContext())
    with SeriesReader(series) as reader:
        found = unlike_reflectance(reader, card_of(None), "images")
        assert found is not None and found.severity == "warning"
        assert str(found).startswith(
            "images: its reflectance is not of the kind that the model was trained on: B02 0.2 +- "
            "0.1 in the model, "
        )
        near = card_of(None, mean=(2.0, 2.01, 2.02))
        assert unlike_reflectance(reader, near, "images") is None


def test_evaluation_compares_the_choice_too(images: Path, tmp_path: Path) -> None:
    series = read_series(defined(images, tmp_path, composite="dekad"))
    dataset = SimpleNamespace(
        bands=BANDS,
        statistics=SimpleNamespace(mean=np.full(3, 0.2), std=np.full(3, 0.1)),
        classes=CLASSES,
        level="L2A",
        grids=(SimpleNamespace(series=lambda: series),),
    )
    job = EvaluateJob(dataset="chips", model="crops", output="out")
    check_match(job, dataset, SimpleNamespace(card=card_of(SeriesChoice.of(series))))
    with pytest.raises(UserError) as caught:
        check_match(job, dataset, SimpleNamespace(card=card_of(MONTHLY)))
    assert str(caught.value) == (
        "model crops: it was trained on the scene classification (values 0, 1, 3, 8, 9, 10, 11; "
        "40 m around 3, 8, 9), medians by month, gaps filled linearly; the dataset has the scene "
        "classification (values 0, 1, 3, 8, 9, 10, 11; 20 m around 3, 8, 9), medians by ten days, "
        "gaps kept. Build the dataset from a time series with the model's mask and composite."
    )
