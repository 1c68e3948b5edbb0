"""Maps of 5 m: a head that doubles the resolution, from labels to map, scores and polygons."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import torch
from ask import ask
from cscl.context import JobContext, Silent
from cscl.contract.errors import UserError
from cscl.contract.jobs import (
    CAME_LATER,
    DatasetJob,
    EvaluateJob,
    FinetuneJob,
    MapJob,
    PolygonsJob,
    PretrainJob,
    fingerprint,
)
from cscl.contract.resolutions import ending, heads_of, label_factor, without_ending
from cscl.contract.roles import ROLES, role_title
from cscl.dataset.reader import Dataset
from cscl.dispatch import perform, perform_within
from cscl.evaluation import baseline
from cscl.evaluation.grounds import open_grounds
from cscl.evaluation.metrics import confusion
from cscl.evaluation.report import read_report
from cscl.evaluation.summary import value
from cscl.evaluation.zones import coarse_labels, fine_zones
from cscl.grid import Window
from cscl.mapping.areas import Selection
from cscl.mapping.folder import read_map
from cscl.models.card_file import load_card
from cscl.models.store import load_model
from cscl.polygons.pixels import MapPixels

TEST = 3


class Results:
    """What was made of the chain's scene at 5 m."""

    def __init__(self, folder: Path) -> None:
        self.dataset, self.model, self.map = (folder / name for name in ("dataset", "model", "map"))
        self.pretrained, self.evaluation = folder / "pretrained", folder / "evaluation"
        self.ctx = JobContext(Silent())


@pytest.fixture(scope="module")
def results(chain, tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = Results(tmp_path_factory.mktemp("five"))
    data = DatasetJob(
        images=str(chain.series), parcels=str(chain.scene_parcels), class_field="crop",
        output=str(made.dataset), chip=16, resolution="5",
    )  # fmt: skip
    perform_within(data, JobContext())
    training = {"dataset": str(made.dataset), "preset": "quick", "width": 0.125, "epochs": 1}
    perform_within(PretrainJob(output=str(made.pretrained), scale="2", **training), JobContext())
    tuned = FinetuneJob(
        output=str(made.model), model=str(made.pretrained), resolution="5", **training
    )
    perform_within(tuned, JobContext())
    mapped = MapJob(
        images=str(chain.series), model=str(made.model), output=str(made.map), resolution="5"
    )
    perform_within(mapped, made.ctx)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline, "TREES", 20)
        patch.setattr(baseline, "TRIAL_TREES", 10)
        scored = EvaluateJob(
            dataset=str(made.dataset), model=str(made.model), output=str(made.evaluation),
            truth=str(chain.truth),
        )  # fmt: skip
        perform_within(scored, JobContext())
    return made


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1)


def twice(values: np.ndarray) -> np.ndarray:
    return values.repeat(2, axis=0).repeat(2, axis=1)


def test_names_of_resolutions() -> None:
    assert [ending(scale) for scale in (1, 2, 4)] == ["", "_5m", "_2m5"]
    assert [heads_of(name) for name in ("10", "5", "2.5")] == [(1,), (1, 2), (1, 4)]
    assert without_ending("mean_iou_5m") == ("mean_iou", "5")
    assert without_ending("mean_iou") == ("mean_iou", "10")
    assert [label_factor(None, name) for name in ("10", "5", "2.5")] == [4, 2, 4]
    assert label_factor(3, "5") == 3
    roles = dict(ROLES["map"])
    assert roles["crop_map_5m"] == roles["confidence_5m"] == "raster"
    assert role_title("crop_map_5m") == "Crop map 5 m" and role_title("crop_map") == "Crop map"


def test_a_dataset_as_it_was_before_is_the_same_job() -> None:
    job = DatasetJob(images="i", parcels="p", class_field="c", output="o")
    assert job.factor is None and CAME_LATER["factor"] is None
    other = DatasetJob(images="i", parcels="p", class_field="c", output="o", factor=2)
    assert fingerprint(other) != fingerprint(job)


def test_the_dataset_has_labels_of_5m_and_the_model_a_head_for_them(results: Results) -> None:
    dataset = Dataset.open(results.dataset)
    assert dataset.factor == 2
    assert read(dataset.label_path("labels_5m")).shape == (192, 192)
    card = load_card(results.model)
    assert tuple(card.heads) == (1, 2) and set(card.temperatures) == {"1", "2"}
    figures = card.training["validation"]
    assert 0 <= figures["mean_iou_5m"] <= 1 and "mean_iou_2m5" not in figures
    assert figures["mean_iou_of_heads"] == pytest.approx(
        (figures["mean_iou"] + figures["mean_iou_5m"]) / 2
    )


def test_the_map_lies_on_the_10m_grid_in_halves(results: Results) -> None:
    with (
        rasterio.open(results.map / "crops.tif") as coarse,
        rasterio.open(results.map / "crops_5m.tif") as fine,
    ):
        assert fine.res == (5.0, 5.0) and fine.shape == tuple(2 * side for side in coarse.shape)
        assert fine.bounds == coarse.bounds and fine.crs == coarse.crs
        codes, finer = coarse.read(1), fine.read(1)
        assert coarse.tags(1) == fine.tags(1)
    assert (twice(codes == 0) == (finer == 0)).all()
    document = json.loads((results.map / "map.json").read_text())
    assert document["resolutions"] == [10.0, 5.0]
    assert (results.map / "crops_5m.qml").is_file()
    assert not list(results.map.glob("*_2m5*"))
    artifacts = {role: path.name for role, path in results.ctx.listener.artifacts.items()}
    assert artifacts["crop_map_5m"] == "crops_5m.tif"
    assert artifacts["confidence_5m"] == "confidence_5m.tif"


def test_scores_at_5m_are_those_of_the_pixels(chain, results: Results) -> None:
    report = read_report(results.evaluation / "report.json")
    labels = results.dataset / "labels" / "grid_0"
    crops = read(results.map / "crops_5m.tif")
    counted = twice(read(labels / "split.tif") == TEST) & (crops > 0)
    codes = [item["code"] for item in report["classes"]]
    where = {"resolution": "5", "method": "network"}
    declared = read(labels / "labels_5m.tif")
    expected = confusion(declared[counted], crops[counted], codes)
    assert expected.sum() > 400
    rows = report["confusion"]
    assert value(rows, "matrix", reference="declared", **where) == expected.tolist()
    zone = counted & fine_zones(declared, 2)["within 5 m"]
    pixels = value(report["zones"], "pixels", reference="declared", zone="within 5 m", **where)
    known = np.isin(declared, codes)
    assert pixels == (zone & known).sum() > 0
    # The truth's 2.5 m pixels become 5 m ones by the rule of labels.
    table = Dataset.open(results.dataset).classes
    with rasterio.open(chain.truth) as raster:
        lookup = np.arange(256, dtype=np.uint8)
        for key, name in raster.tags(1).items():
            if key.startswith("class_") and key != "class_254":
                lookup[int(key[6:])] = dict(zip(table.names, table.codes, strict=True))[name]
        truth, _ = coarse_labels(lookup[raster.read(1)], 2)
    expected = confusion(truth[counted], crops[counted], codes)
    assert value(rows, "matrix", reference="truth", **where) == expected.tolist()
    assert not [row for row in rows if row["resolution"] == "2.5"]
    page = (results.evaluation / "report.html").read_text()
    assert "5 m, against" in page and "2.5 m" not in page


def test_a_head_of_5m_is_told_from_one_of_2m5(chain, results: Results, tmp_path: Path) -> None:
    wrong = MapJob(images=str(chain.series), model=str(results.model), output=str(tmp_path / "m"))
    with pytest.raises(UserError, match=r"answers at 10 m and 5 m, not at 2\.5 m"):
        perform(wrong, JobContext())
    training = {"preset": "quick", "width": 0.125, "epochs": 1, "output": str(tmp_path / "f")}
    with pytest.raises(UserError, match="or build the dataset with the resolution 5"):
        perform_within(
            FinetuneJob(dataset=str(chain.dataset), resolution="5", **training), JobContext()
        )
    # The other way round there is 2.5 m to train for, and 10 m: those of the dataset.
    with pytest.raises(UserError, match="Train with resolution 5 or resolution 10, or build"):
        perform_within(FinetuneJob(dataset=str(results.dataset), **training), JobContext())
    asked = {"images": str(chain.series), "model": str(results.model)}
    assert ask("fits", **asked, resolution="5")["fits"]
    found = ask("fits", **asked, resolution="2.5")
    row = next(item for item in found["mismatches"] if item["what"] == "resolution")
    assert row["mend"] == {"resolution": "5"}


def test_a_map_whose_labels_a_dataset_lacks_is_not_left_out_in_silence(
    chain, results: Results, tmp_path: Path
) -> None:
    job = EvaluateJob(
        dataset=str(chain.dataset), model=str(results.model), output=str(tmp_path / "e")
    )
    ctx = JobContext(Silent())
    dataset, model = Dataset.open(chain.dataset), load_model(results.model)
    with open_grounds(job, dataset, model, torch.device("cpu"), ctx):
        assert any(
            text.startswith("The model maps 5 m, the finer labels of ")
            and text.endswith("are at 2.5 m: its finer map is not scored against them.")
            for text in ctx.noted
        )


def test_polygons_come_from_the_finest_map(results: Results, tmp_path: Path) -> None:
    with MapPixels(read_map(results.map)) as pixels:
        assert pixels.fine and pixels.grid.resolution == 5.0
        found = pixels.read("crops", Window(0, 0, 192, 192))
    assert (found == read(results.map / "crops_5m.tif")).all()
    output = tmp_path / "parcels.gpkg"
    perform(PolygonsJob(map=str(results.map), output=str(output)), JobContext())
    known = (found > 0) & (found < 254)
    # The field is rounded polygon by polygon, outlines are not.
    assert pyogrio.read_dataframe(output).area.sum() == pytest.approx(known.sum() * 25)


def test_a_mask_of_polygons_counts_at_every_resolution(results: Results) -> None:
    fine = np.zeros((8, 8), bool)
    fine[:2, :2] = True  # one pixel of 5 m, a quarter of one of 10 m
    fine[4:, :2] = True  # half of a pixel of 10 m
    fine[0, 4] = True  # a quarter of a pixel of 5 m

    class Given:
        def inside(self, window: Window) -> np.ndarray:
            return fine

    masks = Selection([Given()]).masks(Window(0, 0, 2, 2))
    assert masks[1].tolist() == [[False, False], [True, False]]
    assert masks[2].tolist() == [
        [True, False, False, False], [False] * 4, [True, False, False, False],
        [True, False, False, False],
    ]  # fmt: skip
    assert (masks[4] == fine).all()
