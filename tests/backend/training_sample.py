"""A small real dataset, small jobs on it, and ways to stop them: for tests of training."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from cscl.context import JobContext, Silent
from cscl.contract.jobs import DatasetJob, FinetuneJob, PretrainJob, SimulateJob
from cscl.dataset.job import build_dataset
from cscl.models.store import load_model
from cscl.simulation.job import simulate
from cscl.training import presets

WIDTH = 0.125
# Few chips and dates a step.
SMALL = dataclasses.replace(presets.PRESETS["quick"], batch=4, side=16, dates=4)


def make_dataset(base: Path, **options: Any) -> Path:
    """Build a dataset of chips of 16 pixels on a simulated scene; return its folder.

    `options` are those of the simulation.
    """
    scene, dataset = base / "scene", base / "dataset"
    for folder in (scene, dataset):
        folder.mkdir()
    values = {"size": 64, "dates": 6, "crops": 3, "seed": 4, **options}
    simulate(SimulateJob(output=str(scene), **values), JobContext())
    job = DatasetJob(
        images=str(scene),
        parcels=str(scene / "parcels.gpkg"),
        class_field="crop",
        output=str(dataset),
        chip=16,
    )
    build_dataset(job, JobContext())
    return dataset


def pretrain_job(data: Path, output: Path, **options: Any) -> PretrainJob:
    """Return a job of one epoch."""
    output.mkdir(exist_ok=True)
    values = {"preset": "quick", "width": WIDTH, "epochs": 1, "device": "cpu", **options}
    return PretrainJob(dataset=str(data), output=str(output), **values)


def finetune_job(data: Path, output: Path, **options: Any) -> FinetuneJob:
    """Return a job of one epoch."""
    output.mkdir(exist_ok=True)
    values = {"preset": "quick", "width": WIDTH, "epochs": 1, "device": "cpu", **options}
    return FinetuneJob(dataset=str(data), output=str(output), **values)


class At(Silent):
    """A listener that acts when training reaches a step."""

    def __init__(self, step: int, act: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.step, self.act = step, act

    def progress(self, stage: str, done: int, total: int) -> None:
        """Act at the step; what comes before and after training has none."""
        super().progress(stage, done, total)
        training = stage in ("pretrain", "finetune")
        if training and done == self.step and self.act is not None:
            self.act()


def cancelling(step: int) -> JobContext:
    """Return a context whose job is cancelled while it reports `step`."""
    ctx = JobContext()

    def cancel() -> None:
        ctx.cancelled = True

    ctx.listener = At(step, cancel)
    return ctx


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return a model's tensors."""
    return load_model(folder).network.state_dict()


def rows(folder: Path) -> list[dict[str, str]]:
    """Return the figures of a run."""
    with (folder / "metrics.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))
