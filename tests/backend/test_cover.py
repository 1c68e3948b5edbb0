"""The classes' shares of a pixel as targets: where they come from and what is learnt from them."""

from __future__ import annotations

import pytest
import torch
from cscl.contract.errors import UserError
from cscl.training.batches import Batch, shares_at
from cscl.training.contrast import ContrastOptions
from cscl.training.objectives import Objective

CODES = (1, 2, 254)


def batch_of(fine: torch.Tensor) -> Batch:
    side = fine.shape[-1] // 4
    empty = torch.zeros(1)
    labels = torch.ones(len(fine), side, side, dtype=torch.uint8)
    return Batch(empty, empty, empty, labels, fine.to(torch.uint8), empty, empty)


def quartered() -> torch.Tensor:
    """One pixel of 4 x 4 fine labels: half crop 1, a quarter crop 2, a quarter unknown."""
    fine = torch.ones(1, 4, 4)
    fine[0, 2] = 2
    fine[0, 3] = 255
    return fine


def test_shares_are_those_of_the_known_fine_labels() -> None:
    shares = shares_at(batch_of(quartered()), 1, CODES)
    assert shares[0, :, 0, 0].tolist() == pytest.approx([2 / 3, 1 / 3, 0.0])
    fine = shares_at(batch_of(quartered()), 4, CODES)
    assert fine[0, :, 0, 0].tolist() == [1.0, 0.0, 0.0]
    assert fine[0, :, 3, 0].tolist() == [0.0, 0.0, 0.0]
    assert shares_at(batch_of(torch.full((1, 4, 4), 255)), 1, CODES).eq(0).all()


def test_the_best_logits_are_the_shares_logarithms() -> None:
    labels = torch.ones(1, 1, 1, dtype=torch.uint8)
    shares = torch.tensor([0.5, 0.3, 0.2]).view(1, 3, 1, 1)
    logits = shares.log().clone().requires_grad_()
    loss = Objective(CODES, cover=True)(logits, labels, shares)
    loss.backward()
    assert loss.item() == pytest.approx(-(shares * shares.log()).sum().item(), rel=1e-6)
    assert logits.grad.abs().max().item() < 1e-6


def test_unknown_pixels_have_no_target() -> None:
    labels = torch.full((1, 1, 1), 255, dtype=torch.uint8)
    logits = torch.randn(1, 3, 1, 1, requires_grad=True)
    loss = Objective(CODES, cover=True)(logits, labels, torch.zeros(1, 3, 1, 1))
    loss.backward()
    assert loss.item() == 0 and logits.grad.eq(0).all()


def test_a_loss_without_degrees_refuses_cover() -> None:
    options = ContrastOptions("local-info-nce", 3, 1, "balanced", None, labels="cover")
    with pytest.raises(UserError, match="local-info-nce"):
        options.check()
    ContrastOptions("cross-entropy", 3, 1, "balanced", None, labels="cover").check()
