"""Boundary IoU and the distance to a boundary, by hand, by brute force and window by window."""

from __future__ import annotations

import numpy as np
import pytest
from cscl.dataset.split import SplitRule, to_split_coordinates
from cscl.evaluation.block_figures import boundary_rows, distance_rows
from cscl.evaluation.blocks import BlockGrid, Blocks
from cscl.evaluation.scoring import BandKey, Key, Tally, guess
from cscl.evaluation.zones import DISTANCES, MARGINS, bands, distance_bins, fine_view, view_10m
from cscl.grid import Grid, Window
from hypothesis import given
from hypothesis import strategies as st

CODES = (1, 2, 254)


def tally_of(truth: np.ndarray, found: np.ndarray, resolution: str = "10") -> Tally:
    """Score one map against one truth of the same shape, all of it one block."""
    tally = Tally(CODES)
    mixed = np.zeros(truth.shape, bool)
    view = view_10m(truth, mixed) if resolution == "10" else fine_view(truth, 4)
    blocks = Blocks(np.zeros(truth.shape, np.int64), ("0,0",))
    guesses = {"network": guess(np.pad(found, 2), 2)}
    tally.add("truth", resolution, guesses, view, np.ones(truth.shape, bool), blocks)
    return tally


def ious(tally: Tally, width: int) -> dict[int, float | None]:
    row = next(row for row in boundary_rows(tally) if row["width"] == width)
    return {item["code"]: item["iou"] for item in row["classes"]}


def test_a_boundary_moved_by_one_pixel_worked_by_hand():
    truth = np.full((6, 10), 1, np.uint8)
    truth[:, 5:] = 2
    found = np.full((6, 10), 1, np.uint8)
    found[:, 6:] = 2
    tally = tally_of(truth, found)
    # Bands of width 1: class 1 in column 4 and, on the map, 5; class 2 in 5 and 6: nothing shared.
    assert ious(tally, 1) == {1: 0.0, 2: 0.0, 254: None}
    # Width 2: class 1 in 3, 4 and 4, 5, class 2 in 5, 6 and 6, 7: one column of three is shared.
    assert ious(tally, 2) == {1: 1 / 3, 2: 1 / 3, 254: None}
    rows = boundary_rows(tally)
    assert [row["mean"] for row in rows] == [0.0, pytest.approx(1 / 3)]
    assert rows[1]["counts"] == {"0,0": "1:6/18 2:6/18"}


def test_a_right_map_has_boundary_iou_1_and_one_class_alone_has_none():
    truth = np.full((6, 6), 1, np.uint8)
    truth[2:4, 2:4] = 2
    assert ious(tally_of(truth, truth), 1) == {1: 1.0, 2: 1.0, 254: None}
    plain = np.full((6, 6), 1, np.uint8)
    assert boundary_rows(tally_of(plain, plain))[0]["mean"] is None


def test_unknown_land_and_the_edge_are_no_boundary():
    codes = np.full((5, 8), 1, np.uint8)
    codes[:, 4:] = 255
    assert not any(mask.any() for mask in bands(codes).values())


def brute_band(codes: np.ndarray, code: int, width: int) -> np.ndarray:
    """Tell which pixels of a class are within `width` of another class, pixel by pixel."""
    band = np.zeros(codes.shape, bool)
    for row, col in np.argwhere(codes == code):
        near = codes[max(0, row - width) : row + width + 1, max(0, col - width) : col + width + 1]
        band[row, col] = bool(set(near.ravel().tolist()) - {0, 255, code})
    return band


@given(st.integers(0, 2**32 - 1))
def test_boundary_iou_agrees_with_bands_drawn_pixel_by_pixel(seed: int):
    rng = np.random.default_rng(seed)
    truth = rng.choice(np.array([1, 2, 254, 255], np.uint8), (6, 7), p=[0.5, 0.3, 0.1, 0.1])
    found = rng.choice(np.array(CODES, np.uint8), (6, 7), p=[0.6, 0.3, 0.1])
    tally, known = tally_of(truth, found), truth != 255
    for width in (1, 2):
        for code, iou in ious(tally, width).items():
            true, mapped = brute_band(truth, code, width), brute_band(found, code, width) & known
            union = (true | mapped).sum()
            assert iou == ((true & mapped).sum() / union if union else None)


def test_windows_with_a_margin_count_the_same_as_the_whole():
    rng = np.random.default_rng(1)
    side, pad = 48, MARGINS["10"]
    truth = rng.choice(np.array([1, 2, 254, 255], np.uint8), (8, 8)).repeat(6, 0).repeat(6, 1)
    found = np.where(rng.random((side, side)) < 0.2, 2, np.minimum(truth, 254)).astype(np.uint8)
    whole, parts = tally_of(truth, found), Tally(CODES)
    wide_truth, wide_found = np.pad(truth, pad, constant_values=255), np.pad(found, 2)
    for row in range(0, side, 16):
        for col in range(0, side, 24):
            codes = wide_truth[row : row + 16 + 2 * pad, col : col + 24 + 2 * pad]
            view = view_10m(codes, np.zeros(codes.shape, bool)).cut(pad)
            near = guess(wide_found[row : row + 20, col : col + 28], 2)
            blocks = Blocks(np.zeros((16, 24), np.int64), (f"{col},{row}",))
            counted = np.ones((16, 24), bool)
            parts.add("truth", "10", {"network": near}, view, counted, blocks)
    for width in (1, 2):
        key = BandKey("truth", "10", "network", width)
        assert len(parts.bands[key]) == 6
        assert (sum(parts.bands[key].values()) == whole.bands[key]["0,0"]).all()
    for key, matrix in whole.matrices.items():
        assert (parts.matrices[key] == matrix).all()
    assert (parts.distances["truth", "10", "network"] == whole.distances["truth", "10", "network"]
            ).all()  # fmt: skip


def test_distance_is_counted_from_the_nearest_pixel_of_another_label():
    codes = np.full((5, 40), 1, np.uint8)
    codes[:, 20:] = 2
    found = distance_bins(codes, DISTANCES["10"])[2]
    assert found[19::-1][:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8]
    assert (found[20:] == found[19::-1]).all()


def test_accuracy_by_distance_worked_by_hand():
    truth = np.full((4, 12), 1, np.uint8)
    truth[:, 6:] = 2
    found = truth.copy()
    found[:, 6] = 1  # the pixels at the boundary, on one side
    found[0, 0] = 2
    row = distance_rows(tally_of(truth, found))[0]
    shown = [(item["limit"], item["pixels"], item["accuracy"]) for item in row["bins"]]
    assert shown[:3] == [(1, 8, 0.5), (2, 8, 1.0), (3, 8, 1.0)]
    assert shown[5] == (6, 8, 7 / 8)
    assert shown[-1] == (None, 0, None)
    fine = distance_rows(tally_of(truth, found, "2.5"))[0]
    assert [item["limit"] for item in fine["bins"]] == [1, 2, 3, 4, 6, 8, 12, 16, None]


def test_zones_of_crops_and_other_land_are_counted_apart():
    truth = np.full((6, 9), 1, np.uint8)
    truth[:, 3:6], truth[:, 6:] = 2, 254
    found = truth.copy()
    found[:, 3] = 1
    matrices = tally_of(truth, found).matrices
    crops = matrices[Key("truth", "10", "network", "crop|crop")]
    other = matrices[Key("truth", "10", "network", "crop|outside")]
    assert crops.tolist() == [[6, 0, 0], [6, 0, 0], [0, 0, 0]]
    assert other.tolist() == [[0, 0, 0], [0, 6, 0], [0, 0, 6]]


def test_blocks_are_those_of_the_split():
    rule = SplitRule(160.0, 7, (0.6, 0.2, 0.2), 20.0)
    grid = Grid("EPSG:32631", (10.0, 0.0, 600_000.0, 0.0, -10.0, 5_600_000.0), 60, 50)
    window = Window(10, 20, 30, 40)
    counted = np.random.default_rng(0).random((30, 40)) < 0.5
    found = BlockGrid(rule, grid).blocks(window, counted)
    assert len(found.names) == len(set(found.names)) > 3
    for row, col in np.argwhere(counted)[::37]:
        x, y = grid.affine * (20 + col + 0.5, 10 + row + 0.5)
        column, line = rule.blocks_of(*to_split_coordinates(x, y, grid.crs))
        assert found.names[found.index[row, col]] == f"{column},{line}"
    large = Grid(grid.crs, grid.transform, 6000, 5000)
    assert BlockGrid(rule, large).factor == 6  # 117,000 blocks of 160 m, at most 4,000 of 960 m
    wide = BlockGrid(rule, large).blocks(window, counted)
    assert set(wide.names) == {
        f"{int(name.split(',')[0]) // 6},{int(name.split(',')[1]) // 6}" for name in found.names
    }
    fine = found.fine(4)
    assert fine.index.shape == (120, 160) and fine.index[7, 9] == found.index[1, 2]
