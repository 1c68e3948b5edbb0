"""Families of scenes: what makes the land of one region unlike that of another.

All that the simulator takes from a region stands here: its crops and calendars, how its land is
cut into parcels, its soil, rain and clouds, and how widely its images spread a point. What makes
crops hard to tell apart (`difficulty`) is the same in all families.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cscl.simulation import continental
from cscl.simulation.catalogue import (
    COVERS,
    CROPS,
    SOIL_DRY,
    SOIL_WET,
    Cover,
    CoverModel,
    Crop,
    Spectrum,
)

HECTARE = 10_000.0
SEEDS = 2**31  # a job's seed is smaller


@dataclass(frozen=True)
class Land:
    """How land is cut into parcels; areas in square metres, shares 0..1.

    usual_area: median of what a field is cut to. log_area_spread: standard deviation of its
    natural logarithm; log_grain_spread: of it, the part that a field's parcels share.
    strip_share: share of cuts along the long axis, which make elongated parcels. longest: no cut
    makes a parcel more elongated than this.
    """

    smallest: float
    largest: float
    usual_area: float
    log_area_spread: float
    log_grain_spread: float
    strip_share: float
    longest: float
    wood_share: float


@dataclass(frozen=True)
class Climate:
    """Rain and clouds; days count from 1 October, shares and moisture 0..1.

    clear_share: of the dates, over the year; clear_season: how much more of them are clear in
    midsummer, and fewer in midwinter. moisture, moisture_season: of the top soil, mean and
    amplitude, wettest on `wettest_day`. catch_crops: share of parcels with another canopy before
    a winter crop, before a summer crop, and after the harvest.
    """

    latitude: float
    clear_share: float
    clear_season: float
    cirrus_share: float
    moisture: float
    moisture_season: float
    wettest_day: float
    catch_crops: tuple[float, float, float]

    def chance_of_clear_sky(self, day: float) -> float:
        """Return the share of clear dates 0..1 about a day of the season."""
        return self.clear_share + self.clear_season * float(np.cos(2 * np.pi * (day - 290) / 365))


@dataclass(frozen=True)
class Family:
    """One region.

    number: keeps its random streams apart from those of other families. crs, northing: where its
    scenes lie, in UTM metres. transfer: of the images' point spread at their Nyquist frequency.
    """

    number: int
    crs: str
    northing: float
    crops: tuple[Crop, ...]
    covers: Mapping[Cover, CoverModel]
    soil_dry: Spectrum
    soil_wet: Spectrum
    land: Land
    climate: Climate
    transfer: float

    def stream_seed(self, seed: int) -> int:
        """Return the seed of the random streams of a scene with the job's `seed`."""
        return seed + self.number * SEEDS


TEMPERATE = Family(
    number=0,
    crs="EPSG:32631",
    northing=5_280_000.0,
    crops=CROPS,
    covers=COVERS,
    soil_dry=SOIL_DRY,
    soil_wet=SOIL_WET,
    # Set so that area and elongation agree with the declared parcels of 0.3 to 15 ha of Belgium,
    # France, Latvia, the Netherlands and Switzerland in the project's sample (444 parcels):
    # median 1.7 ha, quartiles 0.9 and 3.5 ha; elongation 2.0, quartiles 1.4 and 3.0.
    land=Land(
        smallest=0.3 * HECTARE,
        largest=15.0 * HECTARE,
        usual_area=4.4 * HECTARE,
        log_area_spread=1.0,
        log_grain_spread=0.7,
        strip_share=0.42,
        longest=9.0,
        wood_share=0.10,
    ),
    # Half of the dates at hand in temperate Europe have cloud.
    climate=Climate(
        latitude=49.0,
        clear_share=0.5,
        clear_season=0.0,
        cirrus_share=0.12,
        moisture=0.55,
        moisture_season=0.3,
        wettest_day=110.0,
        catch_crops=(0.4, 0.6, 0.5),
    ),
    # The system's modulation transfer (detector and pixel included) at the Nyquist frequency of
    # a band has to lie between 0.15 and 0.30 (Drusch et al. 2012, doi:10.1016/j.rse.2011.11.026;
    # Gascon et al. 2017, doi:10.3390/rs9060584).
    transfer=0.25,
)

CONTINENTAL = Family(
    number=1,
    crs="EPSG:32634",
    northing=5_080_000.0,
    crops=continental.CROPS,
    covers=continental.LAND_COVERS,
    soil_dry=continental.CHERNOZEM_DRY,
    soil_wet=continental.CHERNOZEM_WET,
    # Long narrow strips, as inheritance has left them in parts of eastern Europe: assumed.
    land=Land(
        smallest=0.2 * HECTARE,
        largest=8.0 * HECTARE,
        usual_area=2.0 * HECTARE,
        log_area_spread=0.8,
        log_grain_spread=0.5,
        strip_share=0.64,
        longest=11.0,
        wood_share=0.05,
    ),
    climate=Climate(
        latitude=46.5,
        clear_share=0.62,
        clear_season=0.22,
        cirrus_share=0.08,
        moisture=0.35,
        moisture_season=0.35,
        wettest_day=110.0,
        catch_crops=(0.15, 0.25, 0.2),
    ),
    # The same sensor after one bilinear resampling onto another grid: this adds, on average over
    # the displacements, a sixth of a squared pixel to the spread's variance (0.53 to 0.67 pixel).
    transfer=0.11,
)

FAMILIES: dict[str, Family] = {"temperate": TEMPERATE, "continental": CONTINENTAL}
