"""Which pairs of pixels are alike, and which pairs count."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cscl.losses.windows import WindowGeometry

# Labels are at least 0, so this marks positions beyond the border.
BEYOND_BORDER = -1


@dataclass(frozen=True)
class PairRules:
    """Which pairs count in the loss.

    The defaults are the product's: no pair of a pixel with itself, none beyond the border, none
    with a label in `ignored` (no data and unknown) on either side, and none where both sides are
    `outside` the parcels. `PairRules.released()` counts every pair, as the authors' code does.
    """

    mask_self: bool = True
    mask_border: bool = True
    ignored: tuple[int, ...] = (0, 255)
    outside: int | None = 254

    @classmethod
    def released(cls) -> PairRules:
        """Return the rules of the authors' code: every pair counts."""
        return cls(mask_self=False, mask_border=False, ignored=(), outside=None)


def pair_targets(
    labels: Tensor, geometry: WindowGeometry, rules: PairRules
) -> tuple[Tensor, Tensor]:
    """Return for every pair whether its labels agree and whether it counts.

    `labels` is (B, H, W), integer and not negative; both results are bool (B, K, H', W') with the
    neighbours row by row.
    """
    labels = labels.to(torch.int16) if labels.dtype == torch.uint8 else labels
    anchor = geometry.anchors(labels)[:, None]
    neighbour = geometry.gather(labels, BEYOND_BORDER)
    positive = anchor == neighbour
    counted = torch.ones_like(positive)
    if rules.mask_self:
        counted[:, geometry.centre] = False
    if rules.mask_border:
        counted &= neighbour != BEYOND_BORDER
    for label in rules.ignored:
        counted &= (anchor != label) & (neighbour != label)
    if rules.outside is not None:
        counted &= (anchor != rules.outside) | (neighbour != rules.outside)
    return positive, counted


def count_pairs(
    labels: Tensor,
    window: int = 3,
    stride: int = 1,
    dilation: int = 1,
    rules: PairRules | None = None,
) -> tuple[int, int]:
    """Return the numbers of negative and of positive pairs that count in `labels` (B, H, W)."""
    geometry = WindowGeometry(window, stride, dilation)
    positive, counted = pair_targets(labels, geometry, rules or PairRules())
    total = int(counted.sum())
    positives = int((positive & counted).sum())
    return total - positives, positives
