"""Collects what a map and its yardsticks got right, window by window."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cscl.evaluation.blocks import Blocks
from cscl.evaluation.calibration import (
    Reliability,
    class_log_odds,
    top_log_odds,
)
from cscl.evaluation.metrics import Counts, positions
from cscl.evaluation.zones import DISTANCES, FINE_ZONES, View, bands

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

CALIBRATION_ZONES = {
    "10": ("all", "boundary", "interior"),
    **{name: ("all", "within 10 m", "beyond 10 m") for name in FINE_ZONES},
}


@dataclass(frozen=True)
class Key:
    """What a confusion matrix is of: whose labels, resolution in metres, whose map, which zone."""

    reference: str
    resolution: str
    method: str
    zone: str


@dataclass(frozen=True)
class BandKey:
    """What counts of boundary bands are of; `width` is the bands' in pixels."""

    reference: str
    resolution: str
    method: str
    width: int


@dataclass(frozen=True)
class Guess:
    """Predicted codes (H, W) and, by width, the bands along their boundaries."""

    codes: Codes
    bands: Mapping[int, Mask]


def guess(codes: Codes, margin: int) -> Guess:
    """Return codes predicted with a margin as a guess without it; the margin shapes its bands."""
    inner = (slice(margin, -margin), slice(margin, -margin))
    return Guess(codes[inner], {width: mask[inner] for width, mask in bands(codes).items()})


class Tally:
    """What was counted, by spatial block, for the classes `codes`.

    `by_block` holds confusion matrices (K, K), truth by row. `bands` holds intersection and union
    (2, K) of the boundary bands of truth and map, by class. `distances` holds misses and hits
    (bins, 2) by distance to a boundary, for all blocks together.
    """

    def __init__(self, codes: Sequence[int]) -> None:
        self.codes = tuple(codes)
        self.by_block: dict[Key, dict[str, Counts]] = {}
        self.bands: dict[BandKey, dict[str, Counts]] = {}
        self.distances: dict[tuple[str, str, str], Counts] = {}

    @property
    def matrices(self) -> dict[Key, Counts]:
        """The confusion matrices of all blocks together."""
        empty = np.zeros((len(self.codes),) * 2, np.int64)
        return {key: sum(of.values(), start=empty) for key, of in self.by_block.items()}

    def add(
        self,
        reference: str,
        resolution: str,
        guesses: Mapping[str, Guess],
        view: View,
        counted: Mask,
        blocks: Blocks,
    ) -> None:
        """Score predictions (H, W) by method where `counted`, in every zone of the view.

        Pixels whose label is not among the classes are not counted. A prediction that is not
        among them is an error of the caller and raises `ValueError`.
        """
        size, places = len(self.codes), positions(self.codes).astype(np.int64)
        chosen = counted & (places[view.codes] >= 0)
        truth = places[view.codes[chosen]]
        row = blocks.index[chosen] * size + truth
        for method, item in guesses.items():
            found = places[item.codes[chosen]]
            if np.any(found < 0):
                raise ValueError("a predicted code is not in the class table")
            shape = (len(blocks.names), size, size)
            for zone, mask in view.zones.items():
                counts = _counts((row * size + found)[mask[chosen]], shape)
                _add_to(
                    self.by_block, Key(reference, resolution, method, zone), counts, blocks.names
                )
            for width, near in item.bands.items():
                counts = _band_counts(
                    row, row - truth + found, view.bands[width][chosen], near[chosen], shape[:2]
                )
                key = BandKey(reference, resolution, method, width)
                _add_to(self.bands, key, counts, blocks.names)
            hits = 2 * view.distances[chosen].astype(np.int64) + (truth == found)
            counts = _counts(hits, (len(DISTANCES[resolution]) + 1, 2))
            by = (reference, resolution, method)
            self.distances[by] = self.distances.get(by, 0) + counts


def _counts(flat: Counts, shape: tuple[int, ...]) -> Counts:
    return np.bincount(flat, minlength=math.prod(shape)).reshape(shape)


def _band_counts(
    truth: Counts, found: Counts, near: Mask, guessed_near: Mask, shape: tuple[int, ...]
) -> Counts:
    """Return intersection and union (B, 2, K) of the bands; `truth` and `found` are flat places."""
    both = _counts(truth[near & guessed_near & (truth == found)], shape)
    either = _counts(truth[near], shape) + _counts(found[guessed_near], shape) - both
    return np.stack([both, either], axis=1)


def _add_to(
    store: dict[Any, dict[str, Counts]], key: Any, counts: Counts, names: Sequence[str]
) -> None:
    of = store.setdefault(key, {})
    for name, part in zip(names, counts, strict=True):
        of[name] = of.get(name, 0) + part


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
            by_class = class_log_odds(values, temperature)
            for zone in CALIBRATION_ZONES[resolution]:
                inside = view.zones[zone][chosen]
                key = CalibrationKey(reference, resolution, zone, scaled)
                self._of(key).add(odds[inside], correct[inside])
                for place, code in enumerate(self.codes):
                    key = CalibrationKey(reference, resolution, zone, scaled, code)
                    self._of(key).add(by_class[place][inside], truth[inside] == place)

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
