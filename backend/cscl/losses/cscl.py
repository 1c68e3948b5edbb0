"""The context-self contrastive loss (Tarasiou et al. 2022, arXiv 2104.04310)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from cscl.losses.pairs import PairRules, pair_targets
from cscl.losses.similarity import project, window_similarity
from cscl.losses.windows import WindowGeometry

Form = Literal["linear", "cross_entropy"]
FORMS: tuple[Form, ...] = ("linear", "cross_entropy")
INITIAL_SCALE = 10.0


def _check_shapes(
    embedding: Tensor, w_query: Tensor, w_key: Tensor, rel_h: Tensor, rel_w: Tensor, window: int
) -> None:
    """Raise `ValueError` where the parameters do not fit each other."""
    channels, width = embedding.shape[1], w_query.shape[0]
    if w_query.shape != w_key.shape or w_query.shape[1] != channels:
        raise ValueError(
            f"w_query {tuple(w_query.shape)} and w_key {tuple(w_key.shape)} must both be "
            f"(D, {channels})"
        )
    if rel_h.shape[0] + rel_w.shape[0] != width or {rel_h.shape[1], rel_w.shape[1]} != {window}:
        raise ValueError(
            f"rel_h {tuple(rel_h.shape)} and rel_w {tuple(rel_w.shape)} must share the {width} "
            f"channels of the keys and have {window} columns each"
        )


def cscl_similarity(
    embedding: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    rel_h: Tensor,
    rel_w: Tensor,
    window: int,
    stride: int,
    dilation: int,
) -> Tensor:
    """Return the similarity of every anchor with its neighbourhood, (B, H', W', window, window).

    `embedding` is (B, C, H, W), `w_query` and `w_key` (D, C), `rel_h` (first part of D, window),
    `rel_w` (rest of D, window); H' = ceil(H / stride). Values lie in [-1, 1]. Raises `ValueError`
    for an even window or parameters that do not fit. METHOD section 1.
    """
    _check_shapes(embedding, w_query, w_key, rel_h, rel_w, window)
    geometry = WindowGeometry(window, stride, dilation)
    query, key = project(embedding, w_query), project(embedding, w_key)
    similarity = window_similarity(query, key, rel_h, rel_w, geometry)
    by_anchor = similarity.permute(0, 2, 3, 1)
    return by_anchor.reshape(*by_anchor.shape[:3], window, window)


def _linear_terms(similarity: Tensor, positive: Tensor, positive_weight: Tensor | float) -> Tensor:
    """Return each pair's term of the released loss: -w s for positives, s for negatives."""
    return torch.where(positive, -positive_weight * similarity, similarity)


def _cross_entropy_terms(
    logits: Tensor, positive: Tensor, positive_weight: Tensor | float
) -> Tensor:
    """Return each pair's weighted binary cross-entropy."""
    return torch.where(
        positive, positive_weight * functional.softplus(-logits), functional.softplus(logits)
    )


def _masked_sum(terms: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of the terms that count, and their number in the same type."""
    return torch.where(counted, terms, 0.0).sum(), counted.sum().to(terms.dtype)


def cscl_loss(
    embedding: Tensor,
    labels: Tensor,
    w_query: Tensor,
    w_key: Tensor,
    rel_h: Tensor,
    rel_w: Tensor,
    window: int,
    stride: int,
    dilation: int,
    positive_weight: float,
    mask_self: bool = False,
    mask_border: bool = False,
    ignore_label: int | None = None,
) -> Tensor:
    """Return the loss, a scalar: the mean over the pairs that count of -w+ y s + (1 - y) s.

    `labels` is (B, H, W), integer and not negative; the rest as in `cscl_similarity`. The defaults
    count every pair, as the authors' code does; with no pair that counts the loss is 0.
    METHOD section 1.
    """
    similarity = cscl_similarity(embedding, w_query, w_key, rel_h, rel_w, window, stride, dilation)
    ignored = () if ignore_label is None else (ignore_label,)
    rules = PairRules(mask_self, mask_border, ignored, outside=None)
    positive, counted = pair_targets(labels, WindowGeometry(window, stride, dilation), rules)
    terms = _linear_terms(similarity.flatten(3).permute(0, 3, 1, 2), positive, positive_weight)
    total, count = _masked_sum(terms, counted)
    return total / count.clamp_min(1)


@dataclass(frozen=True)
class LossResult:
    """A batch's loss and what is needed to follow it.

    `total` is the differentiable sum over the `count` pairs that count, so that a mean over
    several batches or devices is exact; the other figures carry no gradient. The means are NaN
    where there is no such pair.
    """

    total: Tensor
    count: Tensor
    positives: Tensor
    mean_positive: Tensor
    mean_negative: Tensor

    @property
    def loss(self) -> Tensor:
        """The mean over the pairs that count; 0 where none counts."""
        return self.total / self.count.clamp_min(1)


class ContextSelfContrastiveLoss(nn.Module):  # type: ignore[misc, unused-ignore]
    """The loss with its learned projections and relative positions.

    `form` "linear" is the released -w+ y s + (1 - y) s; "cross_entropy" is the binary
    cross-entropy of scale * s + bias with both learned, which does not drive the embedding to one
    direction. `positive_weight` weighs the positive pairs in both; for `balanced` give the
    training split's negatives / positives (`count_pairs`). `projection` is the width D of queries
    and keys, `channels` where it is not given. `rules` says which pairs count.
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
        positive_weight: float | Tensor = 0.125,
        form: Form = "cross_entropy",
        rules: PairRules | None = None,
    ) -> None:
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"the form must be one of {', '.join(FORMS)}, not {form!r}")
        width = channels if projection is None else projection
        self.geometry = WindowGeometry(window, stride, dilation)
        self.form: Form = form
        self.rules = PairRules() if rules is None else rules
        self.query = nn.Conv2d(channels, width, kernel_size=1, bias=False)
        self.key = nn.Conv2d(channels, width, kernel_size=1, bias=False)
        self.rel_h = nn.Parameter(torch.randn(width // 2, window))
        self.rel_w = nn.Parameter(torch.randn(width - width // 2, window))
        weight = torch.as_tensor(positive_weight, dtype=torch.float32)
        self.register_buffer("positive_weight", weight.clone())
        if form == "cross_entropy":
            self.log_scale = nn.Parameter(torch.tensor(math.log(INITIAL_SCALE)))
            self.bias = nn.Parameter(torch.tensor(0.0))

    def options(self) -> dict[str, Any]:
        """Return what rebuilds the module but its tensors, as plain values for JSON."""
        return {
            "projection": self.query.out_channels,
            "window": self.geometry.window,
            "stride": self.geometry.stride,
            "dilation": self.geometry.dilation,
            "form": self.form,
            "rules": asdict(self.rules),
        }

    @classmethod
    def from_options(cls, channels: int, options: Mapping[str, Any]) -> ContextSelfContrastiveLoss:
        """Return a module with the options of another; raises `ValueError` or `TypeError`."""
        rest = {name: value for name, value in options.items() if name != "rules"}
        rules = dict(options["rules"]) if "rules" in options else {}
        if "ignored" in rules:
            rules["ignored"] = tuple(rules["ignored"])
        return cls(channels, rules=PairRules(**rules), **rest)

    def similarity(self, embedding: Tensor) -> Tensor:
        """Return the similarities (B, K, H', W') of `embedding` (B, C, H, W), row by row.

        Lower precision is left to the network: projections and products run in the parameters'
        own type.
        """
        with torch.autocast(embedding.device.type, enabled=False):
            embedding = embedding.to(self.query.weight.dtype)
            query, key = self.query(embedding), self.key(embedding)
            return window_similarity(query, key, self.rel_h, self.rel_w, self.geometry)

    def forward(self, embedding: Tensor, labels: Tensor) -> LossResult:
        """Return the loss of `embedding` (B, C, H, W) for integer `labels` (B, H, W)."""
        similarity = self.similarity(embedding)
        positive, counted = pair_targets(labels, self.geometry, self.rules)
        if self.form == "linear":
            terms = _linear_terms(similarity, positive, self.positive_weight)
        else:
            logits = similarity * self.log_scale.exp() + self.bias
            terms = _cross_entropy_terms(logits, positive, self.positive_weight)
        total, count = _masked_sum(terms, counted)
        with torch.no_grad():
            positive_sum, positives = _masked_sum(similarity, counted & positive)
            negative_sum, negatives = _masked_sum(similarity, counted & ~positive)
        return LossResult(
            total, count, positives, positive_sum / positives, negative_sum / negatives
        )

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def pair_scores(
        self, embedding: Tensor, labels: Tensor, limit: int = 100_000
    ) -> tuple[Tensor, Tensor]:
        """Return scores and kinds of pairs that count, both (N,), for the pair AUC.

        At most `limit` pairs of each kind, evenly spaced in the batch, so that the result is the
        same each time.
        """
        similarity = self.similarity(embedding)
        positive, counted = pair_targets(labels, self.geometry, self.rules)
        parts = []
        for kind in (counted & positive, counted & ~positive):
            scores = similarity[kind]
            parts.append(scores[:: max(1, -(-scores.numel() // limit))])
        kinds = torch.zeros(sum(part.numel() for part in parts), dtype=torch.bool)
        kinds[: parts[0].numel()] = True
        return torch.cat(parts), kinds.to(embedding.device)
