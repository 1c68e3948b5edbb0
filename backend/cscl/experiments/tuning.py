"""As many trials of weight, window and temperature for every contrastive loss. METHOD section 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cscl.experiments.arms import CONTRASTS, DEFAULT, joint, weighted
from cscl.experiments.spec import Arm

# What the trials of a loss are chosen by: it stands in the records of training, and is of the
# validation scene alone.
CHOSEN_BY = "boundary_mean_iou"

_WEIGHTS = (0.1, 0.3, 1.0)
_WINDOWED: tuple[Mapping[str, Any], ...] = tuple(
    {"joint": weight, "window": window} for window in (3, 5) for weight in _WEIGHTS
)
_TRIALS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "released": _WINDOWED,
    "masked": _WINDOWED,
    # Its temperature is learnt.
    "cross-entropy": _WINDOWED,
    "local-info-nce": (
        *({"joint": weight, "window": 3, "temperature": 0.1} for weight in _WEIGHTS),
        {"joint": 0.3, "window": 5, "temperature": 0.1},
        {"joint": 0.3, "window": 3, "temperature": 0.5},
        {"joint": 0.1, "window": 5, "temperature": 0.5},
    ),
    # It has no window: every pixel of the batch and of the memory counts.
    "supervised-memory": tuple(
        {"joint": weight, "temperature": temperature}
        for temperature in (0.1, 0.5)
        for weight in _WEIGHTS
    ),
}


def _trial(loss: str, options: Mapping[str, Any]) -> Arm:
    text = ", ".join(f"{_WORDS[name]} {value:g}" for name, value in options.items())
    base = weighted(joint(loss))
    return replace(
        base,
        name="-".join([loss, *(f"{name[0]}{value:g}" for name, value in options.items())]),
        title=f"{CONTRASTS[loss]}: {text}; boundary pixels weighted 3",
        second={**base.second, **options},
    )


_WORDS = {"joint": "weight", "window": "window", "temperature": "temperature"}
TRIALS = {loss: tuple(_trial(loss, each) for each in found) for loss, found in _TRIALS.items()}
# The trial of each loss with the highest figure on validation, the mean of both seeds.
_BEST = (
    "released-j0.3-w3",
    "masked-j0.1-w3",
    "cross-entropy-j0.3-w5",
    "local-info-nce-j0.3-w3-t0.1",
    "supervised-memory-j0.3-t0.1",
)
BEST = tuple(trial for trials in TRIALS.values() for trial in trials if trial.name in _BEST)


def with_trial(trial: Arm) -> Arm:
    """Return what the product trains with the joint contrast of a trial instead of its own."""
    return replace(
        DEFAULT,
        name=f"default-{trial.name}",
        title=f"`default`, its joint contrast {trial.title.split(';')[0]}",
        second={**DEFAULT.second, **trial.second},
    )
