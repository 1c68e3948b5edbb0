"""Boundary strength: how unlike its neighbours a pixel is to the projections of the loss.

The similarity s_p of a pixel with its neighbour at position p is that of the context-self
contrastive loss (METHOD section 1); m_p is its mean over the pairs inside parcels of the
validation split. The strength is the mean over the neighbours that were observed of
(m_p - s_p) / 2, cut to 0..1: (1 - mean similarity) / 2 with the zero where parcels are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from cscl.losses import WindowLoss
from cscl.losses.windows import WindowGeometry
from cscl.models.card_checks import BOUNDARY_SOURCES

PROBABILITIES, PROJECTIONS, COARSE_PROJECTIONS = BOUNDARY_SOURCES
NEIGHBOURHOOD = WindowGeometry(window=3)
# The neighbours' positions in a window, row by row: the centre is the pixel itself.
NEIGHBOURS = tuple(p for p in range(NEIGHBOURHOOD.neighbours) if p != NEIGHBOURHOOD.centre)
# Rows that are projected at once: queries and keys of a whole window would double its memory.
STRIP = 64


def compares_neighbours(loss: WindowLoss) -> bool:
    """Tell whether a loss has projections of its own that compare a pixel with its neighbours."""
    return loss.geometry == NEIGHBOURHOOD and loss.key is not None


def neighbour_similarity(loss: WindowLoss, embedding: Tensor) -> Tensor:
    """Return the similarity (B, 8, H, W) of each pixel of (B, C, H, W) with its neighbours.

    Neighbours beyond the border are zero vectors, as in the loss.
    """
    similarity = loss.similarity(embedding)
    return similarity.reshape(len(similarity), -1, *embedding.shape[-2:])[:, NEIGHBOURS]


def both_seen(seen: Tensor) -> Tensor:
    """Return where a pixel and its neighbour were observed, bool (B, 8, H, W), of (B, H, W)."""
    return seen[:, None] & NEIGHBOURHOOD.gather(seen, fill=0)[:, NEIGHBOURS].bool()


def strength(similarity: Tensor, counted: Tensor, offsets: Tensor) -> Tensor:
    """Return the strength (B, H, W), 0..1; 0 where no pair of a pixel counts.

    `similarity` and `counted` (B, 8, H, W), `offsets` (8,) the mean similarity inside parcels.
    """
    apart = (offsets[:, None, None] - similarity) / 2
    number = counted.sum(1)
    mean = torch.where(counted, apart, 0.0).sum(1) / number.clamp_min(1)
    return mean.clamp(0.0, 1.0)


@dataclass(frozen=True)
class Projected:
    """Projections on the map of one scale, and the mean similarity inside parcels, eight."""

    loss: WindowLoss
    offsets: tuple[float, ...]

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def __call__(self, embedding: Tensor, seen: Tensor) -> Tensor:
        """Return the strength (B, H, W) of a map (B, C, H, W), strip by strip of its rows."""
        height = embedding.shape[-2]
        offsets = torch.tensor(self.offsets, device=embedding.device)
        parts = []
        for start in range(0, height, STRIP):
            first, last = max(0, start - 1), min(height, start + STRIP + 1)
            similarity = neighbour_similarity(self.loss, embedding[:, :, first:last])
            found = strength(similarity, both_seen(seen[:, first:last]), offsets)
            parts.append(found[:, start - first : start - first + STRIP])
        return torch.cat(parts, dim=1)


@dataclass(frozen=True)
class BoundaryStrength:
    """What a model's projections say of boundaries at each of its scales."""

    projected: Mapping[int, Projected]

    @classmethod
    def of(
        cls, losses: Mapping[int, WindowLoss], record: Mapping[str, Mapping[str, Any]]
    ) -> BoundaryStrength:
        """Return that of a model's losses and of `boundary` on its card."""
        return cls(
            {
                scale: Projected(loss, tuple(record[str(scale)]["offsets"]))
                for scale, loss in losses.items()
                if compares_neighbours(loss) and "offsets" in record.get(str(scale), {})
            }
        )

    def to(self, device: torch.device) -> BoundaryStrength:
        """Return it with its projections on a device."""
        for item in self.projected.values():
            item.loss.to(device).eval()
        return self

    def sources(self, scale: int) -> tuple[str, ...]:
        """Return which strengths there are at a scale beside that of the probabilities."""
        own = (PROJECTIONS,) if scale in self.projected else ()
        return (*own, COARSE_PROJECTIONS) if scale > 1 and 1 in self.projected else own

    def strengths(
        self, maps: Mapping[int, Tensor], seen: Tensor, scale: int, sources: Sequence[str]
    ) -> dict[str, Tensor]:
        """Return the strengths (B, H * scale, W * scale) of those of `sources` that there are.

        `maps` (B, C, H * s, W * s) by scale s, `seen` bool (B, H, W). That of 10 m is brought to
        a finer grid bilinearly.
        """
        found = {}
        for name in self.sources(scale):
            if name not in sources:
                continue
            own = scale if name == PROJECTIONS else 1
            wide = seen.repeat_interleave(own, 1).repeat_interleave(own, 2)
            value = self.projected[own](maps[own], wide)
            if own != scale:
                value = functional.interpolate(
                    value[:, None], scale_factor=scale, mode="bilinear", align_corners=False
                )[:, 0]
            found[name] = value
        return found
