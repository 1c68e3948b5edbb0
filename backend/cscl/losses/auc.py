"""Area under the ROC curve of pair scores."""

from __future__ import annotations

import torch
from torch import Tensor


def pair_auc(scores: Tensor, is_positive: Tensor) -> float:
    """Return the probability that a positive pair scores above a negative one, ties counting half.

    Both are (N,); the result lies in [0, 1] and is NaN where either kind is missing.
    """
    scores = scores.flatten().to(torch.float64)
    positive = is_positive.flatten().to(torch.bool)
    positives = int(positive.sum())
    negatives = positive.numel() - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    _, inverse, counts = torch.unique(scores, return_inverse=True, return_counts=True)
    ends = counts.cumsum(0).to(torch.float64)
    mean_ranks = ends - (counts.to(torch.float64) - 1) / 2
    rank_sum = mean_ranks[inverse][positive].sum().item()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))
