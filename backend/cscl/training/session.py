"""What both stages set up the same way: data, device, plan, sampler, checkpoints, the record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cscl import processes
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import NOT_IN_FINGERPRINT, FinetuneJob, PretrainJob, job_values
from cscl.contract.resolutions import SCALES, resolution_of, scale_of
from cscl.dataset.reader import Dataset
from cscl.device import choose_device, describe_device
from cscl.training.batches import ChipStore, Sampler
from cscl.training.checkpoints import CheckpointFolder
from cscl.training.loop import Loop, Task
from cscl.training.pictures import Pictures
from cscl.training.precision import bf16_is_faster
from cscl.training.presets import Plan, Preset, Stage, make_plan

STAGE_SEEDS: dict[Stage, int] = {"pretrain": 1, "finetune": 2}
PICTURE_FILE = "prediction.png"
# Paths may change between two runs of one job; what they lead to is compared instead.
PATHS = ("dataset", "model")


@dataclass(frozen=True)
class Session:
    """One stage of one job on one dataset; `own_plan` where the plan came from code."""

    job: PretrainJob | FinetuneJob
    dataset: Dataset
    plan: Plan
    own_plan: bool
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

    @property
    def codes(self) -> tuple[int, ...]:
        """The code of each class that the dataset's networks tell apart."""
        return self.dataset.classes.network_codes(self.dataset.outside)

    def loop(
        self,
        task: Task,
        ctx: JobContext,
        identity: dict[str, Any],
        weights: NDArray[np.float64] | None = None,
    ) -> Loop:
        """Return the training loop of `task`; checkpoints of another `identity` are refused.

        `weights` are those of the training chips, None where all are drawn alike.
        """
        job = self.job
        values = job_values(job).items()
        settings = {k: v for k, v in values if k not in NOT_IN_FINGERPRINT + PATHS}
        settings |= {"dataset": self.dataset.fingerprint, "epochs": self.plan.epochs, **identity}
        if self.own_plan:
            settings["preset"] = asdict(self.plan.preset)
        task.narrow = self._narrow(task, ctx)
        return Loop(
            task,
            self.plan,
            self._sampler(job.seed, STAGE_SEEDS[self.plan.stage], weights=weights),
            CheckpointFolder(self.output / "checkpoints", settings),
            ctx,
            patience=job.patience if isinstance(job, FinetuneJob) else None,
            may_move=job.device.strip().lower() == "auto",
            pictures=Pictures(self.output / PICTURE_FILE, ctx),
        )

    def _sampler(self, *seed: int, weights: NDArray[np.float64] | None = None) -> Sampler:
        plan = self.plan
        return Sampler(
            self.dataset,
            self.training,
            batch=plan.batch,
            side=plan.side,
            dates=plan.preset.dates,
            seed=seed,
            weights=weights,
        )

    def _narrow(self, task: Task, ctx: JobContext) -> bool:
        """Tell whether a step of the task is faster in bfloat16."""
        if processes.count() > 1:
            # Each would measure another time, and their sums must meet.
            return self.device.type == "cuda"
        batch = self._sampler(0).next().to(self.device)
        try:
            return bf16_is_faster(
                task.module, lambda narrow: task.loss(batch, narrow), self.device, ctx
            )
        except torch.OutOfMemoryError:
            # Where memory is short, the type that takes half of it.
            return True

    def record(self, loop: Loop) -> dict[str, Any]:
        """Return what the model's card says about this stage."""
        progress, best, plan = loop.progress, loop.progress.best_step, self.plan
        return {
            "stage": plan.stage,
            "dataset": self.dataset.fingerprint,
            "preset": plan.preset.name,
            "plan": asdict(plan.settings),
            "seed": self.job.seed,
            "label_share": self.job.label_share,
            "epochs": plan.epochs,
            "steps": progress.step,
            "steps_planned": plan.steps,
            "best_step": best,
            "batch": plan.batch,
            "parts_of_a_batch": progress.parts,
            "side": plan.side,
            "checkpointing": self.job.checkpointing,
            "processes": processes.count(),
            "seconds": round(progress.seconds, 1),
            "seconds_in_steps": round(progress.step_seconds, 1),
            "device": describe_device(loop.task.device),
            "precision": "bfloat16 autocast" if loop.task.narrow else "float32",
            "validation": progress.records.at(best, "validation"),
        }


def open_session(
    stage: Stage,
    job: PretrainJob | FinetuneJob,
    ctx: JobContext,
    preset: Preset | None = None,
    dataset: Dataset | None = None,
) -> Session:
    """Open the dataset, choose device and plan, and say what was chosen.

    `preset` and `dataset` take the place of those that the job names. Raises `UserError` where
    the dataset has no training chips or no labels in them.
    """
    device = processes.own_device(choose_device(job.device))
    dataset = Dataset.open(job.dataset) if dataset is None else dataset
    dataset = dataset.with_label_share(job.label_share, job.seed)
    training, validation = dataset.chips("training"), dataset.chips("validation")
    if not training or not any(dataset.class_counts.values()):
        raise UserError(
            "no_training_labels",
            f"dataset {job.dataset}",
            f"its training split has {len(training)} chips and no labelled pixel in them",
            "Build it with more parcels, a larger area or smaller chips.",
        )
    _check_factor(job, dataset)
    if not validation:
        ctx.note(
            "The dataset has no validation chips: the last weights are kept and the "
            "temperatures stay 1."
        )
    plan = make_plan(stage, preset or job.preset, len(training), dataset.side, job.epochs)
    title = "Pretraining" if stage == "pretrain" else "Fine-tuning"
    origin = "as asked" if job.epochs is not None else f"preset {plan.preset.name}"
    steps = "" if plan.steps is None else f", {plan.steps} steps"
    ctx.note(
        f"{title}: {plan.length} on {len(training)} training chips{steps} ({origin}), on "
        f"{describe_device(device)}."
    )
    torch.manual_seed(int(np.random.SeedSequence(job.seed).generate_state(1)[0]))
    stores = (ChipStore(dataset, training), ChipStore(dataset, validation))
    return Session(job, dataset, plan, preset is not None, device, *stores)


def _check_factor(job: PretrainJob | FinetuneJob, dataset: Dataset) -> None:
    """Refuse fine labels that are not those of the head."""
    fits = [factor for factor in SCALES.values() if factor in (1, dataset.factor)]
    if isinstance(job, PretrainJob):
        scale, options = int(job.scale), [f"scale {factor}" for factor in reversed(fits)]
    else:
        scale = scale_of(job.resolution)
        options = [f"resolution {resolution_of(factor)}" for factor in reversed(fits)]
    if scale not in (1, dataset.factor):
        raise UserError(
            "factor_differs",
            f"dataset {job.dataset}",
            f"its fine labels are {dataset.factor} times finer than 10 m, a head for "
            f"{resolution_of(scale)} m takes labels {scale} times finer",
            f"Train with {' or '.join(options)}, or build the dataset with the resolution "
            f"{resolution_of(scale)}.",
        )
