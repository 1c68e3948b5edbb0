"""Stratified random samples of a map's pixels: how many points, where, and their weight."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window as RasterWindow

from cscl.contract.codes import NO_DATA, UNKNOWN
from cscl.contract.errors import UserError

Codes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

# Pixels of a map read at once.
STRIPE = 16 * 1024 * 1024


@dataclass(frozen=True)
class Drawn:
    """Drawn pixels: rows, columns and codes, each (n,), in random order."""

    rows: Places
    columns: Places
    codes: Places


def sample_size(
    pixels: Mapping[int, int], accuracy: Mapping[int, float], standard_error: float
) -> int:
    """Return the points that give the overall accuracy a standard error.

    `accuracy` is the expected user's accuracy of each class. Cochran 1977, equation 5.25, as
    Olofsson et al. 2014, equation 13: (sum of share times sqrt(U (1 - U)) over the error) squared.
    """
    total = sum(pixels.values())
    spread = sum(
        count / total * math.sqrt(accuracy[code] * (1 - accuracy[code]))
        for code, count in pixels.items()
    )
    return math.ceil(round((spread / standard_error) ** 2, 6))


def allocate(pixels: Mapping[int, int], total: int, minimum: int, how: str) -> dict[int, int]:
    """Return the points of each class, `total` together.

    `how` is "equal", or "proportional" to the pixels with a `minimum` for each class. No class
    gets more points than pixels; what it leaves goes to the others. Raises `UserError` where
    `total` does not suffice for the minimum.
    """
    floor = {code: min(minimum, count) for code, count in pixels.items()}
    if how == "proportional" and total < sum(floor.values()):
        raise UserError(
            "too_few_points",
            f"points {total}",
            f"{len(pixels)} classes with {minimum} points each take {sum(floor.values())}",
            "Ask for more points, or for fewer a class.",
        )
    if how == "equal":
        floor, weights = dict.fromkeys(pixels, 0), dict.fromkeys(pixels, 1.0)
    else:
        weights = {code: float(count) for code, count in pixels.items()}
    found = _shared(dict(pixels), floor, weights, min(total, sum(pixels.values())))
    scarce = [code for code, count in found.items() if count < min(2, pixels[code])]
    if scarce:
        raise UserError(
            "too_few_points",
            f"points {total}",
            f"the classes {', '.join(map(str, scarce))} would get fewer than two",
            "Ask for more points.",
        )
    return found


def _shared(
    most: dict[int, int], floor: dict[int, int], weights: dict[int, float], total: int
) -> dict[int, int]:
    """Share `total` by weight between bounds: whoever hits a bound is fixed, the others go on."""
    found: dict[int, int] = {}
    free = dict(weights)
    while free:
        left = total - sum(found.values())
        wanted = {code: left * weight / sum(free.values()) for code, weight in free.items()}
        # Lower bounds first: they take from the others, which then may stay below their upper.
        fixed = {code: floor[code] for code in free if wanted[code] <= floor[code]}
        fixed = fixed or {code: most[code] for code in free if wanted[code] >= most[code]}
        if not fixed:
            return found | _rounded(wanted, left)
        found |= fixed
        free = {code: weight for code, weight in free.items() if code not in fixed}
    return found


def _rounded(wanted: Mapping[int, float], total: int) -> dict[int, int]:
    """Round shares to whole numbers of the same sum, the largest remainders up."""
    found = {code: math.floor(share) for code, share in wanted.items()}
    order = sorted(wanted, key=lambda code: (found[code] - wanted[code], code))
    for code in order[: total - sum(found.values())]:
        found[code] += 1
    return found


def stripes(raster: rasterio.DatasetReader) -> Iterator[tuple[int, Codes]]:
    """Yield the first row and the codes (h, W) of full-width stripes of a map, from the top."""
    height = max(1, STRIPE // raster.width)
    for row in range(0, raster.height, height):
        window = RasterWindow(0, row, raster.width, min(height, raster.height - row))
        yield row, raster.read(1, window=window)


def count_pixels(raster: rasterio.DatasetReader) -> dict[int, int]:
    """Return the pixels of each class of a map, codes rising; without data is no class."""
    counts = np.zeros(256, np.int64)
    for _, codes in stripes(raster):
        counts += np.bincount(codes.ravel(), minlength=256)
    counts[[NO_DATA, UNKNOWN]] = 0
    return {int(code): int(counts[code]) for code in np.flatnonzero(counts)}


def draw(
    raster: rasterio.DatasetReader, pixels: Mapping[int, int], points: Mapping[int, int], seed: int
) -> Drawn:
    """Draw `points` pixels of each class without replacement, each with the same chance.

    `pixels` are the map's, as `count_pixels` found them. The same seed draws the same pixels.
    """
    generator = np.random.default_rng(seed)
    ranks = {
        code: np.sort(generator.choice(pixels[code], number, replace=False, shuffle=False))
        for code, number in points.items()
    }
    passed = dict.fromkeys(points, 0)
    parts: list[npt.NDArray[np.int64]] = []
    for top, codes in stripes(raster):
        for code, wanted in ranks.items():
            places = np.flatnonzero(codes == code)
            inside = wanted - passed[code]
            inside = inside[(inside >= 0) & (inside < len(places))]
            row, column = np.divmod(places[inside], codes.shape[1])
            parts.append(np.stack([top + row, column, np.full_like(row, code)]))
            passed[code] += len(places)
    found = np.concatenate(parts, axis=1)
    rows, columns, drawn = found[:, generator.permutation(found.shape[1])]
    return Drawn(rows, columns, drawn)
