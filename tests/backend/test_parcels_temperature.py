"""The temperature of parcels' probabilities, fitted on validation parcels."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from cscl.evaluation.temperature import fit_temperature
from cscl.training.validation import parcel_means

CODES = (3, 9, 254)


def batch(labels: list, parcels: list) -> SimpleNamespace:
    return SimpleNamespace(
        labels=torch.tensor([labels], dtype=torch.uint8),
        parcels=torch.tensor([parcels], dtype=torch.int32),
    )


def test_means_of_parcels_are_over_all_their_pixels_in_all_batches() -> None:
    torch.manual_seed(0)
    logits = [torch.randn(1, 3, 2, 3), torch.randn(1, 3, 2, 3)]
    batches = [
        batch([[3, 3, 9], [255, 254, 9]], [[5, 5, 7], [5, 0, 7]]),
        batch([[3, 9, 255], [3, 254, 0]], [[5, 8, 8], [5, 0, 0]]),
    ]
    answers = iter(logits)
    found, truth = parcel_means(lambda _: {1: next(answers)}, batches, CODES, 2.0)
    shares = torch.cat([(item / 2).softmax(dim=1)[0].flatten(1) for item in logits], dim=1)
    pixels = {5: [0, 1, 6, 9], 7: [2, 5], 8: [7]}
    expected = {key: shares[:, places].mean(dim=1).log().numpy() for key, places in pixels.items()}
    assert truth.tolist() == [0, 1, 1]
    assert found == pytest.approx(np.stack([expected[5], expected[7], expected[8]]), abs=1e-5)


def test_without_parcels_the_temperature_is_1() -> None:
    empty = [batch([[255]], [[0]])]
    found = parcel_means(lambda _: {1: torch.zeros(1, 3, 1, 1)}, empty, CODES, 1.0)
    assert found[0].shape == (0, 3) and fit_temperature(*found) == 1.0


def test_parcels_that_are_too_sure_get_a_temperature_above_1() -> None:
    """Each parcel is sure of one class, and one in four is of another."""
    number = 200
    truth = np.arange(number) % 3
    said = np.where(np.arange(number) % 4 == 0, (truth + 1) % 3, truth)
    logits = torch.zeros(1, 3, 1, number)
    logits[0, torch.tensor(said), 0, torch.arange(number)] = 8.0
    labels = [[CODES[item] for item in truth]]
    one = batch(labels, [list(range(1, number + 1))])
    assert fit_temperature(*parcel_means(lambda _: {1: logits}, [one], CODES, 1.0)) > 2
