"""Runs a demonstration subject by subject; files, claims and resuming are the runner's."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.experiments.ordinary.data import Picture, sides
from cscl.experiments.ordinary.spec import Demonstration, Subject
from cscl.experiments.ordinary.training import train_and_score
from cscl.experiments.runner import Runner
from cscl.experiments.spec import Arm


class SubjectRunner(Runner):
    """Runs what is missing of one subject, of which the picture is at hand."""

    def __init__(self, subject: Subject, base: Path, picture: Picture, ctx: JobContext) -> None:
        super().__init__(subject, base, ctx)  # type: ignore[arg-type]
        self.picture = picture

    @cached_property
    def _sides(self) -> tuple[Picture, Picture]:
        axis, guard = self.experiment.ground.axis, self.experiment.ground.guard
        places = sides(self.picture.labels.shape[axis], guard)
        training, test = (self.picture.part(axis, place) for place in places)
        return training, test

    def _trained(self, arm: Arm, seed: int, work: Path) -> dict[str, Any]:
        training, test = self._sides
        result = train_and_score(arm, self.experiment.budget, seed, training, test)
        return {"data": described(training, test), **result}


def described(training: Picture, test: Picture) -> dict[str, Any]:
    """Return sizes of both sides, shares of the classes in the test, and objects on both sides."""
    known = test.labels[np.isin(test.labels, test.codes)]
    shares = [round(float((known == code).mean()), 4) for code in test.codes]
    facts: dict[str, Any] = {
        "training": list(training.labels.shape),
        "test": list(test.labels.shape),
        "classes": dict(zip(test.classes, shares, strict=True)),
        "boundary": round(float(test.boundary[np.isin(test.labels, test.codes)].mean()), 4),
    }
    if training.objects is not None and test.objects is not None:
        both = np.intersect1d(training.objects, test.objects)
        facts["objects_on_both_sides"] = int((both != 0).sum())
    return facts


def run_demonstration(
    demonstration: Demonstration,
    output: Path,
    ctx: JobContext,
    arms: tuple[str, ...],
    seeds: tuple[int, ...],
    data: Path | None,
) -> dict[str, str]:
    """Run what is missing, and return by subject why one could not be run.

    Raises `UserError` where no subject's data are there.
    """
    missing: dict[str, UserError] = {}
    for subject in demonstration.subjects:
        try:
            picture = subject.read(data)
        except UserError as error:
            missing[subject.name] = error
            ctx.note(f"{demonstration.name}, {subject.name}: {error}")
            continue
        SubjectRunner(subject, output, picture, ctx).run(arms, seeds)
    if len(missing) == len(demonstration.subjects):
        raise UserError.of(item for error in missing.values() for item in error.findings)
    return {name: str(error) for name, error in missing.items()}
