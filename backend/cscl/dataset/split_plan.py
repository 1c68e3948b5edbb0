"""The plan of a dataset's split: which parcels and which land are training, validation and test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from cscl.contract import atomic
from cscl.contract.errors import Findings, UserError
from cscl.dataset.split import CRS, SHARES, SplitRule, choose_rule, to_split_coordinates
from cscl.dataset.split_ground import (
    TEST,
    TRAINING,
    UNUSED,
    BlockGround,
    FoldGround,
    Ground,
    HeldOutTile,
    HeldOutYear,
    NearestParcel,
    PolygonGround,
    ground_from_json,
)
from cscl.dataset.split_options import SplitOptions
from cscl.grid import Grid

# Tables take a worker 0.1 GiB, and none of them needs one: they are loaded where they are used.
if TYPE_CHECKING:
    import geopandas as gpd

SHAPES = "split.parquet"
SMALLEST_GUARD = 10.0  # metres: a pixel, so that pixels of two grids never share ground
KEPT_SHARE = 0.5  # of the training parcels' area that the guard leaves, at least
EDGE_POINTS = 21


@dataclass(frozen=True)
class SplitParcels:
    """What the choice of a split looks at, one row a parcel whose class is known.

    `points` (N, 2) inside the parcels in EPSG:6933, `classes` (N,) codes, `areas` (N,) in square
    metres, `values` (N,) of the split's field where there is one.
    """

    points: NDArray[np.float64]
    classes: NDArray[np.uint8]
    areas: NDArray[np.float64]
    values: Sequence[Any] = ()


@dataclass(frozen=True)
class SplitPlan:
    """Gives parcels and land their split: 0 unused, 1 training, 2 validation, 3 test.

    `rule` holds the blocks: those of the split, or with a split by field or layer those over which
    intervals are drawn. `notes` say what was chosen and adapted. METHOD, section 5.
    """

    rule: SplitRule
    ground: Ground
    notes: tuple[str, ...] = ()
    shapes: gpd.GeoDataFrame | None = field(default=None, repr=False, compare=False)

    @property
    def kind(self) -> str:
        """blocks, folds, tile, year, field or layer."""
        return self.ground.kind

    @property
    def guard(self) -> float:
        """Metres around validation and test ground from which no training label is taken."""
        return self.rule.guard

    @property
    def by_place(self) -> bool:
        """Whether the split of any place can be told, now and from JSON alone."""
        return self.kind not in ("field", "layer")

    def parcel_codes(
        self, points: ArrayLike, values: Sequence[Any] | None = None, year: int | None = None
    ) -> NDArray[np.uint8]:
        """Return the split of parcels by a point inside each (N, 2), in EPSG:6933.

        `values` are those of the split's field, for a split by field; `year` is the parcels'
        harvest year. Raises `UserError` where a value names no split.
        """
        if self.kind != "field":
            x, y = np.asarray(points, dtype=np.float64).reshape(-1, 2).T
            return self.ground.codes(x, y, year)
        from cscl.dataset.split_sources import split_words

        findings = Findings()
        codes = split_words(() if values is None else values, "field of the split", findings)
        findings.raise_errors()
        return codes

    def ground_codes(
        self, x: ArrayLike, y: ArrayLike, year: int | None = None
    ) -> NDArray[np.uint8]:
        """Return the split of land outside parcels at places (N,) in EPSG:6933."""
        across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        return self.ground.codes(across, up, year)

    def misplaced(self, codes: NDArray[np.uint8], x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Return which pixels of parcels, with their `codes` (N,), may not be of that split there.

        A parcel from outside may reach into a tile that is held out, where all used ground is test.
        """
        if not isinstance(self.ground, HeldOutTile):
            return np.zeros(len(codes), dtype=bool)
        across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        return (codes != TEST) & self.ground.reached(across, up)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON; `write_shapes` keeps what is too long for it."""
        return {**self.rule.to_json(), "kind": self.kind, **self.ground.to_json()}

    @classmethod
    def from_json(cls, value: dict[str, Any], folder: Path | None = None) -> SplitPlan:
        """Return the plan that `to_json` described; `folder` holds its shapes, if it has any.

        Without them a split by field or layer leaves every place unused (`by_place` tells).
        """
        rule = SplitRule.from_json(value)
        path = None if folder is None else folder / SHAPES
        shapes = None
        if path is not None and path.is_file():
            from geopandas import read_parquet

            shapes = read_parquet(path)
        return cls(rule, ground_from_json(value, rule, shapes), shapes=shapes)

    def write_shapes(self, folder: Path) -> None:
        """Write the points or polygons of a split by field or layer beside the description."""
        if self.shapes is not None:
            with atomic.replacing(folder / SHAPES) as part:
                self.shapes.to_parquet(part)


def choose_plan(
    options: SplitOptions,
    parcels: SplitParcels,
    chip_metres: float,
    grids: Mapping[str, Grid],
    years: Sequence[int],
) -> SplitPlan:
    """Return the plan of a dataset; raises `UserError` with what its options ask for in vain.

    `grids` by name and `years` are those of the dataset's images.
    """
    shares = (1 / options.folds,) * options.folds if options.split == "folds" else SHARES
    x, y = parcels.points.T
    rule, notes = choose_rule(
        x, y, parcels.classes, parcels.areas, chip_metres, options.seed, shares
    )
    if options.split in ("field", "layer"):
        return _given_plan(options, parcels, rule, chip_metres)
    if options.split == "folds":
        after = options.fold % options.folds + 1
        notes.append(
            f"Fold {options.fold} of {options.folds} is test, fold {after} validation, the others "
            "are training."
        )
        return SplitPlan(rule, FoldGround(rule, options.fold), tuple(notes))
    if options.hold_out is None:
        return SplitPlan(rule, BlockGround(rule), tuple(notes))
    return _held_out(options.hold_out, rule, notes, grids, years)


def _held_out(
    wanted: str,
    rule: SplitRule,
    notes: list[str],
    grids: Mapping[str, Grid],
    years: Sequence[int],
) -> SplitPlan:
    if wanted in grids:
        footprint = outline(grids[wanted])
        notes.append(
            f"Held out: all ground of tile {wanted} is test. Elsewhere the blocks that it touches "
            "and the test blocks are not used."
        )
        return SplitPlan(rule, HeldOutTile(rule, wanted, footprint), tuple(notes))
    if wanted in {str(year) for year in years}:
        notes.append(
            f"Held out: the harvest year {wanted}. Its test blocks are test, its other ground is "
            "not used; the other years are training and validation without the test blocks."
        )
        return SplitPlan(rule, HeldOutYear(rule, int(wanted)), tuple(notes))
    known = [*grids, *(str(year) for year in sorted(set(years)))]
    raise UserError(
        "nothing_to_hold_out",
        f"hold_out {wanted}",
        "the images have no such tile or harvest year",
        f"Use one of: {', '.join(known)}.",
    )


def _given_plan(
    options: SplitOptions, parcels: SplitParcels, rule: SplitRule, chip_metres: float
) -> SplitPlan:
    """Return the plan of a split that somebody made, by field or layer."""
    from geopandas import GeoDataFrame

    from cscl.dataset.split_sources import read_split_layer, split_words

    if options.split == "field":
        findings = Findings()
        codes = split_words(parcels.values, f"field {options.field}", findings)
        findings.raise_errors()
        points = shapely.points(parcels.points[codes != UNUSED])
        shapes = GeoDataFrame({"code": codes[codes != UNUSED]}, geometry=points, crs=CRS)
        source = f"the field {options.field} of the parcels"
    else:
        shapes = read_split_layer(str(options.layer))
        codes = PolygonGround(shapes).codes(*parcels.points.T, None)
        source = f"the polygons of {Path(str(options.layer).partition('|')[0]).name}"
    if not (codes != UNUSED).any():
        raise UserError(
            "split_empty",
            source,
            "it gives no parcel in the images a split",
            "Use a field or layer that says training, validation and test for these parcels.",
        )
    guard = _guard(parcels, codes, chip_metres)
    ground = NearestParcel(shapes) if options.split == "field" else PolygonGround(shapes)
    notes = _given_notes(source, options.split, parcels.areas, codes, guard, chip_metres)
    return SplitPlan(replace(rule, guard=guard), ground, notes, shapes)


def _guard(parcels: SplitParcels, codes: NDArray[np.uint8], chip_metres: float) -> float:
    """Return half a chip, halved until about half of the training parcels' area is left.

    What is left is estimated by parcels as discs, each beside the nearest one of another split.
    """
    guard = chip_metres / 2
    own, others = codes == TRAINING, codes > TRAINING
    if not own.any() or not others.any():
        return guard
    from scipy.spatial import cKDTree

    distance, nearest = cKDTree(parcels.points[others]).query(parcels.points[own])
    radius = np.sqrt(parcels.areas / np.pi)
    free = distance + radius[own] - radius[others][nearest]
    while guard > SMALLEST_GUARD:
        kept = np.clip((free - guard) / (2 * radius[own]), 0, 1)
        if np.average(kept, weights=parcels.areas[own]) >= KEPT_SHARE:
            return guard
        guard = max(guard / 2, SMALLEST_GUARD)
    return guard


def _given_notes(
    source: str,
    split: str,
    areas: NDArray[np.float64],
    codes: NDArray[np.uint8],
    guard: float,
    chip_metres: float,
) -> tuple[str, ...]:
    shares = np.bincount(codes, areas, minlength=4) / areas.sum()
    notes = [
        f"Split by {source}: {shares[1]:.0%} of the parcels' area is for training, {shares[2]:.0%} "
        f"for validation, {shares[3]:.0%} for test, {shares[0]:.0%} is not used."
    ]
    if split == "field":
        notes.append("Land outside parcels has the split of the nearest parcel.")
    if guard < chip_metres / 2:
        notes.append(
            f"The guard around validation and test ground is {guard:g} m instead of half a chip "
            f"({chip_metres / 2:g} m), because parcels of other splits lie close by: scores may be "
            "too good."
        )
    return tuple(notes)


def outline(grid: Grid) -> shapely.Polygon:
    """Return a grid's outline in EPSG:6933, its edges by points enough to follow their bend."""
    steps = np.linspace(0, 1, EDGE_POINTS)
    corners = shapely.get_coordinates(shapely.box(*grid.bounds))
    sides = [a + steps[:, None] * (b - a) for a, b in zip(corners[:-1], corners[1:], strict=True)]
    x, y = np.concatenate(sides).T
    return shapely.Polygon(np.stack(to_split_coordinates(x, y, grid.crs), axis=1))
