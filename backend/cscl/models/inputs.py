"""From reflectance to a network's input; training and mapping share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from cscl.models.loops.gaps import fill


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
    samples, seen = (values, valid) if batched else (values[None], valid[None])
    dates = np.broadcast_to(np.asarray(days, dtype=np.float32), samples.shape[:2]).copy()
    images, known = np.empty(samples.shape, np.float32), np.empty(seen.shape, np.bool_)
    rows = range(images.shape[-2])
    for place, sample in enumerate(samples):
        sources = np.ascontiguousarray(sample, np.float32), seen[place], dates[place]
        prepare_rows(*sources, card, 0, rows, images[place], known[place])
    return torch.from_numpy(images), torch.from_numpy(dates), torch.from_numpy(known)


def prepare_rows(
    values: NDArray[np.float32],
    valid: NDArray[np.bool_],
    days: NDArray[np.float32],
    card: Normalisation,
    first: int,
    rows: range,
    images: NDArray[np.float32],
    known: NDArray[np.bool_],
) -> None:
    """Fill `rows` of `images` (T, C, R, W) and `known` (T, R, W) as `prepare` does.

    Row `first` of `values` (T, C, H, W) and `valid` (T, H, W) is row 0 of these, all in C order.
    """
    if values.shape[1] != len(card.mean):
        raise ValueError(f"the images have {values.shape[1]} bands, not {len(card.mean)}")
    own = slice(first + rows.start, first + rows.stop)
    # Networks learn several times faster from filled series than from series with holes, and
    # the holes then have no way to carry the shape of clouds into the map.
    seen = valid[:, own] & np.isfinite(values[:, :, own]).all(axis=1)
    fill(
        values, seen, days, np.asarray(card.mean, np.float32), np.asarray(card.std, np.float32),
        first, rows.start, rows.stop, images,
    )  # fmt: skip
    known[:, rows.start : rows.stop] = seen.any(axis=0)


def normalise(
    images: Tensor, valid: Tensor, days: Tensor, card: Normalisation
) -> tuple[Tensor, Tensor, Tensor]:
    """Return `images` (B, T, C, H, W) normalised by band and 0 where not valid, days and valid."""
    mean = torch.tensor(card.mean, dtype=images.dtype, device=images.device)[:, None, None]
    std = torch.tensor(card.std, dtype=images.dtype, device=images.device)[:, None, None]
    images = torch.where(valid[:, :, None], (images - mean) / std, 0.0)
    return images, days, valid
