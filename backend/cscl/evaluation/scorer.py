"""Scores maps of one split against every reference at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cscl.contract.codes import NO_DATA, OUTSIDE
from cscl.contract.resolutions import ending, resolution_of
from cscl.dataset.grids import DatasetGrid
from cscl.evaluation.blocks import BlockGrid, Blocks
from cscl.evaluation.edges import EdgeTally
from cscl.evaluation.metrics import positions
from cscl.evaluation.references import Rasters, Reference
from cscl.evaluation.scoring import Calibration, Guess, ParcelVotes, Tally, guess
from cscl.evaluation.zones import BAND_WIDTHS, View
from cscl.grid import Window
from cscl.mapping.predict import Prediction

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]
Pixel = TypeVar("Pixel", bound=np.generic)

# Predictions are made with this margin, in 10 m pixels, for the bands along their boundaries.
RIM = max(BAND_WIDTHS)
SPLIT_CODES = {"training": 1, "validation": 2, "test": 3}
LABEL_RASTERS = ("labels", "mixed", "parcels", "split")


def label_rasters(place: DatasetGrid, scale: int) -> dict[str, Path]:
    """Return the label rasters of a dataset's grid by name, the fine ones where it has them."""
    paths = {name: place.label_path(name) for name in LABEL_RASTERS}
    fine = {name: place.label_path(name) for name in fine_names(scale)}
    return paths | {name: path for name, path in fine.items() if path.exists()}


def fine_names(scale: int) -> tuple[str, str]:
    """Return the names of the rasters of parcels and labels at a scale."""
    return f"parcels{ending(scale)}", f"labels{ending(scale)}"


def upsample(values: npt.NDArray[Pixel], scale: int) -> npt.NDArray[Pixel]:
    """Repeat each pixel of (..., H, W) `scale` times along both axes."""
    return values.repeat(scale, axis=-2).repeat(scale, axis=-1)


@dataclass
class Scorer:
    """Collects the figures of one split; `codes` are the network's classes in its order.

    `fine` is how many times finer than 10 m the other resolution is that maps are scored at.
    """

    rasters: Rasters
    split: str
    codes: Sequence[int]
    references: Sequence[Reference]
    blocks: BlockGrid
    tally: Tally
    calibration: Calibration
    votes: ParcelVotes
    edges: EdgeTally
    fine: int

    @property
    def resolution(self) -> str:
        """The fine pixel's side in metres, as reports name it."""
        return resolution_of(self.fine)

    def split_mask(self, window: Window, split: str | None = None) -> Mask:
        """Tell which 10 m pixels (H, W) of a window belong to the split, or to another one."""
        mask: Mask = self.rasters.read("split", window, 0) == SPLIT_CODES[split or self.split]
        return mask

    def add_network(self, window: Window, found: Prediction, counted: Mask) -> None:
        """Score a prediction of the window and `RIM` pixels around it where `counted` (H, W)."""
        coarse, scale, resolution = self.mapped(found, 1), self.fine, self.resolution
        fine = {"network 1x": guess(upsample(coarse, scale), scale * RIM)}
        if scale in found.logits:
            fine["network"] = guess(self.mapped(found, scale), scale * RIM)
        guesses = {"network": guess(coarse, RIM)}
        logits = {own: without_rim(item, RIM * own) for own, item in found.logits.items()}
        blocks, wide = self.blocks.blocks(window, counted), upsample(counted, scale)
        finer = blocks.fine(scale)
        for reference in self.references:
            view = reference.at_10m(window)
            self.tally.add(reference.name, "10", guesses, view, counted, blocks)
            self.calibration.add(reference.name, "10", logits[1], view, counted)
            near = reference.at_fine(window, scale)
            if near is None:
                continue
            self.tally.add(reference.name, resolution, fine, near, wide, finer)
            self._add_ceiling(reference.name, view, near, wide, finer)
            if scale in logits:
                self.calibration.add(reference.name, resolution, logits[scale], near, wide)
        self._add_edges(window, found, counted)
        self.add_votes(window, logits, counted)
        self._add_true_parcels(window, counted)

    def mapped(self, found: Prediction, scale: int) -> Codes:
        """Return the mapped codes (H, W) at a scale, 0 where nothing was observed."""
        names = np.asarray(self.codes, np.uint8)
        seen = upsample(found.seen, scale)
        return np.where(seen, names[found.logits[scale].argmax(axis=0)], np.uint8(NO_DATA))

    def _add_ceiling(
        self, name: str, view: View, near: View, counted: Mask, blocks: Blocks
    ) -> None:
        """Score the best that a 10 m map can do on finer pixels: its true labels, upsampled."""
        if OUTSIDE not in self.codes:
            return
        best = upsample(view.codes, self.fine)
        known = counted & (positions(self.codes)[best] >= 0)
        self.tally.add(name, self.resolution, {"ceiling": Guess(best, {})}, near, known, blocks)

    def _add_edges(self, window: Window, found: Prediction, counted: Mask) -> None:
        """Score the boundary strengths of a prediction with `RIM` against the parcels' edges."""
        for scale in (1, self.fine):
            names = fine_names(scale)
            if scale in found.logits and all(name in self.rasters.opened for name in names):
                at = window.times(scale).grown(1)
                parcels, labels = (self.rasters.read(name, at, 0) for name in names)
                seen, wanted = upsample(found.seen, scale), upsample(counted, scale)
                self.edges.add(scale, found, seen, (parcels, labels), RIM * scale, wanted)

    def add_votes(self, window: Window, logits: Mapping[int, Floats], counted: Mask) -> None:
        """Add logits (K, H * scale, W * scale) by scale to the parcels where `counted` (H, W)."""
        index = np.where(counted, self.rasters.read("parcels", window, 0), 0)
        temperatures = self.calibration.temperatures
        self.votes.add("network", "10", softmax(logits[1], temperatures["10"]), index)
        scale, resolution, parcels = self.fine, self.resolution, fine_names(self.fine)[0]
        if scale in logits and parcels in self.rasters.opened:
            index = self.rasters.read(parcels, window.times(scale), 0)
            index = np.where(upsample(counted, scale), index, 0)
            shares = softmax(logits[scale], temperatures[resolution])
            self.votes.add("network", resolution, shares, index)

    def _add_true_parcels(self, window: Window, counted: Mask) -> None:
        scale, parcels = self.fine, fine_names(self.fine)[0]
        for reference in self.references:
            near = reference.at_fine(window, scale) if reference.name == "truth" else None
            if near is None or parcels not in self.rasters.opened:
                continue
            index = self.rasters.read(parcels, window.times(scale), 0)
            self.votes.add_truth(near.codes, np.where(upsample(counted, scale), index, 0))

    def add_forest(self, window: Window, votes: Floats, counted: Mask) -> None:
        """Score a forest's votes (K, H, W) of the window and `RIM` pixels around it.

        On finer pixels its nearest one counts.
        """
        # Beyond the series the forest sees nothing, and says something all the same.
        inside = window.grown(RIM).clipped(*self.blocks.grid.shape)
        seen = np.zeros(votes.shape[1:], bool)
        top, left = inside.row - window.row + RIM, inside.col - window.col + RIM
        seen[top : top + inside.height, left : left + inside.width] = True
        coarse = np.asarray(self.codes, np.uint8)[votes.argmax(axis=0)]
        coarse = np.where(seen, coarse, np.uint8(NO_DATA))
        guesses = {"forest": guess(coarse, RIM)}
        scale = self.fine
        fine = {"forest": guess(upsample(coarse, scale), scale * RIM)}
        blocks, wide = self.blocks.blocks(window, counted), upsample(counted, scale)
        finer = blocks.fine(scale)
        for reference in self.references:
            view = reference.at_10m(window)
            self.tally.add(reference.name, "10", guesses, view, counted, blocks)
            near = reference.at_fine(window, scale)
            if near is not None:
                self.tally.add(reference.name, self.resolution, fine, near, wide, finer)
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
