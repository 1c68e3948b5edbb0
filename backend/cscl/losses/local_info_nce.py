"""Local InfoNCE at boundaries: a rival of the context-self contrastive loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cscl.losses.module import WindowLoss
from cscl.losses.pairs import PairRules, pair_targets
from cscl.losses.result import LossResult, loss_result
from cscl.losses.windows import WindowGeometry


class LocalInfoNCE(WindowLoss):
    """The share of an anchor's neighbours of its own class in a softmax over its window.

    An anchor's term is -log(sum_p exp(s_p / t) / sum_a exp(s_a / t)), with p its positive pairs, a
    all that count, s the cosine of two vectors of one projection and t the `temperature`; the
    loss is the mean over the anchors that have a positive pair. By default these are boundary
    anchors alone: in the interior the term is 0.

    After Tang et al. 2022, "Contrastive boundary learning for point cloud segmentation", CVPR,
    equation 2, which takes distances in a neighbourhood for similarities in a window. The
    conditional boundary loss for images (Wu et al. 2023, IEEE TIP 32) contrasts the same pairs;
    its pull towards the centre of the class in the window is left out. Other options are those of
    `ContextSelfContrastiveLoss`. Raises `ValueError` for values out of range.
    """

    def __init__(
        self,
        channels: int,
        *,
        projection: int | None = None,
        window: int = 3,
        stride: int = 1,
        dilation: int = 1,
        axes: int = 2,
        temperature: float = 0.1,
        rules: PairRules | None = None,
    ) -> None:
        if not temperature > 0:
            raise ValueError(f"the temperature must be positive, not {temperature}")
        super().__init__(
            channels,
            projection,
            WindowGeometry(window, stride, dilation, axes),
            PairRules(anchors="boundary") if rules is None else rules,
            relative_position=False,
            shared=True,
        )
        self.temperature = temperature

    @property
    def name(self) -> str:
        """The loss's name in `LOSSES`."""
        return "local-info-nce"

    def options(self) -> dict[str, Any]:
        """Return what rebuilds the module but its tensors, as plain values for JSON."""
        return {**super().options(), "temperature": self.temperature}

    def forward(
        self, embedding: Tensor, labels: Tensor, identities: Tensor | None = None
    ) -> LossResult:
        """Return the loss of `embedding` (B, C, *S) for integer `labels` (B, *S).

        Its terms are anchors. With `identities` (B, *S), such as parcel numbers, pairs are
        positive where those agree, while the labels still say which are unknown or outside.
        """
        positive, counted = pair_targets(labels, self.geometry, self.rules, identities)
        similarity = self.similarity(embedding)
        alike = counted & positive
        logits = similarity / self.temperature
        # The smallest number and not minus infinity: an anchor without pairs then has gradients
        # of 0 instead of NaN.
        least = torch.finfo(logits.dtype).min
        every = logits.masked_fill(~counted, least).logsumexp(1)
        own = logits.masked_fill(~alike, least).logsumexp(1)
        anchors = alike.any(1)
        total = (every - own).masked_fill(~anchors, 0.0).sum()
        return loss_result(total, anchors.sum().to(total.dtype), similarity, positive, counted)
