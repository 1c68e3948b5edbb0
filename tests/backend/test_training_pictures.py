"""What training shows of itself while it runs: figures of every validation, and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cscl.context import JobContext, Silent
from cscl.contract.codes import UNKNOWN
from cscl.dataset.reader import Dataset
from cscl.models.store import load_model
from cscl.training import pictures
from cscl.training.batches import ChipStore, plain_batches
from cscl.training.finetune import finetune
from cscl.training.pictures import Pictures, telling_chip
from cscl.training.pretrain import pretrain
from cscl.training.validation import class_figures
from PIL import Image
from training_sample import finetune_job, make_dataset, pretrain_job, rows

SCALE = 4


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Silent]:
    folder = tmp_path_factory.mktemp("model")
    ctx = JobContext()
    finetune(finetune_job(data, folder, epochs=3), ctx)
    assert isinstance(ctx.listener, Silent)
    return folder, ctx.listener


def test_every_validation_reports_loss_accuracy_boundary_and_interior(
    trained: tuple[Path, Silent],
) -> None:
    wanted = {
        "training/loss",
        *(
            f"validation/{name}{ending}"
            for ending in ("", "_2m5")
            for name in (
                "overall_accuracy",
                "mean_iou",
                "boundary_mean_iou",
                "interior_mean_iou",
                "cross_entropy",
            )
        ),
    }
    folder, heard = trained
    steps = sorted({step for _, step, _ in heard.metrics})
    assert len(steps) == 3
    for step in steps:
        assert wanted <= {name for name, at, _ in heard.metrics if at == step}
    table = {(row["split"] + "/" + row["name"], int(row["step"])) for row in rows(folder)}
    assert {(name, step) for name, step, _ in heard.metrics} == table


def test_boundary_and_interior_are_the_two_parts_of_the_chips(data: Path) -> None:
    """A network that is right in the interior and wrong on every boundary has 1 and 0."""
    dataset = Dataset.open(data)
    codes = dataset.classes.network_codes(dataset.outside)
    chips = dataset.chips("validation")
    batches = list(plain_batches(dataset, ChipStore(dataset, chips), chips, 4))

    def split(batch: Any) -> dict[int, torch.Tensor]:
        from cscl.training.objectives import boundary_pixels, label_lookup

        truth = label_lookup(codes, torch.device("cpu"))[batch.labels.long()].clamp_min(0)
        told = torch.where(boundary_pixels(batch.labels), (truth + 1) % len(codes), truth)
        return {1: torch.nn.functional.one_hot(told, len(codes)).movedim(-1, 1).float()}

    found = class_figures(split, batches, codes, (1,))
    assert found["interior_mean_iou"] == 1
    assert found["boundary_mean_iou"] == found["boundary_accuracy"] == 0


def test_the_cross_entropy_of_a_network_that_knows_nothing(data: Path) -> None:
    dataset = Dataset.open(data)
    codes = dataset.classes.network_codes(dataset.outside)
    chips = dataset.chips("validation")
    batches = plain_batches(dataset, ChipStore(dataset, chips), chips, 4)

    def flat(batch: Any) -> dict[int, torch.Tensor]:
        return {1: torch.zeros(len(batch.labels), len(codes), *batch.labels.shape[1:])}

    found = class_figures(flat, batches, codes, (1,))
    assert found["cross_entropy"] == pytest.approx(np.log(len(codes)), rel=1e-5)


def test_the_picture_shows_image_truth_and_the_kept_weights_prediction(
    data: Path, trained: tuple[Path, Silent]
) -> None:
    folder, heard = trained
    assert {name for name, _, _ in heard.pictures} == {"prediction"}
    assert {path for _, _, path in heard.pictures} == {folder / "prediction.png"}
    best = load_model(folder).card.training["best_step"]
    assert heard.pictures[-1][1] == best
    dataset = Dataset.open(data)
    chip = telling_chip(dataset, ChipStore(dataset, dataset.chips("validation")))
    assert chip is not None
    labels = dataset.sample(chip).labels_fine
    picture = np.asarray(Image.open(folder / "prediction.png"))
    side = dataset.side * SCALE
    assert picture.shape == (side, 3 * side, 4)
    truth, found = picture[:, side : 2 * side], picture[:, 2 * side :]
    assert (truth[..., 3] == np.where(labels == UNKNOWN, 0, 255)).all()
    colours = {dataset.classes.colour_of(int(code)) for code in np.unique(labels) if code != 255}
    assert {"#" + bytes(c[:3]).hex() for c in truth[truth[..., 3] > 0]} == colours
    codes = dataset.classes.network_codes(dataset.outside)
    known = {dataset.classes.colour_of(code) for code in codes}
    assert {"#" + bytes(c[:3]).hex() for c in found.reshape(-1, 4)} <= known
    agreeing = (truth == found).all(-1)[labels != UNKNOWN].mean()
    metrics = {(name, step): value for name, step, value in heard.metrics}
    assert agreeing > 0.5 * metrics["validation/overall_accuracy_2m5", best]


def test_pictures_come_at_most_every_ten_seconds_but_for_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(pictures.time, "monotonic", lambda: now[0])
    ctx = JobContext()
    shown = Pictures(tmp_path / "a.png", ctx)
    drawn: list[int] = []

    def draw() -> np.ndarray:
        drawn.append(1)
        return np.zeros((2, 6, 4), np.uint8)

    for at, step in ((100.0, 1), (109.9, 2), (110.0, 3), (111.0, 4)):
        now[0] = at
        shown.show(step, draw)
    shown.show(5, draw, last=True)
    assert isinstance(ctx.listener, Silent)
    assert [step for _, step, _ in ctx.listener.pictures] == [1, 3, 5]
    assert len(drawn) == 3


def test_a_picture_that_cannot_be_written_is_noted_and_costs_nothing_else(tmp_path: Path) -> None:
    ctx = JobContext()
    (tmp_path / "a.png").mkdir()
    Pictures(tmp_path / "a.png", ctx).show(1, lambda: np.zeros((2, 6, 4), np.uint8))
    assert isinstance(ctx.listener, Silent)
    assert ctx.listener.pictures == []
    assert "was not written" in ctx.listener.notes[0]
    assert [item.name for item in tmp_path.iterdir()] == ["a.png"]


def test_pretraining_has_no_classes_to_draw(data: Path, tmp_path: Path) -> None:
    ctx = JobContext()
    pretrain(pretrain_job(data, tmp_path), ctx)
    assert isinstance(ctx.listener, Silent)
    assert ctx.listener.pictures == []
    assert not (tmp_path / "prediction.png").exists()


def test_finishing_one_training_does_not_finish_the_next(data: Path, tmp_path: Path) -> None:
    """In a chain, stop and keep the best ends pretraining; fine-tuning then trains to its end."""
    ctx = JobContext()
    ctx.finish_requested = True
    pretrain(pretrain_job(data, tmp_path / "a", epochs=4), ctx)
    assert load_model(tmp_path / "a").card.training["steps"] == 0
    finetune(finetune_job(data, tmp_path / "b", model=str(tmp_path / "a")), ctx)
    record = load_model(tmp_path / "b").card.training
    assert record["steps"] == record["steps_planned"] > 0
