"""Classification losses over labelled pixels, as sums and counts.

Sums and counts are added up over the processes of a run before one is divided by the other, so
that unequal numbers of known pixels give the gradient of one process.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cscl import processes
from cscl.contract.codes import NO_DATA, UNKNOWN

NO_CLASS = -100
SMOOTHING = 1.0


@functools.lru_cache(maxsize=16)
def label_lookup(codes: tuple[int, ...], device: torch.device) -> Tensor:
    """Return the logit index (256,) of every label code; -100, which losses ignore, for others."""
    lookup = torch.full((256,), NO_CLASS, dtype=torch.long)
    for index, code in enumerate(codes):
        lookup[code] = index
    return lookup.to(device)


def boundary_pixels(labels: Tensor) -> Tensor:
    """Tell where the 3 x 3 neighbourhood holds more than one label, bool (B, H, W).

    `labels` are codes (B, H, W). Outside (254) is a label; unknown (255), no data (0) and what
    lies beyond the border are none. The rule of `cscl.evaluation.zones.boundary`.
    """
    codes = labels[:, None].float()
    known = (codes != NO_DATA) & (codes != UNKNOWN)
    high = functional.max_pool2d(torch.where(known, codes, NO_DATA), 3, 1, 1)
    low = -functional.max_pool2d(torch.where(known, -codes, -UNKNOWN), 3, 1, 1)
    return (high > low)[:, 0]


def balanced_weights(counts: Sequence[int]) -> tuple[float, ...]:
    """Return a weight for each class, inversely to its pixels, with the mean 1 over all pixels.

    A class without pixels weighs 0.
    """
    present = sum(number > 0 for number in counts)
    share = sum(counts) / max(1, present)
    return tuple(share / number if number else 0.0 for number in counts)


def classification_loss(
    logits: Tensor, wanted: Tensor, weights: Tensor, shares: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the weighted sum of the cross-entropy over known pixels, and the sum of weights.

    `logits` float (B, K, H, W), `wanted` the classes' indices (B, H, W), below 0 where unknown,
    `weights` (B, H, W). With `shares` (B, K, H, W) the target of a known pixel is not its class
    but these shares of the classes.
    """
    if shares is None:
        losses = functional.cross_entropy(logits, wanted, reduction="none", ignore_index=NO_CLASS)
    else:
        losses = functional.cross_entropy(logits, shares, reduction="none")
    counted = torch.where(wanted >= 0, weights, 0.0)
    return (losses * counted).sum(), counted.sum()


def share_of_mean(total: Tensor, number: Tensor) -> Tensor:
    """Return this process's share of a mean: its sum over the count of all processes; 0 of none.

    The shares of all processes add up to the mean.
    """
    counted = processes.summed(number)
    return total / torch.where(counted > 0, counted, 1)


def dice_sums(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Return for each class the weighted sums that soft Dice is made of, (3, K).

    The rows are the probability on pixels of the class, the probability on all known pixels, and
    the pixels of the class. Shapes as in `classification_loss`.
    """
    counted = torch.where(wanted >= 0, weights, 0.0)[:, None]
    classes = functional.one_hot(wanted.clamp_min(0), logits.shape[1]).movedim(-1, 1)
    chances, truth = logits.softmax(dim=1) * counted, classes * counted
    sums = (chances * classes, chances, truth)
    return torch.stack([item.sum((0, 2, 3)) for item in sums])


def log_cosh_dice(sums: Tensor) -> Tensor:
    """Return the mean over the classes present of log cosh(1 - Dice), from `dice_sums`; 0 of none.

    Dice = (2 I + 1) / (P + T + 1) with the three sums of a class over the whole batch.
    Jadon 2020, "A survey of loss functions for semantic segmentation", section on log-cosh Dice.
    """
    both, found, truth = sums
    dice = (2 * both + SMOOTHING) / (found + truth + SMOOTHING)
    present = (truth > 0).to(sums.dtype)
    return (torch.cosh(1 - dice).log() * present).sum() / present.sum().clamp_min(1)


@dataclass(frozen=True)
class Objective:
    """A classification loss of logits and label codes.

    `codes` are the label codes in the order of the logits; `class_weights` as many numbers.
    Boundary pixels (`boundary_pixels`) weigh `boundary_weight` times their class. "log-cosh-dice"
    adds log-cosh Dice, whose pixels have the boundary weight alone, to the weighted
    cross-entropy: the strong plain baseline. With `cover` the caller gives the classes' shares of
    each pixel, and the cross-entropy is with them.
    """

    codes: tuple[int, ...]
    name: str = "cross-entropy"
    class_weights: tuple[float, ...] | None = None
    boundary_weight: float = 1.0
    cover: bool = False

    def __call__(self, logits: Tensor, labels: Tensor, shares: Tensor | None = None) -> Tensor:
        """Return this process's share of the loss, a scalar; 0 without known pixels.

        `logits` (B, K, H, W) of any type, `labels` codes (B, H, W). With `shares` (B, K, H, W) the
        cross-entropy is with the classes' shares of each pixel; which pixels are known, and their
        weights, still go by the labels.
        """
        logits = logits.float()
        wanted = label_lookup(self.codes, labels.device)[labels.long()]
        edges = torch.ones_like(wanted, dtype=logits.dtype)
        if self.boundary_weight != 1:
            edges = torch.where(boundary_pixels(labels), self.boundary_weight, edges)
        weights = edges * self._by_class(wanted)
        loss = share_of_mean(*classification_loss(logits, wanted, weights, shares))
        if self.name == "log-cosh-dice":
            sums = processes.summed_with_gradient(dice_sums(logits, wanted, edges))
            loss = loss + log_cosh_dice(sums) / processes.count()
        return loss

    def _by_class(self, wanted: Tensor) -> Tensor | float:
        if self.class_weights is None:
            return 1.0
        return torch.tensor(self.class_weights, device=wanted.device)[wanted.clamp_min(0)]
