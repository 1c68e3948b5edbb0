"""How well a boundary strength finds the edges of parcels: average precision at one pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.mapping.layers import boundary_strength, softmax
from cscl.mapping.predict import Prediction
from cscl.models.card import ModelCard
from cscl.models.card_checks import BOUNDARY_SOURCES

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.integer]
# Strengths are judged as they are stored, in whole 1/250.
STEPS = 250
# Numbers that no parcel has; both are exact where filters take them as floats.
BELOW, ABOVE = -1, 1 << 40


def parcel_edges(parcels: Numbers, labels: Codes) -> tuple[Mask, Mask]:
    """Tell which pixels lie within one pixel of an edge of a parcel, and which are known at all.

    `parcels` (H, W) are numbers, `labels` codes. The pixels on both sides of an edge count: where
    a 3 x 3 neighbourhood holds two parcels, also of one crop, or a parcel and land outside. What
    is unknown (255) or no data (0) is no side of an edge, as is what lies beyond the array.
    """
    known = (labels != NO_DATA) & (labels != UNKNOWN)
    numbers = np.where(labels == OUTSIDE, 0, parcels).astype(np.int64)
    low, high = (
        extreme(np.where(known, numbers, fill), 3, mode="constant", cval=fill)
        for extreme, fill in ((ndimage.minimum_filter, ABOVE), (ndimage.maximum_filter, BELOW))
    )
    return known & (high > low), known


@dataclass
class EdgeScore:
    """Counts of pixels by their strength, (251, 2): off and at edges."""

    counts: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((STEPS + 1, 2), np.int64)
    )

    def add(self, strength: npt.NDArray[np.floating], edges: Mask, counted: Mask) -> None:
        """Add strengths 0..1 (H, W) where `counted`."""
        whole = np.rint(np.clip(strength[counted], 0.0, 1.0) * STEPS).astype(np.int64)
        flat = np.bincount(2 * whole + edges[counted], minlength=self.counts.size)
        self.counts += flat.reshape(self.counts.shape)

    @property
    def edge_share(self) -> float | None:
        """The share of pixels at edges, which is what chance would reach; None of no pixel."""
        total = int(self.counts.sum())
        return float(self.counts[:, 1].sum() / total) if total else None

    @property
    def average_precision(self) -> float | None:
        """The average precision, 0..1; None without a pixel of either kind.

        The sum over thresholds n of (R_n - R_{n-1}) P_n, without interpolation, as in
        Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", section 8.4.
        """
        falling = self.counts[::-1].cumsum(axis=0)
        off, at = falling[:, 0], falling[:, 1]
        if not off[-1] or not at[-1]:
            return None
        precision = at / np.maximum(off + at, 1)
        return float((np.diff(at, prepend=0) * precision).sum() / at[-1])


class EdgeTally:
    """How well each boundary strength of a model finds the edges of parcels, by resolution."""

    def __init__(self, temperatures: Mapping[str, float]) -> None:
        self._temperatures = temperatures
        self.scores: dict[tuple[int, str], EdgeScore] = {}

    def add(
        self,
        scale: int,
        found: Prediction,
        seen: Mask,
        rasters: tuple[Numbers, Codes],
        margin: int,
        counted: Mask,
    ) -> None:
        """Add a prediction at a scale where `counted` (H, W).

        Prediction and `seen` have a margin of so many pixels around that, `rasters`, the parcels'
        numbers and labels, one of one pixel.
        """
        edges, known = (item[1:-1, 1:-1] for item in parcel_edges(*rasters))
        inner = (slice(margin, -margin), slice(margin, -margin))
        shares = softmax(found.logits[scale], self._temperatures[f"{10 / scale:g}"])
        strengths = {
            BOUNDARY_SOURCES[0]: boundary_strength(shares, seen),
            **found.strengths.get(scale, {}),
        }
        for source, strength in strengths.items():
            score = self.scores.setdefault((scale, source), EdgeScore())
            score.add(strength[inner], edges, known & counted)

    def rows(self, card: ModelCard) -> list[dict[str, Any]]:
        """Return the figures as plain values, and which strength the model's maps hold."""
        return [
            {
                "resolution": f"{10 / scale:g}",
                "source": source,
                "average_precision": score.average_precision,
                "edge_share": score.edge_share,
                "mapped": source == card.boundary_source(scale),
            }
            for (scale, source), score in self.scores.items()
        ]
