"""One look at every pixel of a date: can it be decoded, how much is clear, how dark is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.grid import Grid, Window
from cscl.series.archives import check_member
from cscl.series.mask import CloudMask
from cscl.series.model import Pass
from cscl.series.native import Layout, NativePass, layout_of_passes, valid_pixels
from cscl.series.numbers import LARGEST, STEPS
from cscl.series.resample import INVALID, coarse_window, repeat
from cscl.series.sources import OpenFiles, is_cube
from cscl.series.walk import strips, walk_pass

DARK_BAND = "B02"
DARK_SHARE = 0.01

# Stored numbers, shifted so that negative reflectance has a place too.
_HISTOGRAM_SHIFT = 2**15


@dataclass(frozen=True)
class PassMeasure:
    """Shares of the whole grid, 0..1: valid, cloud and shadow, and each value that is masked.

    `strange` counts pixels whose value the scene classification does not define; `beyond` is the
    share of known reflectance that is held at the largest number, for it is larger still.
    """

    valid: float
    cloud: float
    masked: dict[int, float]
    strange: int
    beyond: float


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
        self.valid = self.cloud = self.known = self.beyond = 0
        self.values: dict[int, int] = {}

    def add(self, valid: NDArray[np.bool_], codes: NDArray[Any] | None) -> None:
        self.valid += int(np.count_nonzero(valid))
        if codes is None:
            return
        for value, count in _counts(codes):
            self.values[value] = self.values.get(value, 0) + count
            if self.mask.clouds(np.array([value]))[0]:
                self.cloud += count

    def add_numbers(self, part: NativePass) -> None:
        for numbers in part.numbers.values():
            self.known += int(np.count_nonzero(numbers != INVALID))
            # Most numbers are smaller: looking for the largest is faster than counting it.
            if numbers.max() == LARGEST:
                self.beyond += int(np.count_nonzero(numbers == LARGEST))

    def measure(self, size: int) -> PassMeasure:
        found = np.array(sorted(self.values), dtype=np.int64)
        hidden = found[self.mask.hides(found)].tolist()
        masked = {value: self.values[value] / size for value in hidden}
        strange = sum(self.values[value] for value in hidden if self.mask.is_strange(value))
        beyond = self.beyond / max(self.known, 1)
        return PassMeasure(self.valid / size, self.cloud / size, masked, strange, beyond)


def measure_date(
    passes: Sequence[Pass],
    bands: Sequence[str],
    mask: CloudMask,
    grid: Grid,
    ctx: JobContext,
    area: Window | None = None,
) -> DateMeasure:
    """Decode every pixel of every pass of a date and return what it is worth.

    With `area`, a window inside the grid, that part alone is decoded and counted. Raises
    `UserError` naming file and tile where one cannot be decoded.
    """
    layout = layout_of_passes(passes, bands, grid, mask)
    counters = [_Counter(mask) for _ in passes]
    together = cloudy = 0
    histogram = np.zeros(2 * _HISTOGRAM_SHIFT, dtype=np.int64)
    area = area or grid.whole
    windows = strips(layout, area)
    for item in passes:
        _check_zips(item)
    with OpenFiles(grid) as files:
        walks = [walk_pass(files, item, layout, windows) for item in passes]
        for parts in zip(*walks, strict=True):
            ctx.check()
            union = np.zeros(parts[0].clear.shape, dtype=bool)
            clouds = np.ones_like(union)
            for part, counter in zip(parts, counters, strict=True):
                valid = valid_pixels(part)
                counter.add(valid, part.codes)
                counter.add_numbers(part)
                union |= valid
                clouds &= mask.clouds(part.codes) if part.codes is not None else False
                if DARK_BAND in bands:
                    histogram += _histogram(part, layout, valid)
            together += int(np.count_nonzero(union))
            cloudy += int(np.count_nonzero(clouds & ~union))
    size = area.width * area.height
    return DateMeasure(
        tuple(counter.measure(size) for counter in counters),
        together / size,
        cloudy / size,
        _dark_end(histogram),
    )


def _check_zips(item: Pass) -> None:
    assets = [*item.assets.values(), *([item.mask] if item.mask else [])]
    for path, member in sorted({(asset.path, asset.member) for asset in assets}):
        if member and not is_cube(path):
            check_member(path, member)


def _counts(codes: NDArray[Any]) -> list[tuple[int, int]]:
    """Return the values that occur, each with how often it does."""
    if codes.dtype != np.uint8:
        found, counts = np.unique(codes, return_counts=True)
        return [(int(value), int(count)) for value, count in zip(found, counts, strict=True)]
    # Classes are few and small: comparing with one after the other is faster than sorting.
    result: list[tuple[int, int]] = []
    left = codes.size
    for value in range(256):
        count = int(np.count_nonzero(codes == value))
        result += [(value, count)] if count else []
        left -= count
        if not left:
            break
    return result


def _histogram(part: NativePass, layout: Layout, valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how often each stored number of the dark band occurs where a pass is valid."""
    factor = layout.factors[layout.bands.index(DARK_BAND)]
    numbers = part.numbers[factor][layout.groups[factor].index(DARK_BAND)]
    fine = repeat(numbers, factor, coarse_window(part.window, factor), part.window)
    # The same bits in another order: adding 2**15 to all of them would take another pass.
    places = fine[valid].view(np.uint16) ^ np.uint16(_HISTOGRAM_SHIFT)
    return np.bincount(places, minlength=2 * _HISTOGRAM_SHIFT)


def _dark_end(histogram: NDArray[np.int64]) -> float | None:
    total = int(histogram.sum())
    if total == 0:
        return None
    position = int(np.searchsorted(np.cumsum(histogram), DARK_SHARE * total))
    return (position - _HISTOGRAM_SHIFT) / STEPS
