"""The passes over a dataset: the network, parcels for calibration, and the forest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.dataset.reader import Dataset
from cscl.evaluation.baseline import Baseline, blocks, choose_forest
from cscl.evaluation.scorer import RIM, SPLIT_CODES, Scorer, without_rim
from cscl.evaluation.scoring import ParcelVotes
from cscl.evaluation.zones import FINE
from cscl.grid import Grid, Window
from cscl.mapping.predict import Predictor
from cscl.series.model import TimeSeries
from cscl.series.reader import SeriesReader

Codes = npt.NDArray[np.uint8]
FOREST_SEED = 0


@dataclass(frozen=True)
class Plan:
    """The windows that touch the split, and those that touch the validation split."""

    scored: list[Window]
    validation: list[Window]


def plan_windows(scorer: Scorer, predictor: Predictor, dataset: Dataset) -> Plan:
    """Return the windows that the passes need; raises `UserError` where the split is empty."""
    scored, validation = [], []
    for window in predictor.windows(dataset.grid.whole):
        if np.any(scorer.split_mask(window)):
            scored.append(window)
        if np.any(scorer.split_mask(window, "validation")):
            validation.append(window)
    if not scored:
        raise UserError(
            "empty_split",
            dataset.label_path("split"),
            f"the split {scorer.split} has no pixel",
            "Choose another split, or build the dataset on a larger area.",
        )
    return Plan(scored, validation)


class Steps:
    """Counts the windows of all passes as one stage."""

    def __init__(self, ctx: JobContext, total: int) -> None:
        self.ctx, self.total, self.done = ctx, total, 0
        ctx.progress("evaluate", 0, total)

    def step(self) -> None:
        """Say that one more is done."""
        self.done += 1
        self.ctx.progress("evaluate", self.done, self.total)


def scored_scales(predictor: Predictor) -> tuple[int, ...]:
    """Return the scales with labels to score against: 10 m, and 2.5 m where there is a head."""
    return tuple(scale for scale in predictor.scales if scale in (1, FINE))


def score_network(
    scorer: Scorer,
    predictor: Predictor,
    windows: list[Window],
    grid: Grid,
    steps: Steps,
    ctx: JobContext,
) -> npt.NDArray[np.bool_]:
    """Score the network on every window that touches the split; return the pixels counted.

    Pixels (H, W) of the split without any clear date get no class on a map; they are left out
    and their number is noted.
    """
    counted = np.zeros(grid.shape, bool)
    unseen = 0
    for window in windows:
        mask = scorer.split_mask(window)
        found = predictor.predict(window.grown(RIM), scored_scales(predictor))
        seen = without_rim(found.seen, RIM)
        unseen += int(np.count_nonzero(mask & ~seen))
        counted[window.slices] = mask & seen
        scorer.add_network(window, found, mask & seen)
        steps.step()
    if unseen:
        ctx.note(
            f"{unseen} pixels of the {scorer.split} split are cloudy on every date: the map has "
            "no class there, and they are not scored."
        )
    return counted


def vote_on_validation(
    scorer: Scorer, predictor: Predictor, windows: list[Window], steps: Steps
) -> ParcelVotes:
    """Return the votes on the parcels of the validation split, for their temperature."""
    votes = ParcelVotes(scorer.votes.parcels, scorer.codes)
    other = replace(scorer, split="validation", votes=votes)
    for window in windows:
        mask = other.split_mask(window)
        found = predictor.predict(window, scored_scales(predictor))
        other.add_votes(window, found.logits, mask & found.seen)
        steps.step()
    return votes


def score_forest(
    scorer: Scorer,
    reader: SeriesReader,
    series: TimeSeries,
    counted: npt.NDArray[np.bool_],
    ctx: JobContext,
) -> Baseline | None:
    """Train the random forest on the training pixels and score it where the network was."""
    days = np.asarray(series.days, np.int64)
    labels = {name: _labels_of(scorer, name, series) for name in ("training", "validation")}
    baseline = choose_forest(
        reader,
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
            votes = baseline.forest.probabilities(reader, around, days, scorer.codes)
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
