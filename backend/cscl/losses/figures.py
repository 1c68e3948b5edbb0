"""Figures that tell whether an embedding holds anything: pair AUC and effective rank."""

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


def effective_rank(embedding: Tensor, mask: Tensor | None = None) -> float:
    """Return the effective rank of an embedding's vectors, from 1 to its number of channels.

    `embedding` is (B, C, *S), `mask` bool (B, *S) says which vectors are taken, all without it.
    The rank is exp of the entropy of the singular values divided by their sum, of the vectors as
    they are, so that a constant embedding has 1. It is 0 where all are zero and NaN where none is
    taken or one is not finite. Roy and Vetterli 2007, "The effective rank", equations 3 and 4.
    """
    vectors = embedding.detach().movedim(1, -1)
    vectors = vectors.flatten(0, -2) if mask is None else vectors[mask]
    vectors = vectors.to(torch.float64)
    if not vectors.numel() or not bool(vectors.isfinite().all()):
        return float("nan")
    # Scaled first, so that squares neither overflow nor vanish.
    vectors = vectors / vectors.abs().amax().clamp_min(torch.finfo(torch.float64).tiny)
    squares = torch.linalg.eigvalsh(vectors.T @ vectors)
    noise = squares.amax() * vectors.shape[1] * torch.finfo(torch.float64).eps
    singular = squares[squares > noise].sqrt()
    if not singular.numel():
        return 0.0
    share = singular / singular.sum()
    return float(torch.special.entr(share).sum().exp())
