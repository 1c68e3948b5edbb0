"""The random-forest yardstick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from cscl.context import JobContext
from cscl.evaluation import baseline
from cscl.evaluation.baseline import (
    VARIANTS,
    choose_forest,
    features,
    local_means,
    plant_forest,
    training_table,
)
from cscl.grid import Window
from cscl.models.gaps import fill_gaps
from sklearn.ensemble import RandomForestClassifier

DAYS = np.array([0, 10, 40])


@dataclass
class Stack:
    values: np.ndarray
    valid: np.ndarray


class ArrayReader:
    """Reads windows of arrays (T, C, H, W) and (T, H, W); invalid beyond them."""

    def __init__(self, values: np.ndarray, valid: np.ndarray) -> None:
        self.values, self.valid = values.astype(np.float32), valid

    def read(self, window: Window, pad: int = 0) -> Stack:
        around = ((pad, pad), (pad, pad))
        values = np.pad(self.values, ((0, 0), (0, 0), *around))
        valid = np.pad(self.valid, ((0, 0), *around))
        rows = slice(window.row, window.row + window.height + 2 * pad)
        cols = slice(window.col, window.col + window.width + 2 * pad)
        return Stack(values[:, :, rows, cols], valid[:, rows, cols])


def _pixel(values: list[float], valid: list[bool]) -> np.ndarray:
    stack = np.where(valid, values, 0.0).astype(np.float32).reshape(3, 1, 1, 1)
    return fill_gaps(stack, np.array(valid).reshape(3, 1, 1), DAYS).ravel()


def test_gaps_are_filled_linearly_in_time_and_held_at_the_ends():
    np.testing.assert_allclose(_pixel([1, 9, 5], [True, False, True]), [1, 2, 5])
    np.testing.assert_allclose(_pixel([9, 3, 7], [False, True, True]), [3, 3, 7])
    np.testing.assert_allclose(_pixel([1, 3, 9], [True, True, False]), [1, 3, 3])
    np.testing.assert_allclose(_pixel([9, 4, 9], [False, True, False]), [4, 4, 4])
    np.testing.assert_allclose(_pixel([9, 9, 9], [False, False, False]), [0, 0, 0])


def test_gaps_agree_with_numpy_interp():
    rng = np.random.default_rng(2)
    values, valid = rng.random((9, 3, 4, 5)), rng.random((9, 4, 5)) < 0.5
    valid[0] = True
    days = np.sort(rng.choice(300, 9, replace=False))
    values = np.where(valid[:, None], values, 0).astype(np.float32)
    filled = fill_gaps(values, valid, days)
    for row in range(4):
        for col in range(5):
            seen = valid[:, row, col]
            for band in range(3):
                expected = np.interp(days, days[seen], values[seen, band, row, col])
                np.testing.assert_allclose(filled[:, band, row, col], expected, atol=1e-6)


def test_local_means_leave_out_unknown_pixels():
    planes = np.arange(9, dtype=np.float32).reshape(1, 3, 3)
    known = np.ones((3, 3), bool)
    assert local_means(planes, known)[0, 0, 0] == 4.0
    known[2] = False
    assert local_means(planes, known)[0, 0, 0] == pytest.approx(2.5)


def test_features_do_not_depend_on_the_window():
    rng = np.random.default_rng(4)
    reader = ArrayReader(rng.random((3, 2, 12, 12)), rng.random((3, 12, 12)) < 0.7)
    for variant, width in zip(VARIANTS, (6, 12), strict=True):
        whole = features(reader, Window(0, 0, 12, 12), DAYS, variant)
        part = features(reader, Window(3, 5, 4, 6), DAYS, variant)
        assert whole.shape == (12, 12, width)
        np.testing.assert_array_equal(part, whole[3:7, 5:11])


def _scene(noise: float) -> tuple[ArrayReader, np.ndarray]:
    """Two crops in blocks of 6 pixels, each with its own level in band 0."""
    rng = np.random.default_rng(7)
    labels = np.where(np.add.outer(np.arange(36) // 6, np.arange(36) // 6) % 2, 3, 8)
    values = rng.normal(0, noise, (3, 2, 36, 36))
    values[:, 0] += np.where(labels == 3, 0.2, 0.6)
    return ArrayReader(values, np.ones((3, 36, 36), bool)), labels.astype(np.uint8)


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "TREES", 40)
    monkeypatch.setattr(baseline, "TRIAL_TREES", 20)


def test_the_better_variant_on_validation_is_chosen_and_grows_on():
    reader, labels = _scene(noise=0.6)
    training, validation = labels.copy(), labels.copy()
    training[:, 18:], validation[:, :18] = 0, 0
    found = choose_forest(reader, training, validation, DAYS, (3, 8), seed=0, ctx=JobContext())
    assert found is not None
    assert [trial["variant"] for trial in found.trials] == list(VARIANTS)
    by_variant = {trial["variant"]: trial["validation_accuracy"] for trial in found.trials}
    # Noise is large and parcels are smooth, so the means have to win.
    assert found.forest.variant == VARIANTS[1]
    assert by_variant[VARIANTS[1]] > by_variant[VARIANTS[0]] + 0.05
    assert found.trials[0]["training_pixels"] == 36 * 18
    assert [trial["trees"] for trial in found.trials] == [20, 40]
    assert len(found.forest.classifier.estimators_) == 40


def test_votes_stand_in_the_order_of_the_codes_and_are_zero_for_a_class_never_seen():
    reader, labels = _scene(noise=0.01)
    found = choose_forest(
        reader,
        labels,
        labels,
        DAYS,
        (3, 5, 8, 254),
        seed=0,
        ctx=JobContext(),
        variants=VARIANTS[:1],
    )
    assert found is not None
    votes = found.forest.probabilities(reader, Window(2, 4, 20, 24), DAYS, (3, 5, 8, 254))
    assert votes.shape == (4, 20, 24)
    np.testing.assert_allclose(votes.sum(axis=0), 1, atol=1e-6)
    assert not votes[1].any() and not votes[3].any()
    np.testing.assert_array_equal(np.array([3, 5, 8, 254])[votes.argmax(0)], labels[2:22, 4:28])


def test_too_many_pixels_are_thinned_and_said(monkeypatch):
    monkeypatch.setattr(baseline, "LARGEST_TABLE", 6 * 500)
    reader, labels = _scene(noise=0.01)
    ctx = JobContext()
    table, codes = training_table(reader, labels, DAYS, VARIANTS[0], seed=0)
    assert table.shape == (500, 6) and len(codes) == 500
    found = choose_forest(
        reader, labels, labels, DAYS, (3, 8), seed=0, ctx=ctx, variants=VARIANTS[:1]
    )
    assert found is not None and found.forest.pixels == 500
    assert any("500 of 1296 labelled pixels" in note for note in ctx.noted)


def test_means_are_left_out_for_many_pixels_and_that_is_said(monkeypatch):
    monkeypatch.setattr(baseline, "PIXELS_FOR_BOTH", 1000)
    reader, labels = _scene(noise=0.01)
    ctx = JobContext()
    found = choose_forest(reader, labels, labels, DAYS, (3, 8), seed=0, ctx=ctx)
    assert found is not None and len(found.trials) == 1
    assert any("without 3x3 means" in note and "1296" in note for note in ctx.noted)


def test_one_class_gives_no_forest_and_a_note():
    reader, labels = _scene(noise=0.01)
    ctx = JobContext()
    only = np.where(labels == 3, labels, 0).astype(np.uint8)
    assert choose_forest(reader, only, labels, DAYS, (3, 8), seed=0, ctx=ctx) is None
    assert any("no random forest" in note for note in ctx.noted)


def test_trees_grown_in_parts_are_those_grown_at_once():
    reader, labels = _scene(noise=0.3)
    ctx = JobContext()
    forest = plant_forest(reader, labels, DAYS, variant=VARIANTS[0], seed=5, ctx=ctx)
    assert forest.grow(20, ctx, 0, 50) == 20
    assert forest.grow(50, ctx, 20, 50) == 50
    assert ctx.listener.stages["baseline"] == (50, 50)
    once = RandomForestClassifier(50, random_state=5).fit(forest.table, forest.labels)
    np.testing.assert_array_equal(
        forest.classifier.predict_proba(forest.table), once.predict_proba(forest.table)
    )
