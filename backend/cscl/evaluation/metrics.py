"""Figures of one confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClassScores:
    """Figures of one class, each 0..1 or None where its denominator is zero.

    `support` counts the class in the truth, `predicted` in the prediction, both in pixels.
    """

    code: int
    support: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None
    iou: float | None


@dataclass(frozen=True)
class Scores:
    """Figures of one confusion matrix; means are over the classes present, None where none is."""

    pixels: int
    overall_accuracy: float | None
    mean_iou: float | None
    mean_f1: float | None
    classes: tuple[ClassScores, ...]


def positions(codes: Sequence[int]) -> npt.NDArray[np.int16]:
    """Return an array of 256 that gives each code its place in `codes`, -1 for all others."""
    places = np.full(256, -1, np.int16)
    places[list(codes)] = np.arange(len(codes), dtype=np.int16)
    return places


def confusion(truth: Codes, predicted: Codes, codes: Sequence[int]) -> Counts:
    """Count pairs of true and predicted codes: rows are the truth, columns the prediction.

    Pixels whose truth is not among `codes` are not counted. A prediction that is not among them
    is an error of the caller and raises `ValueError`.
    """
    places, size = positions(codes), len(codes)
    rows, columns = places[truth.ravel()], places[predicted.ravel()]
    counted = rows >= 0
    rows, columns = rows[counted].astype(np.int64), columns[counted].astype(np.int64)
    if np.any(columns < 0):
        raise ValueError("a predicted code is not in the class table")
    return np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)


def scores(matrix: Counts, codes: Sequence[int]) -> Scores:
    """Return overall accuracy and the figures by class of a confusion matrix.

    A class absent from truth and prediction is left out of the means; a class absent from the
    truth alone scores 0 in them (METHOD section 7).
    """
    hits = np.diagonal(matrix)
    support, predicted = matrix.sum(axis=1), matrix.sum(axis=0)
    total = int(matrix.sum())
    classes = tuple(
        _class_scores(code, int(hit), int(true), int(found))
        for code, hit, true, found in zip(codes, hits, support, predicted, strict=True)
    )
    return Scores(
        pixels=total,
        overall_accuracy=_ratio(int(hits.sum()), total),
        mean_iou=_mean([item.iou for item in classes]),
        mean_f1=_mean([item.f1 for item in classes]),
        classes=classes,
    )


def _class_scores(code: int, hits: int, support: int, predicted: int) -> ClassScores:
    return ClassScores(
        code=code,
        support=support,
        predicted=predicted,
        precision=_ratio(hits, predicted),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + predicted),
        iou=_ratio(hits, support + predicted - hits),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None
