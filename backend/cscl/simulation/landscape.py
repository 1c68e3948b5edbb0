"""A landscape of irregular parcels between roads, tracks, woods and water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from cscl.simulation.catalogue import Cover
from cscl.simulation.family import HECTARE, TEMPERATE, Land
from cscl.simulation.streams import Stream, generator

Bounds = tuple[float, float, float, float]

ROAD_BLOCK = 110 * HECTARE
TRACK_BLOCK = 24 * HECTARE
ROAD_WIDTH = (6.0, 10.0)  # metres, with verges
TRACK_WIDTH = (3.0, 5.0)
MARGIN_WIDTH = (0.5, 2.5)  # uncultivated strip between some parcels
MARGIN_SHARE = 0.4
BUILT_SHARE = 0.02


@dataclass(frozen=True)
class Landscape:
    """Polygons in metres: parcels, and other land in the order in which it is drawn."""

    parcels: list[Polygon]
    other: list[tuple[BaseGeometry, Cover]]


def draw_landscape(seed: int, bounds: Bounds, land: Land = TEMPERATE.land) -> Landscape:
    """Return the landscape inside `bounds` (left, bottom, right, top in metres)."""
    rng = generator(seed, Stream.PLAN)
    whole = shapely.box(*bounds)
    roads: list[BaseGeometry] = []
    tracks: list[BaseGeometry] = []
    blocks = _divide(rng, land, [whole], ROAD_BLOCK, 0.12, ROAD_WIDTH, 1.0, roads)
    fields = _divide(rng, land, blocks, TRACK_BLOCK, 0.04, TRACK_WIDTH, 0.85, tracks)
    cover = generator(seed, Stream.COVER)
    woods, fields = _take_woods(cover, land, fields)
    parcels = _divide_fields(rng, land, fields)
    water = _draw_water(cover, bounds)
    parcels = _subtract(parcels, water)
    houses, parcels = _take_houses(cover, parcels)
    kept = [parcel for parcel in parcels if land.smallest <= parcel.area <= 1.05 * land.largest]
    other: list[tuple[BaseGeometry, Cover]] = [(geometry, Cover.TRACK) for geometry in tracks]
    other += [(geometry, Cover.ROAD) for geometry in roads]
    other += woods
    other += [(geometry, Cover.BUILT) for geometry in houses]
    other += [(geometry, Cover.WATER) for geometry in water]
    return Landscape(kept, other)


def _divide(
    rng: np.random.Generator,
    land: Land,
    polygons: list[Polygon],
    target: float,
    bend: float,
    width: tuple[float, float],
    gap_share: float,
    gaps: list[BaseGeometry] | None = None,
) -> list[Polygon]:
    """Cut polygons until each is at most one and a half times `target` square metres."""
    done: list[Polygon] = []
    waiting = list(reversed(polygons))
    while waiting:
        polygon = waiting.pop()
        pieces = [polygon]
        if polygon.area > 1.5 * target:
            pieces = _cut(rng, land, polygon, bend, width, gap_share, gaps)
        if len(pieces) < 2:
            done.append(polygon)
        else:
            waiting.extend(reversed(pieces))
    return done


def _divide_fields(rng: np.random.Generator, land: Land, fields: list[Polygon]) -> list[Polygon]:
    """Cut each field into parcels of its own usual size, some of them further."""
    parcels: list[Polygon] = []
    own_spread = np.sqrt(land.log_area_spread**2 - land.log_grain_spread**2)

    def divide(polygon: Polygon, area: float) -> list[Polygon]:
        target = float(np.clip(area, 1.2 * land.smallest, 0.65 * land.largest))
        return _divide(rng, land, [polygon], target, 0.015, MARGIN_WIDTH, MARGIN_SHARE)

    for field in fields:
        usual = land.usual_area * np.exp(land.log_grain_spread * rng.standard_normal())
        for piece in divide(field, 2 * usual):
            parcels += divide(piece, usual * np.exp(own_spread * rng.standard_normal()))
    return parcels


def _cut(
    rng: np.random.Generator,
    land: Land,
    polygon: Polygon,
    bend: float,
    width: tuple[float, float],
    gap_share: float,
    gaps: list[BaseGeometry] | None,
) -> list[Polygon]:
    """Cut a polygon once; with `gap_share` as its chance, leave a band between the pieces."""
    line = _cut_line(rng, land, polygon, bend)
    pieces = _parts(split(polygon, line))
    if rng.random() < gap_share:
        band = line.buffer(rng.uniform(*width) / 2, cap_style="flat")
        pieces = [part for piece in pieces for part in _parts(piece.difference(band))]
        if gaps is not None:
            gaps.append(band.intersection(polygon))
    return pieces


def _axes(polygon: Polygon) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return centre, long half axis and short half axis of the smallest rotated rectangle."""
    corners = np.asarray(shapely.minimum_rotated_rectangle(polygon).exterior.coords)[:4]
    first, second = (corners[1] - corners[0]) / 2, (corners[2] - corners[1]) / 2
    centre = corners.mean(axis=0)
    if np.hypot(*first) >= np.hypot(*second):
        return centre, first, second
    return centre, second, first


def elongation(polygon: Polygon) -> float:
    """Return length over width of the smallest rotated rectangle around a polygon."""
    _, long_axis, short_axis = _axes(polygon)
    return float(np.hypot(*long_axis) / max(np.hypot(*short_axis), 1e-9))


def _cut_line(rng: np.random.Generator, land: Land, polygon: Polygon, bend: float) -> LineString:
    """Return a slightly bent line that crosses the polygon, mostly across its long axis."""
    centre, long_axis, short_axis = _axes(polygon)
    ratio = np.hypot(*long_axis) / max(np.hypot(*short_axis), 1e-9)
    if rng.random() < land.strip_share and 2 * ratio < land.longest:
        across, along = long_axis, short_axis
    else:
        across, along = short_axis, long_axis
    place = centre + along * rng.uniform(-0.35, 0.35)
    angle = np.deg2rad(rng.normal(0.0, 7.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    direction = turn @ across
    length = float(np.hypot(*direction))
    reach = 2.5 + ratio if across is short_axis else 2.5
    normal = np.array([-direction[1], direction[0]]) / length
    steps = np.linspace(-reach, reach, 9)
    offsets = rng.normal(0.0, bend * length, 9)
    points = place + steps[:, None] * direction + offsets[:, None] * normal
    return LineString(points)


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons in a geometry that are larger than a hundred square metres."""
    pieces = getattr(geometry, "geoms", [geometry])
    result: list[Polygon] = []
    for piece in pieces:
        if isinstance(piece, MultiPolygon):
            result.extend(_parts(piece))
        elif isinstance(piece, Polygon) and piece.area > 100.0:
            result.append(piece)
    return result


def _take_woods(
    rng: np.random.Generator, land: Land, fields: list[Polygon]
) -> tuple[list[tuple[BaseGeometry, Cover]], list[Polygon]]:
    """Turn part of some fields into wood, until woods cover their share."""
    wanted = land.wood_share * sum(field.area for field in fields) * rng.uniform(0.7, 1.3)
    woods: list[tuple[BaseGeometry, Cover]] = []
    rest = list(fields)
    for index in rng.permutation(len(fields)):
        if wanted <= 0:
            break
        field = fields[index]
        kind = Cover.NEEDLE_WOOD if rng.random() < 0.3 else Cover.LEAF_WOOD
        pieces = _parts(split(field, _cut_line(rng, land, field, 0.08)))
        wood = min(pieces, key=lambda piece: piece.area)
        woods.append((wood, kind))
        wanted -= wood.area
        rest[index] = max(pieces, key=lambda piece: piece.area)
    return woods, rest


def _draw_water(rng: np.random.Generator, bounds: Bounds) -> list[BaseGeometry]:
    """Return one stream across a large landscape, and ponds (about two a square kilometre)."""
    left, bottom, right, top = bounds
    area = (right - left) * (top - bottom)
    water: list[BaseGeometry] = []
    for _ in range(int(rng.poisson(2.0 * area / 1e6))):
        x, y = rng.uniform(left, right), rng.uniform(bottom, top)
        water.append(_blob(rng, x, y, float(np.exp(rng.normal(np.log(28.0), 0.5)))))
    if area > 2e6:
        steps = np.linspace(-0.05, 1.05, 25)
        start, end = rng.uniform(bottom, top, 2)
        wiggle = np.cumsum(rng.normal(0.0, 25.0, 25))
        points = np.stack(
            [left + steps * (right - left), start + steps * (end - start) + wiggle], axis=1
        )
        water.append(LineString(points).buffer(rng.uniform(3.0, 9.0)))
    return water


def _blob(rng: np.random.Generator, x: float, y: float, radius: float) -> Polygon:
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    waves = sum(
        rng.normal(0.0, 0.16 / order) * np.cos(order * angles + rng.uniform(0, 2 * np.pi))
        for order in range(1, 6)
    )
    distance = radius * np.clip(1 + waves, 0.3, 2.0)
    points = np.stack([x + distance * np.cos(angles), y + distance * np.sin(angles)], axis=1)
    return shapely.make_valid(Polygon(points))


def _take_houses(
    rng: np.random.Generator, parcels: list[Polygon]
) -> tuple[list[BaseGeometry], list[Polygon]]:
    """Turn some small parcels into farmyards and gardens."""
    wanted = BUILT_SHARE * sum(parcel.area for parcel in parcels)
    houses: list[BaseGeometry] = []
    taken: set[int] = set()
    for index in rng.permutation(len(parcels)):
        if wanted <= 0:
            break
        if parcels[index].area < 1.0 * HECTARE:
            taken.add(int(index))
            houses.append(parcels[index])
            wanted -= parcels[index].area
    return houses, [parcel for index, parcel in enumerate(parcels) if index not in taken]


def _subtract(parcels: list[Polygon], water: list[BaseGeometry]) -> list[Polygon]:
    """Cut water, with a bank of 4 m, out of parcels."""
    if not water:
        return parcels
    banks = [geometry.buffer(4.0) for geometry in water]
    tree = shapely.STRtree(banks)
    result: list[Polygon] = []
    for parcel in parcels:
        touching = tree.query(parcel, predicate="intersects")
        if len(touching) == 0:
            result.append(parcel)
            continue
        rest = parcel.difference(shapely.union_all([banks[index] for index in touching]))
        result.extend(_parts(rest))
    return result


def farm_of(rng: np.random.Generator, parcels: list[Polygon]) -> NDArray[np.intp]:
    """Return the farm of each parcel: the nearest of some farm centres, one for ten parcels."""
    points = shapely.point_on_surface(np.asarray(parcels, dtype=object))
    places = shapely.get_coordinates(points)
    count = max(1, len(parcels) // 10)
    centres = places[rng.choice(len(parcels), count, replace=False)]
    nearest: NDArray[np.intp] = cKDTree(centres).query(places)[1]
    return nearest
