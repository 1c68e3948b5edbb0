"""Context-self aggregation: what a pixel is, is also asked of the neighbours that are like it.

The similarity of the context-self contrastive loss, the cosine of a pixel's features with those of
its window (METHOD section 1), weighs the class probabilities of the window's pixels. It is
non-local means (Buades, Coll and Morel 2005) on learned features, or attention within a
neighbourhood (Hassani et al. 2023, arXiv 2204.07143) with probabilities as its values. A mixed
pixel at a parcel's edge so leans on the pixels of the parcel that it resembles most.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cscl.models.loops.likeness import share
from cscl.threads import in_threads

# Below any likeness: a neighbour that was not observed, and the pixel itself where none was.
NEVER, LAST = -1e9, -1e6
SMALLEST = 1e-12


def shared_answers(
    logits: Tensor, features: Tensor, seen: Tensor, window: int, sharpness: float
) -> Tensor:
    """Return log-probabilities (B, K, H, W): the mean of a window's, weighted by likeness.

    `logits` (B, K, H, W) were made from `features` (B, D, H, W); a neighbour j of a pixel weighs
    exp(sharpness * cos(features, features of j)), summed to 1. `seen` (B, 1, H, W) bool tells where
    a pixel has a valid observation: others tell their neighbours nothing, and are told by them
    alone. At least float32. On the processor a compiled loop does it, which has no gradients.
    """
    wide = torch.promote_types(features.dtype, torch.float32)
    chances = functional.softmax(logits.to(wide), dim=1)
    learning = torch.is_grad_enabled() and (logits.requires_grad or features.requires_grad)
    if features.device.type == "cpu" and not learning:
        total = _mean_in_loops(chances, features, seen, window, sharpness)
    else:
        weights = likeness_weights(features, seen, window, sharpness)
        total = torch.zeros_like(chances)
        for place, shifted in enumerate(_shifted(chances, window)):
            total = total + weights[:, place : place + 1] * shifted
    return total.clamp_min(SMALLEST).log()


def _mean_in_loops(
    chances: Tensor, features: Tensor, seen: Tensor, window: int, sharpness: float
) -> Tensor:
    """Return the weighted mean (B, K, H, W) of the probabilities of each window."""
    unit = functional.normalize(features.to(chances.dtype), dim=1)
    alike, values, known = (
        item.detach().permute(0, 2, 3, 1).contiguous().numpy() for item in (unit, chances, seen)
    )
    number = values.dtype.type
    numbers = (window, number(sharpness), number(NEVER), number(LAST))
    mean = np.empty_like(values)
    in_threads(
        lambda first, last: share(alike, known[..., 0], values, *numbers, first, last, mean),
        values.shape[0] * values.shape[1],
    )
    return torch.from_numpy(mean).permute(0, 3, 1, 2)


def likeness_weights(features: Tensor, seen: Tensor, window: int, sharpness: float) -> Tensor:
    """Return the weights (B, window^2, H, W) of a window's pixels row by row, their sum 1."""
    wide = torch.promote_types(features.dtype, torch.float32)
    unit = functional.normalize(features.to(wide), dim=1)
    centre = window * window // 2
    found = []
    places = zip(_shifted(unit, window), _shifted(seen.to(wide), window), strict=True)
    for place, (other, known) in enumerate(places):
        score = sharpness * (unit * other).sum(dim=1, keepdim=True)
        found.append(torch.where(known > 0, score, LAST if place == centre else NEVER))
    return functional.softmax(torch.cat(found, dim=1), dim=1)


def _shifted(values: Tensor, window: int) -> list[Tensor]:
    """Return (B, C, H, W) moved to every place of the window, row by row, zeros beyond."""
    height, width = values.shape[-2:]
    reach = window // 2
    padded = functional.pad(values, (reach, reach, reach, reach))
    return [
        padded[..., row : row + height, column : column + width]
        for row in range(window)
        for column in range(window)
    ]
