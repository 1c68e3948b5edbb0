"""The context-self contrastive loss: similarity, pair rules, loss functions and their module."""

from cscl.losses.auc import pair_auc
from cscl.losses.cscl import (
    ContextSelfContrastiveLoss,
    LossResult,
    cscl_loss,
    cscl_similarity,
)
from cscl.losses.pairs import PairRules, count_pairs, pair_targets

__all__ = [
    "ContextSelfContrastiveLoss",
    "LossResult",
    "PairRules",
    "count_pairs",
    "cscl_loss",
    "cscl_similarity",
    "pair_auc",
    "pair_targets",
]
