"""The report on a dataset: its figures, its page, its command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cscl.commands import application
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import DatasetJob, ReportJob
from cscl.contract.questions import checked_answer
from cscl.dataset.job import build_dataset
from cscl.dataset.reader import Dataset
from cscl.dataset.report import report_dataset
from cscl.dataset.report_chips import chosen_chips
from cscl.dataset.report_curves import season_curves
from cscl.dataset.report_data import months_of
from cscl.dataset.report_map import COLOURS, split_map
from cscl.dataset.split import SPLITS
from cscl.serve.answers import answer_to
from PIL import Image
from small_scene import flat_bands, squares, write_image, write_parcels
from test_report import Reader

SIZE = 108
SIDE = 9  # parcels a side, each of 12 pixels
DATES = ("20210405", "20210420", "20210601", "20210810")
# NDVI of (near - 1000) / (near + 1000) by crop and date.
NEAR = {"maize": (1500, 2000, 4000, 3000), "wheat": (4000, 4000, 2000, 1000)}
BEET = '<b>"beet"&'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parcels of three crops, each the same everywhere on a date; the last date is half cloudy."""
    folder = tmp_path_factory.mktemp("report")
    crops = np.resize(["maize", "wheat", BEET, "maize"], SIDE * SIDE)
    write_parcels(folder / "parcels.gpkg", squares(SIDE, 120.0), crops.tolist())
    (folder / "images").mkdir()
    which = crops.reshape(SIDE, SIDE).repeat(12, axis=0).repeat(12, axis=1)
    for number, date in enumerate(DATES):
        bands = flat_bands(SIZE, 1000) | {"B04": np.full((SIZE, SIZE), 1000)}
        bands["B08"] = np.full((SIZE, SIZE), 1000)
        for crop, values in NEAR.items():
            bands["B08"][which == crop] = values[number]
        if number == 3:
            bands["SCL"][: SIZE // 2] = 9
        write_image(folder / "images" / f"S2_L2A_{date}.tif", bands)
    job = DatasetJob(
        str(folder / "images"), str(folder / "parcels.gpkg"), "crop", str(folder / "fields")
    )
    build_dataset(job, JobContext())
    return folder / "fields"


@pytest.fixture(scope="module")
def written(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("page")
    ctx = JobContext()
    report_dataset(ReportJob(str(built), str(output)), ctx)
    assert ctx.listener.artifacts["report"] == output / "report.html"
    return output


def test_curves_are_the_values_of_the_classes(built: Path) -> None:
    dataset = Dataset.open(built)
    curves = season_curves(dataset, ["B08"], JobContext())
    codes = dict(zip(dataset.classes.names, dataset.classes.codes, strict=True))
    assert list(curves.by_quantity) == ["NDVI", "B08"] and not curves.pooled
    for crop, values in NEAR.items():
        wanted = np.array(values)
        curve = curves.by_quantity["NDVI"][codes[crop]]
        assert curve.days.tolist() == dataset.grids[0].days.tolist()
        assert curve.median == pytest.approx((wanted - 1000) / (wanted + 1000), abs=1e-6)
        assert curve.low == pytest.approx(curve.high, abs=1e-6)
        band = curves.by_quantity["B08"][codes[crop]]
        assert band.median == pytest.approx(wanted / 10_000, abs=1e-6)
        assert band.pixels >= 100
    with pytest.raises(UserError) as error:
        season_curves(dataset, ["B08", "B99"], JobContext())
    assert str(error.value).startswith("bands B99: the dataset has B02, B03, B04, ")


def test_spread_is_that_of_the_pixels() -> None:
    """Quantiles of a class whose pixels are 0.1, 0.2, ... 1.1, without those under clouds."""
    from types import SimpleNamespace

    from cscl.dataset.report_curves import _curve, _Pixels

    values = np.linspace(0.1, 1.1, 11, dtype=np.float32).reshape(11, 1, 1).repeat(2, axis=1)
    valid = np.ones((11, 2), dtype=bool)
    valid[4:, 1] = False
    found = [_Pixels(values, valid, np.array([3, 9]))]
    curve = _curve(SimpleNamespace(bands=("B11",)), "B11", found, pooled=False)
    assert curve.days.tolist() == [3] and curve.pixels == 11
    assert [*curve.low, *curve.median, *curve.high] == pytest.approx([0.2, 0.6, 1.0])
    few = [_Pixels(values[:4], valid[:4], np.array([3, 9]))]
    assert _curve(SimpleNamespace(bands=("B11",)), "B11", few, pooled=False).days.tolist() == []
    both = _curve(SimpleNamespace(bands=("B11",)), "B11", found, pooled=True)
    assert both.days.tolist() == [5]
    assert both.median == pytest.approx([0.4])


def test_figures_of_the_report(built: Path, written: Path) -> None:
    report = json.loads((written / "report.json").read_text())
    dataset = Dataset.open(built)
    classes = {row["name"]: row for row in report["classes"]}
    assert {"maize", "wheat", BEET} <= set(classes) <= {"maize", "wheat", BEET, "other land"}
    parcels = sum(s["parcels"] for row in report["classes"] for s in row["shares"].values())
    assert parcels == 81
    for row in report["classes"]:
        trained = row["shares"]["training"]["pixels"]
        assert trained == dataset.class_counts.get(row["code"], 0)
    assert classes["maize"]["shares"]["training"]["hectares"] == pytest.approx(
        1.44 * classes["maize"]["shares"]["training"]["parcels"]
    )
    assert [row["clear"] for row in report["dates"]] == pytest.approx([1, 1, 1, 0.5], abs=0.05)
    assert [(row["month"], row["dates"]) for row in report["months"]] == [
        ("2021-04", 2), ("2021-05", 0), ("2021-06", 1), ("2021-07", 0), ("2021-08", 1),
    ]  # fmt: skip
    assert report["notes"] == list(dataset.notes)
    assert report["origin"]["split"]["guard"] == dataset.split_plan.guard


def test_months_across_new_year() -> None:
    rows = [
        {"date": "2020-11-30", "clear": 0.5, "cloud": 0.4},
        {"date": "2020-11-02", "clear": 1.0, "cloud": 0.0},
        {"date": "2021-01-15", "clear": 0.2, "cloud": 0.8},
    ]
    assert months_of(rows) == [
        {"month": "2020-11", "dates": 2, "clear": 0.75, "cloud": 0.2, "best": 1.0},
        {"month": "2020-12", "dates": 0, "clear": None, "cloud": None, "best": None},
        {"month": "2021-01", "dates": 1, "clear": 0.2, "cloud": 0.8, "best": 0.2},
    ]
    assert months_of([]) == []


def test_f69_the_page_is_one_file_that_loads_nothing_and_shows_names_as_text(
    built: Path, written: Path
) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    names = [name for name, _ in reader.elements]
    assert not {"script", "link", "iframe", "object", "form", "b2"} & set(names)
    for _, attributes in reader.elements:
        for key in ("src", "href", "xlink:href"):
            target = attributes.get(key)
            assert target is None or target.startswith(("#", "data:image/png;base64,"))
    assert names.count("img") == 2 and names.count("svg") == 5
    shown = " ".join(" ".join(reader.text).split())
    assert BEET in shown and f"Dataset {built.name}" in shown
    for title in ("Split", "Classes by split", "Season curves", "Dates and clouds",
                  "Sample chips", "Notes and findings", "Origin"):  # fmt: skip
        assert title in shown
    assert "Classes by split (parcels" not in shown
    assert f"within {Dataset.open(built).split_plan.guard:g} m of validation" in shown


def test_the_map_shows_every_split_and_the_guard(built: Path, tmp_path: Path) -> None:
    (tmp_path / "map.png").write_bytes(split_map(Dataset.open(built)))
    with Image.open(tmp_path / "map.png") as image:
        colours = {c for n, c in image.convert("RGB").getcolors(maxcolors=10**6) if n > 500}
    for colour in COLOURS.values():
        assert tuple(bytes.fromhex(colour[1:])) in colours


def test_chips_of_every_split_are_shown(built: Path) -> None:
    dataset = Dataset.open(built)
    chosen = chosen_chips(dataset)
    splits = dataset.chip_table()["split"].to_numpy()[chosen].tolist()
    assert splits == sorted(splits, key=["training", "validation", "test"].index)
    assert len(set(chosen)) == len(chosen) and set(splits) == {"training", "validation", "test"}


def test_the_command_takes_the_dataset_alone(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(path.name for path in built.iterdir())
    monkeypatch.setattr("sys.argv", ["cscl", "report", str(built)])
    assert application(None) == 0
    page = built.with_name("fields_report") / "report.html"
    assert page.is_file() and str(page) in capsys.readouterr().out.replace("\n", "")
    assert sorted(path.name for path in built.iterdir()) == before
    assert application(None) != 0
    assert "it holds the complete result of this very job" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["cscl", "report"])
    assert application(None) == 2
    error = capsys.readouterr().err
    assert "dataset: it has no value. Give --dataset a value." in error


def test_the_question_for_the_balance_is_answered_with_what_the_report_shows(
    built: Path, written: Path
) -> None:
    answer = checked_answer("balance", answer_to("balance", {"dataset": str(built)}, JobContext()))
    shown = json.loads((written / "report.json").read_text())["classes"]
    assert [row["name"] for row in answer["classes"]] == [row["name"] for row in shown]
    for row, other in zip(answer["classes"], shown, strict=True):
        for split in ("training", "validation", "test"):
            assert row[split] == other["shares"][split]
    parcels = sum(row[split]["parcels"] for row in answer["classes"] for split in SPLITS)
    assert parcels == SIDE * SIDE
    with pytest.raises(UserError, match="it holds no dataset.json"):
        answer_to("balance", {"dataset": str(built.parent)}, JobContext())
