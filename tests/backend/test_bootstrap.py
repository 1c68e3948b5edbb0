"""Intervals over spatial blocks and seeds, and counts by block in a report."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from cscl.evaluation.block_figures import block_counts, boundary_counts
from cscl.evaluation.bootstrap import (
    bootstrap_interval,
    mean_boundary_iou,
    mean_f1,
    mean_iou,
    overall_accuracy,
    paired_difference,
)
from cscl.evaluation.metrics import confusion
from cscl.evaluation.summary import value
from evaluation_sample import CODES, made_up_report
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle


def run_of(shares: np.ndarray, pixels: float = 1000.0) -> dict[int, np.ndarray]:
    """Return a run with one block a share: that share of its pixels is right."""
    return {
        block: np.array([[pixels * share, pixels * (1 - share)], [0, 0]])
        for block, share in enumerate(shares)
    }


@given(st.integers(0, 2**32 - 1), st.integers(1, 300))
def test_figures_of_many_matrices_agree_with_scikit_learn(seed: int, count: int):
    rng = np.random.default_rng(seed)
    codes = CODES[: rng.integers(1, 5)]
    truth, found = rng.choice(codes, (2, count)).astype(np.uint8)
    matrix = confusion(truth, found, CODES)
    assert (matrix == oracle.confusion_matrix(truth, found, labels=CODES)).all()
    stack = np.stack([matrix, 3 * matrix]).astype(float)
    names = {"labels": sorted({*truth, *found}), "average": "macro", "zero_division": 0}
    for figure, wanted in (
        (overall_accuracy, oracle.accuracy_score(truth, found)),
        (mean_iou, oracle.jaccard_score(truth, found, **names)),
        (mean_f1, oracle.f1_score(truth, found, **names)),
    ):
        np.testing.assert_allclose(figure(stack), [wanted, wanted])


def test_nothing_counted_has_no_figure_and_no_interval():
    empty = np.zeros((2, 2))
    assert math.isnan(overall_accuracy(empty)) and math.isnan(mean_iou(empty))
    assert math.isnan(mean_boundary_iou(empty))
    found = bootstrap_interval([{"a": empty, "b": empty}], overall_accuracy)
    assert (found.estimate, found.low, found.high) == (None, None, None)


def test_one_block_has_a_figure_but_no_interval():
    found = bootstrap_interval([run_of(np.array([0.8]))], overall_accuracy)
    assert found.estimate == pytest.approx(0.8)
    assert found.low is None and not found.excludes_zero and not found.better


def test_the_interval_of_a_mean_over_equal_blocks_is_that_of_student():
    shares = np.random.default_rng(1).normal(0.8, 0.03, 40)
    found = bootstrap_interval([run_of(shares)], overall_accuracy, replicates=20_000)
    low, high = stats.t.interval(0.95, 39, shares.mean(), stats.sem(shares))
    assert found.estimate == pytest.approx(shares.mean())
    assert found.low == pytest.approx(low, abs=0.0006)
    assert found.high == pytest.approx(high, abs=0.0006)


def test_seeds_that_differ_widen_the_interval_to_their_own():
    rng = np.random.default_rng(2)
    offsets = np.array([-0.06, -0.02, 0.0, 0.03, 0.05])
    blocks = rng.normal(0.7, 0.001, 60)
    runs = [run_of(blocks + offset) for offset in offsets]
    found = bootstrap_interval(runs, overall_accuracy, replicates=20_000)
    low, high = stats.t.interval(0.95, 4, blocks.mean() + offsets.mean(), stats.sem(offsets))
    assert found.seeds == 5
    assert found.high - found.low == pytest.approx(high - low, rel=0.12)


@pytest.mark.parametrize(("seeds", "blocks"), [(1, 15), (5, 30)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(seeds: int, blocks: int):
    rng = np.random.default_rng(3)
    hits = 0
    for trial in range(200):
        shares = (
            0.8
            + rng.normal(0, 0.02 if seeds > 1 else 0, (seeds, 1))
            + rng.normal(0, 0.05, (1, blocks))
            + rng.normal(0, 0.01, (seeds, blocks))
        )
        found = bootstrap_interval(
            [run_of(row) for row in shares], overall_accuracy, replicates=500, seed=trial
        )
        hits += found.low <= 0.8 <= found.high
    assert 0.9 <= hits / 200 <= 0.99


def test_a_share_stays_within_its_bounds_and_the_seed_decides_the_draws():
    run = run_of(np.array([1.0, 1.0, 0.99, 1.0]))
    assert bootstrap_interval([run], overall_accuracy).high == 1.0
    run = run_of(np.random.default_rng(0).uniform(0.5, 0.9, 12))
    first = bootstrap_interval([run], overall_accuracy, seed=4)
    assert bootstrap_interval([run], overall_accuracy, seed=4) == first
    assert bootstrap_interval([run], overall_accuracy, seed=5) != first


def test_a_paired_difference_sees_what_the_spread_of_blocks_hides():
    rng = np.random.default_rng(5)
    blocks = rng.uniform(0.3, 0.9, 30)
    before = [run_of(blocks + rng.normal(0, 0.005, 30)) for _ in range(3)]
    after = [run_of(blocks + 0.03 + rng.normal(0, 0.005, 30)) for _ in range(3)]
    found = paired_difference(after, before, overall_accuracy)
    assert found.estimate == pytest.approx(0.03, abs=0.005)
    assert found.better and found.excludes_zero
    other = paired_difference(before, after, overall_accuracy)
    assert not other.better and other.excludes_zero
    assert other.low == pytest.approx(-found.high)
    alone = bootstrap_interval(after, overall_accuracy)
    assert alone.low < bootstrap_interval(before, overall_accuracy).high
    none = paired_difference(before, before, mean_iou)
    assert (none.low, none.high, none.excludes_zero) == (0.0, 0.0, False)


def test_blocks_count_by_their_pixels():
    run = {"large": np.array([[900, 100], [0, 0]]), "small": np.array([[0, 10], [0, 0]])}
    assert bootstrap_interval([run], overall_accuracy).estimate == pytest.approx(900 / 1010)


def test_runs_on_other_blocks_are_refused():
    run, other = run_of(np.array([0.5, 0.6])), run_of(np.array([0.5, 0.6, 0.7]))
    with pytest.raises(ValueError, match="same blocks"):
        bootstrap_interval([run, other], overall_accuracy)
    with pytest.raises(ValueError, match="same blocks"):
        paired_difference([run], [other], overall_accuracy)
    with pytest.raises(ValueError, match="2 runs cannot be paired with 1"):
        paired_difference([run, run], [run], overall_accuracy)
    with pytest.raises(ValueError, match="no run"):
        bootstrap_interval([], overall_accuracy)


def test_counts_by_block_come_back_from_the_report_and_add_up_to_its_figures():
    report = made_up_report()
    for zone in ("all", "boundary", "crop|crop", "interior"):
        where = {"reference": "truth", "resolution": "10", "method": "network", "zone": zone}
        blocks = block_counts(report, **where)
        assert list(blocks) == ["0,0", "1,0", "2,0", "3,0"]
        whole = sum(blocks.values())
        assert whole.sum() == value(report["zones"], "pixels", **where)
        accuracy = value(report["zones"], "overall_accuracy", **where)
        assert float(overall_accuracy(whole.astype(float))) == pytest.approx(accuracy)
    row = next(iter(report["blocks"]))
    assert re.fullmatch(r"(\d+>\d+:\d+ )*\d+>\d+:\d+", row["counts"]["0,0"])
    for width in (1, 2):
        keys = {"reference": "truth", "resolution": "2.5", "method": "forest", "width": width}
        whole = sum(boundary_counts(report, **keys).values())
        mean = value(report["boundary_iou"], "mean", **keys)
        assert float(mean_boundary_iou(whole.astype(float))) == pytest.approx(mean)
    with pytest.raises(KeyError, match="no counts of truth, 10, network, beyond"):
        block_counts(report, reference="truth", resolution="10", method="network", zone="beyond")


def test_the_lead_over_the_forest_is_the_paired_difference_on_the_report_s_blocks():
    report = made_up_report()
    where = {"reference": "truth", "resolution": "10", "zone": "boundary"}
    row = next(
        item
        for item in report["intervals"]
        if {**where, "method": "network", "figure": "mean_iou"}.items() <= item.items()
    )
    runs = [[block_counts(report, method=method, **where)] for method in ("network", "forest")]
    found = paired_difference(*runs, mean_iou, replicates=2000)
    assert (row["ahead"]["low"], row["ahead"]["high"]) == (found.low, found.high)
    assert row["blocks"] == 4
