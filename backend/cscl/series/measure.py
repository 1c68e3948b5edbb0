"""One look at every pixel of a date: can it be decoded, how much is clear, how dark is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.grid import Grid, Window
from cscl.series.mask import CloudMask
from cscl.series.model import Pass
from cscl.series.passes import OpenFiles, PassPixels, read_pass

DARK_BAND = "B02"
DARK_SHARE = 0.01
STRIP_BYTES = 32 * 2**20

# Reflectance times 10000, shifted so that negative reflectance has a place too.
_HISTOGRAM_SHIFT = 10_000
_HISTOGRAM_SIZE = 2**16 + _HISTOGRAM_SHIFT


@dataclass(frozen=True)
class PassMeasure:
    """Shares of the whole grid, 0..1: valid, cloud and shadow, and each value that is masked.

    `strange` counts pixels whose value the scene classification does not define.
    """

    valid: float
    cloud: float
    masked: dict[int, float]
    strange: int


@dataclass(frozen=True)
class DateMeasure:
    """The passes of a date, what they cover together, and the dark end of B02 (or None)."""

    passes: tuple[PassMeasure, ...]
    valid: float
    cloud: float
    dark: float | None


class _Counter:
    """Counts of one pass, strip by strip."""

    def __init__(self, mask: CloudMask) -> None:
        self.mask = mask
        self.valid = self.cloud = 0
        self.values: dict[int, int] = {}

    def add(self, pixels: PassPixels) -> None:
        self.valid += int(pixels.valid.sum())
        if pixels.mask is not None:
            self.cloud += int(self.mask.clouds(pixels.mask).sum())
            for value, count in zip(*np.unique(pixels.mask, return_counts=True), strict=True):
                self.values[int(value)] = self.values.get(int(value), 0) + int(count)

    def measure(self, size: int) -> PassMeasure:
        found = np.array(sorted(self.values), dtype=np.int64)
        hidden = found[self.mask.hides(found)].tolist()
        masked = {value: self.values[value] / size for value in hidden}
        strange = sum(self.values[value] for value in hidden if self.mask.is_strange(value))
        return PassMeasure(self.valid / size, self.cloud / size, masked, strange)


def measure_date(
    passes: Sequence[Pass], bands: Sequence[str], mask: CloudMask, grid: Grid, ctx: JobContext
) -> DateMeasure:
    """Decode every pixel of every pass of a date and return what it is worth.

    Raises `UserError` naming file and tile where one cannot be decoded.
    """
    counters = [_Counter(mask) for _ in passes]
    together = cloudy = 0
    histogram = np.zeros(_HISTOGRAM_SIZE, dtype=np.int64)
    dark_index = bands.index(DARK_BAND) if DARK_BAND in bands else None
    with OpenFiles(grid) as files:
        for window in strips(grid, len(bands) + 1):
            ctx.check()
            union = np.zeros((window.height, window.width), dtype=bool)
            clouds = np.ones_like(union)
            for item, counter in zip(passes, counters, strict=True):
                pixels = read_pass(files, item, bands, mask, grid, window)
                counter.add(pixels)
                union |= pixels.valid
                clouds &= mask.clouds(pixels.mask) if pixels.mask is not None else False
                if dark_index is not None:
                    histogram += _histogram(pixels.values[dark_index][pixels.valid])
            together += int(union.sum())
            cloudy += int((clouds & ~union).sum())
    size = grid.width * grid.height
    return DateMeasure(
        tuple(counter.measure(size) for counter in counters),
        together / size,
        cloudy / size,
        _dark_end(histogram),
    )


def strips(grid: Grid, bands: int) -> list[Window]:
    """Return windows of full width that cover the grid, each of bounded size."""
    rows = max(16, STRIP_BYTES // (grid.width * bands * 4))
    rows = rows // 16 * 16
    return [
        Window(row, 0, min(rows, grid.height - row), grid.width)
        for row in range(0, grid.height, rows)
    ]


def _histogram(values: NDArray[np.float32]) -> NDArray[np.int64]:
    numbers = np.rint(values * 10_000).astype(np.int64) + _HISTOGRAM_SHIFT
    return np.bincount(np.clip(numbers, 0, _HISTOGRAM_SIZE - 1), minlength=_HISTOGRAM_SIZE)


def _dark_end(histogram: NDArray[np.int64]) -> float | None:
    total = int(histogram.sum())
    if total == 0:
        return None
    position = int(np.searchsorted(np.cumsum(histogram), DARK_SHARE * total))
    return (position - _HISTOGRAM_SHIFT) / 10_000
