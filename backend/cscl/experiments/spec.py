"""What an experiment is: its scenes, its arms, and how long they train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cscl.experiments.scenes import SceneRecipe
from cscl.training.presets import Preset, StagePreset

RATE = 3e-3
PRETRAIN_RATE = 2e-3
# Validations of the second stage, of which the best weights are kept, the same for every arm.
VALIDATIONS = 4
# A first stage is not judged on the way: its last weights go on.
PRETRAIN_VALIDATIONS = 1


@dataclass(frozen=True)
class Ground:
    """The scenes of an experiment: as many for training a run, one for validation, for the test.

    Every run seed has training scenes of its own; validation and test scenes are the same for
    all runs, so that differences can be paired by block.
    """

    size: int = 192
    training: int = 4
    test: int = 3
    family: str = "temperate"
    dates: int = 8
    chip: int = 32

    def _scene(self, seed: int) -> SceneRecipe:
        return SceneRecipe(seed, self.size, self.family, self.dates)

    def training_scenes(self, seed: int) -> tuple[SceneRecipe, ...]:
        """Return the training scenes of one run seed."""
        return tuple(self._scene(100 * seed + number) for number in range(1, self.training + 1))

    def validation_scene(self) -> SceneRecipe:
        """Return the scene that rates and weights are chosen on."""
        return self._scene(51)

    def test_scenes(self) -> tuple[SceneRecipe, ...]:
        """Return the scenes that figures are read from."""
        return tuple(self._scene(61 + number) for number in range(self.test))


@dataclass(frozen=True)
class Arm:
    """One way to train.

    `first` and `second` are options of `PretrainJob` and `FinetuneJob`; `first` None: no first
    stage. `first_share` is its part of the steps. With `seconds_of` the second stage trains as
    many seconds as both stages of that arm took with the same seed (METHOD section 3, (c)).
    """

    name: str
    title: str
    first: Mapping[str, Any] | None = None
    second: Mapping[str, Any] = field(default_factory=dict)
    first_share: float = 1 / 3
    first_rate: float = PRETRAIN_RATE
    rate: float = RATE
    seconds_of: str | None = None

    def preset(self, steps: int, budget: Budget, seconds: float | None = None) -> Preset:
        """Return the preset of an arm that trains `steps` steps in all, or for `seconds`."""
        early = 0 if self.first is None else round(steps * self.first_share)
        return Preset(
            "experiment",
            width=budget.width,
            batch=budget.batch,
            side=budget.side,
            dates=None,
            weight_decay=1e-2,
            clip_norm=1.0,
            pretrain=StagePreset(
                self.first_rate,
                max(1, early),
                1,
                "cosine",
                validations=PRETRAIN_VALIDATIONS,
                whole_epochs=False,
            ),
            finetune=StagePreset(
                self.rate,
                steps - early,
                1,
                "cosine",
                validations=VALIDATIONS,
                whole_epochs=False,
                seconds=seconds,
            ),
        )


@dataclass(frozen=True)
class Budget:
    """What every arm may spend: steps in all, and the size of network and step."""

    steps: int = 300
    width: float = 0.25
    batch: int = 8
    side: int = 24


@dataclass(frozen=True)
class Experiment:
    """Arms on the same ground with the same budget and seeds.

    `references` are the rows that every other is compared with; `resolution` and `methods` say
    which of `score_model`'s figures the table shows, a row for each arm and method. `chosen_by`
    is a figure of validation that the table shows besides, by which arms are chosen.
    """

    name: str
    title: str
    question: str
    arms: tuple[Arm, ...]
    references: tuple[str, ...]
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    ground: Ground = Ground()
    budget: Budget = Budget()
    resolution: str = "10"
    methods: tuple[str, ...] = ("1x",)
    chosen_by: str = ""

    def arm(self, name: str) -> Arm:
        """Return the arm of this name; `KeyError` where there is none."""
        return {arm.name: arm for arm in self.arms}[name]
