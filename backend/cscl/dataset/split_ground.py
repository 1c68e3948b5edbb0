"""The ways in which a place on the ground gets its split, each a pure function of the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from cscl.dataset.split import CRS, SplitRule

if TYPE_CHECKING:
    import geopandas as gpd

UNUSED, TRAINING, VALIDATION, TEST = range(4)
# Land further from every parcel than the largest block has no split of a parcel.
FARTHEST = 2560.0

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


class Ground(Protocol):
    """Gives places in EPSG:6933 their split: 0 unused, 1 training, 2 validation, 3 test."""

    kind: str

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        """Return the codes of places; `year` is the harvest year of what is asked for."""

    def to_json(self) -> dict[str, Any]:
        """Return what JSON keeps of it, beside its kind."""


@dataclass(frozen=True)
class BlockGround:
    """A place has the split of its block."""

    rule: SplitRule
    kind = "blocks"

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        return self.rule.codes_of(x, y)

    def to_json(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class FoldGround:
    """Blocks are drawn into folds; fold `fold` (from 1) is test, the next one validation."""

    rule: SplitRule
    fold: int
    kind = "folds"

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        folds = len(self.rule.shares)
        lookup = np.full(folds + 1, TRAINING, dtype=np.uint8)
        lookup[self.fold] = TEST
        lookup[self.fold % folds + 1] = VALIDATION
        return lookup[self.rule.codes_of(x, y)]

    def to_json(self) -> dict[str, Any]:
        return {"fold": self.fold}


@dataclass(frozen=True)
class HeldOutYear:
    """Ground keeps its block's split; test counts in the held-out year, the others elsewhere."""

    rule: SplitRule
    year: int
    kind = "year"

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        codes = self.rule.codes_of(x, y)
        used = (codes == TEST) if year == self.year else (codes != TEST)
        return np.where(used, codes, UNUSED).astype(np.uint8)

    def to_json(self) -> dict[str, Any]:
        return {"year": self.year}


@dataclass(frozen=True)
class HeldOutTile:
    """All ground of one tile is test, what else its blocks hold and other test ground is unused.

    `footprint` is the tile's outline in EPSG:6933.
    """

    rule: SplitRule
    tile: str
    footprint: shapely.Polygon
    kind = "tile"

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        codes = self.rule.codes_of(x, y)
        codes[(codes == TEST) | self._touched(x, y)] = UNUSED
        codes[self.reached(x, y)] = TEST
        return codes

    def reached(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Return which places lie in the tile, where a parcel from outside may reach to."""
        inside: NDArray[np.bool_] = shapely.intersects_xy(self.footprint, x, y)
        return inside

    def _touched(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Return whether the block of each place meets the tile."""
        size = self.rule.block_size
        blocks = np.stack(self.rule.blocks_of(x, y))
        unique, place = np.unique(blocks, axis=1, return_inverse=True)
        left, bottom = unique * size
        boxes = shapely.box(left, bottom, left + size, bottom + size)
        touched: NDArray[np.bool_] = shapely.intersects(boxes, self.footprint)
        return touched[place.reshape(-1)]

    def to_json(self) -> dict[str, Any]:
        return {"tile": self.tile, "footprint": shapely.to_wkt(self.footprint, 3)}


class NearestParcel:
    """A place outside parcels has the split of the parcel whose inner point is nearest.

    `shapes` holds the points in EPSG:6933 and their `code`.
    """

    kind = "field"

    def __init__(self, shapes: gpd.GeoDataFrame) -> None:
        # Loaded where it is used: most splits do without, and workers start sooner.
        from scipy.spatial import cKDTree

        self._tree = cKDTree(shapely.get_coordinates(shapes.geometry.to_numpy()))
        self._codes = np.append(shapes["code"].to_numpy(np.uint8), np.uint8(UNUSED))

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        # What is too far has the place behind the last parcel.
        _, place = self._tree.query(np.stack([x, y], axis=-1), distance_upper_bound=FARTHEST)
        return self._codes[place]

    def to_json(self) -> dict[str, Any]:
        return {}


class PolygonGround:
    """A place has the split of the polygon that it lies in, none outside them.

    `shapes` holds the polygons in EPSG:6933 and their `code`.
    """

    kind = "layer"

    def __init__(self, shapes: gpd.GeoDataFrame) -> None:
        self._shapes = shapes.geometry.to_numpy()
        self._codes = shapes["code"].to_numpy(np.uint8)
        self._tree = shapely.STRtree(self._shapes)
        shapely.prepare(self._shapes)

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        codes = np.zeros(len(x), dtype=np.uint8)
        if not len(x):
            return codes
        extent = shapely.box(x.min(), y.min(), x.max(), y.max())
        for index in self._tree.query(extent):
            inside = shapely.intersects_xy(self._shapes[index], x, y)
            # On a common border the higher code counts: test ground is never trained on.
            codes[inside] = np.maximum(codes[inside], self._codes[index])
        return codes

    def to_json(self) -> dict[str, Any]:
        return {}


class UnknownGround:
    """Stands for a split by field or layer whose shapes are not at hand: no place has a split."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def codes(self, x: Floats, y: Floats, year: int | None) -> Codes:
        return np.zeros(len(x), dtype=np.uint8)

    def to_json(self) -> dict[str, Any]:
        return {}


def ground_from_json(
    value: dict[str, Any], rule: SplitRule, shapes: gpd.GeoDataFrame | None
) -> Ground:
    """Return the ground that `kind` and its other values describe.

    `shapes` are those of a split by field or layer, None where they are not at hand.
    """
    kind = value.get("kind", "blocks")
    if kind == "blocks":
        return BlockGround(rule)
    if kind == "folds":
        return FoldGround(rule, int(value["fold"]))
    if kind == "year":
        return HeldOutYear(rule, int(value["year"]))
    if kind == "tile":
        return HeldOutTile(rule, str(value["tile"]), shapely.from_wkt(value["footprint"]))
    if kind not in ("field", "layer"):
        raise ValueError(f"no split {kind!r}")
    if shapes is None:
        return UnknownGround(kind)
    if shapes.crs != CRS:
        raise ValueError(f"the shapes of the split are not in {CRS}")
    return NearestParcel(shapes) if kind == "field" else PolygonGround(shapes)
