"""How often each training chip is drawn; validation and test chips are never weighted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.codes import NO_DATA, UNKNOWN
from cscl.dataset.reader import Dataset
from cscl.training.batches import ChipStore
from cscl.training.objectives import boundary_pixels

# Of the mean chip's weight, for chips that would never be drawn.
LEAST_WEIGHT = 0.1


def label_counts(dataset: Dataset, store: ChipStore, ctx: JobContext) -> NDArray[np.int64]:
    """Return the pixels of every code in every training chip, (N, 256)."""
    counts = []
    for index in dataset.chips("training"):
        counts.append(np.bincount(store.get(index).labels.ravel(), minlength=256))
        ctx.check()
    return np.stack(counts)


def class_counts(counts: NDArray[np.int64], codes: Sequence[int]) -> list[int]:
    """Return the training pixels of the codes, from `label_counts`."""
    return [int(counts[:, code].sum()) for code in codes]


def chip_weights(
    kind: str, dataset: Dataset, store: ChipStore, ctx: JobContext
) -> NDArray[np.float64] | None:
    """Return a weight for each training chip, with the mean 1; None where all are alike ("even").

    "class": the sum over its known pixels of 1 / pixels of their class in training, so that every
    class has the same part in the draw. "boundary": its share of known pixels that lie at a
    boundary. No chip weighs less than a tenth of the mean.
    """
    if kind == "even":
        return None
    counts = label_counts(dataset, store, ctx)
    counts[:, [NO_DATA, UNKNOWN]] = 0
    if kind == "class":
        weights = (counts / np.maximum(counts.sum(axis=0), 1)).sum(axis=1)
    else:
        edges = [_edges(store.get(index).labels) for index in dataset.chips("training")]
        weights = np.asarray(edges) / np.maximum(counts.sum(axis=1), 1)
    mean = weights.mean() or 1.0
    weights = np.maximum(weights / mean, LEAST_WEIGHT)
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _edges(labels: NDArray[np.uint8]) -> int:
    """Return the number of known pixels at a boundary."""
    known = (labels != NO_DATA) & (labels != UNKNOWN)
    return int((boundary_pixels(torch.from_numpy(labels)[None])[0].numpy() & known).sum())
