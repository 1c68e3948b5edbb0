"""How long and how fast each preset trains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Schedule = Literal["cosine", "exponential"]
Stage = Literal["pretrain", "finetune"]

WARM_UP_SHARE = 0.06
FINAL_SHARE = 0.01
# Of a stage's time, at which its first step's rate is taken: at 0 it would be 0.
FIRST_SHARE = 0.001
# Statistics of a batch of one chip are those of its few parcels.
FEWEST_CHIPS = 2


@dataclass(frozen=True)
class StagePreset:
    """One stage's length, learning rate and its course.

    The length is `steps`, rounded to whole epochs and at most `most_epochs`, or, where `steps` is
    None, `most_epochs`; without `whole_epochs` it is exactly `steps`. "cosine" warms up over the
    first 6 % of the steps and then falls to 1 % of `rate`; "exponential" multiplies the rate by
    0.975 every `decay_epochs` epochs. Validation is after every epoch, or at most `validations`
    times.

    With `seconds` the length is that much time spent in steps (validation and checkpoints are not
    counted), whatever `steps` says, and the rate follows the share of the time that has passed:
    equal measured seconds, METHOD section 3 (c). On the processor those of the thread that trains
    count, whatever else the machine does. Such a run cannot be repeated bit for bit.
    """

    rate: float
    steps: int | None
    most_epochs: int
    schedule: Schedule
    decay_epochs: int = 1
    validations: int | None = None
    whole_epochs: bool = True
    seconds: float | None = None


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
            pretrain=StagePreset(1e-3, 150, 150, "cosine", validations=5),
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
    """One stage on one dataset: what a step takes, steps, and their rates.

    `steps` is None where the stage's length is a time; then `seconds`, wherever it is asked for,
    is the time spent in steps so far.
    """

    stage: Stage
    preset: Preset
    batch: int
    side: int
    steps_per_epoch: int
    steps: int | None

    @property
    def settings(self) -> StagePreset:
        """The stage's part of the preset."""
        return self.preset.stage(self.stage)

    @property
    def epochs(self) -> int | None:
        """Epochs begun by the end; None where the length is a time."""
        return None if self.steps is None else -(-self.steps // self.steps_per_epoch)

    @property
    def length(self) -> str:
        """How long the stage is, in words."""
        if self.steps is None:
            return f"{self.settings.seconds:g} seconds of steps"
        return f"{self.epochs} epochs of {self.steps_per_epoch} steps"

    @property
    def validation_steps(self) -> range:
        """The numbers of finished steps after which validation is due, the last one included.

        Empty where the length is a time.
        """
        if self.steps is None:
            return range(0)
        unit = self.steps_per_epoch if self.settings.whole_epochs else 1
        units = -(-self.steps // unit)
        every = -(-units // (self.settings.validations or self.epochs or 1)) * unit
        return range(self.steps, 0, -every)

    def validation_is_due(self, step: int, seconds: float, done: int) -> bool:
        """Tell whether `step` steps are to be judged, `done` validations after the first step."""
        if self.steps is not None:
            return step in self.validation_steps
        return step > 0 and self.share(step, seconds) * (self.settings.validations or 1) >= done + 1

    def share(self, step: int, seconds: float) -> float:
        """Return the share of the stage that is done after `step` steps, 0..1."""
        if self.steps is not None:
            return step / self.steps
        return min(1.0, seconds / (self.settings.seconds or math.inf))

    def rate(self, step: int, seconds: float = 0.0) -> float:
        """Return the learning rate of step `step` (0 .. steps - 1)."""
        settings = self.settings
        if settings.schedule == "exponential":
            epoch = step // self.steps_per_epoch
            return settings.rate * 0.975 ** (epoch // settings.decay_epochs)
        if self.steps is None:
            warm_up, at = WARM_UP_SHARE, self.share(step, seconds)
            risen, part = (at + FIRST_SHARE) / warm_up, (at - warm_up) / (1 - warm_up)
        else:
            first = max(1, round(WARM_UP_SHARE * self.steps))
            risen, part = (step + 1) / first, (step - first) / max(1, self.steps - first)
        if part < 0:
            return settings.rate * min(1.0, risen)
        fall = 0.5 * (1 + math.cos(math.pi * part))
        return settings.rate * (FINAL_SHARE + (1 - FINAL_SHARE) * fall)


def make_plan(
    stage: Stage, preset: str | Preset, chips: int, chip: int, epochs: int | None = None
) -> Plan:
    """Return the plan for `chips` training chips of `chip` x `chip` pixels.

    `preset` is a preset's name or a preset; `epochs` replaces its length.
    """
    chosen = PRESETS[preset] if isinstance(preset, str) else preset
    settings = chosen.stage(stage)
    side = min(chosen.side, chip)
    batch = max(FEWEST_CHIPS, round(chosen.batch * (chosen.side / side) ** 2))
    steps_per_epoch = max(1, math.ceil(chips / batch))
    steps = _steps(settings, steps_per_epoch, epochs)
    return Plan(stage, chosen, batch, side, steps_per_epoch, steps)


def _steps(settings: StagePreset, steps_per_epoch: int, epochs: int | None) -> int | None:
    if epochs is not None:
        return epochs * steps_per_epoch
    if settings.seconds is not None:
        return None
    if settings.steps is None:
        return settings.most_epochs * steps_per_epoch
    if not settings.whole_epochs:
        return settings.steps
    wanted = round(settings.steps / steps_per_epoch)
    return min(max(wanted, 1), settings.most_epochs) * steps_per_epoch
