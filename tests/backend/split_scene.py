"""Random parcels of two years under two grids of neighbouring UTM zones, for tests of splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from cscl.dataset.labels import Labels, burn_labels
from cscl.dataset.rasters import split_layer
from cscl.dataset.split import CRS, to_split_coordinates, transformer_between
from cscl.dataset.split_ground import PolygonGround
from cscl.dataset.split_options import SplitOptions
from cscl.dataset.split_plan import SplitParcels, SplitPlan, choose_plan
from cscl.dataset.split_raster import SplitLayer, guarded
from cscl.grid import Grid, Window

SIDE = 20
WEST, EAST = "EPSG:32631", "EPSG:32632"
# Six degrees east, where the zones meet.
CENTRE = (714_000.0, 5_544_000.0)
WORDS = ("training", "validation", "test")


@dataclass
class Group:
    """One grid and year: its parcels, their labels at 10 m, and what the plan makes of them."""

    name: str
    grid: Grid
    year: int
    shapes: np.ndarray
    classes: np.ndarray
    words: list[str]
    points: np.ndarray

    def __post_init__(self) -> None:
        ids = np.arange(1, len(self.shapes) + 1)
        self.labels: Labels = burn_labels(self.shapes, self.classes, ids, self.grid)

    def read(self, layer: str, window: Window) -> np.ndarray:
        """Stand for the label rasters."""
        return {"labels": self.labels.code, "parcels": self.labels.parcel}[layer][window.slices]

    def codes(self, plan: SplitPlan) -> np.ndarray:
        """Return the parcels' splits by id."""
        return np.append(np.uint8(0), plan.parcel_codes(self.points, self.words, self.year))

    def layer(self, plan: SplitPlan) -> SplitLayer:
        """Return the split before its guard."""
        return split_layer(self, self.grid, plan, self.codes(plan), "class", self.year)


def squares(generator: np.random.Generator, count: int) -> np.ndarray:
    """Return turned squares of 20 to 60 m about the centre."""
    x, y = generator.uniform(-110, 110, (2, count)) + np.array(CENTRE)[:, None]
    half = generator.uniform(10, 30, count)
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    angles = generator.uniform(0, 90, count)
    turned = [shapely.affinity.rotate(b, a) for b, a in zip(boxes, angles, strict=True)]
    return np.array(turned, dtype=object)


def groups(seed: int) -> list[Group]:
    """Return two years of a grid in zone 31 and one of an overlapping grid in zone 32."""
    generator = np.random.Generator(np.random.PCG64(seed))
    west = _grid(WEST, CENTRE, generator)
    across = transformer_between(WEST, EAST)
    east = _grid(EAST, across.transform(*CENTRE), generator)
    first = squares(generator, 25)
    classes = generator.integers(1, 4, 25)
    # In the second year a third of the parcels are the same, copies to the last digit.
    second = np.concatenate([first[:8], squares(generator, 17)])
    moved = shapely.transform(first, across.transform, interleaved=False)

    def words() -> list[str]:
        return generator.choice(WORDS, 25, p=(0.6, 0.2, 0.2)).tolist()

    told, other = words(), generator.integers(1, 4, 25)
    # A parcel's inner point is that of its own layer, whatever the grid.
    inner = inner_points(first)
    return [
        Group("west", west, 2020, first, classes, told, inner),
        Group("west", west, 2021, second, other, words(), inner_points(second)),
        Group("east", east, 2020, moved, classes, told, inner),
    ]


def inner_points(shapes: np.ndarray) -> np.ndarray:
    """Return a point inside each shape of zone 31, in EPSG:6933."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(shapes)).T
    return np.stack(to_split_coordinates(x, y, WEST), axis=1)


def _grid(crs: str, centre: tuple[float, float], generator: np.random.Generator) -> Grid:
    left, top = np.round(np.array(centre) + generator.uniform(-160, -60, 2) * (1, -1))
    return Grid(crs, (10.0, 0.0, float(left), 0.0, -10.0, float(top)), SIDE, SIDE)


def plan_of(kind: str, scene: list[Group], seed: int) -> SplitPlan:
    """Return a plan of a kind (blocks, folds, field, layer, tile, year) for a scene."""
    options: dict[str, Any] = {"field": None, "layer": None, "folds": 5, "fold": 2}
    options |= {"hold_out": {"tile": "east", "year": "2021"}.get(kind)}
    split = kind if kind in ("folds", "field") else "blocks"
    parcels = SplitParcels(
        np.concatenate([group.points for group in scene]),
        np.concatenate([group.classes for group in scene]).astype(np.uint8),
        np.concatenate([shapely.area(group.shapes) for group in scene]),
        sum((group.words for group in scene), []),
    )
    grids = {group.name: group.grid for group in scene}
    plan = choose_plan(
        SplitOptions(split=split, seed=seed, **options), parcels, 160.0, grids, [2020, 2021]
    )
    return _by_layer(plan, scene) if kind == "layer" else plan


def _by_layer(plan: SplitPlan, scene: list[Group]) -> SplitPlan:
    """Return a plan of three bands of ground with a gap between the last two."""
    points = np.concatenate([group.points for group in scene])
    left, bottom = points.min(axis=0) - 500
    right, top = points.max(axis=0) + 500
    at = np.quantile(points[:, 0], (0.5, 0.75, 0.8))
    bands = [(left, at[0], 1), (at[0], at[1], 2), (at[2], right, 3)]
    shapes = gpd.GeoDataFrame(
        {"code": [code for *_, code in bands]},
        geometry=[shapely.box(a, bottom, b, top) for a, b, _ in bands],
        crs=CRS,
    )
    return SplitPlan(plan.rule, PolygonGround(shapes), shapes=shapes)


def finals(scene: list[Group], plan: SplitPlan) -> list[np.ndarray]:
    """Return the final split of each group's pixels."""
    layers = [group.layer(plan) for group in scene]
    return [
        guarded(own, [item for item in layers if item is not own], plan.guard, own.grid.whole)
        for own in layers
    ]


def pixel_squares(grid: Grid, chosen: np.ndarray, crs: str) -> np.ndarray:
    """Return the chosen pixels of a grid as polygons in `crs`."""
    rows, columns = np.nonzero(chosen)
    a, _, c, _, e, f = grid.transform
    left, top = c + a * columns, f + e * rows
    boxes = shapely.box(left, top + e, left + a, top)
    if grid.crs == crs:
        return boxes
    return shapely.transform(boxes, transformer_between(grid.crs, crs).transform, interleaved=False)


def shared_ground(grids: Sequence[Grid], splits: Sequence[np.ndarray]) -> float:
    """Return the square metres that are in one split here and in another there."""
    total, crs = 0.0, grids[0].crs
    for one in range(len(grids)):
        for two in range(one + 1, len(grids)):
            for code in (1, 2, 3):
                here = pixel_squares(grids[one], splits[one] == code, crs)
                other = (splits[two] > 0) & (splits[two] != code)
                there = pixel_squares(grids[two], other, crs)
                first, second = shapely.STRtree(here).query(there)
                total += shapely.area(shapely.intersection(there[first], here[second])).sum()
    return total
