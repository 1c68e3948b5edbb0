"""How sharply neighbours that are alike share their answers, chosen on validation."""

from __future__ import annotations

import math
from typing import Any

import torch

from cscl.context import JobContext
from cscl.contract.resolutions import ending
from cscl.models.context import Context
from cscl.training.classification import ClassificationTask
from cscl.training.validation import class_figures

STAGE = "context"
# exp(sharpness) is how much more a pixel weighs than one whose features stand at a right angle.
CANDIDATES = (5.0, 10.0, 20.0, 40.0)

Record = dict[str, Any]


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def choose_context(task: ClassificationTask, window: int, ctx: JobContext) -> Record:
    """Set the network's `context` to what is best on the validation chips; return the record.

    Best at a scale is the highest mean of the mean IoU over all and over boundary pixels. Where
    nothing beats the network alone, where there are no validation chips or there is no head at
    10 m, neighbours do not share their answers.
    """
    network = task.network
    network.context = None
    if not window or 1 not in task.scales or not task.session.dataset.chips("validation"):
        return {"window": window, "sharpness": {}, "scores": {}}
    task.module.eval()
    scores: dict[int, dict[float, float]] = {scale: {} for scale in task.scales}
    for done, sharpness in enumerate((0.0, *CANDIDATES)):
        ctx.check()
        ctx.progress(STAGE, done, 1 + len(CANDIDATES))
        if sharpness:
            network.context = Context(window, dict.fromkeys(task.scales, sharpness))
        figures = class_figures(task.logits, task.batches(), task.codes, task.scales)
        for scale in task.scales:
            tail = ending(scale)
            both = figures[f"mean_iou{tail}"], figures[f"boundary_mean_iou{tail}"]
            found = sum(both) / 2
            scores[scale][sharpness] = found if math.isfinite(found) else -1.0
    # The first of equals: the network alone, then what is least sharp.
    best = {scale: max(own, key=own.__getitem__) for scale, own in scores.items()}
    chosen = {scale: sharpness for scale, sharpness in best.items() if sharpness}
    network.context = Context(window, chosen) if chosen else None
    ctx.note(_told(window, chosen, scores))
    return {
        "window": window,
        "sharpness": {str(scale): value for scale, value in chosen.items()},
        "scores": {
            str(scale): {f"{key:g}": round(value, 6) for key, value in own.items()}
            for scale, own in scores.items()
        },
    }


def _told(window: int, chosen: dict[int, float], scores: dict[int, dict[float, float]]) -> str:
    """Return the choice in words."""
    parts = []
    for scale, own in scores.items():
        sharpness = chosen.get(scale, 0.0)
        how = f"with sharpness {sharpness:g}" if sharpness else "not at all"
        parts.append(
            f"at {10 / scale:g} m {how} (validation: {100 * own[0.0]:.1f} % without, "
            f"{100 * own[sharpness]:.1f} % so)"
        )
    return (
        f"Neighbours that are alike within {window} x {window} pixels share their answers "
        f"{', '.join(parts)}. Compared is the mean of the mean IoU over all and over boundary "
        "pixels."
    )
