"""How the land of each segment looks on a day of the season.

A canopy's cover follows double logistic curves (Zhang et al. 2003,
doi:10.1016/S0034-4257(02)00135-9; Beck et al. 2006, doi:10.1016/j.rse.2005.10.021) and its
reflectance is the mixture of green canopy, dry matter, flowers and soil by their cover.
A segment is a parcel or a piece of other land; arrays over segments have the length S.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from cscl.simulation.catalogue import STRAW, Cover, Crop
from cscl.simulation.difficulty import Difficulty
from cscl.simulation.family import TEMPERATE, Climate, Family
from cscl.simulation.streams import Stream, generator

Array = NDArray[np.float64]
BAND_COUNT = 10

# How reflectance of a canopy follows its vigour, natural logarithm a unit of relative vigour:
# denser canopies are darker in the visible and short-wave infrared, brighter in near infrared.
VIGOUR_LOADING = np.array([-0.4, -0.3, -0.5, -0.3, 0.4, 0.7, 0.7, 0.7, -0.2, -0.5])
# Bands that vary together between parcels: visible with red edge, near infrared, short wave.
BAND_GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])

IRRIGATION = (225.0, 335.0)  # first and last day of watering: mid-May to the end of August

VIGOUR_STEP = 0.1
DAY_STEP = 3.0
SOIL_STEP = 0.1


@dataclass
class Canopies:
    """Parameters of every segment; days count from 1 October, cover and shares are 0..1."""

    autumn: Array
    emerge: Array
    grow: Array
    grow_width: Array
    ripen: Array
    ripen_width: Array
    harvest: Array
    peak: Array
    vigour: Array
    green: Array
    dry: Array
    flower: Array
    flower_day: Array
    flower_width: Array
    flower_cover: Array
    before: Array
    before_end: Array
    after: Array
    after_start: Array
    residue: Array
    ground_dry: Array
    ground_wet: Array
    moisture: Array
    irrigation: Array
    cut_day: Array
    cut_depth: Array
    within: Array
    within_days: Array
    within_soil: Array
    texture: Array
    headland: Array

    def subset(self, index: NDArray[np.intp]) -> Canopies:
        """Return the segments of `index` alone, in its order."""
        return Canopies(**{item.name: getattr(self, item.name)[index] for item in fields(self)})

    @classmethod
    def joined(cls, first: Canopies, second: Canopies) -> Canopies:
        """Return the segments of `first`, then those of `second`."""
        return cls(
            **{
                item.name: np.concatenate([getattr(first, item.name), getattr(second, item.name)])
                for item in fields(cls)
            }
        )


@dataclass(frozen=True)
class Year:
    """A year's weather: shifts in days of spring and summer, and of each class; soil moisture."""

    spring: float
    summer: float
    class_shift: Array
    moisture_noise: Array = field(repr=False)
    climate: Climate

    @classmethod
    def drawn(
        cls, seed: int, year: int, classes: int, climate: Climate = TEMPERATE.climate
    ) -> Year:
        """Draw the weather of a harvest year."""
        rng = generator(seed, Stream.YEAR, year)
        return cls(
            spring=float(rng.normal(0.0, 5.0)),
            summer=float(rng.normal(0.0, 4.0)),
            class_shift=rng.normal(0.0, 2.5, classes),
            moisture_noise=rng.normal(0.0, 0.2, 74),
            climate=climate,
        )

    def moisture(self, day: float) -> float:
        """Return the top soil's moisture 0..1: wet in winter, by spells of five days."""
        climate = self.climate
        season = np.cos(2 * np.pi * (day - climate.wettest_day) / 365)
        mean = climate.moisture + climate.moisture_season * season
        return float(np.clip(mean + self.moisture_noise[int(day // 5) % 74], 0.0, 1.0))


def similar_crops(classes: list[Crop], similarity: float) -> list[Crop]:
    """Move the crops of each group towards the group's mean by the share `similarity`."""
    names = ("autumn", "emerge", "grow", "grow_width", "ripen", "ripen_width", "harvest", "peak")
    result = []
    for crop in classes:
        group = [other for other in classes if other.group == crop.group]
        changes: dict[str, object] = {}
        for name in names:
            mean = float(np.mean([getattr(other, name) for other in group]))
            changes[name] = (1 - similarity) * getattr(crop, name) + similarity * mean
        for name in ("green", "dry"):
            mean_spectrum = np.mean([getattr(other, name) for other in group], axis=0)
            own = np.asarray(getattr(crop, name))
            changes[name] = tuple((1 - similarity) * own + similarity * mean_spectrum)
        result.append(replace(crop, **changes))  # type: ignore[arg-type]
    return result


def parcel_canopies(
    seed: int,
    year: int,
    classes: list[Crop],
    crop_of: NDArray[np.intp],
    level: Difficulty,
    family: Family = TEMPERATE,
) -> Canopies:
    """Draw the canopies of parcels; `crop_of` holds the index into `classes` of each parcel."""
    weather = Year.drawn(seed, year, len(classes), family.climate)
    crops = similar_crops(classes, level.similarity)
    rng = generator(seed, Stream.PARCELS, year)
    count = len(crop_of)

    def of(name: str) -> Array:
        return np.array([getattr(crop, name) for crop in crops], dtype=np.float64)[crop_of]

    def normal(spread: float) -> Array:
        return rng.normal(0.0, spread, count)

    common = normal(0.7 * level.between_days) + weather.class_shift[crop_of]
    own = 0.7 * level.between_days
    ripen = of("ripen") + weather.summer + common + normal(own)
    harvest = np.maximum(of("harvest") + weather.summer + common + normal(own), ripen + 10)
    autumn = np.clip(of("autumn") * np.exp(normal(2.5 * level.spectral)), 0.0, 0.95)
    grow = of("grow") + weather.spring + common + normal(own)
    winter = of("autumn") > 0
    perennial = of("cuts") > 0
    cut_day, cut_depth = _cuts(rng, of("cuts"))
    flowers = [crop.flower if crop.flower is not None else crop.green for crop in crops]
    has_flower = np.array([crop.flower is not None for crop in crops])[crop_of]
    brightness = np.exp(normal(0.12))[:, None]
    before_winter, before_summer, after = family.climate.catch_crops
    has_before = rng.random(count) < np.where(winter, before_winter, before_summer)
    has_after = rng.random(count) < after
    return Canopies(
        autumn=autumn,
        emerge=of("emerge") + normal(level.between_days),
        grow=grow,
        grow_width=of("grow_width") * np.exp(normal(0.12)),
        ripen=ripen,
        ripen_width=of("ripen_width") * np.exp(normal(0.15)),
        harvest=harvest,
        peak=np.clip(of("peak") * np.exp(normal(0.06)), 0.0, 0.97),
        vigour=normal(1.2 * level.spectral),
        green=_varied(rng, np.array([crop.green for crop in crops])[crop_of], level.spectral),
        dry=_varied(rng, np.array([crop.dry for crop in crops])[crop_of], level.spectral),
        flower=np.array(flowers)[crop_of],
        flower_day=of("flower_day") + weather.spring + common + normal(own),
        flower_width=of("flower_width"),
        flower_cover=np.where(has_flower, rng.uniform(0.5, 0.95, count), 0.0),
        before=np.where(perennial, 0.0, has_before * rng.uniform(0.15, 0.85, count)),
        before_end=np.where(
            winter, of("emerge") - rng.uniform(5, 25, count), rng.normal(85, 40, count)
        ),
        after=np.where(perennial, 0.0, has_after * rng.uniform(0.2, 0.8, count)),
        after_start=harvest + rng.uniform(15, 60, count),
        residue=np.where(perennial, 0.0, rng.uniform(0.1, 0.8, count)),
        ground_dry=np.asarray(family.soil_dry) * brightness,
        ground_wet=np.asarray(family.soil_wet) * brightness,
        moisture=normal(0.12),
        cut_day=cut_day,
        cut_depth=cut_depth,
        within=level.within * np.exp(normal(0.4)),
        within_days=level.within_days * np.exp(normal(0.4)),
        within_soil=np.exp(normal(0.3)),
        texture=np.full(count, 0.03),
        headland=np.where(perennial, 0.3, 1.0) * np.exp(normal(0.4)),
        irrigation=np.where(rng.random(count) < of("irrigated"), 0.5, 0.0),
    )


def cover_canopies(
    seed: int, year: int, covers: list[Cover], level: Difficulty, family: Family = TEMPERATE
) -> Canopies:
    """Draw the canopies of other land, one for each entry of `covers`."""
    weather = Year.drawn(seed, year, 0, family.climate)
    rng = generator(seed, Stream.PARCELS, year, 1)
    count = len(covers)
    models = [family.covers[cover] for cover in covers]
    mown = np.array([cover == Cover.ROUGH_GRASS for cover in covers])

    def of(name: str) -> Array:
        return np.array([getattr(model.canopy, name) for model in models], dtype=np.float64)

    def normal(spread: float) -> Array:
        return rng.normal(0.0, spread, count)

    zero = np.zeros(count)
    cut_day, cut_depth = _cuts(rng, np.where(mown, 0.5, 0.0))
    brightness = np.exp(normal(0.1))[:, None]
    green = np.array([model.canopy.green for model in models])
    return Canopies(
        autumn=of("autumn"),
        emerge=of("emerge"),
        grow=of("grow") + weather.spring + normal(4.0),
        grow_width=of("grow_width"),
        ripen=of("ripen") + normal(6.0),
        ripen_width=of("ripen_width"),
        harvest=of("harvest"),
        peak=of("peak") * np.exp(normal(0.05)),
        vigour=normal(level.spectral),
        green=_varied(rng, green, 0.12),
        dry=np.tile(np.asarray(STRAW), (count, 1)),
        flower=green,
        flower_day=zero,
        flower_width=zero + 1.0,
        flower_cover=zero,
        before=zero,
        before_end=zero,
        after=zero,
        after_start=zero,
        residue=zero,
        ground_dry=np.array([model.ground_dry for model in models]) * brightness,
        ground_wet=np.array([model.ground_wet for model in models]) * brightness,
        moisture=normal(0.1),
        irrigation=zero,
        cut_day=cut_day,
        cut_depth=cut_depth,
        within=zero + level.within,
        within_days=zero + level.within_days,
        within_soil=np.array([0.0 if cover == Cover.WATER else 1.0 for cover in covers]),
        texture=np.array([model.texture for model in models]),
        headland=zero,
    )


def _cuts(rng: np.random.Generator, mean: Array) -> tuple[Array, Array]:
    """Draw days and depths (S, 5) of mowings between late April and September."""
    number = rng.poisson(mean)
    days = rng.uniform(205.0, 355.0, (len(mean), 5))
    depths = rng.uniform(0.25, 0.75, (len(mean), 5))
    depths[np.arange(5)[None, :] >= number[:, None]] = 0.0
    return days, depths


def _varied(rng: np.random.Generator, spectra: Array, spread: float) -> Array:
    """Multiply spectra (S, 10) by factors shared within groups of bands, and a little by band."""
    group = rng.normal(0.0, spread, (len(spectra), 3))[:, BAND_GROUPS]
    single = rng.normal(0.0, 0.3 * spread, spectra.shape)
    return spectra * np.exp(group + single)


def reflectance(
    canopies: Canopies,
    day: float,
    moisture: float,
    vigour: float = 0.0,
    delay: float = 0.0,
    soil: float = 0.0,
) -> Array:
    """Return the reflectance (S, 10) of every segment on a day.

    vigour, delay (days) and soil (relative brightness) move all segments from their own values.
    """
    time = day - delay
    shape = _sigmoid((time - canopies.emerge) / 8.0) * canopies.autumn
    shape += _sigmoid((time - canopies.grow) / canopies.grow_width) * (1 - canopies.autumn)
    ripe = _sigmoid((time - canopies.ripen) / canopies.ripen_width)
    gone = _sigmoid((time - canopies.harvest) / 1.5)
    since = time - canopies.cut_day
    mown = canopies.cut_depth * np.where(since > 0, np.exp(-np.maximum(since, 0) / 20.0), 0.0)
    vigour_all = canopies.vigour + vigour
    full = np.clip(canopies.peak * (1 + 0.4 * vigour_all), 0.0, 0.98)
    green = full * shape * (1 - ripe) * np.prod(1 - mown, axis=1)
    green += canopies.before * (1 - _sigmoid((time - canopies.before_end) / 6.0))
    green += canopies.after * _sigmoid((time - canopies.after_start) / 7.0)
    green = np.clip(green, 0.0, 0.98)
    dry = 0.85 * full * shape * ripe * (1 - gone)
    since_harvest = np.maximum(time - canopies.harvest, 0.0)
    dry += canopies.residue * gone * np.exp(-since_harvest / 25.0)
    dry += 0.5 * canopies.residue * np.exp(-np.maximum(time + 30.0, 0.0) / 40.0)
    dry = np.minimum(dry, 1 - green)
    bloom = canopies.flower_cover * np.exp(
        -0.5 * ((time - canopies.flower_day) / canopies.flower_width) ** 2
    )
    watered = canopies.irrigation if IRRIGATION[0] <= day <= IRRIGATION[1] else 0.0
    wet = np.clip(moisture + canopies.moisture + watered, 0.0, 1.0)[:, None]
    ground = (1 + soil) * (wet * canopies.ground_wet + (1 - wet) * canopies.ground_dry)
    leaf = canopies.green * np.exp(VIGOUR_LOADING * vigour_all[:, None])
    leaf += bloom[:, None] * (canopies.flower - leaf)
    green, dry = green[:, None], dry[:, None]
    result: Array = green * leaf + dry * canopies.dry + (1 - green - dry) * ground
    return result


def reflectance_tables(canopies: Canopies, day: float, moisture: float) -> NDArray[np.float32]:
    """Return (4, 10, S): reflectance, and its change with vigour, delay (a day) and soil.

    The changes are finite differences; inside a parcel they are taken as linear.
    """
    base = reflectance(canopies, day, moisture)
    steps = (
        (reflectance(canopies, day, moisture, vigour=VIGOUR_STEP) - base) / VIGOUR_STEP,
        (reflectance(canopies, day, moisture, delay=DAY_STEP) - base) / DAY_STEP,
        (reflectance(canopies, day, moisture, soil=SOIL_STEP) - base) / SOIL_STEP,
    )
    tables = np.stack([base, *steps]).transpose(0, 2, 1)
    return np.ascontiguousarray(tables, dtype=np.float32)


def _sigmoid(value: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * value))
