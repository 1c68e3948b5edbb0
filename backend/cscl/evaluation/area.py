"""Areas and accuracy from a stratified random sample of labelled points.

The estimators are those of Olofsson et al. 2014 (Remote Sensing of Environment 148, "Good
practices for estimating area and assessing accuracy of land change"), in the general form of
Stehman 2014 (International Journal of Remote Sensing 35(13), equations 2-28), which holds for
strata other than the map's classes and gives the same figures where they are the map's classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

NORMAL_95 = 1.959963984540054
FEWEST_IN_STRATUM = 2
# A unit with fewer points is not estimated; nor does a class with fewer stand for itself there.
FEWEST_IN_UNIT = 20
FEWEST_IN_CLASS = 5


@dataclass(frozen=True)
class Estimates:
    """Estimates with their standard errors, each (m,); NaN where one is undefined."""

    values: Floats
    errors: Floats

    @property
    def margins(self) -> Floats:
        """Half the width of the 95 % intervals."""
        return NORMAL_95 * self.errors


@dataclass(frozen=True)
class Sample:
    """Labelled points of a stratified random sample.

    `stratum`, `mapped` and `reference` (n,) are places of the point's stratum in `pixels` (H,),
    the strata's sizes, and of its classes among K. Raises `ValueError` where a stratum has fewer
    than two points (one, where it has one pixel).
    """

    stratum: Places
    mapped: Places
    reference: Places
    pixels: Floats

    def __post_init__(self) -> None:
        if np.any(self.points < np.minimum(self.pixels, FEWEST_IN_STRATUM)):
            raise ValueError(f"strata of {self.pixels} pixels have {self.points} points")

    @property
    def points(self) -> Places:
        """The number of points of each stratum, (H,)."""
        return np.bincount(self.stratum, minlength=len(self.pixels))

    @property
    def weights(self) -> Floats:
        """How many pixels each point stands for, (n,)."""
        weights: Floats = (self.pixels / np.maximum(self.points, 1))[self.stratum]
        return weights


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of a map and the share of each of K classes in the ground.

    `matrix` (K, K) holds estimated shares of the ground, rows are the map's class.
    """

    overall: Estimates
    users: Estimates
    producers: Estimates
    shares: Estimates
    matrix: Floats


def ratio(sample: Sample, y: Floats, x: Floats) -> Estimates:
    """Return the estimates of total(y) / total(x) for `y` and `x` (n, m) given at each point.

    Stehman 2014, equations 27 and 28. Strata count as large beside their points, as in Olofsson
    et al. 2014, equations 5 to 7: where they are not, the error is a little too large.
    """
    pixels, points = sample.pixels, sample.points.astype(np.float64)
    factor = pixels**2 / np.maximum(points, 1)

    def mean(values: Floats) -> Floats:
        sums = np.zeros((len(pixels), values.shape[1]))
        np.add.at(sums, sample.stratum, values)
        return sums / np.maximum(points, 1)[:, None]

    mean_y, mean_x = mean(y), mean(x)
    total_y, total_x = pixels @ mean_y, pixels @ mean_x
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(total_x > 0, total_y / total_x, np.nan)
        residuals = (y - mean_y[sample.stratum]) - values * (x - mean_x[sample.stratum])
        spread = np.zeros_like(mean_y)
        np.add.at(spread, sample.stratum, residuals**2)
        variance = factor @ (spread / np.maximum(points - 1, 1)[:, None]) / total_x**2
    return Estimates(values, np.sqrt(variance))


def estimate(sample: Sample, classes: int) -> Accuracy:
    """Return accuracy and shares of `classes` classes over all strata together."""
    mapped = np.eye(classes)[sample.mapped]
    reference = np.eye(classes)[sample.reference]
    hits = mapped * reference
    ones = np.ones((len(mapped), 1))
    cells = (mapped[:, :, None] * reference[:, None, :]).reshape(len(mapped), -1)
    matrix = ratio(sample, cells, ones).values.reshape(classes, classes)
    return Accuracy(
        overall=ratio(sample, hits.sum(axis=1, keepdims=True), ones),
        users=ratio(sample, hits, mapped),
        producers=ratio(sample, hits, reference),
        shares=ratio(sample, reference, ones),
        matrix=matrix,
    )


def unit_shares(
    sample: Sample, inside: npt.NDArray[np.bool_], pixels: Floats, classes: int
) -> Estimates | None:
    """Return the share of each class in one unit, (K,); None where it has too few points.

    The points `inside` (n,) are poststratified by the map's class, whose pixels in the unit are
    `pixels` (K,). A class with fewer than five points is put together with others until there
    are five. Given the points' numbers, each group is a sample of its ground (Holt and Smith 1979,
    Journal of the Royal Statistical Society A 142(1)); points of unlike weight are averaged by
    weight, with the linearised variance of such a mean.
    """
    points = np.bincount(sample.mapped[inside], minlength=classes)
    groups = poststrata(points, pixels)
    if groups is None:
        return None
    shares, variance = np.zeros(classes), np.zeros(classes)
    for group in groups:
        members = inside & np.isin(sample.mapped, group)
        weights = sample.weights[members]
        values = np.eye(classes)[sample.reference[members]]
        mean = weights @ values / weights.sum()
        count, share = int(members.sum()), pixels[group].sum() / pixels.sum()
        spread = weights**2 @ (values - mean) ** 2 * count / (count - 1) / weights.sum() ** 2
        shares += share * mean
        variance += share**2 * spread
    return Estimates(shares, np.sqrt(variance))


def poststrata(points: Places, pixels: Floats) -> list[list[int]] | None:
    """Return groups of classes with five points or more each, None where a unit has too few.

    `points` and `pixels` (K,) are the classes' in the unit. The classes without pixels there are
    in no group.
    """
    if points.sum() < FEWEST_IN_UNIT:
        return None
    order = sorted(np.flatnonzero(pixels > 0).tolist(), key=lambda place: points[place])
    pooled = [place for place in order if points[place] < FEWEST_IN_CLASS]
    alone = order[len(pooled) :]
    while pooled and points[pooled].sum() < FEWEST_IN_CLASS and alone:
        pooled.append(alone.pop(0))
    return [[place] for place in alone] + ([pooled] if pooled else [])
