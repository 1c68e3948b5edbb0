"""What each process of `torchrun` does in the test of several processes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from cscl.commands import application
from cscl.context import JobContext
from cscl.training import presets, session
from cscl.training.finetune import finetune
from cscl.training.loop import Loop
from cscl.training.pretrain import pretrain
from safetensors.torch import save_file
from torch import distributed
from training_sample import SMALL, finetune_job, pretrain_job

# Three chips a step: one process has two of them, the other one.
UNEVEN = presets.Preset(**{**vars(SMALL), "batch": 3, "side": 8})
STRONG = {
    "objective": "log-cosh-dice",
    "class_weights": "balanced",
    "boundary_weight": 3.0,
    "joint": 0.3,
    "joint_loss": "masked",
}


class Seen(Exception):
    """The first step has been looked at."""


@contextmanager
def first_step(found: dict[str, Any]) -> Iterator[None]:
    """Keep loss, gradients and known pixels of a run's first step, and end the run there."""
    slopes = Loop._slopes

    def keeping(self: Loop, batch: Any, narrow: bool) -> Any:
        value, _ = slopes(self, batch, narrow)
        found["loss"] = value
        found["known"] = int((batch.labels != 255).sum())
        items = self.parameters.items()
        found["slopes"] = {k: v.grad.clone() for k, v in items if v.grad is not None}
        raise Seen

    Loop._slopes = keeping  # type: ignore[method-assign]
    try:
        yield
    except Seen:
        pass
    finally:
        Loop._slopes = slopes  # type: ignore[method-assign]


def first_steps(data: Path, folder: Path, model: Path) -> dict[str, dict[str, Any]]:
    """Return the first step of four runs: batch statistics, frozen ones, contrast, one chip."""
    ctx = JobContext()

    def tuned(preset: presets.Preset = UNEVEN, **options: Any) -> Callable[[Path], None]:
        return lambda out: finetune(finetune_job(data, out, **options), ctx, preset=preset)

    runs: dict[str, Callable[[Path], None]] = {
        "statistics of the batch": tuned(**STRONG),
        "frozen statistics": tuned(freeze=True, model=str(model), resolution="10"),
        "contrast": lambda out: pretrain(pretrain_job(data, out), ctx, preset=UNEVEN),
        "one chip": tuned(SMALL, label_share=0.001),
    }
    found: dict[str, dict[str, Any]] = {}
    for name, run in runs.items():
        found[name] = {}
        with first_step(found[name]):
            run(folder / name.replace(" ", "-"))
    return found


def main() -> int:
    """Write the first steps as this process sees them, then run a job as a person would."""
    data, folder, model, job = map(Path, sys.argv[1:5])
    torch.set_num_threads(1)
    session.bf16_is_faster = lambda *_: False  # type: ignore[assignment]
    number, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    # A meeting point of its own: that of torchrun is for the job below, and serves once.
    meeting = f"file://{folder / 'meeting'}"
    distributed.init_process_group("gloo", init_method=meeting, rank=number, world_size=count)
    try:
        for name, step in first_steps(data, folder, model).items():
            place = folder / f"{name}-{number}"
            save_file(step["slopes"], place.with_suffix(".safetensors"))
            known = {"loss": step["loss"], "known": step["known"]}
            place.with_suffix(".json").write_text(json.dumps(known))
    finally:
        distributed.destroy_process_group()
    sys.argv = ["cscl", "run", str(job)]
    return application(None)


if __name__ == "__main__":
    sys.exit(main())
