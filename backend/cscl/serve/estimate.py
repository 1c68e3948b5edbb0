"""What a job will take before it starts: time, memory and disk, and what that rests on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.fields import fields_of
from cscl.contract.jobs import JOBS
from cscl.contract.resolutions import heads_of, label_factor, scale_of
from cscl.dataset.reader import Dataset
from cscl.mapping.windows import area_window
from cscl.models.card_file import load_card
from cscl.pipeline import SERIES_DATES
from cscl.series.measuring import WORTH_PROCESSES
from cscl.series.model import DEFAULT_BANDS
from cscl.serve.costs import NETWORKS, at_width, has_graphics_card, passes_a_step, speed_of
from cscl.serve.scans import extent_of
from cscl.training.presets import PRESETS, Stage, make_plan

GIB = 2**30
BASE_MEMORY = 700 * 2**20  # of a process that has loaded its libraries
MAP_MEMORY = int(1.5 * GIB)  # measured: docs/performance.md
START_SECONDS = 10.0
# Validation and checkpoints, as a share of the steps' time in what was run.
BESIDE_STEPS = 1.1
# Reading, filling gaps, layers and files of a map, as a share of a forward pass over six dates.
BESIDE_NETWORK, BESIDE_DATES = 0.4, 6
WAITING = 2**28  # of a strip of a grid and of what it leaves to the next
WORKING_COPIES = 1.5  # of what a step keeps: gradients on the way back
CHECKPOINT_COPIES = 7  # weights, and two checkpoints with the optimiser's two moments
TRAINING_SHARE = 0.6


@dataclass(frozen=True)
class Expected:
    """What a job takes; None where nothing is known.

    It rests on what was `counted`, on the `speed` of networks here, both in words; `more` is to be
    added to that.
    """

    seconds: float | None = None
    memory: int | None = None
    disk: int | None = None
    counted: tuple[str, ...] = ()
    speed: str = ""
    more: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it rests on, in sentences."""
        if not self.counted:
            return "Nothing is known about what this job takes."
        speed = f", and on {self.speed}" if self.speed else ""
        return " ".join([f"Based on {'; '.join(self.counted)}{speed}.", *self.more])


@dataclass(frozen=True)
class Steps:
    """The size of one stage of training."""

    steps: int
    pixels: int
    dates: int


def estimate(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return what a job is expected to take; see `ESTIMATE` of the contract.

    Fields that the job has no value for are as in a new form. Raises `UserError` where a dataset,
    model or image that it rests on cannot be read.
    """
    name = values["job"]["name"]
    if name not in JOBS:
        raise UserError("unknown_job", f"job {name!r}", "there is no such job", "Choose another.")
    given = values["job"]["values"]
    job = SimpleNamespace(**{f.name: given.get(f.name, f.default) for f in fields_of(JOBS[name])})
    expected = _OF[name](job) if name in _OF else Expected()
    return {
        "seconds": None if expected.seconds is None else round(expected.seconds, 1),
        "memory_bytes": expected.memory,
        "disk_bytes": expected.disk,
        "free_bytes": _free(job.output),
        "based_on": expected.words,
    }


def _series(job: Any) -> Expected:
    grids, dates = extent_of(_needed(job, "images"), job.season)
    bands = len(job.bands or DEFAULT_BANDS)
    numbers = sum(grid.width * grid.height for grid in grids) * dates * bands
    return Expected(
        START_SECONDS + numbers / WORTH_PROCESSES / _cores(),
        BASE_MEMORY,
        2**20 * len(grids),
        (f"{dates} dates to decode once",),
    )


def _dataset(job: Any) -> Expected:
    grids, dates = extent_of(_needed(job, "images"), job.season)
    dates = min(dates, job.dates or dates)
    bands = len(job.bands or DEFAULT_BANDS)
    pixels = sum(grid.width * grid.height for grid in grids)
    # Images and labels at both resolutions at their full number of bytes, and what waits.
    factor = label_factor(job.factor, job.resolution)
    stored = dates * (2 * bands + 1) + 7 * (1 + factor**2)
    return Expected(
        START_SECONDS + 2 * pixels * dates * bands / WORTH_PROCESSES / _cores(),
        None,
        pixels * stored + 2 * WAITING * len(grids),
        (f"{dates} dates to decode twice",),
        more=("The disk's share is the most while it is built.",),
    )


def _pretrain(job: Any) -> Expected:
    return _training("pretrain", job, int(job.scale))


def _finetune(job: Any) -> Expected:
    return _training("finetune", job, scale_of(job.resolution))


def _training(stage: Stage, job: Any, scale: int) -> Expected:
    dataset = Dataset.open(_needed(job, "dataset")).with_label_share(job.label_share, job.seed)
    plan = make_plan(stage, job.preset, len(dataset.chips("training")), dataset.side, job.epochs)
    dates = plan.preset.dates or dataset.dates
    steps = Steps(plan.steps or 0, plan.batch * plan.side**2, dates)
    return _of_steps(job, steps, scale)


def _of_steps(job: Any, steps: Steps, scale: int) -> Expected:
    width = job.width if job.width is not None else PRESETS[job.preset].width
    cost, speed = NETWORKS[job.backbone], speed_of(job.backbone, width)
    passes = passes_a_step(job.checkpointing) * steps.pixels * steps.steps
    operations = passes * cost.operations(width, steps.dates, scale)
    kept = steps.pixels * cost.kept_bytes(width, steps.dates, scale, job.checkpointing)
    weights = 4 * at_width(cost.parameters, width)
    return Expected(
        START_SECONDS + BESIDE_STEPS * operations / speed.rate,
        int(BASE_MEMORY + WORKING_COPIES * kept + 4 * weights),
        int(CHECKPOINT_COPIES * weights),
        (f"{steps.steps} steps of {steps.pixels} pixels and {steps.dates} dates",),
        speed.words,
        _card_words(job),
    )


def _map(job: Any) -> Expected:
    card = load_card(_needed(job, "model"))
    grids, found = extent_of(_needed(job, "images"), job.season)
    grid = grids[0]
    area = area_window(job.area, grid) if job.area else grid.whole
    trained = card.training.get("dates")
    dates = min(found, trained) if isinstance(trained, int) else found
    return _of_map(
        job, card.architecture, card.width, area.width * area.height, dates, len(card.codes)
    )


def _of_map(
    job: Any, architecture: str, width: float, pixels: int, dates: int, classes: int
) -> Expected:
    cost, speed = NETWORKS[architecture], speed_of(architecture, width)
    scales = heads_of(job.resolution)
    side = 256 if width <= 0.25 else 128
    halo = ((side + 2 * cost.reach) / side) ** 2
    operations = halo * (
        cost.operations(width, dates, max(scales))
        + BESIDE_NETWORK * NETWORKS["unet3df"].operations(0.25, BESIDE_DATES, 4)
    )
    layers = 5 + (classes if getattr(job, "probabilities", True) else 0)
    return Expected(
        START_SECONDS + pixels * operations / speed.rate,
        BASE_MEMORY + MAP_MEMORY,
        int(1.5 * pixels * layers * sum(scale**2 for scale in scales)),
        (f"a map of {pixels} pixels and {dates} dates",),
        speed.words,
        _card_words(job),
    )


def _pipeline(job: Any) -> Expected:
    """Return the sum of the stages, as far as they can be told before there is a dataset."""
    grids, found = extent_of(_needed(job, "images"), job.season)
    dates = min(found, job.dates or SERIES_DATES[job.preset] or found)
    pixels = sum(grid.width * grid.height for grid in grids)
    parts = [
        _series(job),
        _dataset(SimpleNamespace(**{**vars(job), "dates": dates, "factor": None})),
        *_stages(job, pixels, dates),
    ]
    return _together(parts, job)


def _demo(job: Any) -> Expected:
    like = SimpleNamespace(
        **vars(job),
        resolution="2.5",
        backbone="unet3df",
        width=None,
        epochs=None,
        chip=None,
        checkpointing=False,
    )
    return _together(_stages(like, job.size**2, SERIES_DATES[job.preset] or 30), job)


def _stages(job: Any, pixels: int, dates: int) -> list[Expected]:
    preset = PRESETS[job.preset]
    width = job.width if job.width is not None else preset.width
    scale, stages = scale_of(job.resolution), []
    stage: Stage
    for stage in ("pretrain", "finetune"):
        chip = job.chip or 32
        chips = max(1, round(TRAINING_SHARE * pixels / chip**2))
        plan = make_plan(stage, job.preset, chips, chip)
        steps = Steps(plan.steps or 0, plan.batch * plan.side**2, preset.dates or dates)
        stages.append(_of_steps(job, steps, scale if stage == "finetune" else 1))
    return [*stages, _of_map(job, job.backbone, width, pixels, dates, 10)]


def _together(parts: list[Expected], job: Any) -> Expected:
    return Expected(
        sum(part.seconds or 0.0 for part in parts),
        max(part.memory or 0 for part in parts),
        sum(part.disk or 0 for part in parts),
        tuple(text for part in parts[-3:] for text in part.counted),
        parts[-1].speed,
        ("The report and the random forest beside it are not counted.", *_card_words(job)),
    )


def _needed(job: Any, name: str) -> str:
    value = getattr(job, name)
    if not value:
        raise UserError(
            "missing_value", name, "it has no value", "Fill it in to see what the job takes."
        )
    return str(value)


def _card_words(job: Any) -> tuple[str, ...]:
    slow = str(job.device).strip().lower() == "auto" and has_graphics_card()
    return ("A graphics card is many times faster.",) if slow else ()


def _cores() -> int:
    return max(1, (os.cpu_count() or 2) - 1)


def _free(output: object) -> int | None:
    """Return the free bytes of the disk that a job writes to."""
    if not output:
        return None
    place = Path(str(output)).absolute()
    there = next((path for path in (place, *place.parents) if path.is_dir()), None)
    try:
        return None if there is None else shutil.disk_usage(there).free
    except OSError:
        return None


_OF: dict[str, Callable[[Any], Expected]] = {
    "series": _series,
    "dataset": _dataset,
    "pretrain": _pretrain,
    "finetune": _finetune,
    "map": _map,
    "pipeline": _pipeline,
    "demo": _demo,
}
