"""Polygons kept in a file: what comes back, and which of them lie on each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from cscl.vectors import meetings as meetings_module
from cscl.vectors import outlines as outlines_module
from cscl.vectors.meetings import meetings
from cscl.vectors.outlines import Outlines, OutlineWriter, load

AREA = 2_000.0


@pytest.fixture
def shapes() -> np.ndarray:
    """300 discs and squares, some of two parts, that lie on each other here and there."""
    generator = np.random.default_rng(5)
    points = shapely.points(generator.uniform(0, AREA, (300, 2)))
    discs = shapely.buffer(points, generator.uniform(10, 60, 300), quad_segs=4)
    discs[::7] = shapely.union(discs[::7], shapely.box(3_000, 0, 3_010, 10))
    return np.asarray(discs, dtype=object)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 16 polygons, as a country has many parts of thousands."""
    monkeypatch.setattr(outlines_module, "PART", 16)
    monkeypatch.setattr(meetings_module, "PART", 16)


def test_outlines_are_what_was_put_in(
    shapes: np.ndarray, small_parts: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(outlines_module, "IN_MEMORY", 1_000)  # so that there is a file
    writer = OutlineWriter(tmp_path)
    for start in range(0, 300, 100):
        writer.add(shapes[start : start + 100])
    found = writer.finish()
    assert len(found) == len(writer) == 300
    assert shapely.equals_exact(found[:], shapes).all()
    assert shapely.equals_exact(np.array(list(found)), shapes).all()
    assert found[-1].equals_exact(shapes[299]) and found[np.int64(3)].equals_exact(shapes[3])
    assert np.array_equal(found.bounds, shapely.bounds(shapes))
    assert np.array_equal(found.areas, shapely.area(shapes))
    assert np.array_equal(found.lengths, shapely.length(shapes))
    rows = np.array([250, 3, 3, 17])
    assert shapely.equals_exact(found.take(rows)[:], shapes[rows]).all()
    assert shapely.equals_exact(found[found.areas > 5_000], shapes[found.areas > 5_000]).all()
    # Nothing is left beside it that anybody would have to remove.
    assert list(tmp_path.iterdir()) == []


def test_saved_outlines_are_read_by_place(
    shapes: np.ndarray, small_parts: None, tmp_path: Path
) -> None:
    backwards = np.arange(300)[::-1]
    Outlines.of(shapes).take(backwards).save(tmp_path / "a.wkb")
    rows, found = load(tmp_path / "a.wkb", (500.0, 500.0, 900.0, 800.0))
    wanted = shapely.box(500, 500, 900, 800)
    boxes = shapely.box(*shapely.bounds(shapes).T)
    near = np.flatnonzero(shapely.intersects(boxes[backwards], wanted))
    assert 10 < len(near) < 150
    assert rows.tolist() == near.tolist()
    assert shapely.equals_exact(found, shapes[backwards][near]).all()


def test_pairs_that_share_ground_are_found_once_whatever_the_parts(
    shapes: np.ndarray, small_parts: None
) -> None:
    shapes[5] = shapely.Polygon()
    found = meetings(Outlines.of(shapes))
    wanted = [
        (first, second)
        for first in range(300)
        for second in range(first + 1, 300)
        if shapes[first].intersection(shapes[second]).area > 0
    ]
    assert len(wanted) > 200
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == wanted
    areas = shapely.area(shapely.intersection(shapes[found.first], shapes[found.second]))
    assert found.ground.areas == pytest.approx(areas)


def test_neighbours_that_touch_share_no_ground() -> None:
    row = shapely.box(np.arange(5) * 10, 0, np.arange(5) * 10 + 10, 10)
    assert len(meetings(Outlines.of(row)).first) == 0
    assert len(meetings(Outlines.of([])).first) == 0
