"""From reflectance to a network's input; training and mapping share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor


class Normalisation(Protocol):
    """Mean and standard deviation by band, in reflectance; a model's card is one."""

    @property
    def mean(self) -> Sequence[float]: ...

    @property
    def std(self) -> Sequence[float]: ...


def prepare(
    values: np.ndarray, valid: np.ndarray, days: ArrayLike, card: Normalisation
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a network's inputs: images (B, T, C, H, W), days (B, T) and valid (B, T, H, W).

    `values` is reflectance (T, C, H, W) or (B, T, C, H, W), `valid` bool without the bands' axis,
    `days` (T,) or (B, T) since the season's start. Images are normalised by band and 0 where not
    valid; an observation with a value that is not finite counts as not valid.
    """
    batched = values.ndim == 5
    images = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
    seen = torch.from_numpy(np.ascontiguousarray(valid, dtype=bool))
    since_start = torch.as_tensor(np.asarray(days, dtype=np.float32))
    if not batched:
        images, seen = images[None], seen[None]
    if images.shape[2] != len(card.mean):
        raise ValueError(f"the images have {images.shape[2]} bands, not {len(card.mean)}")
    return normalise(images, seen, since_start, card)


def normalise(
    images: Tensor, valid: Tensor, days: Tensor, card: Normalisation
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the same as `prepare` for tensors with a batch axis, on their own device."""
    mean = torch.tensor(card.mean, dtype=images.dtype, device=images.device)[:, None, None]
    std = torch.tensor(card.std, dtype=images.dtype, device=images.device)[:, None, None]
    valid = valid & images.isfinite().all(dim=2)
    images = torch.where(valid[:, :, None], (images - mean) / std, 0.0)
    return images, days.expand(images.shape[:2]), valid
