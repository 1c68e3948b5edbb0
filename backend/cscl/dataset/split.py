"""Blocks of a fixed grid in EPSG:6933, drawn into groups such as training, validation and test."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

SPLITS = ("training", "validation", "test")
SHARES = (0.6, 0.2, 0.2)
CRS = "EPSG:6933"  # equal area, so that blocks hold the same ground everywhere
# Sides of blocks in metres, the largest that gives enough blocks is taken.
BLOCK_SIZES = (2560.0, 1280.0, 640.0, 320.0, 160.0, 80.0)
FEWEST_BLOCKS = 6  # a group
SHARE_TOLERANCE = 0.08
SEED_TRIALS = 32
GUARD_SHARE = 1 / 8  # of a block, the widest guard


@dataclass(frozen=True)
class SplitRule:
    """Which group a place belongs to: a pure function of its location.

    `block_size` and `guard` in metres; `shares` of training, validation and test, or of as many
    groups as there are folds. `guard` is the width around validation and test ground from which
    no training label is taken.
    """

    block_size: float
    seed: int
    shares: tuple[float, ...]
    guard: float

    def codes_of(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.uint8]:
        """Return the group from 1 on for coordinates in EPSG:6933.

        Of three groups 1 is training, 2 validation and 3 test.
        """
        return self.codes_of_blocks(*self.blocks_of(x, y))

    def codes_of_blocks(
        self, column: NDArray[np.int64], row: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """Return the group of blocks by their column and row."""
        limits = np.cumsum(self.shares)[:-1]
        chance = _chance(self.seed, column, row)
        return (1 + np.searchsorted(limits, chance, side="right")).astype(np.uint8)

    def split_of(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.str_]:
        """Return the names of the splits for coordinates in EPSG:6933."""
        return np.asarray(SPLITS)[self.codes_of(x, y) - 1]

    def blocks_of(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return column and row of the block."""
        column = np.floor(np.asarray(x, dtype=np.float64) / self.block_size)
        row = np.floor(np.asarray(y, dtype=np.float64) / self.block_size)
        return column.astype(np.int64), row.astype(np.int64)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "block_size": self.block_size,
            "seed": self.seed,
            "shares": list(self.shares),
            "guard": self.guard,
            "crs": CRS,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> SplitRule:
        """Return the rule that `to_json` described."""
        return cls(
            float(value["block_size"]),
            int(value["seed"]),
            tuple(float(share) for share in value["shares"]),
            float(value["guard"]),
        )


def to_split_coordinates(
    x: ArrayLike, y: ArrayLike, crs: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coordinates of `crs` in EPSG:6933."""
    return transformer_between(crs, CRS).transform(np.asarray(x), np.asarray(y))


@functools.lru_cache(maxsize=64)
def transformer_between(source: str, target: str) -> pyproj.Transformer:
    """Return the transformer of coordinates in x, y order; making one takes long."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def choose_rule(
    x: ArrayLike,
    y: ArrayLike,
    classes: ArrayLike,
    areas: ArrayLike,
    chip_metres: float,
    seed: int,
    shares: tuple[float, ...] = SHARES,
) -> tuple[SplitRule, list[str]]:
    """Return the rule for parcels at `x`, `y` (EPSG:6933), and what had to be adapted, in words.

    The largest blocks are taken of which six a group (with few parcels: half their number) hold
    parcels and which some seed divides so that every class with as many parcels as there are groups
    stands in each of them and the shares of area are near the wanted ones. Where there are none,
    the best of all tried.
    """
    points = (np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    numbers, weights = np.asarray(classes), np.asarray(areas, dtype=np.float64)
    best: tuple[tuple[int, float], SplitRule] | None = None
    for size in BLOCK_SIZES:
        plain = SplitRule(size, seed, shares, min(chip_metres / 2, size * GUARD_SHARE))
        blocks = np.unique(np.stack(plain.blocks_of(*points)), axis=1).shape[1]
        enough = min(FEWEST_BLOCKS * len(shares), len(numbers) // 2)
        if blocks < enough and size > BLOCK_SIZES[-1]:
            continue
        for trial in range(SEED_TRIALS):
            rule = replace(plain, seed=seed + trial * 1_000_003)
            fault = _fault(rule.codes_of(*points), numbers, weights, shares)
            if best is None or fault < best[0]:
                best = fault, rule
            if fault[0] == 0 and fault[1] <= SHARE_TOLERANCE:
                return rule, _adaptations(rule, seed, chip_metres, points, weights)
    if best is None:
        raise ValueError("no block size was tried")
    return best[1], _adaptations(best[1], seed, chip_metres, points, weights)


def _fault(
    groups: NDArray[np.uint8],
    classes: NDArray[Any],
    areas: NDArray[np.float64],
    wanted: tuple[float, ...],
) -> tuple[int, float]:
    """Return how many classes lack how many groups, and the largest miss of a share."""
    missing = 0
    for code in np.unique(classes):
        members = groups[classes == code]
        # A class with fewer parcels cannot stand in every group.
        if len(members) >= len(wanted):
            missing += len(wanted) - len(np.unique(members))
    shares = np.bincount(groups, areas, minlength=len(wanted) + 1)[1:] / areas.sum()
    # An empty group makes the dataset useless: worse than any class that is absent from one.
    missing += 1000 * int((shares == 0).sum())
    return missing, float(np.abs(shares - wanted).max())


def _adaptations(
    rule: SplitRule,
    seed: int,
    chip_metres: float,
    points: tuple[NDArray[np.float64], NDArray[np.float64]],
    areas: NDArray[np.float64],
) -> list[str]:
    notes = [_shares_note(rule, points, areas)]
    if rule.block_size < BLOCK_SIZES[0]:
        notes.append(
            f"The area is small: blocks of {rule.block_size:g} m instead of {BLOCK_SIZES[0]:g} m, "
            "so that all splits and classes have ground."
        )
    if rule.guard < chip_metres / 2:
        notes.append(
            f"The guard around validation and test ground is {rule.guard:g} m instead of half a "
            f"chip ({chip_metres / 2:g} m), because the blocks are small: scores may be a little "
            "too good."
        )
    if rule.seed != seed:
        notes.append(
            f"The blocks are drawn with seed {rule.seed}: with {seed} more splits or classes "
            "would have been missing, or the shares farther off."
        )
    return notes


def _shares_note(
    rule: SplitRule,
    points: tuple[NDArray[np.float64], NDArray[np.float64]],
    areas: NDArray[np.float64],
) -> str:
    groups = len(rule.shares)
    shares = np.bincount(rule.codes_of(*points), areas, minlength=groups + 1)[1:] / areas.sum()
    if rule.shares != SHARES:
        return (
            f"Split by blocks of {rule.block_size:g} m into {groups} folds with "
            f"{', '.join(f'{share:.0%}' for share in shares)} of the parcels' area."
        )
    return (
        f"Split by blocks of {rule.block_size:g} m: {shares[0]:.0%} of the parcels' area is for "
        f"training, {shares[1]:.0%} for validation, {shares[2]:.0%} for test."
    )


def _chance(seed: int, column: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a number in [0, 1) that depends on nothing but seed and block."""
    state = np.full(np.shape(column), seed, dtype=np.int64).view(np.uint64)
    for part in (column, row):
        state = _mix(state ^ np.asarray(part).view(np.uint64))
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One step of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): wraps around, as it should."""
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))
