"""What both stages set up the same way: data, device, plan, sampler, checkpoints, the record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import NOT_IN_FINGERPRINT, FinetuneJob, PretrainJob, job_values
from cscl.dataset.reader import Dataset
from cscl.device import choose_device, describe_device
from cscl.training.batches import ChipStore, Sampler
from cscl.training.checkpoints import CheckpointFolder
from cscl.training.loop import Loop, Task
from cscl.training.precision import bf16_is_faster
from cscl.training.presets import Plan, Stage, make_plan

STAGE_SEEDS: dict[Stage, int] = {"pretrain": 1, "finetune": 2}
# Paths may change between two runs of one job; what they lead to is compared instead.
PATHS = ("dataset", "model")


@dataclass(frozen=True)
class Session:
    """One stage of one job on one dataset."""

    job: PretrainJob | FinetuneJob
    dataset: Dataset
    plan: Plan
    device: torch.device
    training: ChipStore
    validation: ChipStore

    @property
    def width(self) -> float:
        """The network's width: the job's, or the preset's."""
        return self.job.width if self.job.width is not None else self.plan.preset.width

    @property
    def output(self) -> Path:
        """The model folder."""
        return Path(self.job.output)

    def loop(self, task: Task, ctx: JobContext, identity: dict[str, Any]) -> Loop:
        """Return the training loop of `task`; checkpoints of another `identity` are refused."""
        sampler = self._sampler(self.job.seed, STAGE_SEEDS[self.plan.stage])
        values = job_values(self.job).items()
        settings = {k: v for k, v in values if k not in NOT_IN_FINGERPRINT + PATHS}
        settings |= {"dataset": self.dataset.fingerprint, "epochs": self.plan.epochs, **identity}
        checkpoints = CheckpointFolder(self.output / "checkpoints", settings)
        task.narrow = self._narrow(task, ctx)
        return Loop(task, self.plan, sampler, checkpoints, ctx, self.device)

    def _sampler(self, *seed: int) -> Sampler:
        plan = self.plan
        return Sampler(
            self.dataset,
            self.training,
            batch=plan.batch,
            side=plan.side,
            dates=plan.preset.dates,
            seed=seed,
        )

    def _narrow(self, task: Task, ctx: JobContext) -> bool:
        """Tell whether a step of the task is faster in bfloat16."""
        batch = self._sampler(0).next().to(self.device)
        return bf16_is_faster(
            task.module, lambda narrow: task.loss(batch, narrow), self.device, ctx
        )

    def record(self, loop: Loop) -> dict[str, Any]:
        """Return what the model's card says about this stage."""
        progress, best = loop.progress, loop.progress.best_step
        return {
            "stage": self.plan.stage,
            "dataset": self.dataset.fingerprint,
            "preset": self.plan.preset.name,
            "seed": self.job.seed,
            "epochs": self.plan.epochs,
            "steps": progress.step,
            "steps_planned": self.plan.steps,
            "best_step": best,
            "batch": self.plan.batch,
            "seconds": round(progress.seconds, 1),
            "device": describe_device(self.device),
            "precision": "bfloat16 autocast" if loop.task.narrow else "float32",
            "validation": progress.records.at(best, "validation"),
        }


def open_session(stage: Stage, job: PretrainJob | FinetuneJob, ctx: JobContext) -> Session:
    """Open the dataset, choose device and plan, and say what was chosen.

    Raises `UserError` where the dataset has no training chips or no labels in them.
    """
    device = choose_device(job.device)
    dataset = Dataset.open(job.dataset)
    training, validation = dataset.chips("training"), dataset.chips("validation")
    if not training or not any(dataset.class_counts.values()):
        raise UserError(
            "no_training_labels",
            f"dataset {job.dataset}",
            f"its training split has {len(training)} chips and no labelled pixel in them",
            "Build it with more parcels, a larger area or smaller chips.",
        )
    if not validation:
        ctx.note(
            "The dataset has no validation chips: the last weights are kept and the "
            "temperatures stay 1."
        )
    plan = make_plan(stage, job.preset, len(training), dataset.chip, job.epochs)
    title = "Pretraining" if stage == "pretrain" else "Fine-tuning"
    origin = "as asked" if job.epochs is not None else f"preset {job.preset}"
    ctx.note(
        f"{title}: {plan.epochs} epochs of {plan.steps_per_epoch} steps on {len(training)} "
        f"training chips, {plan.steps} steps ({origin}), on {describe_device(device)}."
    )
    torch.manual_seed(int(np.random.SeedSequence(job.seed).generate_state(1)[0]))
    stores = (ChipStore(dataset, training), ChipStore(dataset, validation))
    return Session(job, dataset, plan, device, *stores)
