"""How long and how fast each preset trains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Schedule = Literal["cosine", "exponential"]
Stage = Literal["pretrain", "finetune"]

WARM_UP_SHARE = 0.06
FINAL_SHARE = 0.01
# Statistics of a batch of one chip are those of its few parcels.
FEWEST_CHIPS = 2


@dataclass(frozen=True)
class StagePreset:
    """One stage's length, learning rate and its course.

    The length is `steps`, rounded to whole epochs and at most `most_epochs`, or, where `steps` is
    None, `most_epochs`. "cosine" warms up over the first 6 % of the steps and then falls to 1 % of
    `rate`; "exponential" multiplies the rate by 0.975 every `decay_epochs` epochs. Validation is
    after every epoch, or at most `validations` times.
    """

    rate: float
    steps: int | None
    most_epochs: int
    schedule: Schedule
    decay_epochs: int = 1
    validations: int | None = None


@dataclass(frozen=True)
class Preset:
    """One preset: network width, size of a step, dates a step (None: all) and both stages.

    A step takes a part of `side` x `side` pixels of `batch` chips; where the chips are smaller, the
    whole of as many chips as hold about as many pixels. Gradients are cut to the norm `clip_norm`,
    None: they are not.
    """

    name: str
    width: float
    batch: int
    side: int
    dates: int | None
    weight_decay: float
    clip_norm: float | None
    pretrain: StagePreset
    finetune: StagePreset

    def stage(self, name: Stage) -> StagePreset:
        """Return the settings of one stage."""
        return self.pretrain if name == "pretrain" else self.finetune


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "quick",
            width=0.25,
            batch=4,
            side=24,
            dates=None,
            weight_decay=1e-2,
            clip_norm=1.0,
            pretrain=StagePreset(2e-3, 150, 150, "cosine", validations=5),
            finetune=StagePreset(3e-3, 850, 300, "cosine", validations=10),
        ),
        Preset(
            "standard",
            width=0.5,
            batch=8,
            side=32,
            dates=None,
            weight_decay=1e-2,
            clip_norm=1.0,
            pretrain=StagePreset(1e-3, 3000, 200, "cosine", validations=30),
            finetune=StagePreset(1e-3, 9000, 400, "cosine", validations=50),
        ),
        # The published protocol: METHOD section 3.
        Preset(
            "full",
            width=1.0,
            batch=32,
            side=48,
            dates=None,
            weight_decay=0.0,
            clip_norm=None,
            pretrain=StagePreset(1e-4, None, 50, "exponential", 1),
            finetune=StagePreset(1e-4, None, 100, "exponential", 2),
        ),
    )
}


@dataclass(frozen=True)
class Plan:
    """One stage on one dataset: what a step takes, steps, and their rates."""

    stage: Stage
    preset: Preset
    batch: int
    side: int
    epochs: int
    steps_per_epoch: int

    @property
    def steps(self) -> int:
        """All steps of the stage."""
        return self.epochs * self.steps_per_epoch

    @property
    def validation_steps(self) -> range:
        """The numbers of finished steps after which validation is due, the last one included."""
        most = self.preset.stage(self.stage).validations or self.epochs
        every = -(-self.epochs // most) * self.steps_per_epoch
        return range(self.steps, 0, -every)

    def rate(self, step: int) -> float:
        """Return the learning rate of step `step` (0 .. steps - 1)."""
        settings = self.preset.stage(self.stage)
        if settings.schedule == "exponential":
            epoch = step // self.steps_per_epoch
            return settings.rate * 0.975 ** (epoch // settings.decay_epochs)
        warm_up = max(1, round(WARM_UP_SHARE * self.steps))
        if step < warm_up:
            return settings.rate * (step + 1) / warm_up
        part = (step - warm_up) / max(1, self.steps - warm_up)
        fall = 0.5 * (1 + math.cos(math.pi * part))
        return settings.rate * (FINAL_SHARE + (1 - FINAL_SHARE) * fall)


def make_plan(stage: Stage, preset: str, chips: int, chip: int, epochs: int | None = None) -> Plan:
    """Return the plan for `chips` training chips of `chip` x `chip` pixels.

    `epochs` replaces the preset's length.
    """
    chosen = PRESETS[preset]
    settings = chosen.stage(stage)
    side = min(chosen.side, chip)
    batch = max(FEWEST_CHIPS, round(chosen.batch * (chosen.side / side) ** 2))
    steps_per_epoch = max(1, math.ceil(chips / batch))
    if epochs is None and settings.steps is not None:
        wanted = round(settings.steps / steps_per_epoch)
        epochs = min(max(wanted, 1), settings.most_epochs)
    return Plan(stage, chosen, batch, side, epochs or settings.most_epochs, steps_per_epoch)
