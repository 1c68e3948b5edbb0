"""Supervised contrast across the batch with a memory: a rival of context-self contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from cscl.losses.module import WindowLoss
from cscl.losses.pairs import PairRules, boundary_anchors, evenly_spaced, pair_targets
from cscl.losses.result import LossResult, loss_result
from cscl.losses.windows import WindowGeometry


@dataclass(frozen=True)
class _Pixels:
    """Vectors of length 1 (N, D) with their classes and identities, both (N,)."""

    vectors: Tensor
    classes: Tensor
    identities: Tensor

    def __getitem__(self, index: Tensor) -> _Pixels:
        return _Pixels(self.vectors[index], self.classes[index], self.identities[index])


class SupervisedMemoryContrast(WindowLoss):
    """Pixels of one class against all others of the batch and of a memory.

    The term of an anchor i is -1/|P| sum_p log(exp(s_ip / t) / sum_a exp(s_ia / t)), with s the
    cosine of two vectors of one projection, t the `temperature`, a all other pixels drawn from
    the batch and all in the memory, and P those of them that are alike; the loss is the mean over
    the anchors with such a pair (Khosla et al. 2020, "Supervised contrastive learning", NeurIPS,
    equation 2). Sampling and memory follow Wang et al. 2021, "Exploring cross-image pixel contrast
    for semantic segmentation", ICCV, section 3.2: of each class in the batch `samples` pixels,
    half of them from the harder ones where there are enough, and a queue for each class of the
    last `memory` vectors, without gradient. Harder is here what lies at a boundary, as nothing is
    classified yet, and pixels are drawn at even steps, so that no random numbers are needed.

    In training each call adds up to `added` vectors of each class to the memory, which is kept
    with the module's state. Labels that are not ignored must be below `classes`. `window`,
    `dilation` and `stride` say what a boundary is, which pixels can be drawn, and what
    `pair_scores` compares; `rules` which labels are ignored and which lie outside, whose pairs
    with each other do not count. Raises `ValueError` for values out of range.
    """

    memory_vectors: Tensor
    memory_identities: Tensor
    memory_added: Tensor

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
        samples: int = 50,
        memory: int = 64,
        added: int = 8,
        classes: int = 256,
        rules: PairRules | None = None,
    ) -> None:
        rules = PairRules() if rules is None else rules
        if not temperature > 0:
            raise ValueError(f"the temperature must be positive, not {temperature}")
        if min(samples, memory, added, classes) < 1 or added > memory:
            raise ValueError("samples, memory, added and classes start at 1; added fits memory")
        if rules.anchors != "all":
            raise ValueError("this loss draws its anchors itself: their rule must be all")
        geometry = WindowGeometry(window, stride, dilation, axes)
        super().__init__(
            channels, projection, geometry, rules, relative_position=False, shared=True
        )
        self.temperature, self.samples, self.added = temperature, samples, added
        shape = (classes, memory)
        self.register_buffer("memory_vectors", torch.zeros(*shape, self.query.out_channels))
        self.register_buffer("memory_identities", torch.zeros(shape, dtype=torch.int64))
        self.register_buffer("memory_added", torch.zeros(classes, dtype=torch.int64))

    @property
    def name(self) -> str:
        """The loss's name in `LOSSES`."""
        return "supervised-memory"

    def options(self) -> dict[str, Any]:
        """Return what rebuilds the module but its tensors, as plain values for JSON."""
        classes, memory = self.memory_identities.shape
        return {
            **super().options(),
            "temperature": self.temperature,
            "samples": self.samples,
            "memory": memory,
            "added": self.added,
            "classes": classes,
        }

    def forward(
        self, embedding: Tensor, labels: Tensor, identities: Tensor | None = None
    ) -> LossResult:
        """Return the loss of `embedding` (B, C, *S) for integer `labels` (B, *S).

        Its terms are the anchors drawn. With `identities` (B, *S), such as parcel numbers, pairs
        are positive where those agree, while the labels still say which are unknown or outside
        and which queue of the memory a vector joins.
        """
        pixels, known, edge = self._pixels(embedding, labels, identities)
        drawn = pixels[self._draw(pixels.classes, known, edge)]
        result = self._contrast(drawn, self._remembered())
        if self.training:
            self._remember(drawn)
        return result

    def _pixels(
        self, embedding: Tensor, labels: Tensor, identities: Tensor | None
    ) -> tuple[_Pixels, Tensor, Tensor]:
        """Return all anchors' pixels, which of them are known, and which lie at a boundary."""
        positive, counted = pair_targets(labels, self.geometry, self.rules, identities)
        query, _ = self.projections(embedding)
        # Norms are clamped at 1e-12 here too.
        vectors = functional.normalize(query.movedim(1, -1).flatten(0, -2), dim=1)
        classes = self.geometry.anchors(labels).flatten().long()
        own = classes if identities is None else self.geometry.anchors(identities).flatten().long()
        ignored = torch.tensor(self.rules.ignored, dtype=torch.int64, device=classes.device)
        known = ~torch.isin(classes, ignored)
        if bool((known & ((classes < 0) | (classes >= len(self.memory_added)))).any()):
            raise ValueError(f"labels must lie from 0 to {len(self.memory_added) - 1}")
        return _Pixels(vectors, classes, own), known, boundary_anchors(positive, counted).flatten()

    def _draw(self, classes: Tensor, known: Tensor, edge: Tensor) -> Tensor:
        """Return the indices of up to `samples` known pixels of each class, half at edges."""
        members = known & (classes == classes[known].unique()[:, None])
        hard, easy = members & edge, members & ~edge
        number = (self.samples - easy.sum(1)).clamp_min(self.samples // 2)
        number = torch.minimum(number, hard.sum(1))
        drawn = evenly_spaced(hard, number) | evenly_spaced(easy, self.samples - number)
        return drawn.any(0).nonzero().flatten()

    def _remembered(self) -> _Pixels:
        """Return what the memory holds."""
        size = self.memory_identities.shape[1]
        filled = torch.arange(size, device=self.memory_added.device) < self.memory_added[:, None]
        classes = filled.nonzero()[:, 0]
        return _Pixels(self.memory_vectors[filled], classes, self.memory_identities[filled])

    def _contrast(self, drawn: _Pixels, remembered: _Pixels) -> LossResult:
        """Return the loss of the pixels drawn against each other and against the memory."""
        vectors = torch.cat([drawn.vectors, remembered.vectors.to(drawn.vectors.dtype)])
        classes = torch.cat([drawn.classes, remembered.classes])
        positive = drawn.identities[:, None] == torch.cat([drawn.identities, remembered.identities])
        counted = torch.ones_like(positive)
        counted.fill_diagonal_(False)
        if self.rules.outside is not None:
            counted &= (drawn.classes[:, None] != self.rules.outside) | (
                classes != self.rules.outside
            )
        with torch.autocast(vectors.device.type, enabled=False):
            similarity = drawn.vectors @ vectors.T
        logits = similarity / self.temperature
        least = torch.finfo(logits.dtype).min
        every = logits.masked_fill(~counted, least).logsumexp(1, keepdim=True)
        alike = counted & positive
        number = alike.sum(1)
        terms = (every - logits).masked_fill(~alike, 0.0).sum(1) / number.clamp_min(1)
        return loss_result(
            terms.sum(), (number > 0).sum().to(terms.dtype), similarity, positive, counted
        )

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def _remember(self, drawn: _Pixels) -> None:
        """Add up to `added` vectors of each class to its queue, over the oldest."""
        present = drawn.classes.unique()
        members = drawn.classes == present[:, None]
        kept = evenly_spaced(members, torch.full_like(present, self.added))
        row, index = kept.nonzero(as_tuple=True)
        label = present[row]
        # The first of a class takes its queue's next place, the others those that follow.
        place = self.memory_added[label] + kept.cumsum(1)[row, index] - 1
        slot = place % self.memory_identities.shape[1]
        self.memory_vectors[label, slot] = drawn.vectors[index].to(self.memory_vectors.dtype)
        self.memory_identities[label, slot] = drawn.identities[index]
        self.memory_added[present] += kept.sum(1)
