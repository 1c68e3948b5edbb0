"""Zones of a label raster: boundaries, mixed pixels, distance."""

from __future__ import annotations

import numpy as np
from cscl.evaluation.zones import boundary, coarse_labels, crop_boundary, fine_zones, zones_10m
from hypothesis import given
from hypothesis import strategies as st


def _halves(left: int, right: int, size: int = 10) -> np.ndarray:
    codes = np.full((size, size), left, np.uint8)
    codes[:, size // 2 :] = right
    return codes


def test_a_boundary_is_one_pixel_deep_on_each_side_with_3x3_and_two_with_5x5():
    codes = _halves(1, 2)
    assert np.flatnonzero(boundary(codes, 3)[4]).tolist() == [4, 5]
    assert np.flatnonzero(boundary(codes, 5)[4]).tolist() == [3, 4, 5, 6]


def test_outside_is_a_label_unknown_and_the_edge_of_the_raster_are_none():
    assert boundary(_halves(1, 254)).any()
    assert not boundary(_halves(1, 255)).any()
    assert not boundary(_halves(1, 0)).any()
    assert not boundary(np.full((5, 5), 3, np.uint8)).any()


def test_boundaries_of_crops_are_told_from_those_with_other_land():
    codes = _halves(1, 2)
    codes[7:] = 254
    masks = zones_10m(codes, np.zeros(codes.shape, bool))
    assert masks["crop|crop"][2, 4] and not masks["crop|outside"][2, 4]
    assert masks["crop|outside"][7, 1] and not masks["crop|crop"][7, 1]
    assert masks["crop|crop"][7, 4]  # both crops and other land are near
    together = masks["crop|crop"].astype(int) + masks["crop|outside"] + masks["interior"]
    assert (together == 1).all()
    assert (masks["boundary"] == (masks["crop|crop"] | masks["crop|outside"])).all()


def test_distance_zones_at_2m5():
    masks = fine_zones(_halves(1, 2, 20), 4)
    assert np.flatnonzero(masks["within 2.5 m"][9]).tolist() == [9, 10]
    assert np.flatnonzero(masks["within 10 m"][9]).tolist() == list(range(6, 14))
    assert (masks["beyond 10 m"] == ~masks["within 10 m"]).all()


def test_distance_zones_at_5m():
    masks = fine_zones(_halves(1, 2, 20), 2)
    assert tuple(masks) == ("all", "within 5 m", "within 10 m", "beyond 10 m")
    assert np.flatnonzero(masks["within 5 m"][9]).tolist() == [9, 10]
    assert np.flatnonzero(masks["within 10 m"][9]).tolist() == [8, 9, 10, 11]
    assert (masks["beyond 10 m"] == ~masks["within 10 m"]).all()


@given(st.integers(0, 2**32 - 1))
def test_boundary_agrees_with_looking_at_every_neighbourhood(seed: int):
    rng = np.random.default_rng(seed)
    codes = rng.choice(np.array([0, 1, 2, 254, 255], np.uint8), (7, 6), p=[0.1, 0.4, 0.2, 0.2, 0.1])
    for size in (3, 5):
        reach, edges, crops = size // 2, boundary(codes, size), crop_boundary(codes, size)
        for row in range(7):
            for col in range(6):
                near = codes[
                    max(0, row - reach) : row + reach + 1, max(0, col - reach) : col + reach + 1
                ]
                labels = set(near.ravel().tolist()) - {0, 255}
                assert edges[row, col] == (len(labels) > 1)
                assert crops[row, col] == (len(labels - {254}) > 1)


def test_zones_of_a_window_with_margin_equal_those_of_the_whole():
    codes = np.random.default_rng(1).choice(np.array([1, 2, 254], np.uint8), (40, 40))
    whole = boundary(codes, 5)
    part = boundary(codes[8:32, 6:30], 5)
    assert (part[2:-2, 2:-2] == whole[10:30, 8:28]).all()


def test_10m_labels_of_the_truth_follow_the_rule_of_labels_from_parcels():
    fine = np.full((4, 24), 254, np.uint8)
    fine[:, 0:4] = 3  # pure crop
    fine[:2, 4:8] = 5  # half crop, half other land: crop
    fine[:1, 8:12] = 5  # a quarter: other land
    fine[:, 12:16] = 255  # unknown
    fine[:2, 16:20], fine[2:, 16:20] = 7, 2  # a tie: the lower code
    fine[0, 20:24], fine[1:, 20:24] = 9, 254
    fine[1, 20:24] = 4
    fine[2, 20] = 4  # crops cover 9 of 16, the largest wins over other land
    codes, mixed = coarse_labels(fine)
    assert codes.tolist() == [[3, 5, 254, 255, 2, 4]]
    assert mixed.tolist() == [[False, True, True, False, True, True]]
