"""The context-self contrastive loss and its rivals: similarity, pair rules, functions, modules."""

from cscl.losses.cscl import ContextSelfContrastiveLoss
from cscl.losses.figures import effective_rank, pair_auc
from cscl.losses.functional import cscl_loss, cscl_loss_nd, cscl_similarity, cscl_similarity_nd
from cscl.losses.local_info_nce import LocalInfoNCE
from cscl.losses.module import WindowLoss
from cscl.losses.pairs import PairRules, count_pairs, pair_targets
from cscl.losses.registry import LOSSES, build_loss, restore_loss
from cscl.losses.result import LossResult
from cscl.losses.supervised_memory import SupervisedMemoryContrast

__all__ = [
    "LOSSES",
    "ContextSelfContrastiveLoss",
    "LocalInfoNCE",
    "LossResult",
    "PairRules",
    "SupervisedMemoryContrast",
    "WindowLoss",
    "build_loss",
    "count_pairs",
    "cscl_loss",
    "cscl_loss_nd",
    "cscl_similarity",
    "cscl_similarity_nd",
    "effective_rank",
    "pair_auc",
    "pair_targets",
    "restore_loss",
]
