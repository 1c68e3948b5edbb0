"""The options of both stages: losses, scales, probes, plans from code, limits in time."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from cscl import pipeline
from cscl.context import JobContext
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import PipelineJob
from cscl.dataset.reader import ChipSample
from cscl.models import checkpointing
from cscl.models.registry import build_network
from cscl.models.store import load_card, load_model
from cscl.training import session
from cscl.training.batches import make_batch, plain_view
from cscl.training.classification import ClassificationTask
from cscl.training.contrast import ContrastOptions, contrastive_term
from cscl.training.finetune import finetune
from cscl.training.objectives import Objective
from cscl.training.presets import Preset, StagePreset, make_plan
from cscl.training.pretrain import pretrain
from cscl.training.session import open_session
from training_sample import cancelling, finetune_job, make_dataset, pretrain_job, rows, weights

STEPS = StagePreset(1e-3, 3, 1, "cosine", validations=1, whole_epochs=False)
TINY = Preset("tiny", 0.125, 2, 8, 4, 1e-2, 1.0, STEPS, STEPS)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "bf16_is_faster", lambda *_: False)
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's dataset."""
    return make_dataset(tmp_path_factory.mktemp("training"))


def pretrained(data: Path, output: Path, preset: Preset = TINY, **options: Any) -> dict[str, Any]:
    """Pretrain and return the record."""
    job = pretrain_job(data, output, epochs=None, **options)
    pretrain(job, JobContext(), preset=preset)
    return dict(load_card(output).training)


def finetuned(data: Path, output: Path, preset: Preset = TINY, **options: Any) -> dict[str, Any]:
    """Fine-tune and return the record."""
    job = finetune_job(data, output, **{"epochs": None, "resolution": "10", **options})
    finetune(job, JobContext(), preset=preset)
    return dict(load_card(output).training)


# --- losses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"loss": "masked"}, {"loss": "cscl", "form": "linear", "relative_position": True}),
        (
            {"loss": "cross-entropy", "relative_position": False, "anchors": "balanced"},
            {"form": "cross_entropy", "relative_position": False},
        ),
        (
            {"loss": "local-info-nce", "temperature": 0.3, "window": 5, "dilation": 2},
            {"loss": "local-info-nce", "temperature": 0.3, "window": 5, "dilation": 2},
        ),
        ({"loss": "supervised-memory", "labels": "parcel"}, {"loss": "supervised-memory"}),
    ],
)
def test_every_contrastive_loss_pretrains_and_is_kept(
    data: Path, tmp_path: Path, options: dict[str, Any], kept: dict[str, Any]
) -> None:
    record = pretrained(data, tmp_path, **options)
    assert record["steps"] == record["steps_planned"] == 3
    assert record["loss"] == options["loss"]
    assert 1 <= record["validation"]["effective_rank"] <= 16
    loaded = load_model(tmp_path)
    found = loaded.losses[1].options()
    assert {name: found[name] for name in kept} == kept
    assert loaded.losses[1].rules.anchors == options.get(
        "anchors", "boundary" if options["loss"] == "local-info-nce" else "all"
    )


def test_the_loss_can_sit_on_the_refined_map(data: Path, tmp_path: Path) -> None:
    start = JobContext()
    start.finish_requested = True
    pretrain(pretrain_job(data, tmp_path / "start"), start, preset=TINY)
    record = pretrained(data, tmp_path / "end", scale="4")
    assert record["scale"] == 4
    before, after = weights(tmp_path / "start"), weights(tmp_path / "end")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert any(name.startswith("refinement.") for name in changed)
    assert not any(name.startswith("classifiers.") for name in changed)
    assert list(load_model(tmp_path / "end").losses) == [4]


def test_control_with_classification_trains_one_head_and_is_a_pretrained_model(
    data: Path, tmp_path: Path
) -> None:
    record = pretrained(data, tmp_path / "first", loss="classification", boundary_weight=3.0)
    card = load_card(tmp_path / "first")
    assert card.stage == "pretrained"
    assert card.losses == {}
    assert "mean_iou" in record["validation"]
    assert "mean_iou_2m5" not in record["validation"]
    ctx = JobContext()
    ctx.finish_requested = True
    job = finetune_job(data, tmp_path / "second", model=str(tmp_path / "first"))
    finetune(job, ctx, preset=TINY)
    first, second = weights(tmp_path / "first"), weights(tmp_path / "second")
    name = "classifiers.1.weight"
    assert not torch.equal(first[name], second[name])
    assert all(torch.equal(first[k], second[k]) for k in first if k.startswith("backbone."))


def test_parcels_as_labels_make_neighbours_of_one_crop_negatives(
    data: Path, tmp_path: Path
) -> None:
    job = pretrain_job(data, tmp_path)
    opened = open_session("pretrain", job, JobContext(), TINY)
    dataset = opened.dataset
    samples = [dataset.sample(chip) for chip in dataset.chips("training")]
    views = [plain_view(len(dataset.days), dataset.chip)] * len(samples)
    batch = make_batch(samples, views, dataset.statistics)
    counts = {}
    for kind in ("crop", "parcel"):
        options = dataclasses.replace(ContrastOptions.of_pretraining(job), labels=kind)
        ctx = JobContext()
        term, _ = contrastive_term(options, 1, 4, opened, ctx)
        assert sum("the kernel numba: the fastest" in note for note in ctx.noted) == 1
        result = term(torch.randn(len(samples), 4, 16, 16), batch)
        counts[kind] = (int(result.count), int(result.positives))
    assert counts["crop"][0] == counts["parcel"][0]
    both = sum(2 * _pairs_of_two_parcels(sample) for sample in samples)
    assert both > 0
    assert counts["crop"][1] - counts["parcel"][1] == both


def _pairs_of_two_parcels(sample: ChipSample) -> int:
    """Count neighbours of one crop in two parcels, each pair once."""
    labels, parcels = sample.labels.astype(int), sample.parcels.astype(int)
    crops = (labels > 0) & (labels < 254)
    found = 0
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        here = (slice(0, 16 - down), slice(max(0, -right), 16 - max(0, right)))
        there = (slice(down, 16), slice(max(0, right), 16 + min(0, right)))
        alike = crops[here] & (labels[here] == labels[there])
        found += int((alike & (parcels[here] != parcels[there])).sum())
    return found


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"loss": "supervised-memory", "anchors": "boundary"}, "anchors"),
        ({"positive_weight": "heavy"}, "positive_weight"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    data: Path, tmp_path: Path, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(UserError) as caught:
        pretrained(data, tmp_path, **options)
    assert caught.value.code == code


# --- fine-tuning ---------------------------------------------------------------------------------


def test_joint_loss_has_a_weight_of_each_resolution_and_keeps_its_projections(
    data: Path, tmp_path: Path
) -> None:
    record = finetuned(data, tmp_path, resolution="2.5", joint=0.3, sampling="boundary")
    assert set(record["joint"]["positive_weights"]) == {"1", "4"}
    coarse, fine = record["joint"]["positive_weights"].values()
    # Of the finer pixels fewer lie at a boundary.
    assert 0 < fine < coarse < 1
    chips = record["sampling"]["weights"]
    assert record["sampling"]["kind"] == "boundary"
    assert sum(chips) / len(chips) == pytest.approx(1, abs=1e-3)
    kept = load_model(tmp_path).losses
    # Fitted projections know outside as one; those of the joint loss leave its pairs out.
    assert {scale: loss.rules.outside for scale, loss in kept.items()} == {1: 254, 4: 254}


def test_a_frozen_probe_trains_the_classifiers_alone(data: Path, tmp_path: Path) -> None:
    pretrained(data, tmp_path / "body")
    record = finetuned(data, tmp_path / "probe", model=str(tmp_path / "body"), freeze=True)
    assert record["joint"] is None
    body, probe = weights(tmp_path / "body"), weights(tmp_path / "probe")
    kept = [name for name in probe if not name.startswith("classifiers.")]
    assert sum("running_mean" in name for name in kept) > 5
    assert all(torch.equal(body[name], probe[name]) for name in kept)
    assert not torch.equal(body["classifiers.1.weight"], probe["classifiers.1.weight"])


@pytest.mark.parametrize("scale", ["1", "4"])
def test_a_frozen_probe_trains_what_pretraining_left_as_it_was_drawn(
    data: Path, tmp_path: Path, scale: str
) -> None:
    pretrained(data, tmp_path / "body", scale=scale)
    options = {"model": str(tmp_path / "body"), "freeze": True, "resolution": "2.5"}
    finetuned(data, tmp_path / "probe", **options)
    body, probe = weights(tmp_path / "body"), weights(tmp_path / "probe")
    moved = {
        name.split(".")[0]
        for name in probe
        if name not in body or not torch.equal(body[name], probe[name])
    }
    assert moved == {"classifiers"} | ({"refinement"} if scale == "1" else set())


def test_classification_at_2m5_is_judged_by_the_head_that_learns(
    data: Path, tmp_path: Path
) -> None:
    job = pretrain_job(data, tmp_path, loss="classification", scale="4", epochs=1)
    opened = open_session("pretrain", job, JobContext())
    network = build_network(
        "unet3df", bands=len(opened.dataset.bands), classes=len(opened.codes), width=0.125
    )
    task = ClassificationTask(network, opened, Objective(opened.codes), scales=(4,))
    network.eval()
    batch = next(iter(task.batches()))
    with torch.no_grad():
        own = network.classifiers["4"](task.maps(batch, False, (4,))[4])
        assert torch.equal(task.logits(batch)[4], own)
        both = ClassificationTask(network, opened, Objective(opened.codes))
        assert not torch.allclose(both.logits(batch)[4], own, atol=1e-3)


def test_nothing_to_freeze_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no pretrained model"):
        finetuned(data, tmp_path, freeze=True)


def test_weights_of_classes_stand_in_the_record(data: Path, tmp_path: Path) -> None:
    record = finetuned(data, tmp_path, class_weights="balanced", objective="log-cosh-dice")
    found = record["objective"]
    assert found["name"] == "log-cosh-dice"
    assert len(found["class_weights"]) == len(load_card(tmp_path).codes)
    assert max(found["class_weights"]) > 1 > min(found["class_weights"])


# --- gradient checkpointing -----------------------------------------------------------------------


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of times that blocks were computed a second time, for their gradients."""
    times = [0]
    plain = checkpointing._unmoved_statistics

    def counted(block: torch.nn.Module) -> Any:
        times[0] += 1
        return plain(block)

    monkeypatch.setattr(checkpointing, "_unmoved_statistics", counted)
    return times


def test_checkpointing_trains_to_the_same_bits(
    data: Path, tmp_path: Path, computed: list[int]
) -> None:
    kept, again = [], []
    for used in (False, True):
        body, tuned = tmp_path / f"body{used}", tmp_path / f"tuned{used}"
        first = pretrained(data, body, checkpointing=used)
        options = {"joint": 0.3, "resolution": "2.5", "checkpointing": used}
        record = finetuned(data, tuned, model=str(body), **options)
        assert first["checkpointing"] is record["checkpointing"] is used
        kept.append((weights(body), weights(tuned), rows(body), rows(tuned)))
        again.append(computed[0])
    assert again[0] == 0 and again[1] > 6 * 5
    for plain, checkpointed in zip(kept[0][:2], kept[1][:2], strict=True):
        assert plain.keys() == checkpointed.keys()
        assert all(torch.equal(plain[name], checkpointed[name]) for name in plain)
    assert kept[0][2:] == kept[1][2:]


def test_a_run_goes_on_with_checkpointing_to_the_same_bits(
    data: Path, tmp_path: Path, computed: list[int]
) -> None:
    finetuned(data, tmp_path / "whole")
    job = finetune_job(data, tmp_path / "stopped", epochs=None, resolution="10")
    with pytest.raises(Cancelled):
        finetune(job, cancelling(1), preset=TINY)
    assert computed[0] == 0
    record = finetuned(data, tmp_path / "stopped", checkpointing=True)
    assert computed[0] > 0 and record["steps"] == 3
    whole, stopped = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)


def test_the_pipeline_hands_checkpointing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Any] = []
    monkeypatch.setattr(pipeline, "perform_within", lambda job, _: jobs.append(job))
    given = {"images": "i", "parcels": "p", "class_field": "c", "output": str(tmp_path)}
    for used in (False, True):
        job = PipelineJob(**given, checkpointing=used)
        pipeline.train(job, tmp_path / "dataset", tmp_path, JobContext())
    assert [job.checkpointing for job in jobs] == [False, False, True, True]


# --- plans from code -----------------------------------------------------------------------------


def test_a_plan_of_exact_steps() -> None:
    stage = StagePreset(1e-3, 450, 1, "cosine", validations=4, whole_epochs=False)
    preset = dataclasses.replace(TINY, batch=8, side=24, finetune=stage)
    plan = make_plan("finetune", preset, 68, 24)
    assert (plan.steps, plan.batch, plan.side, plan.steps_per_epoch) == (450, 8, 24, 9)
    assert list(plan.validation_steps) == [450, 337, 224, 111]
    assert plan.epochs == 50


def test_a_plan_of_seconds_follows_the_clock() -> None:
    stage = StagePreset(1e-3, None, 1, "cosine", validations=4, seconds=100.0)
    plan = make_plan("finetune", dataclasses.replace(TINY, finetune=stage), 68, 16)
    assert plan.steps is None
    assert plan.rate(0, 0.0) == pytest.approx(1e-3 * 0.001 / 0.06)
    assert plan.rate(9, 6.0) == pytest.approx(1e-3)
    assert plan.rate(5, 53.0) == pytest.approx(1e-3 * (0.01 + 0.99 / 2))
    assert plan.rate(7, 100.0) == pytest.approx(1e-5)
    due = [t for t in range(0, 101) if plan.validation_is_due(1, t, min(3, t // 26))]
    assert due[0] == 25
    assert not plan.validation_is_due(9, 49.9, 1)
    assert plan.validation_is_due(9, 50.0, 1)
    assert plan.share(9, 130.0) == 1.0


def test_a_run_of_seconds_ends_with_them(data: Path, tmp_path: Path) -> None:
    stage = StagePreset(1e-3, None, 1, "cosine", validations=2, seconds=0.5)
    record = finetuned(data, tmp_path, dataclasses.replace(TINY, finetune=stage))
    assert record["steps_planned"] is None
    assert record["steps"] >= 1
    assert record["seconds_in_steps"] + 0.05 >= 0.5
    assert 1 <= len({row["step"] for row in rows(tmp_path)}) <= 3
    assert record["plan"]["seconds"] == 0.5
