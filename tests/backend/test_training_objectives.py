"""Classification losses, weights of classes, pixels and chips, and shares of labels."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from cscl.context import JobContext
from cscl.dataset.reader import Dataset
from cscl.evaluation.zones import boundary
from cscl.training.batches import ChipStore, Sampler
from cscl.training.objectives import (
    Objective,
    balanced_weights,
    boundary_pixels,
    classification_loss,
    dice_sums,
    log_cosh_dice,
    share_of_mean,
)
from cscl.training.sampling import LEAST_WEIGHT, chip_weights, class_counts, label_counts
from hypothesis import given
from hypothesis import strategies as st
from training_sample import make_dataset

CODES = (3, 7, 254)
LABELS = st.sampled_from((0, 3, 7, 254, 255))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The sample's dataset."""
    return Dataset.open(make_dataset(tmp_path_factory.mktemp("training")))


# --- pixels --------------------------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_boundary_pixels_are_those_of_the_evaluation(
    height: int, width: int, draw: st.DataObject
) -> None:
    values = draw.draw(st.lists(LABELS, min_size=height * width, max_size=height * width))
    labels = np.asarray(values, np.uint8).reshape(height, width)
    found = boundary_pixels(torch.from_numpy(labels)[None])[0]
    np.testing.assert_array_equal(found.numpy(), boundary(labels))


def test_cross_entropy_is_a_weighted_mean_over_known_pixels() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    wanted = torch.randint(-1, 3, (2, 4, 5))
    wanted[wanted < 0] = -100
    weights = torch.rand(2, 4, 5, dtype=torch.float64) + 0.5
    total, count = classification_loss(logits, wanted, weights)
    expected = expected_count = 0.0
    chances = logits.softmax(1)
    for b, row, column in np.ndindex(2, 4, 5):
        index = int(wanted[b, row, column])
        if index >= 0:
            weight = float(weights[b, row, column])
            expected -= weight * math.log(float(chances[b, index, row, column]))
            expected_count += weight
    assert float(total) == pytest.approx(expected)
    assert float(count) == pytest.approx(expected_count)
    assert float(share_of_mean(total, count)) == pytest.approx(expected / expected_count)


def test_without_known_pixels_loss_and_gradient_are_0() -> None:
    for name in ("cross-entropy", "log-cosh-dice"):
        logits = torch.randn(1, 3, 4, 4, requires_grad=True)
        loss = Objective(CODES, name)(logits, torch.full((1, 4, 4), 255, dtype=torch.uint8))
        loss.backward()
        assert float(loss) == 0
        assert logits.grad is not None
        assert float(logits.grad.abs().sum()) == 0


def test_balanced_weights_are_inverse_with_mean_1_over_pixels() -> None:
    weights = balanced_weights([30, 0, 10])
    assert weights == pytest.approx((2 / 3, 0, 2))
    assert sum(w * n for w, n in zip(weights, (30, 0, 10), strict=True)) == pytest.approx(40)


def test_log_cosh_dice_by_hand() -> None:
    # Two pixels of the first class with chances 0.8 and 0.6, one of the second with 0.5; the
    # third class is absent and does not count, whatever chance it gets.
    chances = torch.tensor([[0.8, 0.6, 0.3], [0.1, 0.3, 0.5], [0.1, 0.1, 0.2]])
    logits = chances.log().reshape(1, 3, 1, 3)
    wanted, weights = torch.tensor([[[0, 0, 1]]]), torch.tensor([[[1.0, 1.0, 2.0]]])
    sums = dice_sums(logits, wanted, weights)
    expected = torch.tensor([[1.4, 1.0, 0.0], [2.0, 1.4, 0.6], [2.0, 2.0, 0.0]])
    torch.testing.assert_close(sums, expected)
    dice = (3.8 / 5.0, 3.0 / 4.4)
    mean = sum(math.log(math.cosh(1 - item)) for item in dice) / 2
    assert float(log_cosh_dice(sums)) == pytest.approx(mean, rel=1e-5)
    perfect = torch.tensor([[4.0, 2.0], [4.0, 2.0], [4.0, 2.0]])
    assert float(log_cosh_dice(perfect)) == 0


def test_objective_weighs_boundary_pixels_and_classes() -> None:
    labels = torch.tensor([[[3, 3, 3, 7, 255]]], dtype=torch.uint8)
    torch.manual_seed(1)
    logits = torch.randn(1, 3, 1, 5)
    plain = torch.nn.functional.cross_entropy(
        logits[..., :4], torch.tensor([[[0, 0, 0, 1]]]), reduction="none"
    )[0, 0]
    # The third and the fourth pixel see another label; the fourth's class weighs 4.
    weights = torch.tensor([1.0, 1.0, 3.0, 12.0])
    found = Objective(CODES, class_weights=(1.0, 4.0, 9.0), boundary_weight=3.0)(logits, labels)
    assert float(found) == pytest.approx(float((plain * weights).sum() / weights.sum()))
    both = Objective(CODES, "log-cosh-dice", (1.0, 4.0, 9.0), 3.0)(logits, labels)
    edges = torch.tensor([[[1.0, 1.0, 3.0, 3.0, 0.0]]])
    wanted = torch.tensor([[[0, 0, 0, 1, -100]]])
    extra = log_cosh_dice(dice_sums(logits, wanted, edges))
    assert float(both) == pytest.approx(float(found + extra))


# --- chips ---------------------------------------------------------------------------------------


def test_chips_with_rare_classes_and_with_boundaries_are_drawn_more_often(
    dataset: Dataset,
) -> None:
    chips = dataset.chips("training")
    store = ChipStore(dataset, chips)
    assert chip_weights("even", dataset, store, JobContext()) is None
    by_class = chip_weights("class", dataset, store, JobContext())
    by_edge = chip_weights("boundary", dataset, store, JobContext())
    assert by_class is not None
    assert by_edge is not None
    counts = label_counts(dataset, store, JobContext())
    codes = dataset.classes.network_codes(dataset.outside)
    totals = dict(zip(codes, class_counts(counts, codes), strict=True))
    rarity = [sum(row[code] / totals[code] for code in codes) for row in counts]
    edges = []
    for chip in chips:
        labels = dataset.sample(chip).labels
        known = labels != 255
        edges.append((boundary(labels) & known).sum() / max(1, known.sum()))
    for weights, expected in ((by_class, rarity), (by_edge, edges)):
        assert weights.mean() == pytest.approx(1)
        assert weights.min() >= LEAST_WEIGHT / 1.1
        wanted = np.maximum(np.asarray(expected) / np.mean(expected), LEAST_WEIGHT)
        np.testing.assert_allclose(weights, wanted / wanted.mean())


def test_sampler_draws_by_weight(dataset: Dataset) -> None:
    chips = dataset.chips("training")
    store = ChipStore(dataset, chips)
    weights = np.full(len(chips), 1e-9)
    weights[2] = 1.0
    options = {"batch": 4, "side": 16, "dates": 4, "seed": (1, 1)}
    sampler = Sampler(dataset, store, weights=weights, **options)  # type: ignore[arg-type]
    expected = np.bincount(dataset.sample(chips[2]).labels.ravel(), minlength=256)
    for labels in sampler.next().labels:
        np.testing.assert_array_equal(np.bincount(labels.numpy().ravel(), minlength=256), expected)


def test_shares_of_labels_are_nested_and_leave_other_splits_alone(dataset: Dataset) -> None:
    everything = dataset.chips("training")
    shares = [1.0, 0.5, 0.25, 1 / 64]
    kept = [dataset.with_label_share(share, 5).chips("training") for share in shares]
    assert kept[0] == everything
    assert [len(item) for item in kept[1:]] == [
        max(1, round(share * len(everything))) for share in shares[1:]
    ]
    assert all(set(b) < set(a) for a, b in zip(kept[:-1], kept[1:], strict=True))
    assert dataset.with_label_share(0.5, 5).chips("training") == kept[1]
    assert dataset.with_label_share(0.5, 6).chips("training") != kept[1]
    few = dataset.with_label_share(1 / 64, 5)
    for split in ("validation", "test"):
        assert few.chips(split) == dataset.chips(split)
    assert dataset.chips("training") == everything
