"""From reflectance to a network's input; training and mapping share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from cscl.models.gaps import fill_gaps


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
    `days` (T,) or (B, T) since the season's start. What is not valid or not finite is filled from
    the pixel's own valid dates, linearly in time, and counts as valid then; a pixel without any
    stays invalid and 0. Images are normalised by band.
    """
    batched = values.ndim == 5
    images, seen = (values, valid) if batched else (values[None], valid[None])
    if images.shape[2] != len(card.mean):
        raise ValueError(f"the images have {images.shape[2]} bands, not {len(card.mean)}")
    dates = np.broadcast_to(np.asarray(days, dtype=np.float32), images.shape[:2]).copy()
    seen = seen & np.isfinite(images).all(axis=2)
    # Networks learn several times faster from filled series than from series with holes, and
    # the holes then have no way to carry the shape of clouds into the map.
    filled = np.stack([fill_gaps(*sample) for sample in zip(images, seen, dates, strict=True)])
    known = np.broadcast_to(seen.any(axis=1, keepdims=True), seen.shape)
    return normalise(
        torch.from_numpy(np.ascontiguousarray(filled, dtype=np.float32)),
        torch.from_numpy(known.copy()),
        torch.from_numpy(dates),
        card,
    )


def normalise(
    images: Tensor, valid: Tensor, days: Tensor, card: Normalisation
) -> tuple[Tensor, Tensor, Tensor]:
    """Return `images` (B, T, C, H, W) normalised by band and 0 where not valid, days and valid."""
    mean = torch.tensor(card.mean, dtype=images.dtype, device=images.device)[:, None, None]
    std = torch.tensor(card.std, dtype=images.dtype, device=images.device)[:, None, None]
    images = torch.where(valid[:, :, None], (images - mean) / std, 0.0)
    return images, days, valid
