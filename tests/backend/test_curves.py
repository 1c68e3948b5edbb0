"""Geometries with arcs become straight ones; bytes that are none become nothing."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
import shapely
from cscl.vectors.curves import shapes_of
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.floats(-1e3, 1e3).map(lambda value: round(value, 2))


def one(wkb: bytes | None) -> shapely.Geometry | None:
    return shapes_of(np.array([wkb], dtype=object))[0]


def line(points: list[tuple[float, ...]], kind: int = 8, order: str = "<") -> bytes:
    flat = [value for point in points for value in point]
    head = struct.pack(f"{order}BII", order == "<", kind, len(points))
    return head + struct.pack(f"{order}{len(flat)}d", *flat)


def group(kind: int, *parts: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}BII", order == "<", kind, len(parts)) + b"".join(parts)


@given(NUMBERS, NUMBERS, st.floats(0.1, 1e3), st.floats(0, 2 * math.pi), st.sampled_from([-1, 1]))
def test_a_circle_of_two_arcs(x: float, y: float, r: float, turn: float, way: int) -> None:
    quarters = [turn + way * n * math.pi / 2 for n in range(4)]
    at = [(x + r * math.cos(angle), y + r * math.sin(angle)) for angle in quarters]
    found = one(group(10, line([*at, at[0]])))
    assert found.is_valid and found.area == pytest.approx(math.pi * r * r, rel=2e-3)
    assert found.centroid.distance(shapely.Point(x, y)) < 1e-3 * r
    distance = shapely.distance(shapely.points(found.exterior.coords), shapely.Point(x, y))
    assert distance == pytest.approx(np.full(len(distance), r), rel=1e-6, abs=1e-7)
    whole = one(group(10, line([at[0], at[2], at[0]])))
    assert whole.area == pytest.approx(found.area, rel=1e-3)


def test_arcs_and_edges_together_and_both_byte_orders() -> None:
    for order in "<>":
        half = line([(0, 0), (1, 1), (2, 0)], order=order)
        ring = group(9, half, line([(2, 0), (0, 0)], 2, order), order=order)
        found = one(group(10, ring, order=order))
        assert found.area == pytest.approx(math.pi / 2, rel=2e-3)
        several = one(group(12, group(10, ring, order=order), order=order))
        assert several.geom_type == "MultiPolygon" and several.area == found.area
        mixed = one(group(7, group(10, ring, order=order), order=order))
        assert mixed.geom_type == "GeometryCollection" and mixed.area == found.area
    flat = one(group(10, line([(0, 0, 1), (1, 1, 1), (2, 0, 1), (1, -1, 1), (0, 0, 1)], 1008)))
    assert not flat.has_z and flat.area == pytest.approx(math.pi, rel=2e-3)
    straight = one(line([(0, 0), (1, 1), (2, 2)]))
    assert straight.equals(shapely.LineString([(0, 0), (2, 2)]))


def test_what_is_damaged_is_nothing_and_others_stay() -> None:
    good = group(10, line([(0, 0), (1, 1), (2, 0), (1, -1), (0, 0)]))
    square = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    cut = [good[:length] for length in range(len(good))]
    nested = b"".join([struct.pack("<BII", 1, 7, 1)] * 100) + square
    huge = struct.pack("<BII", 1, 10, 2**32 - 1)
    found = shapes_of(np.array([good, square, None, *cut, nested, huge], dtype=object))
    assert found[0].area > 3 and found[1].area == 1 and found[2] is None
    assert all(item is None or item.is_empty for item in found[3:])


@given(st.binary(max_size=80), st.sampled_from([7, 8, 9, 10, 11, 12, 1010, 2**31 + 10]))
def test_any_bytes_are_a_geometry_or_nothing(data: bytes, kind: int) -> None:
    for wkb in (data, struct.pack("<BI", 1, kind) + data):
        found = one(wkb)
        assert found is None or isinstance(found, shapely.Geometry)


PIECE = st.recursive(
    st.sampled_from([line([(0, 0), (1, 1), (2, 0)]), line([], 2), line([(0, 0)], 8),
                     shapely.to_wkb(shapely.Point(1, 2)), shapely.to_wkb(shapely.box(0, 0, 1, 1))]),
    lambda inner: st.builds(
        lambda kind, parts: group(kind, *parts),
        st.sampled_from([3, 4, 5, 6, 7, 9, 10, 11, 12]), st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)  # fmt: skip


@given(PIECE)
def test_any_nesting_is_a_geometry_or_nothing(wkb: bytes) -> None:
    found = one(wkb)
    assert found is None or isinstance(found, shapely.Geometry)
