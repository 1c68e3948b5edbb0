"""How hard a scene is for a pixel classifier."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difficulty:
    """The spreads that make crops hard to tell apart.

    within: standard deviation of vigour inside a parcel, share of full cover.
    within_days: standard deviation of growth stage inside a parcel, days.
    between_days: standard deviation of sowing and growth stage between parcels of a crop, days.
    spectral: standard deviation of a canopy's reflectance between parcels, natural logarithm.
    similarity: how far crops of one group move to their common mean, 0 (apart) to 1 (equal).
    noise: standard deviation of a pixel's reflectance, relative, beside a floor.
    atmosphere: standard deviation of what atmospheric correction leaves, reflectance at B02.
    missed_cloud: how far the scene classification underrates clouds, 0..1.
    """

    within: float
    within_days: float
    between_days: float
    spectral: float
    similarity: float
    noise: float
    atmosphere: float
    missed_cloud: float


# `standard` was set so that a random forest on the pixels reaches 0.75 to 0.90 overall and at
# least ten points less on boundaries, before any network was trained (docs/simulator.md).
DIFFICULTIES: dict[str, Difficulty] = {
    "easy": Difficulty(0.08, 4.0, 3.0, 0.04, 0.0, 0.015, 0.005, 0.05),
    "standard": Difficulty(0.17, 9.0, 6.0, 0.08, 0.05, 0.04, 0.012, 0.20),
    "hard": Difficulty(0.22, 13.0, 9.0, 0.12, 0.30, 0.06, 0.018, 0.30),
}
