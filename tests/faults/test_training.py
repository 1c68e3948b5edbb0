"""Training that is killed, resumed with something else, short of memory, or cannot learn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.codes import UNKNOWN
from cscl.contract.errors import Cancelled, UserError
from cscl.contract.jobs import FinetuneJob, PretrainJob
from cscl.dataset.reader import ChipSample, Dataset
from cscl.evaluation.zones import boundary
from cscl.models.store import load_card, load_model
from cscl.training import checkpoints, loop, presets, session
from cscl.training.batches import ChipStore, Sampler
from cscl.training.checkpoints import CheckpointFolder
from cscl.training.classification import ClassificationTask
from cscl.training.finetune import finetune
from cscl.training.loop import Loop
from cscl.training.presets import make_plan
from cscl.training.pretrain import pretrain
from training_sample import SMALL, At, cancelling, make_dataset, rows, weights
from training_sample import finetune_job as any_finetune_job
from training_sample import pretrain_job as any_pretrain_job

EPOCHS = 2
# Steps that take a moment, and few of them.
TINY = dataclasses.replace(SMALL, batch=2, side=8)
SHARE = {"label_share": 0.5}


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


@pytest.fixture(scope="module")
def per_epoch(data: Path) -> int:
    """Steps an epoch."""
    chips = Dataset.open(data).with_label_share(SHARE["label_share"], 1).chips("training")
    return -(-len(chips) // TINY.batch)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few chips and dates a step; a checkpoint after every epoch, and after the end."""
    monkeypatch.setitem(presets.PRESETS, "quick", TINY)
    monkeypatch.setattr(loop, "LEAST_CHECKPOINT_SECONDS", 0.0)
    # Measured, it would fall out this way or that on a busy machine.
    monkeypatch.setattr(session, "bf16_is_faster", lambda *_: False)
    monkeypatch.setattr(CheckpointFolder, "clear", lambda folder: None)


def pretrain_job(data: Path, output: Path, **options: Any) -> PretrainJob:
    """Return a job on half of the chips."""
    return any_pretrain_job(data, output, **{**SHARE, **options})


def finetune_job(data: Path, output: Path, **options: Any) -> FinetuneJob:
    """Return a job on half of the chips, at 10 m alone."""
    return any_finetune_job(data, output, **{**SHARE, "resolution": "10", **options})


def die() -> None:
    """End the run as a signal would: nothing is saved."""
    raise RuntimeError("killed")


# Everything that keeps a state between steps: moments, running statistics, a memory of vectors,
# the count towards stopping early, weighted draws.
RUNS: dict[str, Callable[[Path, Path, JobContext], None]] = {
    "pretrain": lambda data, output, ctx: pretrain(pretrain_job(data, output, epochs=EPOCHS), ctx),
    "finetune": lambda data, output, ctx: finetune(
        finetune_job(
            data,
            output,
            epochs=EPOCHS,
            joint=0.3,
            joint_loss="supervised-memory",
            sampling="class",
            patience=2,
            boundary_weight=3.0,
            class_weights="balanced",
        ),
        ctx,
    ),
}


@pytest.fixture(scope="module")
def unbroken(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each run without a break; its last checkpoint is kept."""
    folders = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS, "quick", TINY)
        patch.setattr(loop, "LEAST_CHECKPOINT_SECONDS", 0.0)
        patch.setattr(session, "bf16_is_faster", lambda *_: False)
        patch.setattr(CheckpointFolder, "clear", lambda folder: None)
        for name, run in RUNS.items():
            folders[name] = tmp_path_factory.mktemp(name)
            run(data, folders[name], JobContext())
    return folders


def last_state(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """Return the newest checkpoint: its tensors' bytes and its state but for times."""
    newest = max((folder / "checkpoints").glob("step_*.json"))
    state = strict_json.read(newest)["state"]
    for name in ("seconds", "step_seconds"):
        del state["progress"][name]
    return newest.with_suffix(".safetensors").read_bytes(), state


def check_equal(broken: Path, whole: Path) -> None:
    """Compare weights, figures, and all that a checkpoint holds, bit for bit."""
    ours, theirs = weights(whole), weights(broken)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert rows(broken) == rows(whole)
    assert last_state(broken) == last_state(whole)


def break_during_save(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Die when checkpoint number `count` has its weights and lacks its description."""
    seen = []
    write = checkpoints.write_text

    def dying(path: Path, text: str) -> None:
        seen.append(path)
        if len(seen) == count:
            die()
        write(path, text)

    monkeypatch.setattr(checkpoints, "write_text", dying)


@pytest.mark.parametrize("moment", ["after an epoch", "in an epoch", "in a save", "cancelled"])
@pytest.mark.parametrize("name", list(RUNS))
def test_f62_resumed_equals_unbroken(
    data: Path,
    tmp_path: Path,
    unbroken: dict[str, Path],
    per_epoch: int,
    name: str,
    moment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, broken = RUNS[name], tmp_path / "broken"
    # A cancelled run writes a checkpoint where it stands; what dies does not.
    steps = {
        "after an epoch": (per_epoch, per_epoch),
        "in an epoch": (2 * per_epoch - 1, per_epoch),
        "in a save": (-1, per_epoch),
        "cancelled": (per_epoch + 1, per_epoch + 2),
    }
    stopped, resumed = steps[moment]
    with monkeypatch.context() as patch, pytest.raises((RuntimeError, Cancelled)):
        if moment == "in a save":
            break_during_save(patch, 2)
        run(
            data,
            broken,
            cancelling(stopped) if moment == "cancelled" else JobContext(At(stopped, die)),
        )
    assert not (broken / "model.json").exists()
    ctx = JobContext()
    run(data, broken, ctx)
    assert f"Training resumed at step {resumed} of {EPOCHS * per_epoch}." in ctx.noted
    check_equal(broken, unbroken[name])


def test_f62_precision_is_kept_on_resume(
    data: Path, tmp_path: Path, per_epoch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "bf16_is_faster", lambda *_: True)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finetune(finetune_job(data, whole, epochs=2), JobContext())
    with pytest.raises(RuntimeError, match="killed"):
        finetune(finetune_job(data, broken, epochs=2), JobContext(At(per_epoch + 1, die)))
    # The machine is busier now, and its probe decides otherwise.
    monkeypatch.setattr(session, "bf16_is_faster", lambda *_: False)
    finetune(finetune_job(data, broken, epochs=2), JobContext())
    assert load_card(broken).training["precision"] == "bfloat16 autocast"
    check_equal(broken, whole)


def test_f62_stopped_early_stays_stopped(data: Path, tmp_path: Path, per_epoch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClassificationTask, "validate", lambda task: {task.score: 0.5})
        notes = []
        for _ in range(2):
            ctx = JobContext()
            finetune(finetune_job(data, tmp_path, epochs=9, patience=2), ctx)
            notes.append([note for note in ctx.noted if "early" in note])
    steps = f"step {3 * per_epoch} of {9 * per_epoch}"
    told = f"Training stopped early at {steps}: 2 validations without improvement."
    assert notes == [[told], [told]]
    record = load_card(tmp_path).training
    assert (record["steps"], record["best_step"]) == (3 * per_epoch, per_epoch)


# --- damaged, or of another job ------------------------------------------------------------------


def test_f63_previous_checkpoint_leads_to_the_same_end(
    data: Path, tmp_path: Path, unbroken: dict[str, Path], per_epoch: int
) -> None:
    run = RUNS["pretrain"]
    with pytest.raises(RuntimeError, match="killed"):
        run(data, tmp_path, JobContext(At(2 * per_epoch, die)))
    newest = tmp_path / "checkpoints" / f"step_{2 * per_epoch:09d}.safetensors"
    damaged = bytearray(newest.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    newest.write_bytes(bytes(damaged))
    ctx = JobContext()
    run(data, tmp_path, ctx)
    assert f"The checkpoint of step {2 * per_epoch} is damaged and was passed over." in ctx.noted
    assert f"Training resumed at step {per_epoch} of {EPOCHS * per_epoch}." in ctx.noted
    check_equal(tmp_path, unbroken["pretrain"])


def test_f63_all_checkpoints_damaged_is_refused(data: Path, tmp_path: Path, per_epoch: int) -> None:
    run = RUNS["pretrain"]
    with pytest.raises(RuntimeError, match="killed"):
        run(data, tmp_path, JobContext(At(2 * per_epoch, die)))
    for path in (tmp_path / "checkpoints").glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError) as caught:
        run(data, tmp_path, JobContext())
    assert caught.value.code == "damaged_checkpoints"
    assert not (tmp_path / "model.json").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"window": 5}, "window was 3 and is now 5"),
        ({"loss": "released"}, "loss was 'cross-entropy' and is now 'released'"),
        ({"label_share": 0.7}, "label_share was 0.5 and is now 0.7"),
    ],
)
def test_f64_resuming_with_other_options_is_refused(
    data: Path, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(Cancelled):
        pretrain(pretrain_job(data, tmp_path), cancelling(1))
    with pytest.raises(UserError) as caught:
        pretrain(pretrain_job(data, tmp_path, **changes), JobContext())
    assert caught.value.code == "other_checkpoint"
    assert told in str(caught.value)


def test_f64_resuming_with_another_dataset_or_plan_is_refused(data: Path, tmp_path: Path) -> None:
    job = pretrain_job(data, tmp_path)
    with pytest.raises(Cancelled):
        pretrain(job, cancelling(1))
    opened = Dataset.open(data)
    other = dataclasses.replace(opened, fingerprint="of another")
    with pytest.raises(UserError) as caught:
        pretrain(job, JobContext(), dataset=other)
    assert f"dataset was {opened.fingerprint!r} and is now 'of another'" in str(caught.value)
    with pytest.raises(UserError) as caught:
        pretrain(job, JobContext(), preset=dataclasses.replace(TINY, clip_norm=2.0))
    assert "preset was 'quick' and is now" in str(caught.value)
    assert "'clip_norm': 2.0" in str(caught.value)


# --- memory and device ---------------------------------------------------------------------------


def short_of_memory(monkeypatch: pytest.MonkeyPatch, chips: int, error: Exception) -> list[int]:
    """Let classification fail with more than so many chips; return the sizes that were tried."""
    tried: list[int] = []
    loss = ClassificationTask.loss

    def limited(task: ClassificationTask, batch: Any, narrow: bool) -> torch.Tensor:
        tried.append(len(batch))
        if len(batch) > chips:
            raise error
        return loss(task, batch, narrow)

    monkeypatch.setattr(ClassificationTask, "loss", limited)
    return tried


OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def test_f70_batch_is_halved_recorded_and_kept_on_resume(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(presets.PRESETS, "quick", dataclasses.replace(TINY, batch=4))
    tried = short_of_memory(monkeypatch, 1, OUT_OF_MEMORY)
    ctx = cancelling(1)
    with pytest.raises(Cancelled):
        finetune(finetune_job(data, tmp_path, epochs=2), ctx)
    assert tried[:3] == [4, 2, 1]
    halved = [note for note in ctx.noted if "did not hold the step after step 0" in note]
    assert [note.rsplit(" computed in ", 1)[1] for note in halved] == [
        "2 parts from there on.",
        "4 parts from there on.",
    ]
    tried.clear()
    again = JobContext()
    finetune(finetune_job(data, tmp_path, epochs=2), again)
    assert set(tried) == {1}
    assert not any("did not hold" in note for note in again.noted)
    record = load_card(tmp_path).training
    assert (record["batch"], record["parts_of_a_batch"]) == (4, 4)


def test_f70_parts_of_a_batch_take_the_same_step(data: Path, tmp_path: Path) -> None:
    """Frozen statistics: then the parts' gradients are exactly the batch's."""
    dataset = Dataset.open(data)
    plan = make_plan("finetune", SMALL, 8, 16, 1)
    found = []
    for parts in (1, 4):
        store = ChipStore(dataset, dataset.chips("training"))
        sampler = Sampler(dataset, store, batch=4, side=16, dates=4, seed=(1, 2))
        task = Mean(Frame(3))
        run = Loop(task, plan, sampler, CheckpointFolder(tmp_path / str(parts), {}), JobContext())
        run.progress.parts = parts
        run.run()
        found.append(task.module.weight.detach().clone())
    assert torch.allclose(found[0], found[1], rtol=1e-5, atol=1e-7)
    assert not torch.equal(found[0], torch.zeros_like(found[0]))


class Frame(torch.nn.Linear):
    """A layer that starts from nothing."""

    def __init__(self, inputs: int) -> None:
        super().__init__(inputs, 1, bias=False)
        torch.nn.init.zeros_(self.weight)


class Mean:
    """The smallest task: a chip's mean valid share, from its first days."""

    score, narrow, chips = "score", False, 4

    def __init__(
        self, module: torch.nn.Module, device: str = "cpu", error: Exception | None = None
    ):
        self.module, self.device, self.error = module, torch.device(device), error
        self.moved: list[str] = []

    def move(self, device: torch.device) -> None:
        self.device = device
        self.moved.append(str(device))

    def train(self) -> None:
        self.module.train()

    def loss(self, batch: Any, narrow: bool) -> torch.Tensor:
        if self.error is not None and self.device.type != "cpu":
            raise self.error
        shares = batch.valid.float().mean((1, 2, 3))
        return (self.module(batch.days[:, :3] / 365)[:, 0] - shares).square().mean()

    def validate(self) -> Mapping[str, float]:
        return {}


def stub_loop(data: Path, folder: Path, task: Mean, ctx: JobContext, *, may_move: bool) -> Loop:
    """Return the loop of a task that claims to be on a device that this machine lacks."""
    dataset = Dataset.open(data)
    store = ChipStore(dataset, dataset.chips("training"))
    sampler = Sampler(dataset, store, batch=4, side=16, dates=4, seed=(1, 2))
    plan = make_plan("finetune", SMALL, 8, 16, 1)
    return Loop(task, plan, sampler, CheckpointFolder(folder, {}), ctx, may_move=may_move)


def test_f70_not_even_one_chip_moves_to_the_processor_or_is_told(
    data: Path, tmp_path: Path
) -> None:
    ctx, task = JobContext(), Mean(Frame(3), "meta", OUT_OF_MEMORY)
    stub_loop(data, tmp_path / "moved", task, ctx, may_move=True).run()
    assert task.moved == ["cpu"]
    assert bool(task.module.weight.abs().sum() > 0)
    assert any("did not hold a single chip: from step 0 on" in note for note in ctx.noted)
    task = Mean(Frame(3), "meta", OUT_OF_MEMORY)
    with pytest.raises(UserError) as caught:
        stub_loop(data, tmp_path / "told", task, JobContext(), may_move=False).run()
    assert caught.value.code == "out_of_memory"
    assert caught.value.findings[0].subject == "finetune, after step 0"
    assert task.moved == []


def test_f70_lost_device_is_told_and_the_checkpoint_is_kept(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Cancelled):
        finetune(finetune_job(data, tmp_path, epochs=2), cancelling(1))
    short_of_memory(monkeypatch, 0, RuntimeError("CUDA error: device-side assert triggered"))
    with pytest.raises(UserError) as caught:
        finetune(finetune_job(data, tmp_path, epochs=2), JobContext())
    assert caught.value.code == "device_lost"
    assert "CUDA error: device-side assert triggered" in str(caught.value)
    assert (tmp_path / "checkpoints" / "step_000000002.json").is_file()
    assert not (tmp_path / "model.json").exists()


# --- nothing to learn from, or no number ---------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "cause"),
    [(float("nan"), "the loss is not a finite number"), (1e38, "the gradient is not finite")],
)
def test_f71_loss_and_gradient_that_are_no_numbers(
    data: Path, tmp_path: Path, per_epoch: int, factor: float, cause: str, monkeypatch: Any
) -> None:
    with pytest.raises(Cancelled):
        finetune(finetune_job(data, tmp_path, epochs=2), cancelling(per_epoch))
    loss = ClassificationTask.loss

    def wild(task: ClassificationTask, batch: Any, narrow: bool) -> torch.Tensor:
        value = loss(task, batch, narrow)
        return (
            value * factor
            if factor != factor
            else value + (value * factor - value.detach() * factor)
        )

    monkeypatch.setattr(ClassificationTask, "loss", wild)
    with pytest.raises(UserError) as caught:
        finetune(finetune_job(data, tmp_path, epochs=2), JobContext())
    assert caught.value.code == "training_diverged"
    assert caught.value.findings[0].subject == f"finetune, after step {per_epoch + 1}"
    assert cause in str(caught.value)
    assert (tmp_path / "checkpoints" / f"step_{per_epoch + 1:09d}.json").is_file()
    assert not (tmp_path / "model.json").exists()


def test_f71_weights_that_are_no_numbers(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Cancelled):
        finetune(finetune_job(data, tmp_path, epochs=2), cancelling(1))
    wild = dataclasses.replace(TINY, finetune=dataclasses.replace(TINY.finetune, rate=1e30))
    monkeypatch.setitem(presets.PRESETS, "quick", wild)
    with pytest.raises(UserError) as caught:
        finetune(finetune_job(data, tmp_path, epochs=2), JobContext())
    assert caught.value.code == "training_diverged"
    assert caught.value.findings[0].subject.startswith("finetune, after step ")
    assert (tmp_path / "checkpoints" / "step_000000002.json").is_file()
    assert not (tmp_path / "model.json").exists()


@dataclasses.dataclass(frozen=True)
class Ignored(Dataset):
    """A dataset whose labels are all unknown."""

    def sample(self, index: int) -> ChipSample:
        found = super().sample(index)
        nothing = {
            name: np.full_like(getattr(found, name), UNKNOWN) for name in ("labels", "labels_fine")
        }
        return dataclasses.replace(found, **nothing)


def test_f71_labels_that_are_all_ignored(data: Path, tmp_path: Path, per_epoch: int) -> None:
    opened = Dataset.open(data)
    ignored = Ignored(
        **{item.name: getattr(opened, item.name) for item in dataclasses.fields(Dataset)}
    )
    with pytest.raises(UserError) as caught:
        finetune(finetune_job(data, tmp_path / "a", epochs=3), ctx := JobContext(), dataset=ignored)
    assert caught.value.code == "nothing_to_learn"
    (left_out,) = (item for item in ctx.found if item.code == "no_pairs")
    assert "at 10 m learns without the joint loss" in left_out.remedy
    assert left_out.severity == "warning"
    assert caught.value.findings[0].subject == f"finetune, after step {3 * per_epoch - 1}"
    with pytest.raises(UserError) as caught:
        pretrain(pretrain_job(data, tmp_path / "b"), JobContext(), dataset=ignored)
    assert caught.value.code == "no_pairs"
    assert not (tmp_path / "a" / "model.json").exists()


@pytest.mark.parametrize("loss", ["masked", "local-info-nce", "supervised-memory"])
def test_f71_a_single_chip_is_enough_for_contrast(
    data: Path, tmp_path: Path, loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset.open(data)
    chips = (dataset.with_label_share(0.001, seed).chips("training") for seed in range(99))
    # One that holds a boundary.
    seed = next(s for s, (chip,) in enumerate(chips) if boundary(dataset.sample(chip).labels).any())
    monkeypatch.setitem(presets.PRESETS, "quick", dataclasses.replace(TINY, side=16))
    job = pretrain_job(data, tmp_path, loss=loss, epochs=2, label_share=0.001, seed=seed)
    pretrain(job, JobContext())
    loaded = load_model(tmp_path)
    assert loaded.card.training["steps"] == 2
    assert all(bool(item.isfinite().all()) for item in loaded.network.parameters())
