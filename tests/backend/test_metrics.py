"""Figures of a confusion matrix, and of calibration."""

from __future__ import annotations

import numpy as np
import pytest
from cscl.evaluation.calibration import Reliability, class_log_odds, top_log_odds
from cscl.evaluation.metrics import confusion, scores
from cscl.evaluation.parcel_calibration import parcel_calibration_rows
from cscl.evaluation.scoring import ParcelVotes
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

CODES = (1, 2, 7, 254)


def test_a_case_worked_by_hand():
    truth = np.array([[1, 1, 1, 2], [2, 7, 254, 255]], np.uint8)
    found = np.array([[1, 1, 2, 2], [1, 7, 7, 1]], np.uint8)
    matrix = confusion(truth, found, CODES)
    assert matrix.tolist() == [[2, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]]
    result = scores(matrix, CODES)
    assert result.pixels == 7  # the unknown pixel is not scored
    assert result.overall_accuracy == pytest.approx(4 / 7)
    wheat, maize, beet, other = result.classes
    assert (wheat.iou, wheat.f1) == (2 / 4, 4 / 6)
    assert (wheat.precision, wheat.recall, wheat.support) == (2 / 3, 2 / 3, 3)
    assert maize.iou == 1 / 3
    assert (beet.precision, beet.recall) == (1 / 2, 1.0)
    assert (other.recall, other.precision, other.iou) == (0.0, None, 0.0)
    assert result.mean_iou == pytest.approx((1 / 2 + 1 / 3 + 1 / 2 + 0) / 4)


def test_a_class_absent_from_both_is_left_out_and_from_truth_alone_scores_zero():
    truth = np.array([1, 1, 1, 1], np.uint8)
    absent = scores(confusion(truth, np.array([1, 1, 1, 1], np.uint8), CODES), CODES)
    assert absent.mean_iou == 1.0
    assert absent.classes[1].iou is None
    invented = scores(confusion(truth, np.array([1, 1, 1, 7], np.uint8), CODES), CODES)
    assert invented.classes[2].iou == 0.0
    assert invented.mean_iou == pytest.approx((3 / 4 + 0) / 2)
    assert invented.mean_f1 == pytest.approx((6 / 7 + 0) / 2)


def test_nothing_labelled_gives_no_figures():
    empty = scores(confusion(np.array([255], np.uint8), np.array([1], np.uint8), CODES), CODES)
    assert (empty.pixels, empty.overall_accuracy, empty.mean_iou) == (0, None, None)


def test_a_prediction_outside_the_class_table_is_an_error():
    with pytest.raises(ValueError, match="class table"):
        confusion(np.array([1], np.uint8), np.array([9], np.uint8), CODES)


@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
def test_figures_agree_with_scikit_learn(seed: int, count: int):
    rng = np.random.default_rng(seed)
    truth = rng.choice(CODES[: rng.integers(1, 5)], count).astype(np.uint8)
    found = rng.choice(CODES[: rng.integers(1, 5)], count).astype(np.uint8)
    result = scores(confusion(truth, found, CODES), CODES)
    assert result.overall_accuracy == pytest.approx(oracle.accuracy_score(truth, found))
    present = sorted(set(truth) | set(found))
    by_class = [item for item in result.classes if item.iou is not None]
    assert [item.code for item in by_class] == present
    options = {"labels": present, "average": None, "zero_division": 0}
    np.testing.assert_allclose(
        [item.iou for item in by_class], oracle.jaccard_score(truth, found, **options)
    )
    precision, recall, f1, support = oracle.precision_recall_fscore_support(truth, found, **options)
    np.testing.assert_allclose([item.precision or 0 for item in by_class], precision)
    np.testing.assert_allclose([item.recall or 0 for item in by_class], recall)
    np.testing.assert_allclose([item.f1 for item in by_class], f1)
    assert [item.support for item in by_class] == support.tolist()
    expected = oracle.jaccard_score(truth, found, labels=present, average="macro", zero_division=0)
    assert result.mean_iou == pytest.approx(expected)


def _equal_mass_error(probability: np.ndarray, hit: np.ndarray, bins: int) -> float:
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(hit[p].mean() - probability[p].mean()) * len(p) for p in parts if len(p)]
    return sum(gaps) / len(order)


def test_calibration_error_agrees_with_sorting_all_predictions():
    rng = np.random.default_rng(3)
    probability = rng.beta(4, 1.2, 30_000)
    hit = rng.random(30_000) < probability**1.7
    reliability = Reliability()
    for part in np.array_split(np.arange(30_000), 7):
        odds = np.log(probability[part] / (1 - probability[part]))
        reliability.add(odds, hit[part])
    assert reliability.total == 30_000
    assert len(reliability.bins()) == 15
    masses = [item.count for item in reliability.bins()]
    assert max(masses) - min(masses) < 40
    assert reliability.error() == pytest.approx(_equal_mass_error(probability, hit, 15), abs=5e-4)


def test_a_sure_and_right_model_has_no_calibration_error_and_a_sure_and_wrong_one_all():
    for right, error in ((True, 0.0), (False, 1.0)):
        reliability = Reliability()
        reliability.add(np.full(50, 20.0), np.full(50, right))
        assert reliability.error() == pytest.approx(error, abs=1e-6)
    assert Reliability().error() is None


def test_log_odds_are_those_of_the_softmax():
    logits = np.random.default_rng(0).normal(0, 3, (5, 200))
    for temperature in (1.0, 2.5):
        shifted = np.exp(logits / temperature)
        probability = shifted / shifted.sum(axis=0)
        odds = np.log(probability / (1 - probability))
        np.testing.assert_allclose(class_log_odds(logits, temperature), odds, atol=1e-9)
        np.testing.assert_allclose(top_log_odds(logits, temperature), odds.max(axis=0), atol=1e-9)
    far = np.array([[80.0], [0.0]])
    assert top_log_odds(far)[0] == pytest.approx(80.0)


def parcels_that_say(share: float, right: float, count: int) -> tuple[ParcelVotes, np.ndarray]:
    """Return parcels with `share` for class 1, of which that is true for the share `right`."""
    votes = ParcelVotes(count, CODES)
    index = np.arange(1, count + 1, dtype=np.uint32)[None]
    others = np.full((4, 1, count), (1 - share) / 3)
    others[0] = share
    votes.add("network", "10", others, index)
    return votes, np.where(np.arange(count) < right * count, 1, 2).astype(np.uint8)


def test_a_temperature_of_parcels_makes_cautious_means_bold_and_stays_1_where_it_would_not_help():
    every = np.ones(100, bool)
    votes, declared = parcels_that_say(0.5, 0.9, 100)
    row = parcel_calibration_rows(votes, every, votes, every, declared, ["declared"])[0]
    assert row["temperature"] < 0.8
    assert row["error_before"] == pytest.approx(0.4, abs=1e-3)
    assert row["error_after"] < 0.02
    assert (row["parcels"], row["fitted_on"]) == (100, 100)
    # On parcels that are always wrong, what was fitted elsewhere makes it worse, and shows it.
    row = parcel_calibration_rows(
        votes, ~every | (declared == 2), votes, every, declared, ["declared"]
    )[0]
    assert row["parcels"] == 10 and row["error_after"] > row["error_before"]
    votes, declared = parcels_that_say(0.9, 0.9, 100)
    row = parcel_calibration_rows(votes, every, votes, every, declared, ["declared"])[0]
    assert row["error_after"] <= row["error_before"] < 1e-3
    none = parcel_calibration_rows(votes, every, votes, ~every, declared, ["declared"])[0]
    assert (none["temperature"], none["fitted_on"]) == (1.0, 0)
