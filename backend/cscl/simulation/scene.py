"""What stands where in a scene: parcels, their crops, and what their farmers declare."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from cscl.context import JobContext
from cscl.contract.classes import ClassTable
from cscl.contract.jobs import SimulateJob
from cscl.simulation.catalogue import Cover, Crop
from cscl.simulation.difficulty import DIFFICULTIES
from cscl.simulation.family import FAMILIES, Family
from cscl.simulation.fields import SmoothField
from cscl.simulation.landscape import Bounds, draw_landscape, farm_of
from cscl.simulation.parcel_source import read_shapes
from cscl.simulation.phenology import Canopies, cover_canopies, parcel_canopies
from cscl.simulation.streams import Stream, generator

SURROUNDINGS = 200.0  # metres of landscape drawn around the scene
WRONG_SHARE = 0.02  # of the declarations
# Standard deviation of a declared edge across its direction, metres; edges move together over
# some 60 m, so that neighbours keep their common border.
EDGE_SPREAD = 1.5
EDGE_SCALE = 60.0
VERTEX_DISTANCE = 15.0


@dataclass(frozen=True)
class Scene:
    """The ground truth of a scene and its declarations.

    crop_of, declared: index into `table.classes` of each parcel, true and declared.
    geometries: other land, then parcels, in the order in which they are drawn; `canopies` has
    one entry more in front, the rough grass that covers the rest.
    """

    family: Family
    crs: str
    bounds: Bounds
    table: ClassTable
    parcels: list[Polygon]
    crop_of: NDArray[np.intp]
    declared_shapes: list[BaseGeometry]
    declared: NDArray[np.intp]
    other: list[tuple[BaseGeometry, Cover]]
    canopies: Canopies

    @property
    def geometries(self) -> list[BaseGeometry]:
        """Everything that is drawn over the rough grass."""
        return [geometry for geometry, _ in self.other] + list(self.parcels)

    @property
    def wrong(self) -> NDArray[np.intp]:
        """The parcels whose declaration is wrong."""
        return np.flatnonzero(self.crop_of != self.declared)


def build_scene(job: SimulateJob, ctx: JobContext) -> Scene:
    """Draw parcels, crops, declarations and canopies of a job, reporting as stage landscape."""
    ctx.progress("landscape", 0, 4)
    family = FAMILIES[job.family]
    seed = family.stream_seed(job.seed)
    crs, bounds, parcels, other, values = _ground(job, family, ctx)
    ctx.progress("landscape", 1, 4)
    table, crops = _classes(job, family, values, ctx)
    if values is None:
        crop_of = _grow(seed, job.year, parcels, crops)
    else:
        crop_of = np.array([table.by_value[value] - 1 for value in values], dtype=np.intp)
    missing = sorted(set(range(len(crops))) - set(crop_of.tolist()))
    if missing:
        names = ", ".join(table.names[index] for index in missing)
        ctx.note(f"The scene has {len(parcels)} parcels; none of them grows {names}.")
    ctx.progress("landscape", 2, 4)
    declared = _declare(seed, job.year, crop_of, crops)
    shapes = displaced(seed, parcels, bounds)
    ctx.progress("landscape", 3, 4)
    level = DIFFICULTIES[job.difficulty]
    covers = [Cover.ROUGH_GRASS] + [cover for _, cover in other]
    canopies = Canopies.joined(
        cover_canopies(seed, job.year, covers, level, family),
        parcel_canopies(seed, job.year, crops, crop_of, level, family),
    )
    ctx.progress("landscape", 4, 4)
    return Scene(family, crs, bounds, table, parcels, crop_of, shapes, declared, other, canopies)


def _ground(
    job: SimulateJob, family: Family, ctx: JobContext
) -> tuple[str, Bounds, list[Polygon], list[tuple[BaseGeometry, Cover]], list[str] | None]:
    values: list[str] | None = None
    if job.parcels is None:
        crs, bounds = family.crs, scene_bounds(job.seed, job.size, family.northing)
    else:
        source = read_shapes(job.parcels, job.class_field, job.size, ctx)
        crs, bounds, values = source.crs, source.bounds, source.values
    around = tuple(np.add(bounds, np.array([-1, -1, 1, 1]) * SURROUNDINGS).tolist())
    landscape = draw_landscape(family.stream_seed(job.seed), around, family.land)
    parcels = landscape.parcels if job.parcels is None else source.polygons
    if job.parcels is None:
        near = shapely.intersects(np.asarray(parcels, dtype=object), shapely.box(*bounds))
        parcels = [parcel for parcel, kept in zip(parcels, near, strict=True) if kept]
    return crs, bounds, parcels, landscape.other, values


def scene_bounds(seed: int, size: int, northing: float) -> Bounds:
    """Return where the scene of a seed lies: one of thirty places of a zone, 42 km apart."""
    left = 480_000.0 + 42_000.0 * (seed % 5)
    top = northing + 42_000.0 * (seed // 5 % 6)
    return left, top - 10.0 * size, left + 10.0 * size, top


def _classes(
    job: SimulateJob, family: Family, values: list[str] | None, ctx: JobContext
) -> tuple[ClassTable, list[Crop]]:
    """Return the class table and, in its order, the crop model of each class."""
    source = f"simulated scene, seed {job.seed}"
    if values is None:
        chosen = {crop.name: crop for crop in family.crops[: job.crops]}
        table = ClassTable.from_values(chosen, source, job.year)
        return table, [chosen[name] for name in table.names]
    table = ClassTable.from_values(values, source, job.year)
    known = {crop.name: crop for crop in family.crops}
    taken = {name.lower() for name in table.names}
    free = [crop for crop in family.crops if crop.name not in taken]
    models = free or list(family.crops)
    crops: list[Crop] = []
    guessed: list[str] = []
    for name in table.names:
        if name.lower() in known:
            crops.append(known[name.lower()])
            continue
        turn = len(guessed)
        model = models[turn % len(models)]
        crops.append(
            _variant(family.stream_seed(job.seed), turn, model) if turn >= len(free) else model
        )
        guessed.append(f"{name} as {model.name}")
    if guessed:
        ctx.note(f"Classes whose names are no crop of the simulator: {'; '.join(guessed)}.")
    return table, crops


def _variant(seed: int, turn: int, crop: Crop) -> Crop:
    """Return a crop like another, with its own calendar and canopy."""
    rng = generator(seed, Stream.CLASSES, turn)
    shift = rng.normal(0.0, 8.0, 3)
    green = np.asarray(crop.green) * np.exp(rng.normal(0.0, 0.1, 10))
    return replace(
        crop,
        group=f"{crop.group} {turn}",
        grow=crop.grow + shift[0],
        ripen=crop.ripen + shift[1],
        harvest=crop.harvest + shift[1] + abs(shift[2]),
        green=tuple(green.tolist()),
    )


def _grow(seed: int, year: int, parcels: list[Polygon], crops: list[Crop]) -> NDArray[np.intp]:
    """Draw the crop of each parcel: farms have their own mixture; each crop grows somewhere."""
    rng = generator(seed, Stream.CROPS, year)
    if not parcels:
        return np.zeros(0, dtype=np.intp)
    farm = farm_of(rng, parcels)
    share = np.array([crop.share for crop in crops])
    mixture = rng.gamma(6.0 * share / share.sum(), size=(farm.max() + 1, len(crops))) + 1e-6
    chances = (mixture / mixture.sum(axis=1, keepdims=True)).cumsum(axis=1)[farm]
    crop_of = (rng.random(len(parcels))[:, None] > chances).sum(axis=1)
    crop_of = np.minimum(crop_of, len(crops) - 1).astype(np.intp)
    least = max(1, min(len(parcels) // (2 * len(crops)), 3 + len(parcels) // 100))
    for crop in range(len(crops)):
        counts = np.bincount(crop_of, minlength=len(crops))
        while counts[crop] < least and counts.max() > least:
            candidates = np.flatnonzero(crop_of == counts.argmax())
            crop_of[rng.choice(candidates)] = crop
            counts = np.bincount(crop_of, minlength=len(crops))
    return crop_of


def _declare(
    seed: int, year: int, crop_of: NDArray[np.intp], crops: list[Crop]
) -> NDArray[np.intp]:
    """Return the declared crops: a share is wrong, half of them within the crop's group."""
    rng = generator(seed, Stream.DECLARATIONS, year)
    declared = crop_of.copy()
    wrong = rng.choice(len(crop_of), round(WRONG_SHARE * len(crop_of)), replace=False)
    for parcel in np.sort(wrong):
        true = crop_of[parcel]
        others = [index for index in range(len(crops)) if index != true]
        alike = [index for index in others if crops[index].group == crops[true].group]
        pool = alike if alike and rng.random() < 0.5 else others
        if pool:
            declared[parcel] = rng.choice(pool)
    return declared


def displaced(seed: int, parcels: list[Polygon], bounds: Bounds) -> list[BaseGeometry]:
    """Return the parcels as declared: each edge off by one or two metres."""
    rng = generator(seed, Stream.EDGES)
    east = SmoothField(rng, bounds, EDGE_SCALE)
    north = SmoothField(rng, bounds, EDGE_SCALE)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points[:, 0], points[:, 1]
        shift = np.stack([east.at(x, y), north.at(x, y)], axis=1)
        return np.round(points + EDGE_SPREAD * shift, 2)

    shapes = shapely.segmentize(np.asarray(parcels, dtype=object), VERTEX_DISTANCE)
    moved = shapely.transform(shapes, move)
    return list(shapely.make_valid(moved))
