"""What a loss returns for a batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class LossResult:
    """A batch's loss and what is needed to follow it, all scalars.

    `total` is the differentiable sum over the `count` terms that count (pairs, or anchors where a
    loss has one term an anchor), so that a mean over several batches or devices is exact. The
    others carry no gradient: the number of `positives` among the pairs, and the mean similarity
    of positive and of negative pairs, NaN where there is no such pair.
    """

    total: Tensor
    count: Tensor
    positives: Tensor
    mean_positive: Tensor
    mean_negative: Tensor

    @property
    def loss(self) -> Tensor:
        """The mean over the terms that count; 0 where none counts."""
        return self.total / self.count.clamp_min(1)


def masked_sum(values: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of the values that count, and their number in the same type."""
    return torch.where(counted, values, 0.0).sum(), counted.sum().to(values.dtype)


def loss_result(
    total: Tensor, count: Tensor, similarity: Tensor, positive: Tensor, counted: Tensor
) -> LossResult:
    """Return the result of a loss, with the figures of its pairs' similarities.

    `similarity`, `positive` and `counted` have one shape, whatever it is.
    """
    with torch.no_grad():
        positive_sum, positives = masked_sum(similarity, counted & positive)
        negative_sum, negatives = masked_sum(similarity, counted & ~positive)
    return LossResult(total, count, positives, positive_sum / positives, negative_sum / negatives)
