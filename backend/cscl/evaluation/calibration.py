"""Whether probabilities mean what they say: reliability and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 15
CELLS = 1 << 14
LOWEST, HIGHEST = -8.0, 24.0

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ReliabilityBin:
    """One bin of predictions: their number, mean probability, and share that came true."""

    count: int
    probability: float
    share: float


class Reliability:
    """Collects predicted probabilities and whether they came true, in bounded memory.

    Predictions fall into `CELLS` narrow cells of equal width in log-odds, which are merged into
    bins of (nearly) equal mass at the end: as many predictions as one likes fit, and the bin
    edges are off by less than a cell.
    """

    def __init__(self) -> None:
        self.counts = np.zeros(CELLS)
        self.probabilities = np.zeros(CELLS)
        self.successes = np.zeros(CELLS)

    def add(self, log_odds: Floats, correct: npt.NDArray[np.bool_]) -> None:
        """Add predictions (N,) by the log-odds of their probability, and what came of them."""
        scaled = (log_odds.astype(np.float64) - LOWEST) * (CELLS / (HIGHEST - LOWEST))
        cells = np.clip(scaled, 0, CELLS - 1).astype(np.int64)
        probability = 1.0 / (1.0 + np.exp(-np.clip(log_odds.astype(np.float64), -60.0, 60.0)))
        self.counts += np.bincount(cells, minlength=CELLS)
        self.probabilities += np.bincount(cells, probability, CELLS)
        self.successes += np.bincount(cells, correct.astype(np.float64), CELLS)

    @property
    def total(self) -> int:
        """The number of predictions."""
        return int(self.counts.sum())

    def bins(self, number: int = BINS) -> tuple[ReliabilityBin, ...]:
        """Merge the cells, in order, into at most `number` bins of nearly equal mass."""
        filled = np.flatnonzero(self.counts)
        if not len(filled):
            return ()
        counts = self.counts[filled]
        middle = np.cumsum(counts) - counts / 2
        place = np.minimum((middle * number / counts.sum()).astype(np.int64), number - 1)
        merged = [
            np.bincount(place, values[filled], number)
            for values in (self.counts, self.probabilities, self.successes)
        ]
        return tuple(
            ReliabilityBin(int(count), probability / count, success / count)
            for count, probability, success in zip(*merged, strict=True)
            if count
        )

    def error(self, number: int = BINS) -> float | None:
        """Expected calibration error: mean |share - probability| over the predictions, 0..1."""
        if not self.total:
            return None
        gaps = [item.count * abs(item.share - item.probability) for item in self.bins(number)]
        return float(sum(gaps) / self.total)


def top_log_odds(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return the log-odds of the most probable class, (N,), of logits (K, N) over `temperature`.

    Computed from the other classes' sum, so that probabilities close to 1 stay apart.
    """
    scaled = logits.astype(np.float64) / temperature
    ordered = np.sort(scaled, axis=0)
    shifted = np.exp(ordered - ordered[-1])
    result: Floats = -np.log(np.maximum(shifted[:-1].sum(axis=0), 1e-300))
    return result


def class_log_odds(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return the log-odds of every class, (K, N), of logits (K, N) over `temperature`."""
    scaled = logits.astype(np.float64) / temperature
    shifted = np.exp(scaled - scaled.max(axis=0))
    others = shifted.sum(axis=0) - shifted
    result: Floats = np.log(np.maximum(shifted, 1e-300)) - np.log(np.maximum(others, 1e-300))
    return result
