"""Splits of every kind: no parcel and no ground in two of them, over years and UTM zones."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cscl.contract.errors import Findings, UserError
from cscl.contract.jobs import DatasetJob
from cscl.dataset.split import CRS, SHARES, SplitRule
from cscl.dataset.split_ground import BlockGround, FoldGround, HeldOutTile, HeldOutYear
from cscl.dataset.split_options import SplitOptions
from cscl.dataset.split_plan import SplitParcels, SplitPlan, choose_plan, outline
from cscl.dataset.split_raster import SplitLayer, guarded
from cscl.dataset.split_sources import read_split_field, read_split_layer, split_words
from cscl.grid import Grid, Window
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from split_scene import SIDE, WEST, Group, finals, groups, plan_of, shared_ground

KINDS = ("blocks", "folds", "field", "layer", "tile", "year")
RULE = SplitRule(640.0, 7, SHARES, 80.0)


@given(st.sampled_from(KINDS), st.integers(0, 2**32), st.data())
def test_f42_no_parcel_and_no_ground_in_two_splits(
    kind: str, seed: int, data: st.DataObject
) -> None:
    scene = groups(seed)
    plan = plan_of(kind, scene, seed % 1000)
    splits = finals(scene, plan)
    for group, split in zip(scene, splits, strict=True):
        own = group.codes(plan)[group.labels.parcel]
        inside = group.labels.parcel > 0
        assert ((split == own) | (split == 0))[inside].all()
    assert shared_ground([group.grid for group in scene], splits) < 1e-3
    # Copies of a parcel, in the other year and in the other zone, are in one split with a split
    # by place; with one by field it is the ground that is never in two.
    if kind in ("blocks", "folds", "layer", "tile"):
        first, second, east = (group.codes(plan)[1:] for group in scene)
        assert np.array_equal(first[:8], second[:8]) and np.array_equal(first, east)
    if kind == "tile":
        assert set(np.unique(splits[2])) <= {0, 3}
    check_guard(splits[:2], plan)
    check_window(scene, plan, splits[0], data)


def check_guard(splits: list[np.ndarray], plan: SplitPlan) -> None:
    """Two years of one grid: no training pixel is near validation or test ground of either."""
    reach = max(round(plan.guard / 10), 1)
    near = np.zeros((SIDE, SIDE), dtype=bool)
    for split in splits:
        near |= ndimage.binary_dilation(split > 1, np.ones((2 * reach + 1,) * 2))
    assert not any((near & (split == 1)).any() for split in splits)


def check_window(
    scene: list[Group], plan: SplitPlan, whole: np.ndarray, data: st.DataObject
) -> None:
    """Any window of a grid has the splits that the whole has there."""
    row, col = (data.draw(st.integers(0, SIDE - 1)) for _ in range(2))
    height, width = (data.draw(st.integers(1, SIDE - at)) for at in (row, col))
    window = Window(row, col, height, width)
    layers = [group.layer(plan) for group in scene]
    part = guarded(layers[0], layers[1:], plan.guard, window)
    assert np.array_equal(part, whole[window.slices])


def test_without_the_other_years_ground_would_be_in_two_splits() -> None:
    """What the proof would miss if nothing were ever shared."""
    missed = {kind: 0.0 for kind in KINDS}
    for kind in KINDS:
        for seed in range(5):
            scene = groups(seed)
            plan = plan_of(kind, scene, seed)
            layers = [group.layer(plan) for group in scene]
            alone = [guarded(own, (), plan.guard, own.grid.whole) for own in layers]
            missed[kind] += shared_ground([group.grid for group in scene], alone)
    assert all(area > 50 for area in missed.values()), missed


def line_of_blocks(count: int = 40) -> SplitParcels:
    generator = np.random.Generator(np.random.PCG64(1))
    points = generator.uniform(0, 20_000, (count, 2)) + (300_000, 5_000_000)
    return SplitParcels(
        points, generator.integers(1, 4, count).astype(np.uint8), np.full(count, 1e4)
    )


def options(**changes: Any) -> SplitOptions:
    values = {"split": "blocks", "field": None, "layer": None, "folds": 5, "fold": 1,
              "hold_out": None, "seed": 1}  # fmt: skip
    return SplitOptions(**(values | changes))


def test_every_parcel_is_test_in_one_fold_and_validation_in_the_one_before() -> None:
    parcels = line_of_blocks(400)
    tested = np.zeros(400, dtype=int)
    codes = []
    for fold in range(1, 6):
        plan = choose_plan(options(split="folds", fold=fold), parcels, 320.0, {}, [])
        codes.append(plan.parcel_codes(parcels.points))
        tested += codes[-1] == 3
        assert set(codes[-1]) == {1, 2, 3}
        assert (codes[-1] == 1).mean() == pytest.approx(0.6, abs=0.08)
    assert (tested == 1).all()
    for fold in range(5):
        assert np.array_equal(codes[fold] == 2, codes[(fold + 1) % 5] == 3)
    assert plan.notes[0].startswith("Split by blocks of 2560 m into 5 folds with ")
    assert plan.notes[-1] == ("Fold 5 of 5 is test, fold 1 validation, the others are training.")


def test_a_held_out_tile_is_all_test_and_its_blocks_are_not_used_elsewhere() -> None:
    grid = Grid("EPSG:32631", (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_600_000.0), 200, 200)
    footprint = outline(grid)
    ground = HeldOutTile(RULE, "31UFS", footprint)
    left, bottom, right, top = footprint.bounds
    generator = np.random.Generator(np.random.PCG64(1))
    x = generator.uniform(left - 3000, right + 3000, 4000)
    y = generator.uniform(bottom - 3000, top + 3000, 4000)
    codes, blocks = ground.codes(x, y, None), RULE.codes_of(x, y)
    inside = shapely.intersects_xy(footprint, x, y)
    assert (codes[inside] == 3).all() and set(codes[~inside]) == {0, 1, 2}
    columns, rows = RULE.blocks_of(x, y)
    met = shapely.intersects(
        shapely.box(columns * 640, rows * 640, columns * 640 + 640, rows * 640 + 640), footprint
    )
    assert (codes[met & ~inside] == 0).all() and (met & ~inside).sum() > 100
    away = ~met
    assert np.array_equal(codes[away], np.where(blocks[away] == 3, 0, blocks[away]))


def test_a_held_out_year_is_scored_on_test_blocks_alone() -> None:
    ground = HeldOutYear(RULE, 2021)
    x, y = np.random.Generator(np.random.PCG64(1)).uniform(0, 1e5, (2, 500))
    blocks = RULE.codes_of(x, y)
    assert np.array_equal(ground.codes(x, y, 2021), np.where(blocks == 3, 3, 0))
    assert np.array_equal(ground.codes(x, y, 2020), np.where(blocks == 3, 0, blocks))


def test_what_is_held_out_must_be_there() -> None:
    grid = Grid("EPSG:32631", (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_600_000.0), 20, 20)
    with pytest.raises(UserError) as error:
        choose_plan(options(hold_out="2019"), line_of_blocks(), 320.0, {"31UFS": grid}, [2021])
    assert str(error.value) == (
        "hold_out 2019: the images have no such tile or harvest year. Use one of: 31UFS, 2021."
    )
    plan = choose_plan(options(hold_out="31UFS"), line_of_blocks(), 320.0, {"31UFS": grid}, [2021])
    assert plan.notes[-1] == (
        "Held out: all ground of tile 31UFS is test. Elsewhere the blocks that it touches and the "
        "test blocks are not used."
    )


def test_settings_that_do_not_go_together_are_all_told_at_once() -> None:
    job = DatasetJob("images", "parcels.gpkg", "crop", "out")
    assert SplitOptions.of(job) == options()
    wrong = dataclasses.replace(job, split="field", split_layer="a.gpkg", fold=7, hold_out="2021")
    with pytest.raises(UserError) as error:
        SplitOptions.of(wrong)
    assert str(error.value).splitlines() == [
        "split field: no split_field is given. Give --split-field.",
        "split_layer a.gpkg: it goes with split layer, not with split field. Use split layer, or "
        "leave it out.",
        "fold 7: it goes with split folds, not with split field. Use split folds, or leave it out.",
        "hold_out 2021: it goes with split blocks, not with split field. Use split blocks, or "
        "leave it out.",
        "fold 7: there are 5 folds. Use 1 to 5, or more folds.",
    ]


def test_words_of_a_split() -> None:
    findings = Findings()
    values = ["Training", " train ", 1, 1.0, "val", "VALID", 2.0, "test", "3", None, np.nan,
              "", "unused"]  # fmt: skip
    assert split_words(values, "x", findings).tolist() == [1, 1, 1, 1, 2, 2, 2, 3, 3, 0, 0, 0, 0]
    assert findings.items == []
    split_words(["tset", "tset", "4", "train"], "a.gpkg, field s", findings)
    assert [str(item) for item in findings.items] == [
        "a.gpkg, field s: values that name no split, with their features: 'tset' (2), '4' (1). "
        "Use training, validation, test or 1, 2, 3; leave it empty where a feature is not to be "
        "used."
    ]


def test_a_field_of_the_parcels_is_read_by_feature_id(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"crop": ["a", "b", "c"], "part": ["train", None, "test"]},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(3)],
        crs="EPSG:32631",
    )
    frame.to_file(tmp_path / "p.gpkg")
    found = read_split_field(str(tmp_path / "p.gpkg"), "part", np.array([3, 1, 2]))
    assert found[:2] == ["test", "train"] and pd.isna(found[2])
    with pytest.raises(UserError) as error:
        read_split_field(str(tmp_path / "p.gpkg"), "split", np.array([1]))
    assert str(error.value) == (
        "p.gpkg, layer p: it has no field 'split'; found crop, part. Choose the field that holds "
        "training, validation or test."
    )


def field_plan(spread: float) -> SplitPlan:
    """Return a plan by field of parcels `spread` metres apart, the splits mixed."""
    columns, rows = np.meshgrid(np.arange(12), np.arange(12))
    points = np.stack([columns.ravel(), rows.ravel()], axis=1) * spread
    words = np.array(["training", "test", "training", "validation"])[(columns + rows).ravel() % 4]
    parcels = SplitParcels(
        points, np.tile([1, 2], 72).astype(np.uint8), np.full(144, 7854.0), words.tolist()
    )
    return choose_plan(options(split="field", field="part"), parcels, 320.0, {}, [])


def test_a_split_by_field_and_its_guard() -> None:
    near, far = field_plan(100.0), field_plan(400.0)
    assert far.guard == 160.0 and near.guard == 40.0
    assert near.notes == (
        "Split by the field part of the parcels: 50% of the parcels' area is for training, 25% "
        "for validation, 25% for test, 0% is not used.",
        "Land outside parcels has the split of the nearest parcel.",
        "The guard around validation and test ground is 40 m instead of half a chip (160 m), "
        "because parcels of other splits lie close by: scores may be too good.",
    )
    assert far.parcel_codes([[0, 0], [1, 1]], ["val", 3]).tolist() == [2, 3]
    assert far.ground_codes([10, 390, -2500, -2600], [0, 0, 0, 0]).tolist() == [1, 3, 1, 0]
    with pytest.raises(UserError, match="values that name no split"):
        far.parcel_codes([[0, 0]], ["?"])


def polygons(tmp_path: Path, splits: list[Any], boxes: list[tuple[float, ...]]) -> str:
    frame = gpd.GeoDataFrame(
        {"split": splits}, geometry=[shapely.box(*item) for item in boxes], crs="EPSG:32631"
    )
    frame.to_file(tmp_path / "areas.gpkg")
    return str(tmp_path / "areas.gpkg")


def test_a_split_by_layer(tmp_path: Path) -> None:
    layer = polygons(
        tmp_path,
        ["train", "val", "test"],
        [(500_000, 5_590_000, 502_000, 5_600_000), (502_000, 5_590_000, 504_000, 5_600_000),
         (505_000, 5_590_000, 507_000, 5_600_000)],
    )  # fmt: skip
    shapes = read_split_layer(layer)
    assert shapes.crs == CRS and shapes["code"].tolist() == [1, 2, 3]
    inner = np.array([shape.representative_point().coords[0] for shape in shapes.geometry])
    parcels = SplitParcels(inner, np.array([1, 2, 1], np.uint8), np.full(3, 1e4))
    plan = choose_plan(options(split="layer", layer=layer), parcels, 320.0, {}, [])
    assert plan.parcel_codes(inner).tolist() == [1, 2, 3]
    gap = (inner[1] + inner[2]) / 2 + (400, 0)
    assert plan.ground_codes(*np.stack([gap, inner[2]]).T).tolist() == [0, 3]
    assert plan.guard == 160.0 and not plan.by_place
    plan.write_shapes(tmp_path)
    value = json.loads(json.dumps(plan.to_json()))
    again = SplitPlan.from_json(value, tmp_path)
    assert again.parcel_codes(inner).tolist() == [1, 2, 3] and again.guard == 160.0
    assert SplitPlan.from_json(value).parcel_codes(inner).tolist() == [0, 0, 0]


def test_all_that_is_wrong_with_a_layer_is_told_at_once(tmp_path: Path) -> None:
    layer = polygons(
        tmp_path,
        ["train", "test", "trial"],
        [(500_000, 5_590_000, 502_000, 5_600_000), (501_990, 5_590_000, 504_000, 5_590_100),
         (505_000, 5_590_000, 507_000, 5_600_000)],
    )  # fmt: skip
    with pytest.raises(UserError) as error:
        read_split_layer(layer)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("areas.gpkg, layer areas, field split: values that name no split")
    assert lines[1] == (
        "areas.gpkg, layer areas: polygons of two splits share 1001 square metres: FID 1 and 2. "
        "Cut one of them, so that every place has one split."
    )
    assert len(lines) == 2


@pytest.mark.parametrize(
    "ground",
    [
        BlockGround(RULE),
        FoldGround(dataclasses.replace(RULE, shares=(0.25,) * 4), 4),
        HeldOutYear(RULE, 2021),
        HeldOutTile(RULE, "31UFS", shapely.box(0, 0, 2000, 900)),
    ],
    ids=lambda item: item.kind,
)
def test_a_plan_survives_json(ground: Any) -> None:
    plan = SplitPlan(ground.rule, ground)
    again = SplitPlan.from_json(json.loads(json.dumps(plan.to_json())))
    assert again == plan and again.by_place
    x, y = np.random.Generator(np.random.PCG64(1)).uniform(-3000, 3000, (2, 300))
    assert np.array_equal(again.ground_codes(x, y, 2021), plan.ground_codes(x, y, 2021))


def test_the_split_of_an_older_dataset_is_one_by_blocks() -> None:
    plan = SplitPlan.from_json(RULE.to_json())
    assert plan == SplitPlan(RULE, BlockGround(RULE))


def test_training_ground_beyond_the_grid_is_guarded_too() -> None:
    """A test parcel of the neighbouring tile keeps its distance across the common border."""
    left = Grid(WEST, (10.0, 0.0, 0.0, 0.0, -10.0, 100.0), 10, 10)
    right = Grid(WEST, (10.0, 0.0, 100.0, 0.0, -10.0, 100.0), 10, 10)
    training = SplitLayer(left, lambda window: np.full((window.height, window.width), 1, np.uint8))
    test = SplitLayer(right, lambda window: np.full((window.height, window.width), 3, np.uint8))
    found = guarded(training, [test], 30.0, left.whole)
    assert (found[:, :7] == 1).all() and (found[:, 7:] == 0).all()
    assert (guarded(test, [training], 30.0, right.whole) == 3).all()
