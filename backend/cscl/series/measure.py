"""One look at every pixel of a date: can it be decoded, how much is clear, how dark is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.grid import Grid, Window
from cscl.series.mask import CLOUD, SCL_NAMES
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
    """Shares of the whole grid, 0..1: valid, cloud and shadow, and each masked class of SCL."""

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

    def __init__(self) -> None:
        self.valid = 0
        self.codes = np.zeros(256, dtype=np.int64)

    def add(self, pixels: PassPixels) -> None:
        self.valid += int(pixels.valid.sum())
        if pixels.scl is not None:
            codes = np.clip(pixels.scl, 0, 255).astype(np.uint8)
            self.codes += np.bincount(codes.ravel(), minlength=256)

    def measure(self, size: int) -> PassMeasure:
        shares = self.codes / size
        masked = {code: float(shares[code]) for code in SCL_NAMES if shares[code] > 0}
        cloud = float(shares[list(CLOUD)].sum())
        return PassMeasure(self.valid / size, cloud, masked, int(self.codes[12:].sum()))


def measure_date(
    passes: Sequence[Pass], bands: Sequence[str], masked: bool, grid: Grid, ctx: JobContext
) -> DateMeasure:
    """Decode every pixel of every pass of a date and return what it is worth.

    Raises `UserError` naming file and tile where one cannot be decoded.
    """
    counters = [_Counter() for _ in passes]
    together = cloudy = 0
    histogram = np.zeros(_HISTOGRAM_SIZE, dtype=np.int64)
    dark_index = bands.index(DARK_BAND) if DARK_BAND in bands else None
    with OpenFiles(grid) as files:
        for window in strips(grid, len(bands) + 1):
            ctx.check()
            union = np.zeros((window.height, window.width), dtype=bool)
            clouds = np.ones_like(union)
            for item, counter in zip(passes, counters, strict=True):
                pixels = read_pass(files, item, bands, masked, grid, window)
                counter.add(pixels)
                union |= pixels.valid
                clouds &= np.isin(pixels.scl, CLOUD) if pixels.scl is not None else False
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
