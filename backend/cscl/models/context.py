"""Context-self aggregation: what a pixel is, is also asked of the neighbours that are like it.

The similarity of the context-self contrastive loss (METHOD section 1: cosine of a projected query
with the projected keys of its window) weighs the class probabilities of the window's pixels. It is
non-local means (Buades, Coll and Morel 2005) with a learned likeness, or attention within a
neighbourhood (Hassani et al. 2023, arXiv 2204.07143) with probabilities as its values. A mixed
pixel at a parcel's edge so leans on the pixels of the parcel that it resembles most.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

# The sharpness of likeness that training starts from; it is learned.
SCALE = 10.0
# Below any likeness: a neighbour that was not observed, and the pixel itself where none was.
NEVER, LAST = -1e9, -1e6
SMALLEST = 1e-12


def context_reach(window: int) -> int:
    """Return how many pixels a window of this side reaches beyond its centre; 0 without one."""
    return window // 2


class ContextAggregation(nn.Module):
    """The mean of the class probabilities in a window, weighted by likeness to its centre.

    `window` is odd. Training starts from the likeness of the features as they are; query, key,
    sharpness and a bias for each position in the window are learned with the classifier.
    """

    def __init__(self, channels: int, window: int) -> None:
        super().__init__()
        if window < 3 or window % 2 == 0:
            raise ValueError(f"the window's side is odd and 3 at least, not {window}")
        self.window = window
        self.query = nn.Conv2d(channels, channels, kernel_size=1, bias=False)
        self.key = nn.Conv2d(channels, channels, kernel_size=1, bias=False)
        with torch.no_grad():
            for projection in (self.query, self.key):
                projection.weight.copy_(torch.eye(channels)[:, :, None, None])
        self.position = nn.Parameter(torch.zeros(window * window))
        self.log_scale = nn.Parameter(torch.tensor(math.log(SCALE)))

    def forward(self, logits: Tensor, features: Tensor, seen: Tensor) -> Tensor:
        """Return log-probabilities (B, K, H, W) of `logits` (B, K, H, W).

        `features` (B, D, H, W) are what the logits were made from, `seen` (B, 1, H, W) bool tells
        where a pixel has a valid observation: others tell their neighbours nothing, and are told
        by them alone. At least float32.
        """
        weights = self.weights(features, seen)
        chances = functional.softmax(logits.to(weights.dtype), dim=1)
        total = torch.zeros_like(chances)
        for place, shifted in enumerate(self._shifted(chances)):
            total = total + weights[:, place : place + 1] * shifted
        return total.clamp_min(SMALLEST).log()

    def weights(self, features: Tensor, seen: Tensor) -> Tensor:
        """Return the weights (B, window^2, H, W) of a window's pixels row by row, their sum 1."""
        wide = torch.promote_types(features.dtype, torch.float32)
        query = functional.normalize(self.query(features).to(wide), dim=1)
        query = query * self.log_scale.exp().to(wide)
        key = functional.normalize(self.key(features).to(wide), dim=1)
        centre = self.window * self.window // 2
        found = []
        places = zip(self._shifted(key), self._shifted(seen.to(wide)), strict=True)
        for place, (other, known) in enumerate(places):
            score = (query * other).sum(dim=1, keepdim=True) + self.position[place].to(wide)
            found.append(torch.where(known > 0, score, LAST if place == centre else NEVER))
        return functional.softmax(torch.cat(found, dim=1), dim=1)

    def _shifted(self, values: Tensor) -> list[Tensor]:
        """Return (B, C, H, W) moved to every place of the window, row by row, zeros beyond."""
        height, width = values.shape[-2:]
        reach = context_reach(self.window)
        padded = functional.pad(values, (reach, reach, reach, reach))
        return [
            padded[..., row : row + height, column : column + width]
            for row in range(self.window)
            for column in range(self.window)
        ]
