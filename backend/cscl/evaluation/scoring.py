"""Collects what a map and its yardsticks got right, window by window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cscl.evaluation.calibration import (
    Reliability,
    class_log_odds,
    top_log_odds,
)
from cscl.evaluation.metrics import Counts, confusion, positions
from cscl.evaluation.references import View

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

CALIBRATION_ZONES = {
    "10": ("all", "boundary", "interior"),
    "2.5": ("all", "within 10 m", "beyond 10 m"),
}


@dataclass(frozen=True)
class Key:
    """What a confusion matrix is of: whose labels, resolution in metres, whose map, which zone."""

    reference: str
    resolution: str
    method: str
    zone: str


class Tally:
    """Confusion matrices by reference, resolution, method and zone, for the classes `codes`."""

    def __init__(self, codes: Sequence[int]) -> None:
        self.codes = tuple(codes)
        self.matrices: dict[Key, Counts] = {}

    def add(
        self,
        reference: str,
        resolution: str,
        predictions: Mapping[str, Codes],
        view: View,
        counted: Mask,
    ) -> None:
        """Score predictions (H, W) by method where `counted`, in every zone of the view."""
        for zone, mask in view.zones.items():
            chosen = mask & counted
            truth = view.codes[chosen]
            for method, codes in predictions.items():
                key = Key(reference, resolution, method, zone)
                matrix = confusion(truth, codes[chosen], self.codes)
                self.matrices[key] = self.matrices.get(key, 0) + matrix


@dataclass(frozen=True)
class CalibrationKey:
    """What a reliability is of: of the most probable class, or of the class `code` (not None)."""

    reference: str
    resolution: str
    zone: str
    scaled: bool
    code: int | None = None


class Calibration:
    """Reliabilities before and after the temperature."""

    def __init__(self, codes: Sequence[int], temperatures: Mapping[str, float]) -> None:
        self.codes = tuple(codes)
        self.temperatures = dict(temperatures)
        self.reliabilities: dict[CalibrationKey, Reliability] = {}

    def add(
        self, reference: str, resolution: str, logits: Floats, view: View, counted: Mask
    ) -> None:
        """Add logits (K, H, W) where `counted` and the view's label is one of the classes."""
        places = positions(self.codes)[view.codes]
        chosen = counted & (places >= 0)
        if not np.any(chosen):
            return
        values, truth = logits[:, chosen], places[chosen]
        correct = values.argmax(axis=0) == truth
        for scaled in (False, True):
            temperature = self.temperatures[resolution] if scaled else 1.0
            odds = top_log_odds(values, temperature)
            for zone in CALIBRATION_ZONES[resolution]:
                inside = view.zones[zone][chosen]
                key = CalibrationKey(reference, resolution, zone, scaled)
                self._of(key).add(odds[inside], correct[inside])
            by_class = class_log_odds(values, temperature)
            for place, code in enumerate(self.codes):
                key = CalibrationKey(reference, resolution, "all", scaled, code)
                self._of(key).add(by_class[place], truth == place)

    def _of(self, key: CalibrationKey) -> Reliability:
        return self.reliabilities.setdefault(key, Reliability())


class ParcelVotes:
    """Sums of class probabilities over the pixels of each parcel, and of the labels below it.

    Rows are indices of the parcel raster: 1 + row of the parcel in `parcels.parquet`.
    """

    def __init__(self, parcels: int, codes: Sequence[int]) -> None:
        self.codes = np.asarray(codes, np.uint8)
        self.parcels = parcels
        self.votes: dict[tuple[str, str], npt.NDArray[np.float64]] = {}
        self.labels = np.zeros((parcels + 1, len(self.codes)))

    def add(
        self,
        method: str,
        resolution: str,
        probabilities: Floats,
        index: npt.NDArray[np.uint32],
    ) -> None:
        """Add probabilities (K, H, W) to the parcels of `index` (H, W), where 0 is none."""
        shape = (self.parcels + 1, len(self.codes))
        table = self.votes.setdefault((method, resolution), np.zeros(shape))
        inside = index > 0
        places = index[inside].astype(np.int64)
        for column in range(len(self.codes)):
            table[:, column] += np.bincount(
                places, probabilities[column][inside], minlength=self.parcels + 1
            )

    def add_truth(self, codes: Codes, index: npt.NDArray[np.uint32]) -> None:
        """Count true labels (H, W) below the parcels, for each parcel's true crop."""
        places = positions(self.codes.tolist())[codes]
        inside = (index > 0) & (places >= 0)
        flat = index[inside].astype(np.int64) * len(self.codes) + places[inside]
        self.labels += np.bincount(flat, minlength=self.labels.size).reshape(self.labels.shape)

    def predicted(self, method: str, resolution: str) -> Codes:
        """Return each parcel's code by row of the index, 0 where it has no pixel."""
        return self._winner(self.votes[method, resolution])

    def true_codes(self) -> Codes:
        """Return each parcel's most frequent true code, 0 where it has no pixel."""
        return self._winner(self.labels)

    def _winner(self, table: npt.NDArray[np.float64]) -> Codes:
        codes: Codes = np.where(table.sum(axis=1) > 0, self.codes[table.argmax(axis=1)], 0)
        return codes.astype(np.uint8)
