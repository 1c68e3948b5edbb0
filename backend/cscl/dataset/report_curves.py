"""Season curves by class: median and spread of NDVI and bands over training pixels."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscl.context import JobContext
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.contract.errors import UserError
from cscl.dataset.reader import ChipSample, Dataset

NDVI = "NDVI"
NEAR_INFRARED = ("B08", "B8A")
DEFAULT_BANDS = ("B04", "B08", "B11")
MOST_CHIPS = 400
CLASS_PIXELS = 3000
CHIP_PIXELS = 60  # of a class in one chip, so that many places speak
FEWEST_VALUES = 5  # valid pixels of a date, else it is left out
POOLED_DAYS = 10  # dates of several grids are put together by ten days
LEVELS = (0.1, 0.5, 0.9)
SEED = 1

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One class and quantity: days (K,) since the season's start, quantiles (K,), pixels used.

    `mean` (K,) stands beside the quantiles.
    """

    days: NDArray[np.int64]
    low: Floats
    median: Floats
    high: Floats
    mean: Floats
    pixels: int


@dataclass(frozen=True)
class Curves:
    """`by_quantity` holds for NDVI and each band the curve of each class by code.

    `start` is the first day of the newest season; `pooled` says whether dates of several grids
    were put together by ten days.
    """

    start: datetime.date
    pooled: bool
    by_quantity: dict[str, dict[int, Curve]]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, rounded to 0.0001."""
        return {
            "start": self.start.isoformat(),
            "pooled": self.pooled,
            "quantities": {
                name: {
                    str(code): {
                        "days": curve.days.tolist(),
                        **{
                            part: np.round(getattr(curve, part), 4).tolist()
                            for part in ("low", "median", "high")
                        },
                        "pixels": curve.pixels,
                    }
                    for code, curve in curves.items()
                }
                for name, curves in self.by_quantity.items()
            },
        }


def season_curves(dataset: Dataset, wanted: Sequence[str] | None, ctx: JobContext) -> Curves:
    """Return the curves of all classes from a fixed sample of unmixed training pixels.

    `wanted` are bands to show beside NDVI; raises `UserError` where the dataset lacks one.
    """
    bands = _bands(dataset, wanted)
    samples = _samples(dataset, ctx)
    pooled = len(dataset.grids) > 1
    quantities = ([NDVI] if _ndvi_bands(dataset) else []) + list(bands)
    by_quantity = {}
    for name in quantities:
        curves = {code: _curve(dataset, name, own, pooled) for code, own in sorted(samples.items())}
        # A class of a few pixels has no date with enough of them.
        by_quantity[name] = {code: curve for code, curve in curves.items() if len(curve.days)}
    return Curves(dataset.season[0], pooled, by_quantity)


def _bands(dataset: Dataset, wanted: Sequence[str] | None) -> tuple[str, ...]:
    if wanted is None:
        return tuple(name for name in DEFAULT_BANDS if name in dataset.bands)
    missing = [name for name in wanted if name not in dataset.bands]
    if missing:
        raise UserError(
            "band_missing",
            f"bands {', '.join(missing)}",
            f"the dataset has {', '.join(dataset.bands)}",
            "Choose of these, or leave it empty.",
        )
    return tuple(wanted)


def _ndvi_bands(dataset: Dataset) -> tuple[int, int] | None:
    """Return the places of red and near infrared, or None where the dataset lacks one."""
    near = next((name for name in NEAR_INFRARED if name in dataset.bands), None)
    if near is None or "B04" not in dataset.bands:
        return None
    return dataset.bands.index("B04"), dataset.bands.index(near)


@dataclass(frozen=True)
class _Pixels:
    """Pixels of one class in one chip: values (N, T, C), valid (N, T), days (T,)."""

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    days: NDArray[np.int64]


def _samples(dataset: Dataset, ctx: JobContext) -> dict[int, list[_Pixels]]:
    generator = np.random.Generator(np.random.PCG64(SEED))
    chosen = generator.permutation(dataset.chips("training"))[:MOST_CHIPS]
    found: dict[int, list[_Pixels]] = defaultdict(list)
    counts: Counter[int] = Counter()
    for index in ctx.track("report", chosen.tolist(), len(chosen)):
        sample = dataset.sample(index)
        for code in _wanted_codes(sample, counts):
            rows, columns = np.nonzero((sample.labels == code) & (sample.mixed == 0))
            kept = generator.permutation(len(rows))[: min(CHIP_PIXELS, CLASS_PIXELS - counts[code])]
            if len(kept):
                place = rows[kept], columns[kept]
                values = sample.images[:, :, place[0], place[1]].transpose(2, 0, 1)
                valid = sample.valid[:, place[0], place[1]].T
                found[code].append(_Pixels(values, valid, sample.days))
                counts[code] += len(kept)
    return found


def _wanted_codes(sample: ChipSample, counts: Counter[int]) -> list[int]:
    codes = (int(code) for code in np.unique(sample.labels))
    return [c for c in codes if c not in (UNKNOWN, OUTSIDE) and counts[c] < CLASS_PIXELS]


def _curve(dataset: Dataset, name: str, found: list[_Pixels], pooled: bool) -> Curve:
    by_day: dict[int, list[Floats]] = defaultdict(list)
    for pixels in found:
        values = _quantity(dataset, name, pixels.values)
        for step, day in enumerate(pixels.days.tolist()):
            key = day // POOLED_DAYS * POOLED_DAYS + POOLED_DAYS // 2 if pooled else day
            by_day[key].append(values[pixels.valid[:, step], step])
    days, levels, means = [], [], []
    for day, parts in sorted(by_day.items()):
        numbers = np.concatenate(parts)
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) >= FEWEST_VALUES:
            days.append(day)
            levels.append(np.quantile(numbers, LEVELS))
            means.append(numbers.mean())
    low, median, high = np.array(levels).reshape(-1, len(LEVELS)).T
    pixels = sum(len(part.valid) for part in found)
    return Curve(np.array(days, dtype=np.int64), low, median, high, np.array(means), pixels)


def _quantity(dataset: Dataset, name: str, values: NDArray[np.float32]) -> Floats:
    """Return NDVI or a band's reflectance (N, T); NaN where NDVI has none."""
    places = _ndvi_bands(dataset)
    if name != NDVI or places is None:
        return values[..., dataset.bands.index(name)].astype(np.float64)
    red, near = (np.maximum(values[..., place], 0).astype(np.float64) for place in places)
    total = near + red
    return np.divide(near - red, total, out=np.full(total.shape, np.nan), where=total > 0)
