"""Pretraining and fine-tuning on a small real dataset."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cscl.context import JobContext, Silent
from cscl.contract import strict_json
from cscl.contract.errors import UserError
from cscl.dataset.reader import Dataset
from cscl.evaluation.temperature import calibration_error, fit_temperature
from cscl.models.store import load_model, save_model
from cscl.training import loop, presets, session
from cscl.training.batches import ChipStore, Sampler, View, plain_batches
from cscl.training.finetune import finetune
from cscl.training.objectives import label_lookup
from cscl.training.presets import make_plan
from cscl.training.pretrain import pretrain
from cscl.training.validation import class_figures
from training_sample import (
    SMALL,
    At,
    finetune_job,
    make_dataset,
    pretrain_job,
    rows,
    weights,
)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's dataset."""
    return make_dataset(tmp_path_factory.mktemp("training"))


@pytest.fixture(autouse=True, scope="module")
def _small_steps() -> Any:
    """Few chips and dates a step, and checkpoints after every epoch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS, "quick", SMALL)
        patch.setattr(loop, "LEAST_CHECKPOINT_SECONDS", 0.0)
        # Measured, it would fall out this way or that on a busy machine.
        patch.setattr(session, "bf16_is_faster", lambda *_: False)
        yield


@pytest.fixture(scope="module")
def pretrained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network pretrained for one epoch."""
    folder = tmp_path_factory.mktemp("pretrained")
    pretrain(pretrain_job(data, folder), JobContext())
    return folder


# --- length and rate -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chips", "epochs", "expected"),
    [(68, None, (9, 330)), (1, None, (1, 330)), (24, 7, (3, 21)), (5000, None, (625, 625))],
)
def test_quick_comes_near_its_steps_in_whole_epochs(
    chips: int, epochs: int | None, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(
        presets.PRESETS["quick"],
        batch=8,
        side=24,
        finetune=presets.StagePreset(1e-3, 330, 400, "cosine", validations=10),
    )
    monkeypatch.setitem(presets.PRESETS, "quick", settings)
    plan = make_plan("finetune", "quick", chips, 24, epochs)
    assert plan.steps_per_epoch == expected[0]
    assert abs(plan.steps - expected[1]) <= plan.steps_per_epoch / 2
    assert len(plan.validation_steps) <= 10
    assert plan.validation_steps[0] == plan.steps
    assert all(step % plan.steps_per_epoch == 0 for step in plan.validation_steps)


@pytest.mark.parametrize(("chip", "batch"), [(16, 16), (24, 7), (32, 4), (48, 4)])
def test_a_step_holds_about_as_many_pixels_whatever_the_chips_size(
    chip: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(presets.PRESETS["quick"], batch=4, side=32)
    monkeypatch.setitem(presets.PRESETS, "quick", settings)
    assert make_plan("pretrain", "quick", 100, chip).batch == batch


def test_cosine_rate_warms_up_and_falls_to_a_hundredth() -> None:
    plan = make_plan("pretrain", "standard", 80, 32, 100)
    rates = [plan.rate(step) for step in range(plan.steps)]
    peak = plan.preset.pretrain.rate
    warm_up = round(0.06 * plan.steps)
    assert rates[0] == pytest.approx(peak / warm_up)
    assert max(rates) == pytest.approx(peak)
    assert rates.index(max(rates)) in (warm_up - 1, warm_up)
    assert rates[-1] == pytest.approx(peak / 100, rel=1e-2)
    assert sorted(rates[warm_up:], reverse=True) == rates[warm_up:]


def test_full_follows_the_published_protocol() -> None:
    pretraining, tuning = (make_plan(stage, "full", 320, 48) for stage in ("pretrain", "finetune"))
    assert (pretraining.epochs, pretraining.steps_per_epoch) == (50, 10)
    assert pretraining.rate(9) == pytest.approx(1e-4)
    assert pretraining.rate(10) == pytest.approx(1e-4 * 0.975)
    assert pretraining.rate(25) == pytest.approx(1e-4 * 0.975**2)
    assert tuning.rate(19) == pytest.approx(1e-4)
    assert tuning.rate(20) == pytest.approx(1e-4 * 0.975)
    assert len(pretraining.validation_steps) == 50


# --- batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [4, 6])
def test_labels_are_cut_and_turned_with_the_images_at_both_resolutions(side: int) -> None:
    coarse = np.arange(36, dtype=np.uint8).reshape(6, 6)
    fine = np.kron(coarse, np.ones((4, 4), np.uint8))
    stack = np.stack([coarse, coarse + 36])
    seen = set()
    for row, column, turns, flipped in itertools.product(
        range(7 - side), range(7 - side), range(4), (False, True)
    ):
        view = View(np.arange(2), np.zeros(2, bool), row, column, side, turns, flipped)
        label = view.of(coarse)
        assert label.shape == (side, side)
        assert label.min() == coarse[row, column]
        np.testing.assert_array_equal(np.kron(label, np.ones((4, 4), np.uint8)), view.of(fine, 4))
        np.testing.assert_array_equal(view.of(stack), np.stack([label, label + 36]))
        seen.add(label.tobytes())
    assert len(seen) == 8 * (7 - side) ** 2


def _sampler(dataset: Dataset, seed: int = 1) -> Sampler:
    store = ChipStore(dataset, dataset.chips("training"))
    return Sampler(dataset, store, batch=8, side=16, dates=4, seed=(seed, 1))


def test_an_epoch_visits_every_training_chip_once(data: Path) -> None:
    dataset = Dataset.open(data)
    chips = dataset.chips("training")
    assert len(chips) > 8
    sampler = _sampler(dataset)
    seen = [sampler.next().labels for _ in range(-(-len(chips) // 8))]
    counted = sorted(int(label.long().sum()) for batch in seen for label in batch)
    expected = sorted(int(dataset.sample(i).labels.astype(int).sum()) for i in chips)
    assert counted == expected


def test_sampler_goes_on_where_its_state_was_taken(data: Path) -> None:
    dataset = Dataset.open(data)
    first, second, other = _sampler(dataset), _sampler(dataset), _sampler(dataset, seed=2)
    first.next()
    # Through text, as in a checkpoint.
    second.restore(strict_json.parse(strict_json.dump(first.state()), "state"))
    differs = False
    other.next()
    for _ in range(6):
        ours, theirs, foreign = first.next(), second.next(), other.next()
        for field in dataclasses.fields(ours):
            assert torch.equal(getattr(ours, field.name), getattr(theirs, field.name))
        differs |= not torch.equal(ours.days, foreign.days)
    assert differs


def test_training_takes_few_dates_and_validation_all(data: Path) -> None:
    dataset = Dataset.open(data)
    batch = _sampler(dataset).next()
    assert batch.images.shape[1] == 4
    assert bool((batch.days.diff(dim=1) > 0).all())
    assert float(batch.images[~batch.valid[:, :, None].expand_as(batch.images)].abs().sum()) == 0
    store = ChipStore(dataset, dataset.chips("validation"))
    whole = next(plain_batches(dataset, store, dataset.chips("validation"), 8))
    assert whole.images.shape[1] == len(dataset.days)
    assert whole.labels_fine.shape[-1] == 4 * whole.labels.shape[-1]


# --- validation ----------------------------------------------------------------------------------


def test_label_lookup_ignores_what_has_no_logit() -> None:
    lookup = label_lookup((3, 7, 254), torch.device("cpu"))
    assert lookup[[3, 7, 254]].tolist() == [0, 1, 2]
    assert set(lookup[[0, 1, 253, 255]].tolist()) == {-100}


def test_figures_of_a_perfect_and_of_a_constant_network(data: Path) -> None:
    dataset = Dataset.open(data)
    codes = dataset.classes.network_codes(dataset.outside)
    chips = dataset.chips("validation")
    batches = list(plain_batches(dataset, ChipStore(dataset, chips), chips, 4))
    lookup = label_lookup(codes, torch.device("cpu"))

    def perfect(batch: Any) -> dict[int, torch.Tensor]:
        wanted = lookup[batch.labels.long()].clamp_min(0)
        return {1: torch.nn.functional.one_hot(wanted, len(codes)).movedim(-1, 1).float()}

    def constant(batch: Any) -> dict[int, torch.Tensor]:
        return {1: torch.zeros(len(batch.labels), len(codes), *batch.labels.shape[1:])}

    best = class_figures(perfect, batches, codes, (1,))
    assert best["overall_accuracy"] == best["mean_iou"] == best["boundary_accuracy"] == 1
    labels = torch.cat([batch.labels.flatten() for batch in batches])
    labels = labels[lookup[labels.long()] >= 0]
    share = float((labels == codes[0]).float().mean())
    assert class_figures(constant, batches, codes, (1,))["overall_accuracy"] == pytest.approx(share)


def test_temperature_undoes_a_scale_and_stays_1_where_nothing_is_gained() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20_000, 4)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = (chances.cumsum(1) > generator.random((20_000, 1))).argmax(1)
    sharp = (3 * logits).astype(np.float32)
    found = fit_temperature(sharp, truth)
    assert found == pytest.approx(3, rel=0.05)
    assert calibration_error(sharp, truth, found) < 0.02 < calibration_error(sharp, truth, 1.0)
    assert fit_temperature(np.zeros((0, 4), np.float32), np.zeros(0, np.int64)) == 1.0


# --- pretraining ---------------------------------------------------------------------------------


def test_pretraining_writes_a_model_that_says_it_is_no_classifier(
    data: Path, pretrained: Path
) -> None:
    card = load_model(pretrained).card
    assert card.stage == "pretrained"
    with pytest.raises(UserError, match="pretrained only"):
        card.require_finetuned("model")
    assert card.training["dataset"] == Dataset.open(data).fingerprint
    assert card.training["steps"] == card.training["steps_planned"] > 1
    assert card.training["loss"] == "cross-entropy"
    assert 0 < card.training["positive_weight"] < 1
    west, south, east, north = card.training["footprint"]["bounds"]
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    names = {(row["split"], row["name"]) for row in rows(pretrained)}
    assert {
        ("training", "loss"),
        ("validation", "pair_auc"),
        ("validation", "similarity_of_positives"),
        ("validation", "similarity_of_negatives"),
    } <= names
    assert 0 <= card.training["validation"]["pair_auc"] <= 1
    assert not (pretrained / "checkpoints").exists()


@pytest.mark.parametrize(
    ("loss", "weight", "expected"),
    [("released", "balanced", 0.125), ("cross-entropy", "0.3", 0.3)],
)
def test_other_forms_of_the_loss_train(
    data: Path, tmp_path: Path, loss: str, weight: str, expected: float
) -> None:
    ctx = JobContext()
    pretrain(pretrain_job(data, tmp_path, loss=loss, positive_weight=weight), ctx)
    # What may be compiled for a minute before the first step is a stage of its own.
    assert list(ctx.listener.stages) == ["kernels", "pretrain"]
    assert ctx.listener.stages["kernels"] == (1, 1)
    found = load_model(tmp_path)
    assert found.card.training["positive_weight"] == expected
    assert found.losses[1].rules.mask_self == (loss != "released")
    assert found.losses[1].form == ("linear" if loss == "released" else "cross_entropy")


@pytest.mark.parametrize("weight", ["heavy", "0", "-1", "nan", "inf"])
def test_a_positive_weight_that_is_none_is_refused(data: Path, tmp_path: Path, weight: str) -> None:
    with pytest.raises(UserError) as caught:
        pretrain(pretrain_job(data, tmp_path, positive_weight=weight), JobContext())
    assert str(caught.value) == (
        f"positive_weight {weight!r}: it is neither a positive number nor balanced. "
        "Use balanced, or a number such as 0.125."
    )


def test_another_seed_gives_another_model(data: Path, tmp_path: Path, pretrained: Path) -> None:
    pretrain(pretrain_job(data, tmp_path, seed=2), JobContext())
    ours, theirs = weights(pretrained), weights(tmp_path)
    assert not all(torch.equal(ours[name], theirs[name]) for name in ours)


# --- fine-tuning ---------------------------------------------------------------------------------


def _unmoved(data: Path, output: Path, **options: Any) -> dict[str, torch.Tensor]:
    """Return the weights that fine-tuning starts from."""
    ctx = JobContext()
    ctx.finish_requested = True
    finetune(finetune_job(data, output, **options), ctx)
    return weights(output)


def test_finetuning_starts_from_the_pretrained_tensors(
    data: Path, tmp_path: Path, pretrained: Path
) -> None:
    before = weights(pretrained)
    start = _unmoved(data, tmp_path / "from", model=str(pretrained))
    scratch = _unmoved(data, tmp_path / "scratch")
    body = [name for name in before if not name.startswith("classifiers.")]
    assert len(body) > 20
    assert all(torch.equal(before[name], start[name]) for name in body)
    trained = "backbone.encoder_1.0.convolution.weight"
    assert not torch.equal(before[trained], scratch[trained])


def test_finetuning_ends_in_a_classifier_with_its_record(
    data: Path, tmp_path: Path, pretrained: Path
) -> None:
    ctx = JobContext()
    finetune(finetune_job(data, tmp_path, model=str(pretrained), epochs=2), ctx)
    card = load_model(tmp_path).card
    card.require_finetuned("model")
    assert card.heads == (1, 4)
    assert set(card.temperatures) == {"1", "4"}
    assert all(0.1 <= value <= 10 for value in card.temperatures.values())
    assert 0.1 <= card.training["parcel_temperature"] <= 10
    assert card.training["pretraining"]["stage"] == "pretrain"
    assert card.training["stage"] == "finetune"
    names = {row["name"] for row in rows(tmp_path) if row["split"] == "validation"}
    assert {"overall_accuracy", "mean_iou", "boundary_accuracy", "mean_iou_2m5"} <= names
    scores = {
        int(row["step"]): float(row["value"])
        for row in rows(tmp_path)
        if row["name"] == "mean_iou_of_heads"
    }
    assert card.training["best_step"] == max(scores, key=lambda step: scores[step])
    assert isinstance(ctx.listener, Silent)
    assert list(ctx.listener.stages) == ["kernels", "finetune", "context", "boundary"]
    assert ctx.listener.artifacts["model"] == tmp_path


def test_ten_metres_alone_has_one_head(data: Path, tmp_path: Path) -> None:
    start = _unmoved(data, tmp_path, resolution="10")
    assert not any(name.startswith("refinement.") for name in start)
    assert load_model(tmp_path).card.heads == (1,)


def test_a_model_of_another_width_is_refused(data: Path, tmp_path: Path, pretrained: Path) -> None:
    with pytest.raises(UserError) as caught:
        finetune(finetune_job(data, tmp_path, model=str(pretrained), width=0.25), JobContext())
    assert caught.value.code == "model_width"
    assert "its width is 0.125, the job asks for 0.25" in str(caught.value)


def _with_bands(pretrained: Path, folder: Path, bands: tuple[str, ...]) -> Path:
    """Write a copy of a model whose card names other bands, and medians by month."""
    loaded = load_model(pretrained)
    series = {**loaded.card.series, "composite": "month"}
    card = dataclasses.replace(loaded.card, bands=bands, series=series)
    save_model(folder, loaded.network, card)
    return folder


def test_a_model_of_other_bands_gives_the_weights_of_shared_bands(
    data: Path, tmp_path: Path, pretrained: Path
) -> None:
    bands = Dataset.open(data).bands
    first = "backbone.encoder_1.0.convolution.weight"
    # The model knows the dataset's first two bands in the other order, and not its last.
    other = _with_bands(pretrained, tmp_path / "other", (bands[1], bands[0], *bands[2:-1], "B09"))
    ctx = JobContext()
    ctx.finish_requested = True
    finetune(finetune_job(data, tmp_path / "tuned", model=str(other)), ctx)
    before, after = weights(pretrained), weights(tmp_path / "tuned")
    scratch = _unmoved(data, tmp_path / "scratch")
    moved = [1, 0, *range(2, len(bands) - 1)]
    last = len(bands) - 1
    assert torch.equal(after[first][:, :last], before[first][:, moved])
    assert torch.equal(after[first][:, last], scratch[first][:, last])
    assert not torch.equal(after[first][:, last], before[first][:, last])
    # What is no band: the days and the validity.
    assert torch.equal(after[first][:, last + 1 :], before[first][:, last + 1 :])
    body = [name for name in before if not name.startswith("classifiers.") and name != first]
    assert all(torch.equal(after[name], before[name]) for name in body)
    assert (
        f"Training starts from the weights of {other}: the body is kept; bands kept: "
        f"{', '.join(bands[:-1])}, new: {bands[-1]}; what refines its map to 2.5 m is new; "
        "the classifiers are new." in ctx.noted
    )
    clouds = "the scene classification (values 0, 1, 3, 8, 9, 10, 11; 20 m around 3, 8, 9)"
    assert (
        f"{other} was trained on {clouds}, medians by month, gaps kept; the dataset has {clouds}, "
        "each date as it is, gaps kept." in ctx.noted
    )


def test_a_model_of_another_class_table_gives_the_classifiers_of_shared_classes(
    data: Path, tmp_path: Path
) -> None:
    finetune(finetune_job(data, tmp_path / "first"), JobContext())
    loaded = load_model(tmp_path / "first")
    table = loaded.card.classes
    renamed = dataclasses.replace(table.classes[0], name="saffron")
    classes = dataclasses.replace(table, classes=(renamed, *table.classes[1:]))
    card = dataclasses.replace(loaded.card, classes=classes)
    save_model(tmp_path / "other", loaded.network, card, loaded.losses)
    ctx = JobContext()
    ctx.finish_requested = True
    finetune(finetune_job(data, tmp_path / "tuned", model=str(tmp_path / "other")), ctx)
    before, after = weights(tmp_path / "first"), weights(tmp_path / "tuned")
    for scale in (1, 4):
        for kind in ("weight", "bias"):
            name = f"classifiers.{scale}.{kind}"
            assert torch.equal(after[name][1:], before[name][1:])
            assert not torch.equal(after[name][0], before[name][0])
    kept = [*table.names[1:], "outside parcels"]
    note = next(note for note in ctx.noted if note.startswith("Training starts"))
    assert note.endswith(
        f"the body is kept; classes kept: {', '.join(kept)}, new: {table.names[0]}."
    )


def test_finish_keeps_what_has_been_learnt(data: Path, tmp_path: Path) -> None:
    ctx = JobContext()

    def finish() -> None:
        ctx.finish_requested = True

    ctx.listener = At(2, finish)
    finetune(finetune_job(data, tmp_path, epochs=50), ctx)
    record = load_model(tmp_path).card.training
    assert record["steps"] == record["best_step"] == 2
    total = record["steps_planned"]
    assert f"Training was asked to finish at step 2 of {total}." in ctx.noted
