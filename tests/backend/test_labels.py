"""Labels by exact cover: against areas of polygons, whatever the order and the windows."""

from __future__ import annotations

import cover_oracle
import numpy as np
import pytest
import shapely
from affine import Affine
from cscl.dataset.chips import count_pairs
from cscl.dataset.coverage import polygon_edges, summed_cover
from cscl.dataset.labels import LabelBurner, burn_labels, checked_codes
from cscl.dataset.overlaps import class_overlaps
from cscl.grid import Grid, Window
from cscl.vectors.polygons import polygonal
from hypothesis import given, settings
from hypothesis import strategies as st

LEFT, TOP = 500_000.0, 5_600_000.0
GRID = Grid("EPSG:32631", (10.0, 0.0, LEFT, 0.0, -10.0, TOP), 12, 10)


def pixel_boxes(grid: Grid) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(grid.width), np.arange(grid.height))
    a, _, c, _, e, f = grid.transform
    return shapely.box(c + a * columns, f + e * (rows + 1), c + a * (columns + 1), f + e * rows)


def oracle_cover(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    """Return the share of each pixel by the area of its intersection, in float64."""
    return shapely.area(shapely.intersection(pixel_boxes(grid), shape)) / grid.resolution**2


def oracle_labels(shapes, codes, ids, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """METHOD, section 5, pixel by pixel."""
    covers = [oracle_cover(shape, grid) for shape in shapes]
    code = np.full(grid.shape, 254)
    parcel = np.zeros(grid.shape, dtype=int)
    for place in np.ndindex(*grid.shape):
        by_class: dict[int, float] = {}
        for number, cover in zip(codes, covers, strict=True):
            by_class[number] = by_class.get(number, 0.0) + cover[place]
        best = max(by_class.values())
        if sum(by_class.values()) < 0.5 - 1e-6:
            continue
        winner = min(number for number, cover in by_class.items() if cover >= best - 1e-6)
        own = [(cover[place], -i) for n, i, cover in zip(codes, ids, covers, strict=True)
               if n == winner]  # fmt: skip
        largest = max(cover for cover, _ in own)
        code[place] = winner
        parcel[place] = min(-i for cover, i in own if cover >= largest - 1e-6)
    return code, parcel


def cover_of(shape: shapely.Geometry, grid: Grid, window: Window) -> np.ndarray:
    return summed_cover(polygon_edges([shape], grid.affine), window)


def random_shape(generator: np.random.Generator, kind: int) -> shapely.Geometry:
    """A polygon with a hole, a multipolygon or one on the pixels' own corners, in pixels."""
    points = generator.uniform(-3, 15, (int(generator.integers(3, 9)), 2))
    if kind == 0:
        points = np.round(points)
    shape = shapely.make_valid(shapely.Polygon(points))
    if kind == 2:
        shape = shape.buffer(1).difference(shapely.Point(5, 5).buffer(2.3))
    return polygonal(np.array([shape], dtype=object))[0]


def to_ground(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda p: np.array([LEFT, TOP]) + p * [10.0, -10.0])


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2), st.sampled_from([1, 4]))
def test_cover_is_the_area_of_the_intersection(seed: int, kind: int, factor: int) -> None:
    shape = to_ground(random_shape(np.random.Generator(np.random.PCG64(seed)), kind))
    grid = GRID.subdivide(factor)
    whole = cover_of(shape, grid, grid.whole)
    assert np.abs(whole - oracle_cover(shape, grid)).max() < 1e-9
    window = Window(3, 5, 4, 2)
    assert np.abs(cover_of(shape, grid, window) - whole[window.slices]).max() < 1e-12


def test_cover_of_a_wide_polygon_far_outside_the_window() -> None:
    shape = shapely.box(LEFT - 1e6, TOP - 1e6, LEFT + 1e6, TOP + 1e6).difference(
        shapely.box(LEFT + 35, TOP - 55, LEFT + 75, TOP - 25)
    )
    cover = cover_of(shape, GRID, GRID.whole)
    assert cover.sum() == pytest.approx(120 - 4 * 3, abs=1e-9)
    assert cover[3, 4] == 0 and cover[2, 3] == pytest.approx(0.75)


def tessellation(seed: int) -> list[shapely.Geometry]:
    """Polygons that touch and do not overlap, with gaps."""
    generator = np.random.Generator(np.random.PCG64(seed))
    points = shapely.MultiPoint(generator.uniform(0, 12, (14, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 12, 10)))
    kept = [cell for cell in cells if generator.random() < 0.8]
    return [to_ground(shapely.intersection(cell, shapely.box(-1, -1, 13, 11))) for cell in kept]


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_labels_follow_the_rule_whatever_order_and_windows(seed: int) -> None:
    shapes = tessellation(seed)
    generator = np.random.Generator(np.random.PCG64(seed))
    codes = generator.integers(1, 4, len(shapes))
    ids = np.arange(1, len(shapes) + 1)
    for factor in (1, 4):
        grid = GRID.subdivide(factor)
        whole = burn_labels(shapes, codes, ids, GRID, factor)
        code, parcel = oracle_labels(shapes, codes, ids, grid)
        assert np.array_equal(whole.code, code)
        assert np.array_equal(whole.parcel, parcel)
        order = generator.permutation(len(shapes))
        permuted = [shapes[index] for index in order]
        overlaps = class_overlaps(permuted, codes[order])
        burner = LabelBurner(permuted, codes[order], ids[order], grid, overlaps)
        for window in (Window(0, 0, 3, 5), Window(3, 0, 7, 12), Window(1, 6, 5, 4)):
            part = burner.burn(window)
            for name in ("code", "parcel", "cover", "mixed"):
                assert np.array_equal(getattr(part, name), getattr(whole, name)[window.slices])


@given(st.integers(0, 2**32 - 1))
def test_compiled_loops_equal_the_plain_form(seed: int) -> None:
    """Parcels that touch, overlap, have holes and parts, lie on pixels' corners and far outside."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = [random_shape(generator, int(kind)) for kind in generator.integers(0, 3, 4)]
    shapes = [to_ground(shape) for shape in drawn if not shape.is_empty] + tessellation(seed)
    codes = generator.choice([1, 2, 3, 255], len(shapes))
    ids = generator.permutation(len(shapes)) + 1
    overlaps = class_overlaps(shapes, codes)
    grid = GRID.subdivide(int(generator.choice([1, 4])))
    row, column = generator.integers(-2, 6, 2)
    window = Window(int(row), int(column), *map(int, generator.integers(1, 30, 2)))
    found = LabelBurner(shapes, codes, ids, grid, overlaps).burn(window)
    wanted = cover_oracle.burn(shapes, codes, ids, grid, overlaps, window)
    for name in ("code", "parcel", "cover", "mixed"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name
        assert getattr(found, name).dtype == getattr(wanted, name).dtype


def test_limits_that_coordinates_meet_exactly_do_not_depend_on_rounding() -> None:
    """A hundredth of a pixel is not more than a hundredth, however the sums are rounded."""
    for shift in range(10):
        grid = Grid("EPSG:32631", (10.0, 0.0, LEFT - 10.0 * shift, 0.0, -10.0, TOP), 12, 10)
        place = (0, shift)
        edge = LEFT + 9.9
        parts = [
            shapely.box(LEFT, TOP - 10, edge, TOP),
            shapely.box(edge, TOP - 10, LEFT + 20, TOP),
        ]
        labels = burn_labels(parts, [1, 2], [1, 2], grid)
        assert labels.mixed[place] == 0
        over = [
            shapely.box(LEFT, TOP - 10, LEFT + 10, TOP),
            shapely.box(LEFT + 9, TOP - 10, LEFT + 20, TOP),
        ]
        assert burn_labels(over, [1, 2], [1, 2], grid).code[place] == 1


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """A rectangle in pixels of the grid, rows downwards."""
    return to_ground(shapely.box(x0, y0, x1, y1))


def one_pixel(*parts: tuple[shapely.Geometry, int, int]) -> tuple[int, int, int, int]:
    """Return code, parcel, cover and mixed of the first pixel."""
    shapes, codes, ids = zip(*parts, strict=True)
    labels = burn_labels(shapes, codes, ids, GRID)
    return tuple(int(getattr(labels, n)[0, 0]) for n in ("code", "parcel", "cover", "mixed"))


def test_mixed_pixels_keep_their_label() -> None:
    assert one_pixel((box(0, 0, 0.6, 1), 2, 1), (box(0.6, 0, 1, 1), 1, 2)) == (2, 1, 150, 1)
    assert one_pixel((box(0, 0, 1, 1), 2, 7)) == (2, 7, 250, 0)
    # Less than one per cent of something else is no mixture.
    assert one_pixel((box(0, 0, 0.992, 1), 3, 1), (box(0.992, 0, 1, 1), 1, 2)) == (3, 1, 248, 0)
    assert one_pixel((box(0, 0, 0.98, 1), 3, 1)) == (3, 1, 245, 1)


def test_cover_is_summed_by_class_first() -> None:
    parts = ((box(0, 0, 0.3, 1), 2, 1), (box(0.3, 0, 0.6, 1), 2, 2), (box(0.6, 0, 1, 1), 1, 3))
    assert one_pixel(*parts) == (2, 1, 150, 1)


def test_half_a_pixel_is_the_limit_to_outside() -> None:
    assert one_pixel((box(0, 0, 0.5, 1), 2, 1)) == (2, 1, 125, 1)
    assert one_pixel((box(0, 0, 0.48, 1), 2, 1)) == (254, 0, 130, 1)
    # All parcels together count: two classes with a quarter each.
    assert one_pixel((box(0, 0, 0.3, 1), 2, 1), (box(0.7, 0, 1, 1), 1, 2))[0] == 1
    assert one_pixel((box(3, 3, 4, 4), 2, 1)) == (254, 0, 250, 0)


def test_ties_go_to_the_lower_class_then_the_lower_parcel() -> None:
    assert one_pixel((box(0, 0, 0.5, 1), 2, 1), (box(0.5, 0, 1, 1), 1, 2))[:2] == (1, 2)
    assert one_pixel((box(0.5, 0, 1, 1), 3, 9), (box(0, 0, 0.5, 1), 3, 4))[:2] == (3, 4)
    nearly = 0.5 + 3e-7  # a difference of 6e-7 is a tie
    assert one_pixel((box(0, 0, nearly, 1), 2, 1), (box(nearly, 0, 1, 1), 1, 2))[:2] == (1, 2)


def test_true_overlap_of_classes_is_unknown() -> None:
    assert one_pixel((box(0, 0, 1, 1), 2, 1), (box(0.8, 0, 2, 1), 1, 2))[0] == 255
    assert one_pixel((box(0, 0, 1, 1), 2, 1), (box(0.91, 0, 2, 1), 1, 2))[0] == 2
    # Overlap within a class is none, and a copy changes nothing.
    assert one_pixel((box(0, 0, 1, 1), 2, 1), (box(0.5, 0, 2, 1), 2, 2))[:2] == (2, 1)
    # Both count once where they lie on each other: a third of the pixel is no half of it.
    assert one_pixel((box(0, 0, 0.34, 1), 2, 1), (box(0, 0, 0.34, 1), 1, 2))[0] == 254


def test_ground_of_three_classes_is_one_overlap() -> None:
    shapes = [box(0, 0, 6, 6), box(4, 0, 10, 6), box(5, 0, 12, 6), box(0, 6, 12, 9)]
    overlaps = class_overlaps(shapes, [1, 2, 3, 4])
    # From 4 to 10, where two or three classes lie on each other; the fourth parcel only touches.
    assert sum(part.area for part in overlaps) == pytest.approx(6 * 6 * 100)
    assert shapely.union_all(overlaps).area == pytest.approx(6 * 6 * 100)
    apart = class_overlaps([box(0, 0, 3, 3), box(2, 0, 5, 3), box(5, 0, 9, 3), box(8, 0, 12, 3)],
                           [1, 2, 1, 2])  # fmt: skip
    assert sorted(part.area for part in apart) == pytest.approx([300, 300])


def test_parcels_of_unknown_class_are_unknown_not_outside() -> None:
    assert one_pixel((box(0, 0, 0.7, 1), 255, 1), (box(0.7, 0, 1, 1), 1, 2))[:2] == (255, 1)
    assert one_pixel((box(0, 0, 0.3, 1), 255, 1), (box(0.3, 0, 1, 1), 1, 2))[:2] == (1, 2)


@pytest.mark.parametrize("factor", [1, 4])
def test_touching_parcels_give_negative_pairs(factor: int) -> None:
    # The shared border runs through the middle of pixels, where labels are mixed.
    slanted = [(0.0, 0.0), (5.3, 0.0), (6.7, 10.0), (0.0, 10.0)]
    rest = [(5.3, 0.0), (12.0, 0.0), (12.0, 10.0), (6.7, 10.0)]
    shapes = [to_ground(shapely.Polygon(slanted)), to_ground(shapely.Polygon(rest))]
    labels = burn_labels(shapes, [1, 2], [1, 2], GRID, factor)
    assert set(np.unique(labels.code)) == {1, 2}
    assert (labels.mixed[labels.code == 1] == 1).any()
    negatives, positives = count_pairs(labels.code)
    height = 10 * factor
    # Each row has one border: it alone is two pairs, with the diagonals about six.
    assert 2 * (3 * height - 2) - 4 <= negatives <= 2 * (3 * height - 2) + 4 * factor
    total = 2 * sum(
        (labels.code.shape[0] - down) * (labels.code.shape[1] - abs(right))
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1))
    )
    assert negatives + positives == total
    parcels = len(np.unique(labels.parcel))
    assert parcels == 2


def test_pairs_with_unknown_and_of_outside_with_outside_do_not_count() -> None:
    codes = np.array([[1, 1, 254], [2, 255, 254]])
    # Counted: 1-1, 1-254 (row), 1-2 (column), 2-1 (diagonal), 1-254 (diagonal).
    assert count_pairs(codes) == (2 * 4, 2 * 1)


@pytest.mark.parametrize("code", [0, 254, 256, 300, -1, 2**31])
def test_codes_are_checked_before_every_cast(code: int) -> None:
    with pytest.raises(ValueError, match=str(code)):
        checked_codes([1, code])
    with pytest.raises(ValueError):
        burn_labels([box(0, 0, 1, 1)], [code], [1], GRID)


def test_fractional_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        checked_codes([1.0, 3.7])
    assert checked_codes([1, 253, 255]).tolist() == [1, 253, 255]


def test_grid_of_labels_is_north_up() -> None:
    assert Affine(*GRID.transform).e < 0
    labels = burn_labels([box(0, 0, 12, 1)], [1], [1], GRID)
    assert (labels.code[0] == 1).all() and (labels.code[1:] == 254).all()
