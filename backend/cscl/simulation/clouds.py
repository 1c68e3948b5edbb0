"""Clouds, their shadows, and a scene classification that makes mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cscl.simulation.family import Climate
from cscl.simulation.fields import SmoothField
from cscl.simulation.streams import Stream, generator

FloatArray = NDArray[np.float32]
Bounds = tuple[float, float, float, float]

# Thick cloud seen from above: white in the visible, darker where ice and droplets absorb.
CLOUD_SPECTRUM = np.array([0.62, 0.60, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66, 0.46, 0.36], np.float32)
# What is left of the light in a full shadow: sky light, least in the infrared.
SHADOW_LEFT = np.array([0.60, 0.52, 0.46, 0.43, 0.40, 0.38, 0.37, 0.37, 0.33, 0.32], np.float32)

OCTAVES = ((1500.0, 1.0), (500.0, 0.5), (160.0, 0.25), (60.0, 0.12))  # metres, weight
EDGE = 0.55  # field units from the rim of a cloud to its full thickness
SWATH_EDGE_SHARE = 0.06  # of the dates see the scene only in part


@dataclass(frozen=True)
class Sky:
    """The sky of one date over a scene."""

    share: float
    fields: tuple[SmoothField, ...]
    threshold: float
    opacity: float
    offset: tuple[float, float]
    mistakes: SmoothField
    missed: float
    swath: tuple[float, float, float] | None

    @classmethod
    def drawn(
        cls,
        seed: int,
        year: int,
        index: int,
        day: int,
        bounds: Bounds,
        missed: float,
        climate: Climate,
    ) -> Sky:
        """Draw the sky of the date number `index` on a day of the season."""
        rng = generator(seed, Stream.CLOUDS, year, index)
        share = _cloud_share(rng, climate.chance_of_clear_sky(day))
        cirrus = rng.random() < climate.cirrus_share
        wide = (bounds[0] - 3500, bounds[1] - 3500, bounds[2] + 3500, bounds[3] + 3500)
        octaves = tuple(SmoothField(rng, wide, scale) for scale, _ in OCTAVES)
        height = rng.uniform(400.0, 1600.0)
        mistakes = SmoothField(rng, bounds, 70.0)
        swath = _swath_edge(rng, bounds)
        sky = cls(
            share, octaves, 0.0, 0.35 if cirrus else 1.0,
            shadow_offset(day, height, climate.latitude), mistakes, missed, swath,
        )  # fmt: skip
        left, bottom, right, top = bounds
        values = sky._thickness(np.linspace(left, right, 128), np.linspace(top, bottom, 128))
        threshold = float(np.quantile(values, 1.0 - share)) if share > 0 else np.inf
        return cls(share, octaves, threshold, sky.opacity, sky.offset, mistakes, missed, swath)

    def _thickness(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> FloatArray:
        total = np.zeros((len(y), len(x)), dtype=np.float32)
        for octave, (_, weight) in zip(self.fields, OCTAVES, strict=True):
            total += np.float32(weight) * octave.on_grid(x, y)
        return total

    def cover(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the opacity of clouds and the depth of shadow, 0..1, at pixel centres."""
        if self.share == 0:
            nothing = np.zeros((len(y), len(x)), dtype=np.float32)
            return nothing, nothing
        cloud = np.clip((self._thickness(x, y) - self.threshold) / EDGE, 0.0, 1.0)
        above = self._thickness(x - self.offset[0], y - self.offset[1])
        shadow = np.clip((above - self.threshold) / EDGE, 0.0, 1.0)
        return self.opacity * cloud, self.opacity * shadow * (1 - cloud)

    def outside_swath(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which pixels this date does not see."""
        if self.swath is None:
            return np.zeros((len(y), len(x)), dtype=bool)
        a, b, c = self.swath
        return a * x[None, :] + b * y[:, None] > c


def _cloud_share(rng: np.random.Generator, clear: float) -> float:
    if rng.random() < clear:
        return float(rng.choice([0.0, 0.0, 0.01, 0.03]))
    return float(np.clip(rng.beta(0.9, 1.3), 0.04, 0.97))


def _swath_edge(rng: np.random.Generator, bounds: Bounds) -> tuple[float, float, float] | None:
    if rng.random() >= SWATH_EDGE_SHARE:
        return None
    # The ground track leans about 12 degrees from north at this latitude.
    a, b = np.cos(np.deg2rad(12.0)), np.sin(np.deg2rad(12.0))
    x = rng.uniform(bounds[0] + 0.3 * (bounds[2] - bounds[0]), bounds[2])
    return float(a), float(b), float(a * x + b * (bounds[1] + bounds[3]) / 2)


def shadow_offset(day: int, height: float, latitude: float) -> tuple[float, float]:
    """Return where a cloud's shadow falls, in metres east and north, about 10:40 local time."""
    declination = -23.44 * np.cos(2 * np.pi * (day + 284) / 365.0)
    elevation = np.clip(90.0 - latitude + declination - 4.0, 14.0, 70.0)
    length = min(height / np.tan(np.deg2rad(elevation)), 3000.0)
    azimuth = np.deg2rad(163.0)
    return float(-length * np.sin(azimuth)), float(-length * np.cos(azimuth))


def apply_sky(band: FloatArray, index: int, cloud: FloatArray, shadow: FloatArray) -> FloatArray:
    """Return a band under clouds and shadows; `index` is its place in the ten bands."""
    lit = band * (1 - shadow * (1 - SHADOW_LEFT[index]))
    return lit + cloud * (CLOUD_SPECTRUM[index] - lit)


def scene_classification(
    bands: FloatArray,
    cloud: FloatArray,
    shadow: FloatArray,
    mistakes: FloatArray,
    sky: Sky,
) -> NDArray[np.uint8]:
    """Return SCL classes from reflectance (10, h, w) and what truly covers the ground.

    Mistakes are patches of some 70 m: thin cloud and shadow missed, bright ground taken for
    cloud, dark ground for shadow, as Sen2Cor does (Baetens et al. 2019, doi:10.3390/rs11040433).
    """
    blue, green, red, nir, swir = bands[0], bands[1], bands[2], bands[7], bands[8]
    ndvi = (nir - red) / np.maximum(nir + red, 1e-3)
    scl = np.full(blue.shape, 7, dtype=np.uint8)
    scl[ndvi > 0.40] = 4
    scl[(ndvi < 0.30) & (swir > 0.08)] = 5
    scl[(green > nir) & (swir < 0.06)] = 6
    scl[(nir < 0.08) & (scl != 6)] = 2
    scl[(mistakes > 1.9) & (nir < 0.16)] = 3
    seen_shadow = shadow + np.float32(0.5 * sky.missed) * mistakes
    scl[(shadow > 0.15) & (seen_shadow > 0.35)] = 3
    scl[(blue > 0.13) & (mistakes > 1.6)] = 8
    seen = cloud + np.float32(sky.missed) * mistakes
    if sky.opacity < 1:
        scl[(cloud > 0.03) & (seen > 0.12)] = 10
    else:
        scl[(cloud > 0.04) & (seen > 0.15)] = 8
        scl[(cloud > 0.30) & (seen > 0.45)] = 9
    return scl
