"""Images of a scene, strip by strip, so that memory does not grow with the scene's height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt

from cscl.simulation.calendar import acquisition_days
from cscl.simulation.clouds import Sky, apply_sky, scene_classification
from cscl.simulation.difficulty import Difficulty
from cscl.simulation.fields import SmoothField, fine_texture, tiled
from cscl.simulation.phenology import Year, reflectance_tables
from cscl.simulation.scene import Scene
from cscl.simulation.sensor import (
    FACTOR,
    FINE,
    MARGIN,
    SHIFT_RANGE,
    TEN_METRE,
    TWENTY_METRE,
    add_noise,
    digital_numbers,
    sample,
    sampling_matrix,
)
from cscl.simulation.streams import Stream, generator

FloatArray = NDArray[np.float32]

STRIP = 128  # rows of 10 m; a multiple of the files' tile height

# What atmospheric correction leaves grows towards the blue, as scattering does; relative to B02.
ATMOSPHERE_LOADING = np.array([1.0, 0.8, 0.6, 0.5, 0.42, 0.38, 0.35, 0.33, 0.18, 0.12])
GAIN_SPREAD = 0.03  # of a whole date, as between view angles
VIGOUR_SCALES = ((25.0, 0.6), (90.0, 0.8))  # metres, weight
STAGE_SCALE = 70.0
SOIL_SCALE = 120.0
SOIL_SPREAD = 0.08
# Headlands: turning machines cost yield; 1.3 t/ha in winter barley to 4.0 t/ha in winter wheat
# against the inside of the field in 40 Irish fields (Ward et al. 2020,
# doi:10.15212/ijafr-2020-0113). Reach and delay are assumptions.
HEADLAND_LOSS = 0.35
HEADLAND_DELAY = 6.0  # days
HEADLAND_REACH = 6.0  # metres over which both fall to a third


@dataclass(frozen=True)
class Acquisition:
    """What is special about one date.

    shift: misregistration east and south in metres. offset, gain: by band, what atmospheric
    correction and the angles of view leave.
    """

    index: int
    day: int
    shift: tuple[float, float]
    offset: FloatArray
    gain: FloatArray
    haze: SmoothField
    sky: Sky


def draw_acquisitions(
    seed: int, year: int, count: int, scene: Scene, level: Difficulty
) -> list[Acquisition]:
    """Draw days, skies and the sensor's state for the dates of a scene."""
    result = []
    for index, day in enumerate(acquisition_days(seed, year, count)):
        rng = generator(seed, Stream.SENSOR, year, index)
        distance = 10.0 * rng.uniform(*SHIFT_RANGE)
        angle = rng.uniform(0, 2 * np.pi)
        offset = level.atmosphere * (
            ATMOSPHERE_LOADING * rng.normal() + 0.15 * rng.standard_normal(10)
        )
        by_band = 0.3 * rng.standard_normal(10)
        gain = np.exp(GAIN_SPREAD * (rng.normal() + by_band))
        result.append(
            Acquisition(
                index=index,
                day=day,
                shift=(float(distance * np.cos(angle)), float(distance * np.sin(angle))),
                offset=offset.astype(np.float32),
                gain=gain.astype(np.float32),
                haze=SmoothField(rng, scene.bounds, 1500.0),
                sky=Sky.drawn(
                    seed, year, index, day, scene.bounds, level.missed_cloud, scene.family.climate
                ),
            )
        )
    return result


class Renderer:
    """Draws a scene at 2.5 m and observes it.

    rows, columns below count pixels of 10 m from the scene's upper left corner.
    """

    def __init__(self, scene: Scene, size: int, seed: int, year: int, level: Difficulty) -> None:
        self.scene, self.size, self.level = scene, size, level
        self._seed, self._year = seed, year
        self._even = size + size % 2
        self._weather = Year.drawn(seed, year, 0, scene.family.climate)
        self._geometries = np.asarray(scene.geometries, dtype=object)
        self._tree = shapely.STRtree(self._geometries)
        rng = generator(seed, Stream.WITHIN, year)
        self._vigour = [
            (SmoothField(rng, scene.bounds, scale), weight) for scale, weight in VIGOUR_SCALES
        ]
        self._stage = SmoothField(rng, scene.bounds, STAGE_SCALE)
        self._soil = SmoothField(rng, scene.bounds, SOIL_SCALE)
        self._texture = fine_texture(rng)

    def strips(self) -> list[tuple[int, int]]:
        """Return first and last row (excluded) of each strip."""
        return [(row, min(row + STRIP, self.size)) for row in range(0, self.size, STRIP)]

    def segments(self, first: int, last: int, margin: int = 0) -> NDArray[np.int32]:
        """Return the segment of each ground cell of a strip, with `margin` cells around.

        0 is rough grass; k + 1 is number k of `scene.geometries`.
        """
        left, _, _, top = self.scene.bounds
        height = (last - first) * FACTOR + 2 * margin
        width = self._even * FACTOR + 2 * margin
        x0, y0 = left - margin * FINE, top - first * 10.0 + margin * FINE
        box = shapely.box(x0, y0 - height * FINE, x0 + width * FINE, y0)
        found = np.sort(self._tree.query(box, predicate="intersects"))
        if len(found) == 0:
            return np.zeros((height, width), dtype=np.int32)
        return rasterize(
            zip(self._geometries[found], (found + 1).tolist(), strict=True),
            out_shape=(height, width),
            transform=Affine(FINE, 0, x0, 0, -FINE, y0),
            fill=0,
            dtype="int32",
        )

    def truth(self, first: int, last: int) -> NDArray[np.uint8]:
        """Return the true class codes of a strip at 2.5 m, 254 where there is no parcel."""
        codes = np.full(len(self._geometries) + 1, 254, dtype=np.uint8)
        of_class = np.array(self.scene.table.codes, dtype=np.uint8)
        codes[1 + len(self.scene.other) :] = of_class[self.scene.crop_of]
        result: NDArray[np.uint8] = codes[self.segments(first, last)[:, : self.size * FACTOR]]
        return result

    def strip(self, first: int, last: int) -> Strip:
        """Prepare a strip; its height is made even, as pixels of 20 m need."""
        return Strip(self, first, first + (last - first) + (last - first) % 2)


class Strip:
    """One strip of the ground: segments and the variation inside them, for all dates."""

    def __init__(self, renderer: Renderer, first: int, last: int) -> None:
        self._renderer = renderer
        self._first, self._rows = first, last - first
        self._width = renderer._even
        segments = renderer.segments(first, last, MARGIN)
        present, local = np.unique(segments, return_inverse=True)
        self._local = local.reshape(segments.shape).astype(np.int32)
        self._canopies = renderer.scene.canopies.subset(present)
        left, _, _, top = renderer.scene.bounds
        height, width = segments.shape
        x = left + (np.arange(width) - MARGIN + 0.5) * FINE
        y = top - first * 10.0 - (np.arange(height) - MARGIN + 0.5) * FINE
        vigour = np.zeros(segments.shape, dtype=np.float32)
        for field, weight in renderer._vigour:
            vigour += np.float32(weight) * field.on_grid(x, y)
        stage = renderer._stage.on_grid(x, y)
        headland = _edge_nearness(segments) * self._of("headland")
        texture = tiled(renderer._texture, first * FACTOR, height, width)
        self._variation = (
            vigour * self._of("within") + texture * self._of("texture") - HEADLAND_LOSS * headland,
            stage * self._of("within_days") + HEADLAND_DELAY * headland,
            renderer._soil.on_grid(x, y) * self._of("within_soil") * np.float32(SOIL_SPREAD),
        )
        self._x = left + (np.arange(self._width) + 0.5) * 10.0
        self._y = top - (first + np.arange(self._rows) + 0.5) * 10.0

    def _of(self, name: str) -> FloatArray:
        values = getattr(self._canopies, name).astype(np.float32)
        result: FloatArray = values[self._local]
        return result

    def observe(self, acquisition: Acquisition) -> NDArray[np.uint16]:
        """Return (11, rows, columns): ten bands as digital numbers and SCL, even height, width."""
        renderer = self._renderer
        bands = self._sampled(acquisition)
        cloud, shadow = acquisition.sky.cover(self._x, self._y)
        haze = acquisition.haze.on_grid(self._x, self._y)
        rng = generator(
            renderer._seed, Stream.SENSOR, renderer._year, acquisition.index, 1 + self._first
        )
        image = np.empty((11, self._rows, self._width), dtype=np.uint16)
        seen = np.empty((10, self._rows // 2, self._width // 2), dtype=np.float32)
        coarse_cloud, coarse_shadow, coarse_haze = map(_halved, (cloud, shadow, haze))
        for index, band in enumerate(bands):
            fine = index in TEN_METRE
            band = band * acquisition.gain[index] + acquisition.offset[index]
            weight = np.float32(0.4 * renderer.level.atmosphere * ATMOSPHERE_LOADING[index])
            band += weight * (haze if fine else coarse_haze)
            band = apply_sky(
                band, index, cloud if fine else coarse_cloud, shadow if fine else coarse_shadow
            )
            band = add_noise(rng, band, renderer.level.noise)
            seen[index] = _halved(band) if fine else band
            numbers = digital_numbers(band)
            image[index] = numbers if fine else _doubled(numbers)
        mistakes = acquisition.sky.mistakes.on_grid(self._x[::2] + 5.0, self._y[::2] - 5.0)
        scl = scene_classification(seen, coarse_cloud, coarse_shadow, mistakes, acquisition.sky)
        image[10] = _doubled(scl)
        image[:, acquisition.sky.outside_swath(self._x, self._y)] = 0
        return image

    def _sampled(self, acquisition: Acquisition) -> list[FloatArray]:
        """Return the ten bands at their own pixels, without sky and noise."""
        moisture = self._renderer._weather.moisture(acquisition.day)
        tables = reflectance_tables(self._canopies, acquisition.day, moisture)
        east, south = acquisition.shift
        transfer = self._renderer.scene.family.transfer
        weights = {
            pixel: (
                sampling_matrix(self._rows * 10 // pixel, pixel, south, transfer),
                sampling_matrix(self._width * 10 // pixel, pixel, east, transfer),
            )
            for pixel in (10, 20)
        }
        part = np.empty(self._local.shape, dtype=np.float32)
        ground = np.empty_like(part)
        result = []
        for index in range(10):
            np.take(tables[0, index], self._local, out=ground, mode="clip")
            for step, variation in enumerate(self._variation, start=1):
                np.take(tables[step, index], self._local, out=part, mode="clip")
                part *= variation
                ground += part
            np.maximum(ground, 0.001, out=ground)
            result.append(sample(ground, *weights[20 if index in TWENTY_METRE else 10]))
        return result


def _edge_nearness(segments: NDArray[np.int32]) -> FloatArray:
    """Return 1 on the edges between segments, falling with the distance from them."""
    inside = np.ones(segments.shape, dtype=bool)
    down, right = segments[1:] == segments[:-1], segments[:, 1:] == segments[:, :-1]
    inside[1:] &= down
    inside[:-1] &= down
    inside[:, 1:] &= right
    inside[:, :-1] &= right
    distance = FINE * distance_transform_edt(inside).astype(np.float32)
    return np.exp(-distance / np.float32(HEADLAND_REACH))


def _halved(values: FloatArray) -> FloatArray:
    height, width = values.shape
    return values.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3), dtype=np.float32)


def _doubled(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return values.repeat(2, axis=0).repeat(2, axis=1)
