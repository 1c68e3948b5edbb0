"""Which pairs of pixels are alike, and which pairs count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from cscl.losses.windows import WindowGeometry

Anchors = Literal["all", "boundary", "balanced"]
ANCHORS: tuple[Anchors, ...] = ("all", "boundary", "balanced")
# Types in which comparing and padding work on every device.
SIGNED = (torch.int16, torch.int32, torch.int64)


@dataclass(frozen=True)
class PairRules:
    """Which pairs count in the loss.

    The defaults are the product's: no pair of a pixel with itself, none beyond the border, none
    with a label in `ignored` (no data and unknown) on either side, and none where both sides are
    `outside` the parcels. `PairRules.released()` counts every pair, as the authors' code does.

    `anchors` picks among the anchors that have such pairs. A boundary anchor is one with a
    negative pair among them, the others are interior: "boundary" keeps boundary anchors alone,
    "balanced" as many of either kind in each image. There the kind with more is thinned at even
    steps in the order of its pixels, which needs no random numbers, so that a run can be repeated
    and an image counts the same in whatever batch it comes. Raises `ValueError` for another word.
    """

    mask_self: bool = True
    mask_border: bool = True
    ignored: tuple[int, ...] = (0, 255)
    outside: int | None = 254
    anchors: Anchors = "all"

    def __post_init__(self) -> None:
        if self.anchors not in ANCHORS:
            raise ValueError(f"anchors must be one of {', '.join(ANCHORS)}, not {self.anchors!r}")

    @classmethod
    def released(cls) -> PairRules:
        """Return the rules of the authors' code: every pair counts."""
        return cls(mask_self=False, mask_border=False, ignored=(), outside=None)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> PairRules:
        """Return the rules whose `dataclasses.asdict` went through JSON; raises `TypeError`."""
        ignored = {"ignored": tuple(options["ignored"])} if "ignored" in options else {}
        return cls(**{**options, **ignored})


def pair_targets(
    labels: Tensor,
    geometry: WindowGeometry,
    rules: PairRules,
    identities: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Return for every pair whether it is positive and whether it counts.

    `labels` is (B, *S), integer, above its type's smallest number; both results are bool
    (B, K, *S') with the neighbours row by row. A pair is positive where its labels agree, or,
    with `identities` (B, *S) such as parcel numbers, where those agree; what `rules` leave out
    goes by the labels always. Pairs beyond the border are negative. Raises `ValueError` for
    labels that are not integers or shapes that do not fit.
    """
    labels = _signed(labels, geometry)
    values = labels if identities is None else _signed(identities, geometry)
    if values.shape != labels.shape:
        raise ValueError(
            f"identities {tuple(values.shape)} and labels {tuple(labels.shape)} must agree"
        )
    values = _narrow(values)
    beyond = torch.iinfo(values.dtype).min
    positive = geometry.anchors(values)[:, None] == geometry.gather(values, beyond)
    counted = _counted(labels, geometry, rules)
    if rules.anchors != "all":
        chosen = _chosen_anchors(boundary_anchors(positive, counted), counted.any(1), rules.anchors)
        counted &= chosen[:, None]
    return positive, counted


def common_ground(shares: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return for every pair how much of its pixels' ground is of one class, (B, K, *S'), 0..1.

    `shares` (B, classes, *S) are the classes' shares of each pixel; a pair has in common the
    smaller share of each class, summed. Two pure pixels have 1 or 0 in common, as their labels
    say; a mixed pixel is part of both its sides. Nothing beyond the border.
    """
    anchors, padded = geometry.anchors(shares), geometry.pad(shares)
    return torch.stack(
        [
            torch.minimum(anchors, geometry.shifted(padded, offsets)).sum(1)
            for _, offsets in geometry.positions()
        ],
        dim=1,
    )


def boundary_anchors(positive: Tensor, counted: Tensor) -> Tensor:
    """Return the anchors with a negative pair that counts, bool (B, *S'), of (B, K, *S')."""
    return (counted & ~positive).any(1)


def count_pairs(
    labels: Tensor,
    window: int = 3,
    stride: int = 1,
    dilation: int = 1,
    rules: PairRules | None = None,
    identities: Tensor | None = None,
) -> tuple[int, int]:
    """Return the numbers of negative and of positive pairs that count in `labels` (B, *S)."""
    geometry = WindowGeometry(window, stride, dilation, axes=labels.ndim - 1)
    positive, counted = pair_targets(labels, geometry, rules or PairRules(), identities)
    total = int(counted.sum())
    positives = int((positive & counted).sum())
    return total - positives, positives


def evenly_spaced(members: Tensor, wanted: Tensor) -> Tensor:
    """Return `wanted` (B,) of the `members`, bool (B, N), of each row, at even steps.

    All of them where fewer are there. The first is always left out before the last.
    """
    members = members.to(torch.int64)
    number = members.sum(1, keepdim=True)
    kept = torch.minimum(wanted[:, None].to(torch.int64), number)
    # Of ranks 1..n those where floor(rank * kept / n) rises: `kept` of them.
    rank = members.cumsum(1)
    share = number.clamp_min(1)
    rises = rank * kept // share > (rank - 1) * kept // share
    return rises & members.bool()


def _signed(values: Tensor, geometry: WindowGeometry) -> Tensor:
    """Return integers (B, *S) in a signed type; raises `ValueError`."""
    if values.is_floating_point() or values.is_complex():
        raise ValueError(f"labels and identities must be integers, not {values.dtype}")
    if values.ndim != geometry.axes + 1:
        raise ValueError(f"labels {tuple(values.shape)} must have {geometry.axes + 1} axes")
    if values.dtype in SIGNED:
        return values
    narrow = values.dtype in (torch.bool, torch.uint8, torch.int8)
    return values.to(torch.int16 if narrow else torch.int64)


def _narrow(values: Tensor) -> Tensor:
    """Return numbers in as few bytes as tell them apart, below them one free for the margin.

    That is a byte where they lie close together; only on the processor, which need not wait for
    the bounds and whose time goes into reading every pixel once for each neighbour.
    """
    if values.device.type != "cpu" or not values.numel():
        return values
    low, high = (int(bound) for bound in values.aminmax())
    span = torch.iinfo(torch.int8)
    if high - low >= span.max - span.min:
        return values
    return (values - low + (span.min + 1)).to(torch.int8)


def _counted(labels: Tensor, geometry: WindowGeometry, rules: PairRules) -> Tensor:
    """Return the pairs that count before any choice of anchors, bool (B, K, *S')."""
    anchors = geometry.anchors(labels).shape[1:]
    counted = labels.new_ones(labels.shape[0], geometry.neighbours, *anchors, dtype=torch.bool)
    if rules.ignored or rules.mask_border:
        known = torch.ones_like(labels, dtype=torch.bool)
        for label in rules.ignored:
            known &= labels != label
        counted &= geometry.gather(known, fill=float(not rules.mask_border))
        counted &= geometry.anchors(known)[:, None]
    if rules.outside is not None:
        outside = labels == rules.outside
        counted &= ~(geometry.anchors(outside)[:, None] & geometry.gather(outside))
    if rules.mask_self:
        counted[:, geometry.centre] = False
    return counted


def _chosen_anchors(boundary: Tensor, paired: Tensor, anchors: Anchors) -> Tensor:
    """Return the anchors that `anchors` keeps of those with pairs, all bool (B, *S')."""
    if anchors == "boundary":
        return boundary
    edge, interior = boundary.flatten(1), (paired & ~boundary).flatten(1)
    wanted = torch.minimum(edge.sum(1), interior.sum(1))
    chosen = evenly_spaced(edge, wanted) | evenly_spaced(interior, wanted)
    return chosen.reshape(boundary.shape)
