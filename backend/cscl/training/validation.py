"""How well a network does on validation chips, and the temperatures of its probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cscl.contract.resolutions import ending
from cscl.evaluation.metrics import confusion, scores
from cscl.evaluation.zones import boundary
from cscl.training.batches import Batch, labels_at
from cscl.training.objectives import label_lookup

PIXEL_LIMIT = 200_000
SMALLEST = 1e-6

Pixels = tuple[NDArray[np.float32], NDArray[np.int64]]
Forward = Callable[[Batch], Mapping[int, Tensor]]


def class_figures(
    forward: Forward, batches: Iterable[Batch], codes: tuple[int, ...], heads: tuple[int, ...]
) -> dict[str, float]:
    """Return accuracy and mean IoU, 0..1, and cross-entropy of every head, per pixel.

    Names end in `_5m` for the 2x head and in `_2m5` for the 4x head; `mean_iou_of_heads` is the
    mean of the heads' mean IoU. Boundary pixels are those whose 3 x 3 neighbourhood in the chip
    holds more than one label, the interior is all others. The cross-entropy is unweighted, over
    all known pixels.
    """
    size = len(codes)
    totals = {head: np.zeros((size, size), np.int64) for head in heads}
    edges = {head: np.zeros((size, size), np.int64) for head in heads}
    surprise = dict.fromkeys(heads, 0.0)
    by_index = np.asarray(codes, dtype=np.uint8)
    for batch in batches:
        for head, logits in forward(batch).items():
            surprise[head] += _cross_entropy(logits, labels_at(batch, head), codes)
            predicted = by_index[logits.argmax(dim=1).cpu().numpy()]
            for truth, found in zip(labels_at(batch, head).cpu().numpy(), predicted, strict=True):
                edge = boundary(truth)
                totals[head] += confusion(truth, found, codes)
                edges[head] += confusion(truth[edge], found[edge], codes)
    figures: dict[str, float] = {}
    for head in heads:
        tail = ending(head)
        whole, edge_scores = scores(totals[head], codes), scores(edges[head], codes)
        inner_scores = scores(totals[head] - edges[head], codes)
        figures[f"overall_accuracy{tail}"] = _number(whole.overall_accuracy)
        figures[f"mean_iou{tail}"] = _number(whole.mean_iou)
        figures[f"boundary_accuracy{tail}"] = _number(edge_scores.overall_accuracy)
        figures[f"boundary_mean_iou{tail}"] = _number(edge_scores.mean_iou)
        figures[f"interior_mean_iou{tail}"] = _number(inner_scores.mean_iou)
        known = int(totals[head].sum())
        figures[f"cross_entropy{tail}"] = surprise[head] / known if known else math.nan
    means = [figures[f"mean_iou{ending(head)}"] for head in heads]
    figures["mean_iou_of_heads"] = sum(means) / len(means)
    return figures


def _cross_entropy(logits: Tensor, labels: Tensor, codes: tuple[int, ...]) -> float:
    """Return the sum over the known pixels."""
    truth = label_lookup(codes, logits.device)[labels.long()]
    return float(functional.cross_entropy(logits, truth, reduction="sum"))


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def collect_logits(
    forward: Forward, batches: Iterable[Batch], codes: tuple[int, ...], limit: int
) -> dict[int, Pixels]:
    """Return of every head the labelled pixels' logits (N, K) and true indices (N,).

    At most `limit` pixels a batch, evenly spaced.
    """
    parts: dict[int, list[tuple[Tensor, Tensor]]] = {}
    for batch in batches:
        for head, logits in forward(batch).items():
            lookup = label_lookup(codes, logits.device)
            truth = lookup[labels_at(batch, head).long()].flatten()
            kept = (truth >= 0).nonzero().flatten()
            kept = kept[:: max(1, -(-len(kept) // limit))]
            chosen = logits.movedim(1, -1).flatten(0, -2)[kept]
            parts.setdefault(head, []).append((chosen.cpu(), truth[kept].cpu()))
    return {
        head: (torch.cat([p[0] for p in found]).numpy(), torch.cat([p[1] for p in found]).numpy())
        for head, found in parts.items()
    }


def parcel_means(
    forward: Forward, batches: Iterable[Batch], codes: tuple[int, ...], temperature: float
) -> Pixels:
    """Return of each parcel the logarithm of its mean probabilities (N, K) and its class (N,).

    The means are over its labelled pixels at 10 m in all batches, of probabilities scaled by the
    pixels' `temperature`; a class with no probability counts as `SMALLEST`.
    """
    sums: dict[tuple[int, int], NDArray[np.float64]] = {}
    for batch in batches:
        logits = forward(batch)[1]
        shares = (logits / temperature).softmax(dim=1).movedim(1, -1)
        truth = label_lookup(codes, logits.device)[batch.labels.long()]
        kept = (truth >= 0) & (batch.parcels > 0)
        keys = torch.stack([batch.parcels[kept].long(), truth[kept]], dim=1)
        found, place = torch.unique(keys, dim=0, return_inverse=True)
        total = torch.zeros(len(found), len(codes), dtype=torch.float64, device=logits.device)
        total.index_add_(0, place, shares[kept].double())
        for key, row in zip(found.tolist(), total.cpu().numpy(), strict=True):
            own = (key[0], key[1])
            sums[own] = sums.get(own, 0.0) + row
    means = np.array([row / row.sum() for row in sums.values()]).reshape(-1, len(codes))
    truth_of = np.array([truth for _, truth in sums], np.int64)
    return np.log(np.maximum(means, SMALLEST)).astype(np.float32), truth_of
