"""The context-self contrastive loss (Tarasiou et al. 2022, arXiv 2104.04310)."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.losses.functional import linear_coefficients
from cscl.losses.kernels import linear_loss
from cscl.losses.module import WindowLoss
from cscl.losses.pairs import PairRules, common_ground, pair_targets
from cscl.losses.result import LossResult, loss_result, masked_sum
from cscl.losses.windows import WindowGeometry

Form = Literal["linear", "cross_entropy"]
NAMES: dict[Form, str] = {"linear": "cscl", "cross_entropy": "similarity-cross-entropy"}
INITIAL_TEMPERATURE = 0.1


class ContextSelfContrastiveLoss(WindowLoss):
    """The loss with its learned projections and relative positions.

    `form` "linear" is the released -w+ y s + (1 - y) s. "cross_entropy" is the binary
    cross-entropy of s / temperature + bias, which does not drive the embedding to one direction;
    temperature and bias are learned from `temperature` and 0, as Zhai et al. 2023 ("Sigmoid loss
    for language image pre-training", arXiv 2303.15343, section 3.2) do for images and texts.

    `positive_weight` weighs the positive pairs in both: a number, such as the training split's
    negatives / positives (`count_pairs`), or "balanced" for those of each batch, which a batch
    shared out over devices has one by one. `axes` is 2 or 3; `projection`, `relative_position` and
    `rules` are those of `WindowLoss`. Raises `ValueError` for values out of range.
    """

    positive_weight: Tensor

    def __init__(
        self,
        channels: int,
        *,
        projection: int | None = None,
        window: int = 3,
        stride: int = 1,
        dilation: int = 1,
        axes: int = 2,
        relative_position: bool = True,
        positive_weight: float | Tensor | Literal["balanced"] = 0.125,
        form: Form = "cross_entropy",
        temperature: float | None = None,
        rules: PairRules | None = None,
    ) -> None:
        if form not in NAMES:
            raise ValueError(f"the form must be one of {', '.join(NAMES)}, not {form!r}")
        super().__init__(
            channels,
            projection,
            WindowGeometry(window, stride, dilation, axes),
            PairRules() if rules is None else rules,
            relative_position=relative_position,
            shared=False,
        )
        self.form: Form = form
        self.balanced = isinstance(positive_weight, str)
        if self.balanced and positive_weight != "balanced":
            raise ValueError(f"the weight is a number or balanced, not {positive_weight!r}")
        number = 1.0 if isinstance(positive_weight, str) else positive_weight
        weight = torch.as_tensor(number, dtype=torch.float32)
        self.register_buffer("positive_weight", weight.clone())
        if form == "linear":
            if temperature is not None:
                raise ValueError("the linear form has no temperature")
        else:
            start = INITIAL_TEMPERATURE if temperature is None else temperature
            if not start > 0:
                raise ValueError(f"the temperature must be positive, not {start}")
            self.log_scale = nn.Parameter(torch.tensor(-math.log(start)))
            self.bias = nn.Parameter(torch.tensor(0.0))

    @property
    def name(self) -> str:
        """The loss's name in `LOSSES`."""
        return NAMES[self.form]

    def options(self) -> dict[str, Any]:
        """Return what rebuilds the module but its tensors, as plain values for JSON."""
        own: dict[str, Any] = {"form": self.form, "relative_position": self.relative_position}
        if self.balanced:
            own["positive_weight"] = "balanced"
        return {**super().options(), **own}

    def forward(
        self,
        embedding: Tensor,
        labels: Tensor,
        identities: Tensor | None = None,
        shares: Tensor | None = None,
    ) -> LossResult:
        """Return the loss of `embedding` (B, C, *S) for integer `labels` (B, *S).

        Its terms are pairs. With `identities` (B, *S), such as parcel numbers, pairs are positive
        where those agree, while the labels still say which are unknown or outside. With `shares`
        (B, classes, *S), the classes' shares of each pixel's ground, a pair is positive by as much
        as its pixels have in common (`common_ground`) and negative by the rest; which pairs count,
        and the figures of the result, still go by the labels.
        """
        positive, counted = pair_targets(labels, self.geometry, self.rules, identities)
        weight = self._weight(positive, counted)
        degree = positive if shares is None else common_ground(shares, self.geometry)
        if self.form == "linear":
            total, similarity = self._linear(embedding, degree, counted, weight)
        else:
            similarity = self.similarity(embedding)
            logits = similarity * self.log_scale.exp() + self.bias
            alike = degree.to(logits.dtype)
            # Not softplus(x) - x for softplus(-x), which is 0 where a pair is learnt well.
            terms = weight * alike * functional.softplus(-logits)
            terms = terms + (1 - alike) * functional.softplus(logits)
            total, _ = masked_sum(terms, counted)
        count = torch.count_nonzero(counted).to(total.dtype)
        return loss_result(total, count, similarity, positive, counted)

    def _weight(self, positive: Tensor, counted: Tensor) -> Tensor:
        """Return the weight of the batch's positive pairs, a scalar."""
        if not self.balanced:
            return self.positive_weight
        _, positives = masked_sum(self.positive_weight, counted & positive)
        _, negatives = masked_sum(self.positive_weight, counted & ~positive)
        return negatives / positives.clamp_min(1)

    def _linear(
        self, embedding: Tensor, degree: Tensor, counted: Tensor, weight: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the sum of the linear terms, and the similarities without gradient."""
        query, key = self.projections(embedding)
        coefficients = linear_coefficients(degree, counted, weight, query.dtype)
        with torch.autocast(embedding.device.type, enabled=False):
            return linear_loss(query, key, self.relative, coefficients, self.geometry)
