"""Intervals of figures by a cluster bootstrap over spatial blocks and seeds.

Neighbouring pixels err together, so what is drawn anew is whole blocks of ground and, where one
setting was trained several times, whole runs. Counts add up over blocks; a figure is computed
from the sums, never averaged over blocks.

Each draw takes n - 1 of n blocks (and of n seeds) with replacement, which makes the variance of a
mean unbiased for small n too (McCarthy and Snowden 1985, Vital and Health Statistics 2-95). Seeds
and blocks cross, so they are drawn independently of each other (Owen 2007, Annals of Applied
Statistics 1(2), section 3). The distances of the percentiles from the figure are stretched by the
ratio of Student's t, with Satterthwaite's degrees of freedom, to the normal's quantile, for five
seeds do not know their spread well (Hesterberg 2015, The American Statistician 69(4), section 3,
moves the percentiles themselves outwards, which with few seeds ends at the largest of them).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[Any]
Run = Mapping[Any, Counts]
Statistic = Callable[[Floats], Floats]

LEVEL = 0.95
REPLICATES = 4000
# Sums of counts held at once, in numbers.
LARGEST_BATCH = 8_000_000
# Below this share of defined replicates an interval would describe some blocks alone.
FEWEST_DEFINED = 0.95


@dataclass(frozen=True)
class Interval:
    """A figure with its interval; `None` where it is undefined or there are too few blocks.

    `blocks` and `seeds` are what was drawn from. With one seed the interval holds for that one
    trained network, not for others like it.
    """

    estimate: float | None
    low: float | None
    high: float | None
    level: float
    blocks: int
    seeds: int

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside: a difference is one only then (METHOD section 7)."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def better(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low is not None and self.low > 0


def overall_accuracy(confusion: Floats) -> Floats:
    """Return the share of hits (...) of confusion matrices (..., K, K), NaN without a pixel."""
    hits = np.trace(confusion, axis1=-2, axis2=-1)
    return _ratio(hits, confusion.sum(axis=(-2, -1)))


def mean_iou(confusion: Floats) -> Floats:
    """Return the mean intersection over union (...) of confusion matrices (..., K, K).

    A class absent from truth and prediction is left out; NaN where all are.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _mean(_ratio(hits, confusion.sum(axis=-1) + confusion.sum(axis=-2) - hits))


def mean_f1(confusion: Floats) -> Floats:
    """Return the mean F1 (...) of confusion matrices (..., K, K), absent classes left out."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _mean(_ratio(2 * hits, confusion.sum(axis=-1) + confusion.sum(axis=-2)))


def mean_boundary_iou(bands: Floats) -> Floats:
    """Return the mean boundary IoU (...) of (..., 2, K): intersections and unions by class."""
    return _mean(_ratio(bands[..., 0, :], bands[..., 1, :]))


STATISTICS: Mapping[str, Statistic] = {
    "overall_accuracy": overall_accuracy,
    "mean_iou": mean_iou,
    "mean_f1": mean_f1,
}


def bootstrap_interval(
    runs: Sequence[Run],
    statistic: Statistic,
    *,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Interval:
    """Return the mean of a figure over runs (seeds) and its interval over blocks and seeds.

    Parameters
    ----------
    runs : [seed][block] -> counts
        One mapping a trained network, from the block's id to counts that add up over blocks: a
        confusion matrix (K, K), or what else `statistic` takes. All runs have the same blocks,
        those without a pixel included.
    statistic
        Maps sums of counts (..., *shape) to figures (...), NaN where undefined, such as
        `overall_accuracy` and `mean_iou`. Figures are shares: the interval is cut to 0..1.

    The same `seed` gives the same interval. Raises `ValueError` where runs and blocks do not
    match.
    """
    found = _interval(_stacked(runs), statistic, level, replicates, seed)
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))


def paired_difference(
    runs_a: Sequence[Run],
    runs_b: Sequence[Run],
    statistic: Statistic,
    *,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Interval:
    """Return figure(a) - figure(b), the mean over pairs of runs, with its interval.

    `runs_a` and `runs_b` are as in `bootstrap_interval`; the runs at one place are a pair (the
    same seed, the same data), and both see the same drawn blocks and pairs. `better` says that a
    is ahead of b and `excludes_zero` that they differ at all. Raises `ValueError` where the
    two have not the same number of runs and the same blocks.
    """
    if len(runs_a) != len(runs_b):
        raise ValueError(f"{len(runs_a)} runs cannot be paired with {len(runs_b)}")
    first, second = _stacked(runs_a), _stacked(runs_b)
    if set(runs_a[0]) != set(runs_b[0]) or first.shape != second.shape:
        raise ValueError("the two settings were not scored on the same blocks and classes")
    pairs = np.stack([first, second], axis=2)

    def difference(sums: Floats) -> Floats:
        both = statistic(sums)
        return both[..., 0] - both[..., 1]

    return _interval(pairs, difference, level, replicates, seed)


def _stacked(runs: Sequence[Run]) -> Floats:
    """Return counts (S, B, ...) with the blocks of all runs in one order."""
    if not runs or not runs[0]:
        raise ValueError("there is no run, or it has no block")
    names = sorted(runs[0], key=repr)
    for run in runs:
        if set(run) != set(names):
            raise ValueError("the runs were not scored on the same blocks")
    return np.stack([[np.asarray(run[name], np.float64) for name in names] for run in runs])


def _interval(
    counts: Floats, statistic: Statistic, level: float, replicates: int, seed: int
) -> Interval:
    """Return the interval of a figure of counts (S, B, ...)."""
    seeds, blocks = counts.shape[:2]
    each = statistic(counts.sum(axis=1))
    estimate = float(each.mean())
    none = Interval(_number(estimate), None, None, level, blocks, seeds)
    if blocks < 2 or not math.isfinite(estimate):
        return none
    of_blocks, of_both = _replicated(counts, statistic, replicates, seed)
    defined = np.isfinite(of_both)
    if defined.mean() < FEWEST_DEFINED:
        return none
    freedom = _freedom(
        (float(np.var(each, ddof=1)) / seeds if seeds > 1 else 0.0, seeds - 1),
        (float(np.nanvar(of_blocks)), blocks - 1),
    )
    tail = (1 - level) / 2
    stretch = float(stdtrit(freedom, tail) / ndtri(tail))
    low, high = estimate + stretch * (np.quantile(of_both[defined], (tail, 1 - tail)) - estimate)
    return Interval(estimate, float(low), float(high), level, blocks, seeds)


def _replicated(
    counts: Floats, statistic: Statistic, replicates: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the figure (R,) with blocks drawn anew, and with blocks and seeds drawn anew."""
    seeds, blocks = counts.shape[:2]
    shape = counts.shape[2:]
    generator = np.random.default_rng(seed)
    of_blocks = generator.multinomial(blocks - 1, np.full(blocks, 1 / blocks), replicates)
    of_seeds = generator.multinomial(max(seeds - 1, 1), np.full(seeds, 1 / seeds), replicates)
    flat = counts.swapaxes(0, 1).reshape(blocks, -1)
    batch = max(1, LARGEST_BATCH // flat.shape[1])
    figures = np.concatenate(
        [
            statistic((part @ flat).reshape(len(part), seeds, *shape))
            for part in (of_blocks[at : at + batch] for at in range(0, replicates, batch))
        ]
    )
    weights = of_seeds / of_seeds.sum(axis=1, keepdims=True)
    # A seed that was not drawn must not spoil the mean where its figure is undefined.
    drawn = np.where(weights > 0, figures * weights, 0.0)
    return figures.mean(axis=1), drawn.sum(axis=1)


def _freedom(*parts: tuple[float, int]) -> float:
    """Return the degrees of freedom of a sum of variances, each given with its own.

    Satterthwaite 1946, Biometrics Bulletin 2(6).
    """
    known = [(variance, degrees) for variance, degrees in parts if variance > 0 and degrees > 0]
    if not known:
        return float(max(degrees for _, degrees in parts))
    whole = sum(variance for variance, _ in known)
    return whole**2 / sum(variance**2 / degrees for variance, degrees in known)


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _mean(values: Floats) -> Floats:
    """Return the mean over the last axis of what is not NaN, NaN where nothing is."""
    present = np.isfinite(values)
    return _ratio(np.where(present, values, 0.0).sum(axis=-1), present.sum(axis=-1))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
