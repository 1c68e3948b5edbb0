"""Splits by blocks: a pure function of the place, whole parcels, a guard."""

from __future__ import annotations

import numpy as np
import pytest
from cscl.dataset.split import SHARES, SPLITS, SplitRule, choose_rule, to_split_coordinates
from hypothesis import given
from hypothesis import strategies as st

RULE = SplitRule(640.0, 7, SHARES, 80.0)
PLACES = st.floats(-1.7e7, 1.7e7)


@given(PLACES, PLACES, st.floats(0, 0.999), st.floats(0, 0.999))
def test_a_block_has_one_split(x: float, y: float, dx: float, dy: float) -> None:
    column, row = np.floor(x / 640), np.floor(y / 640)
    inside = RULE.split_of((column + dx) * 640, (row + dy) * 640)
    # Rounding may push a place over the block's far border.
    if RULE.blocks_of((column + dx) * 640, (row + dy) * 640) == (column, row):
        assert inside == RULE.split_of(column * 640 + 320, row * 640 + 320)


def test_places_alone_and_together_have_the_same_split() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    x, y = generator.uniform(-1e6, 1e6, (2, 300))
    together = RULE.split_of(x, y)
    assert [str(RULE.split_of(a, b)) for a, b in zip(x, y, strict=True)] == together.tolist()
    order = generator.permutation(300)
    assert np.array_equal(RULE.split_of(x[order], y[order]), together[order])


def test_shares_and_neighbours_of_many_blocks() -> None:
    columns, rows = np.meshgrid(np.arange(-100, 100), np.arange(7000, 7200))
    codes = RULE.codes_of((columns + 0.5) * 640, (rows + 0.5) * 640)
    shares = np.bincount(codes.ravel(), minlength=4) / codes.size
    assert shares[0] == 0
    assert shares[1:] == pytest.approx(SHARES, abs=0.01)
    # Neighbours are independent: both in training for 0.36 of the pairs.
    both = ((codes[:, 1:] == 1) & (codes[:, :-1] == 1)).mean()
    assert both == pytest.approx(0.36, abs=0.01)


def test_fixed_values() -> None:
    """The split of a place must never change between versions."""
    x = (np.arange(8) + 0.5) * 640
    codes = RULE.codes_of(x + 3_000_000, np.full(8, 5_500_000.0))
    assert codes.tolist() == [3, 3, 1, 2, 3, 1, 2, 3]


def test_seeds_differ_and_json_round_trip() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    x, y = generator.uniform(-1e6, 1e6, (2, 500))
    other = SplitRule(640.0, 8, SHARES, 80.0)
    assert 0.3 < (RULE.codes_of(x, y) != other.codes_of(x, y)).mean() < 0.8
    assert SplitRule.from_json(RULE.to_json()) == RULE


def test_same_ground_in_two_zones_has_one_split() -> None:
    # 3 degrees east of zone 31's meridian is the border to zone 32.
    import pyproj

    to_31 = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32631", always_xy=True)
    to_32 = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32632", always_xy=True)
    generator = np.random.Generator(np.random.PCG64(3))
    lon, lat = generator.uniform(5.9, 6.1, 200), generator.uniform(50, 51, 200)
    first = to_split_coordinates(*to_31.transform(lon, lat), "EPSG:32631")
    second = to_split_coordinates(*to_32.transform(lon, lat), "EPSG:32632")
    assert np.abs(np.asarray(first) - np.asarray(second)).max() < 0.01
    inner = [np.abs(values / 640 % 1 - 0.5) < 0.499 for values in first]
    keep = inner[0] & inner[1]
    assert keep.sum() > 190
    assert np.array_equal(RULE.codes_of(*first)[keep], RULE.codes_of(*second)[keep])


def parcels(width: float, count: int, classes: int) -> tuple[np.ndarray, ...]:
    generator = np.random.Generator(np.random.PCG64(5))
    x, y = generator.uniform(0, width, (2, count))
    codes = generator.integers(1, classes + 1, count)
    return x + 300_000, y + 5_000_000, codes, generator.uniform(5e3, 5e4, count)


@pytest.mark.parametrize(
    ("width", "count", "classes", "size"),
    [(40_000, 4000, 8, 2560.0), (6_000, 400, 6, 1280.0), (2_560, 200, 6, 640.0),
     (640, 19, 3, 160.0)],
)  # fmt: skip
def test_blocks_fit_the_area(width: float, count: int, classes: int, size: float) -> None:
    x, y, codes, areas = parcels(width, count, classes)
    rule, notes = choose_rule(x, y, codes, areas, 320.0, 1)
    assert rule.block_size == size
    assert rule.guard == min(160.0, size / 8)
    splits = rule.split_of(x, y)
    for name in SPLITS:
        assert (splits == name).any()
    for code in np.unique(codes):
        assert set(splits[codes == code]) == set(SPLITS)
    text = "\n".join(notes)
    assert ("The area is small" in text) == (size < 2560)
    assert ("guard" in text) == (rule.guard < 160)
    assert f"{areas[splits == 'training'].sum() / areas.sum():.0%} of the parcels' area" in text


def test_rare_classes_are_spread_by_another_seed_and_said() -> None:
    x, y, codes, areas = parcels(2_560, 120, 2)
    codes[:] = 1
    codes[:3] = 2
    rule, notes = choose_rule(x, y, codes, areas, 320.0, 1)
    assert set(rule.split_of(x[:3], y[:3])) == set(SPLITS)
    assert rule.seed == 1 or any(f"seed {rule.seed}" in note for note in notes)
    again, _ = choose_rule(x, y, codes, areas, 320.0, 1)
    assert again == rule


def test_one_parcel_has_a_rule_too() -> None:
    rule, _ = choose_rule([300_000.0], [5e6], [1], [1e4], 160.0, 1)
    assert rule.split_of(300_000.0, 5e6) == "training"
