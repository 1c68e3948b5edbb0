"""Scores maps of one split against every reference at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cscl.contract.codes import NO_DATA, OUTSIDE
from cscl.dataset.grids import DatasetGrid
from cscl.evaluation.blocks import BlockGrid, Blocks
from cscl.evaluation.edges import EdgeTally
from cscl.evaluation.metrics import positions
from cscl.evaluation.references import Rasters, Reference
from cscl.evaluation.scoring import Calibration, Guess, ParcelVotes, Tally, guess
from cscl.evaluation.zones import BAND_WIDTHS, FINE, View
from cscl.grid import Window
from cscl.mapping.predict import Prediction

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]
Pixel = TypeVar("Pixel", bound=np.generic)

# Predictions are made with this margin, in 10 m pixels, for the bands along their boundaries.
RIM = max(BAND_WIDTHS)
SPLIT_CODES = {"training": 1, "validation": 2, "test": 3}
LABEL_RASTERS = ("labels", "mixed", "parcels", "split", "labels_2m5", "parcels_2m5")


def label_rasters(place: DatasetGrid) -> dict[str, Path]:
    """Return the label rasters of a dataset's grid that are there, by name."""
    paths = {name: place.label_path(name) for name in LABEL_RASTERS}
    optional = ("labels_2m5", "parcels_2m5")
    return {name: path for name, path in paths.items() if name not in optional or path.exists()}


def upsample(values: npt.NDArray[Pixel]) -> npt.NDArray[Pixel]:
    """Repeat each pixel of (..., H, W) four times along both axes."""
    return values.repeat(FINE, axis=-2).repeat(FINE, axis=-1)


@dataclass
class Scorer:
    """Collects the figures of one split; `codes` are the network's classes in its order."""

    rasters: Rasters
    split: str
    codes: Sequence[int]
    references: Sequence[Reference]
    blocks: BlockGrid
    tally: Tally
    calibration: Calibration
    votes: ParcelVotes
    edges: EdgeTally

    def split_mask(self, window: Window, split: str | None = None) -> Mask:
        """Tell which 10 m pixels (H, W) of a window belong to the split, or to another one."""
        mask: Mask = self.rasters.read("split", window, 0) == SPLIT_CODES[split or self.split]
        return mask

    def add_network(self, window: Window, found: Prediction, counted: Mask) -> None:
        """Score a prediction of the window and `RIM` pixels around it where `counted` (H, W)."""
        coarse = self.mapped(found, 1)
        fine = {"network 1x": guess(upsample(coarse), FINE * RIM)}
        if FINE in found.logits:
            fine["network"] = guess(self.mapped(found, FINE), FINE * RIM)
        guesses = {"network": guess(coarse, RIM)}
        logits = {scale: without_rim(item, RIM * scale) for scale, item in found.logits.items()}
        blocks, wide = self.blocks.blocks(window, counted), upsample(counted)
        for reference in self.references:
            view = reference.at_10m(window)
            self.tally.add(reference.name, "10", guesses, view, counted, blocks)
            self.calibration.add(reference.name, "10", logits[1], view, counted)
            near = reference.at_2m5(window)
            if near is None:
                continue
            self.tally.add(reference.name, "2.5", fine, near, wide, blocks.fine())
            self._add_ceiling(reference.name, view, near, wide, blocks.fine())
            if FINE in logits:
                self.calibration.add(reference.name, "2.5", logits[FINE], near, wide)
        self._add_edges(window, found, counted)
        self.add_votes(window, logits, counted)
        self._add_true_parcels(window, counted)

    def mapped(self, found: Prediction, scale: int) -> Codes:
        """Return the mapped codes (H, W) at a scale, 0 where nothing was observed."""
        names = np.asarray(self.codes, np.uint8)
        seen = found.seen if scale == 1 else upsample(found.seen)
        return np.where(seen, names[found.logits[scale].argmax(axis=0)], np.uint8(NO_DATA))

    def _add_ceiling(
        self, name: str, view: View, near: View, counted: Mask, blocks: Blocks
    ) -> None:
        """Score the best that a 10 m map can do at 2.5 m: its true labels, upsampled."""
        if OUTSIDE not in self.codes:
            return
        best = upsample(view.codes)
        known = positions(self.codes)[best] >= 0
        self.tally.add(name, "2.5", {"ceiling": Guess(best, {})}, near, counted & known, blocks)

    def _add_edges(self, window: Window, found: Prediction, counted: Mask) -> None:
        """Score the boundary strengths of a prediction with `RIM` against the parcels' edges."""
        for scale, names in ((1, ("parcels", "labels")), (FINE, ("parcels_2m5", "labels_2m5"))):
            if scale in found.logits and all(name in self.rasters.opened for name in names):
                at = window if scale == 1 else window.times(FINE)
                parcels, labels = (self.rasters.read(name, at.grown(1), 0) for name in names)
                seen = found.seen if scale == 1 else upsample(found.seen)
                wanted = counted if scale == 1 else upsample(counted)
                self.edges.add(scale, found, seen, (parcels, labels), RIM * scale, wanted)

    def add_votes(self, window: Window, logits: Mapping[int, Floats], counted: Mask) -> None:
        """Add logits (K, H * scale, W * scale) by scale to the parcels where `counted` (H, W)."""
        index = np.where(counted, self.rasters.read("parcels", window, 0), 0)
        temperatures = self.calibration.temperatures
        self.votes.add("network", "10", softmax(logits[1], temperatures["10"]), index)
        fine = window.times(FINE)
        if FINE in logits and "parcels_2m5" in self.rasters.opened:
            index = np.where(upsample(counted), self.rasters.read("parcels_2m5", fine, 0), 0)
            self.votes.add("network", "2.5", softmax(logits[FINE], temperatures["2.5"]), index)

    def _add_true_parcels(self, window: Window, counted: Mask) -> None:
        for reference in self.references:
            near = reference.at_2m5(window) if reference.name == "truth" else None
            if near is None or "parcels_2m5" not in self.rasters.opened:
                continue
            index = self.rasters.read("parcels_2m5", window.times(FINE), 0)
            self.votes.add_truth(near.codes, np.where(upsample(counted), index, 0))

    def add_forest(self, window: Window, votes: Floats, counted: Mask) -> None:
        """Score a forest's votes (K, H, W) of the window and `RIM` pixels around it.

        At 2.5 m its nearest pixel counts.
        """
        # Beyond the series the forest sees nothing, and says something all the same.
        inside = window.grown(RIM).clipped(*self.blocks.grid.shape)
        seen = np.zeros(votes.shape[1:], bool)
        top, left = inside.row - window.row + RIM, inside.col - window.col + RIM
        seen[top : top + inside.height, left : left + inside.width] = True
        coarse = np.asarray(self.codes, np.uint8)[votes.argmax(axis=0)]
        coarse = np.where(seen, coarse, np.uint8(NO_DATA))
        guesses = {"forest": guess(coarse, RIM)}
        fine = {"forest": guess(upsample(coarse), FINE * RIM)}
        blocks = self.blocks.blocks(window, counted)
        for reference in self.references:
            view = reference.at_10m(window)
            self.tally.add(reference.name, "10", guesses, view, counted, blocks)
            near = reference.at_2m5(window)
            if near is not None:
                wide = upsample(counted)
                self.tally.add(reference.name, "2.5", fine, near, wide, blocks.fine())
        index = np.where(counted, self.rasters.read("parcels", window, 0), 0)
        self.votes.add("forest", "10", without_rim(votes, RIM), index)


def without_rim(values: npt.NDArray[Pixel], rim: int) -> npt.NDArray[Pixel]:
    """Return (..., H, W) without `rim` pixels on each side."""
    return values[..., rim:-rim, rim:-rim]


def softmax(logits: Floats, temperature: float) -> Floats:
    """Return probabilities (K, ...) of logits (K, ...) over a temperature."""
    scaled = logits.astype(np.float64) / temperature
    shifted = np.exp(scaled - scaled.max(axis=0))
    result: Floats = shifted / shifted.sum(axis=0)
    return result
