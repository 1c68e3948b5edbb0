"""The loss's projections after fine-tuning: refitted to the features that the network has now."""

from __future__ import annotations

import torch
from torch import Tensor

from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.losses import ContextSelfContrastiveLoss, PairRules
from cscl.training.batches import Batch, labels_at, parcels_at

# Blocks of a map are what is learnt from: a few of each chip instead of the whole of a few.
SIDE = 8
BLOCKS_A_CHIP = 32
MOST_BLOCKS = 2048
MOST_STEPS = 200
BLOCKS_A_STEP = 64
RATE = 3e-3
# Land outside parcels is all alike here: within it there is no edge to find.
RULES = PairRules(outside=None)


def pair_labels(batch: Batch, scale: int) -> tuple[Tensor, Tensor]:
    """Return labels and parcel numbers (B, H * scale, W * scale) that pairs are made from.

    Parcels are compared, not crops, so that the edge between two parcels of one crop is one.
    """
    labels = labels_at(batch, scale).long()
    parcels = torch.where(labels == OUTSIDE, 0, parcels_at(batch, scale).long())
    return labels, parcels


class Blocks:
    """Square parts of feature maps with their labels, gathered chip by chip.

    Of each chip at most as many with an edge as without, at even steps, so that edges are not rare.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Tensor, Tensor, Tensor]] = []

    def add(self, maps: Tensor, labels: Tensor, parcels: Tensor) -> None:
        """Take parts of maps (B, D, H, W) with labels and parcels (B, H, W)."""
        items = zip(maps, labels, parcels, strict=True)
        for chip in items:
            features, codes, numbers = (_cut(item) for item in chip)
            known = (codes != NO_DATA) & (codes != UNKNOWN)
            edge = _spread(numbers, known)
            kinds = (edge, known.any((1, 2)) & ~edge & (numbers > 0).any((1, 2)))
            chosen = torch.cat([_evenly(kind, BLOCKS_A_CHIP // 2) for kind in kinds])
            self._parts.append(
                (features[chosen].float().cpu(), codes[chosen].cpu(), numbers[chosen].cpu())
            )

    def __len__(self) -> int:
        return sum(len(part[0]) for part in self._parts)

    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return features (N, D, 8, 8), labels and parcels (N, 8, 8), at most `MOST_BLOCKS`."""
        features, labels, parcels = (
            torch.cat([part[place] for part in self._parts]) for place in range(3)
        )
        kept = slice(None, None, max(1, -(-len(features) // MOST_BLOCKS)))
        return features[kept], labels[kept], parcels[kept]


def fit_projections(
    features: Tensor,
    labels: Tensor,
    parcels: Tensor,
    *,
    steps: int,
    seed: int,
    device: torch.device,
) -> ContextSelfContrastiveLoss:
    """Return a loss whose projections and relative positions are fitted to frozen features.

    Arguments as `Blocks.tensors` returns them. The form is cross-entropy on the similarity with
    balanced pairs (`ContextSelfContrastiveLoss`), the start the similarity of the features as
    they are. The cost is linear in `steps` and in the blocks of a step, whatever the dataset's
    size. Deterministic for a `seed` and a number of threads.
    """
    # One length for all: the features' own would change what a step of the rate means.
    length = features.square().mean().sqrt().clamp_min(torch.finfo(features.dtype).tiny)
    features = features / length
    loss = _start(features, labels, parcels).to(device).train()
    optimizer = torch.optim.Adam(loss.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, steps))
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = torch.randperm(len(features), generator=generator)[:BLOCKS_A_STEP]
        optimizer.zero_grad()
        batch = (item[chosen].to(device) for item in (features, labels, parcels))
        result = loss(*batch)
        result.loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        for position in loss.relative or ():
            position.mul_(length)
    return loss.eval().requires_grad_(False)


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def _start(features: Tensor, labels: Tensor, parcels: Tensor) -> ContextSelfContrastiveLoss:
    """Return the loss that leaves features as they are, its bias midway between both kinds.

    From there vectors that are alike stay so; were the bias 0, the likeness of all of them would
    first have to fall.
    """
    channels = features.shape[1]
    loss = ContextSelfContrastiveLoss(channels, positive_weight="balanced", rules=RULES)
    for weight in (loss.query.weight, loss.key.weight):
        weight.copy_(torch.eye(channels)[:, :, None, None])
    for position in loss.relative or ():
        position.zero_()
    result = loss(features, labels, parcels)
    middle = (result.mean_positive + result.mean_negative) / 2
    loss.bias.copy_(torch.nan_to_num(-middle * loss.log_scale.exp()))
    return loss


def _cut(values: Tensor) -> Tensor:
    """Return (..., H, W) as blocks (N, ..., 8, 8); what is left at the far edges is left out."""
    height, width = (size // SIDE * SIDE for size in values.shape[-2:])
    parts = values[..., :height, :width].unfold(-2, SIDE, SIDE).unfold(-2, SIDE, SIDE)
    if values.ndim == 3:
        parts = parts.movedim(0, 2)
    return parts.flatten(0, 1)


def _spread(numbers: Tensor, known: Tensor) -> Tensor:
    """Tell which blocks (N, 8, 8) hold two numbers where they are known."""
    bounds = torch.iinfo(numbers.dtype)
    high = torch.where(known, numbers, bounds.min).amax((1, 2))
    low = torch.where(known, numbers, bounds.max).amin((1, 2))
    return high > low


def _evenly(kind: Tensor, wanted: int) -> Tensor:
    """Return the places of at most `wanted` true values (N,), at even steps."""
    places = kind.nonzero().flatten()
    return places[:: max(1, -(-len(places) // wanted))]
