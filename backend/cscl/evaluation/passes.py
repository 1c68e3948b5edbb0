"""The passes over a dataset: the network, parcels for calibration, and the forest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.dataset.reader import Dataset
from cscl.evaluation.baseline import Baseline, blocks, choose_forest
from cscl.evaluation.grounds import Ground, of_split
from cscl.evaluation.scorer import RIM, SPLIT_CODES, Scorer, without_rim
from cscl.evaluation.scoring import ParcelVotes
from cscl.grid import Window
from cscl.series.model import TimeSeries

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
FOREST_SEED = 0


@dataclass(frozen=True)
class Plan:
    """The windows that touch the split, and those that touch the validation split."""

    scored: list[Window]
    validation: list[Window]


def plan_windows(grounds: Sequence[Ground], split: str, dataset: Dataset) -> list[Plan]:
    """Return the windows that the passes need on each grid.

    Raises `UserError` where the split is empty on all.
    """
    plans = []
    for ground in grounds:
        scored, validation = [], []
        for window in ground.predictor.windows(ground.place.grid.whole):
            if np.any(ground.scorer.split_mask(window)):
                scored.append(window)
            if np.any(ground.scorer.split_mask(window, "validation")):
                validation.append(window)
        plans.append(Plan(scored, validation))
    if not any(plan.scored for plan in plans):
        raise UserError(
            "empty_split",
            dataset.grids[0].label_path("split"),
            f"the split {split} has no pixel",
            "Choose another split, or build the dataset on a larger area.",
        )
    return plans


class Steps:
    """Counts the windows of all passes as one stage."""

    def __init__(self, ctx: JobContext, total: int) -> None:
        self.ctx, self.total, self.done = ctx, total, 0
        ctx.progress("evaluate", 0, total)

    def step(self) -> None:
        """Say that one more is done."""
        self.done += 1
        self.ctx.progress("evaluate", self.done, self.total)


def scored_scales(ground: Ground) -> tuple[int, ...]:
    """Return the scales of the model's heads that maps are scored at."""
    return tuple(each for each in ground.predictor.scales if each in (1, ground.scorer.fine))


def score_network(
    grounds: Sequence[Ground], plans: Sequence[Plan], steps: Steps, ctx: JobContext
) -> list[Mask]:
    """Score the network on every window that touches the split; return the pixels counted.

    They are one (H, W) a grid. Pixels of the split without any clear date get no class on a map;
    they are left out and their number is noted.
    """
    result, unseen = [], 0
    for ground, plan in zip(grounds, plans, strict=True):
        counted: Mask = np.zeros(ground.place.grid.shape, bool)
        for window in plan.scored:
            mask = ground.scorer.split_mask(window)
            scales = scored_scales(ground)
            found = ground.predictor.predict(window.grown(RIM), scales)
            seen = without_rim(found.seen, RIM)
            unseen += int(np.count_nonzero(mask & ~seen))
            counted[window.slices] = mask & seen
            ground.scorer.add_network(window, found, mask & seen)
            steps.step()
        result.append(counted)
    if unseen:
        ctx.note(
            f"{unseen} pixels of the {grounds[0].scorer.split} split are cloudy on every date: the "
            "map has no class there, and they are not scored."
        )
    return result


def vote_on_validation(
    grounds: Sequence[Ground], plans: Sequence[Plan], steps: Steps
) -> ParcelVotes:
    """Return the votes on the parcels of the validation split, for their temperature."""
    first = grounds[0].scorer
    votes = ParcelVotes(first.votes.parcels, first.codes)
    for ground, plan in zip(grounds, plans, strict=True):
        other = of_split(ground, "validation", votes)
        for window in plan.validation:
            mask = other.split_mask(window)
            found = ground.predictor.predict(window, scored_scales(ground))
            other.add_votes(window, found.logits, mask & found.seen)
            steps.step()
    return votes


def score_forests(
    grounds: Sequence[Ground], counted: Sequence[Mask], ctx: JobContext
) -> list[tuple[str, Baseline]]:
    """Train a random forest on each grid's training pixels; score it where the network was.

    A forest knows its dates by their place, so each grid has its own.
    """
    found = []
    for ground, pixels in zip(grounds, counted, strict=True):
        baseline = _score_forest(ground, pixels, ctx)
        if baseline is not None:
            found.append((ground.place.name, baseline))
    if len(grounds) > 1:
        ctx.note("The random forest is trained on each grid by itself, on that grid's dates.")
    return found


def _score_forest(ground: Ground, counted: Mask, ctx: JobContext) -> Baseline | None:
    scorer, series = ground.scorer, ground.series
    days = np.asarray(series.days, np.int64)
    labels = {name: _labels_of(scorer, name, series) for name in ("training", "validation")}
    baseline = choose_forest(
        ground.reader,
        labels["training"],
        labels["validation"],
        days,
        scorer.codes,
        seed=FOREST_SEED,
        ctx=ctx,
    )
    if baseline is None:
        return None
    for window in blocks(counted.shape):
        if np.any(counted[window.slices]):
            ctx.check()
            around = window.grown(RIM)
            votes = baseline.forest.probabilities(ground.reader, around, days, scorer.codes)
            scorer.add_forest(window, votes, counted[window.slices])
    return baseline


def _labels_of(scorer: Scorer, split: str, series: TimeSeries) -> Codes:
    """Return the declared labels (H, W) of a split, 0 where there is none."""
    shape = series.grid.shape
    result = np.zeros(shape, np.uint8)
    for window in blocks(shape, 1024):
        codes = scorer.rasters.read("labels", window, 0)
        wanted = scorer.rasters.read("split", window, 0) == SPLIT_CODES[split]
        result[window.slices] = np.where(wanted & np.isin(codes, scorer.codes), codes, 0)
    return result
