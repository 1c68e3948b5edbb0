"""The contrastive losses of both stages: which loss, which pairs, which weight."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from cscl import processes
from cscl.context import JobContext
from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.contract.errors import UserError
from cscl.contract.jobs import FinetuneJob, PretrainJob
from cscl.losses import LossResult, PairRules, WindowLoss, build_loss, count_pairs
from cscl.losses.kernels import chosen_kernel, compile_ahead
from cscl.training.batches import Batch, labels_at, parcels_at, shares_at
from cscl.training.objectives import share_of_mean
from cscl.training.session import Session

STAGE_OF_KERNELS = "kernels"
RELEASED_WEIGHT = 0.125
# The names of `cscl.losses.LOSSES` by those of the jobs.
NAMES = {
    "masked": "cscl",
    "released": "cscl",
    "cross-entropy": "similarity-cross-entropy",
    "local-info-nce": "local-info-nce",
    "supervised-memory": "supervised-memory",
}
# The losses whose pairs may be alike in part.
SOFT = ("masked", "cross-entropy")
LINEAR = ("masked", "released")
# Losses that compare pixels across the batch, not within windows.
ELSEWHERE = ("supervised-memory",)
WEIGHTED = ("masked", "released", "cross-entropy")


@dataclass(frozen=True)
class ContrastOptions:
    """What a job says about its contrastive loss."""

    loss: str
    window: int
    dilation: int
    positive_weight: str
    temperature: float | None
    stride: int = 1
    labels: str = "crop"
    relative_position: bool = True
    anchors: str = "all"

    @classmethod
    def of_pretraining(cls, job: PretrainJob) -> ContrastOptions:
        """Return those of pretraining."""
        return cls(
            job.loss,
            job.window,
            job.dilation,
            job.positive_weight,
            job.temperature,
            job.stride,
            job.labels,
            job.relative_position,
            job.anchors,
        )

    @classmethod
    def of_joint(cls, job: FinetuneJob) -> ContrastOptions:
        """Return those of the loss beside the classification loss."""
        return cls(
            job.joint_loss,
            job.window,
            job.dilation,
            job.positive_weight,
            job.temperature,
            labels=job.labels,
        )

    @property
    def rules(self) -> PairRules:
        """Which pairs count; local InfoNCE takes boundary anchors where all are asked for."""
        rules = PairRules.released() if self.loss == "released" else PairRules()
        if self.loss == "local-info-nce" and self.anchors == "all":
            return replace(rules, anchors="boundary")
        return replace(rules, anchors=self.anchors)

    def label_map(self, outside: str) -> Tensor:
        """Return the label (256,) that the loss sees for every code.

        As released, outside and unknown are one ordinary class; where the dataset ignores what
        lies outside parcels, it is unknown.
        """
        labels = torch.arange(256)
        if self.loss == "released":
            labels[[NO_DATA, UNKNOWN]] = OUTSIDE
        elif outside == "ignore":
            labels[OUTSIDE] = UNKNOWN
        return labels

    def check(self) -> None:
        """Raise `UserError` for options that do not go together."""
        if self.labels == "cover" and self.loss not in SOFT:
            raise UserError(
                "labels",
                "labels 'cover'",
                f"the loss {self.loss} knows pairs of one crop and of two, nothing between",
                f"Use the loss {' or '.join(SOFT)}, or compare crops.",
            )
        if self.loss == "supervised-memory" and self.anchors != "all":
            raise UserError(
                "anchors",
                f"anchors {self.anchors!r}",
                "supervised contrast draws its anchors itself",
                "Leave anchors at all, or use another loss.",
            )
        if self.loss == "supervised-memory" and processes.count() > 1:
            raise UserError(
                "memory_of_one_process",
                "loss supervised-memory",
                f"its memory belongs to one process, and {processes.count()} train together",
                "Train it with one process, or use another loss.",
            )


class ContrastiveTerm(nn.Module):
    """A contrastive loss on the map of one scale, for batches of label codes."""

    label_map: Tensor

    def __init__(
        self,
        criterion: WindowLoss,
        options: ContrastOptions,
        scale: int,
        outside: str,
        codes: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.criterion = criterion
        self.scale, self.codes = scale, codes
        self._by_parcel, self._by_cover = options.labels == "parcel", options.labels == "cover"
        self.register_buffer("label_map", options.label_map(outside), persistent=False)

    def targets(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Return labels and, where parcels are compared, parcel numbers, of the term's scale."""
        labels = self.label_map[labels_at(batch, self.scale).long()]
        return labels, parcels_at(batch, self.scale) if self._by_parcel else None

    def forward(self, embedding: Tensor, batch: Batch) -> LossResult:
        """Return the loss of `embedding` (B, D, H * scale, W * scale)."""
        labels, parcels = self.targets(batch)
        given: dict[str, Tensor | None] = {"identities": parcels}
        if self._by_cover:
            given["shares"] = shares_at(batch, self.scale, self.codes)
        result: LossResult = self.criterion(embedding.float(), labels, **given)
        return result

    def share(self, embedding: Tensor, batch: Batch) -> Tensor:
        """Return this process's share of the mean over all pairs that count."""
        result = self(embedding, batch)
        return share_of_mean(result.total, result.count)

    def scores(self, embedding: Tensor, batch: Batch, limit: int) -> tuple[Tensor, Tensor]:
        """Return scores and kinds of pairs, at most `limit` of each kind."""
        labels, parcels = self.targets(batch)
        return self.criterion.pair_scores(embedding.float(), labels, limit, parcels)


def prepare_kernel(session: Session, ctx: JobContext) -> None:
    """Have the kernel of the similarity compiled, as a stage that people see."""
    if chosen_kernel(session.device, torch.float32).name == "numba":
        ctx.progress(STAGE_OF_KERNELS, 0, 1)
        compile_ahead()
        ctx.progress(STAGE_OF_KERNELS, 1, 1)


def contrastive_term(
    options: ContrastOptions, scale: int, channels: int, session: Session, ctx: JobContext
) -> tuple[ContrastiveTerm, float | None]:
    """Return the term of `options` on a map of `channels`, and its weight of positive pairs.

    The weight is None where the loss has none. Raises `UserError` for options that do not fit.
    """
    options.check()
    if options.loss not in ELSEWHERE:
        choice = chosen_kernel(session.device, torch.float32)
        ctx.note(f"Similarities are computed by the kernel {choice.name}: {choice.reason}.")
    weight = positive_weight(options, scale, session, ctx)
    values: dict[str, Any] = {
        "window": options.window,
        "stride": options.stride,
        "dilation": options.dilation,
        "rules": options.rules,
    }
    if weight is not None:
        values |= {
            "positive_weight": weight,
            "relative_position": options.relative_position,
        }
    if options.temperature is not None and options.loss not in LINEAR:
        values["temperature"] = options.temperature
    criterion = build_loss(NAMES[options.loss], channels, **values)
    term = ContrastiveTerm(criterion, options, scale, session.dataset.outside, session.codes)
    return term, weight


def positive_weight(
    options: ContrastOptions, scale: int, session: Session, ctx: JobContext
) -> float | None:
    """Return the weight of positive pairs, None where the loss has none.

    Raises `UserError` for what is no weight.
    """
    if options.loss not in WEIGHTED:
        return None
    text = options.positive_weight.strip().lower()
    if text == "balanced":
        if options.loss == "released":
            ctx.note(f"The released loss weighs positive pairs by {RELEASED_WEIGHT}.")
            return RELEASED_WEIGHT
        return _balanced_weight(options, scale, session, ctx)
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not 0 < weight < math.inf:
        raise UserError(
            "positive_weight",
            f"positive_weight {options.positive_weight!r}",
            "it is neither a positive number nor balanced",
            "Use balanced, or a number such as 0.125.",
        )
    return weight


def _balanced_weight(
    options: ContrastOptions, scale: int, session: Session, ctx: JobContext
) -> float:
    """Return negatives / positives of the training split's pairs that count."""
    codes = options.label_map(session.dataset.outside)
    negatives = positives = 0
    for index in session.dataset.chips("training"):
        sample = session.training.get(index)
        fine = scale != 1
        labels = codes[torch.from_numpy(sample.labels_fine if fine else sample.labels).long()]
        parcels = torch.from_numpy((sample.parcels_fine if fine else sample.parcels).astype("i4"))
        pairs = count_pairs(
            labels[None],
            options.window,
            options.stride,
            options.dilation,
            options.rules,
            parcels[None] if options.labels == "parcel" else None,
        )
        negatives, positives = negatives + pairs[0], positives + pairs[1]
        ctx.check()
    if not negatives or not positives:
        raise UserError(
            "no_pairs",
            f"dataset {session.job.dataset}",
            f"its training chips hold {positives} neighbours of one class and {negatives} of two",
            "Contrast needs both: use a larger area, larger chips or a wider window.",
        )
    weight = round(negatives / positives, 6)
    ctx.note(
        f"Positive pairs weigh {weight:.4g}: {negatives} negative to {positives} positive pairs."
    )
    return weight
