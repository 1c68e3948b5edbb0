"""Labels of pixels from parcels, by exact cover: METHOD, section 5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from cscl.contract.codes import FIRST_CROP, LAST_CROP, OUTSIDE, UNKNOWN
from cscl.dataset.coverage import coverage, polygon_edges
from cscl.grid import Grid, Window

TIE = 1e-6
LEAST_COVER = 0.5  # of a pixel by all parcels together, else it is outside
MIXED_COVER = 0.01  # of a pixel by something else than its label
OVERLAP_COVER = 0.1  # of a pixel by parcels of different classes at once: unknown
COVER_SCALE = 250
SMALLEST_OVERLAP = 1e-6  # square metres; less is rounding along shared borders

Floats = NDArray[np.float64]
Geometries = Sequence[BaseGeometry] | NDArray[np.object_]


@dataclass(frozen=True)
class Labels:
    """Labels of a window, each (H, W).

    `code` uint8: class, 254 outside, 255 unknown. `parcel` uint32: id of the parcel of that class
    that covers most, 0 where outside. `cover` uint8: share of the pixel that the label's class
    covers, times 250. `mixed` uint8: 1 where something else covers more than 1 %.
    """

    code: NDArray[np.uint8]
    parcel: NDArray[np.uint32]
    cover: NDArray[np.uint8]
    mixed: NDArray[np.uint8]


class LabelBurner:
    """Burns parcels into windows of a grid; the result never depends on windows or order.

    `geometries` are valid polygons in the grid's reference system, `codes` 1..253 or 255 for
    parcels of unknown class, `ids` whole numbers above 0, each used once. `overlaps` are areas
    where parcels of different classes lie on each other (`class_overlaps`).
    """

    def __init__(
        self,
        geometries: Geometries,
        codes: ArrayLike,
        ids: ArrayLike,
        grid: Grid,
        overlaps: Geometries,
    ) -> None:
        self.grid = grid
        self._codes = checked_codes(codes)
        self._ids = np.asarray(ids, dtype=np.int64)
        self._geometries = np.asarray(geometries, dtype=object)
        self._overlaps = np.asarray(overlaps, dtype=object)
        self._tree = shapely.STRtree(self._geometries)
        self._overlap_tree = shapely.STRtree(self._overlaps)

    def burn(self, window: Window) -> Labels:
        """Return the labels of a window."""
        found = self._tree.query(self._ground(window))
        found = found[np.lexsort((self._ids[found], self._codes[found]))]
        state = _Best((window.height, window.width))
        for code, members in groupby(found, key=lambda index: int(self._codes[index])):
            state.add_class(code, self._class_covers(members, window))
        overlap = np.zeros((window.height, window.width))
        for index in np.sort(self._overlap_tree.query(self._ground(window))):
            _add_cover(overlap, self._overlaps[index], self.grid, window)
        return state.labels(overlap)

    def _class_covers(
        self, members: Iterator[int], window: Window
    ) -> Iterator[tuple[int, tuple[slice, slice], Floats]]:
        """Yield id, place in the window and cover of each parcel of one class."""
        for index in members:
            result = coverage(polygon_edges(self._geometries[index], self.grid.affine), window)
            if result is not None:
                yield int(self._ids[index]), _place(result[0], window), result[1]

    def _ground(self, window: Window) -> shapely.Polygon:
        return shapely.box(*self.grid.part(window).bounds)


class _Best:
    """The class that covers most of each pixel so far; classes come in the order of codes."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.code = np.zeros(shape, dtype=np.uint8)
        self.parcel = np.zeros(shape, dtype=np.uint32)
        self.best = np.zeros(shape)
        self.second = np.zeros(shape)
        self.total = np.zeros(shape)
        self._sum = np.zeros(shape)
        self._largest = np.zeros(shape)
        self._owner = np.zeros(shape, dtype=np.uint32)

    def add_class(
        self, code: int, covers: Iterator[tuple[int, tuple[slice, slice], Floats]]
    ) -> None:
        """Add all parcels of one class, in the order of their ids."""
        touched: list[tuple[slice, slice]] = []
        for number, place, cover in covers:
            self._sum[place] += cover
            larger = cover > self._largest[place] + TIE
            self._largest[place][larger] = cover[larger]
            self._owner[place][larger] = number
            touched.append(place)
        if not touched:
            return
        # All work of a class stays within the extent of its parcels.
        area = _hull(touched)
        share = np.minimum(self._sum[area], 1.0)
        wins = share > self.best[area] + TIE
        self.second[area] = np.where(wins, self.best[area], np.maximum(self.second[area], share))
        self.best[area] = np.where(wins, share, self.best[area])
        self.code[area][wins] = code
        self.parcel[area][wins] = self._owner[area][wins]
        self.total[area] += share
        for buffer in (self._sum, self._largest, self._owner):
            buffer[area] = 0

    def labels(self, overlap: Floats) -> Labels:
        """Return the labels; `overlap` is the share covered by different classes at once."""
        outside = np.maximum(1.0 - (self.total - overlap), 0.0)
        inside = 1.0 - outside >= LEAST_COVER - TIE
        code = np.where(inside, self.code, OUTSIDE).astype(np.uint8)
        code[inside & (overlap > OVERLAP_COVER)] = UNKNOWN
        cover = np.where(inside, self.best, np.minimum(outside, 1.0))
        other = np.where(inside, np.maximum(self.second, outside), self.best)
        return Labels(
            code,
            np.where(inside, self.parcel, 0).astype(np.uint32),
            np.rint(cover * COVER_SCALE).astype(np.uint8),
            (other > MIXED_COVER).astype(np.uint8),
        )


def burn_labels(
    geometries: Geometries,
    codes: ArrayLike,
    ids: ArrayLike,
    grid: Grid,
    factor: int = 1,
) -> Labels:
    """Return the labels of a whole grid, subdivided by `factor`; for grids that fit in memory."""
    overlaps = class_overlaps(geometries, codes)
    burner = LabelBurner(geometries, codes, ids, grid.subdivide(factor), overlaps)
    return burner.burn(burner.grid.whole)


def class_overlaps(geometries: Geometries, codes: ArrayLike) -> list[BaseGeometry]:
    """Return, as separate polygons, where parcels of different classes lie on each other."""
    shapes = np.asarray(geometries, dtype=object)
    numbers = np.asarray(codes)
    if len(shapes) < 2:
        return []
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = (first < second) & (numbers[first] != numbers[second])
    shared = shapely.intersection(shapes[first[pairs]], shapes[second[pairs]])
    shared = shared[shapely.area(shared) > SMALLEST_OVERLAP]
    if not len(shared):
        return []
    parts = shapely.get_parts(shapely.union_all(polygonal(shared)))
    return [part for part in parts if part.area > 0]


def polygonal(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries with nothing but their polygons, as multipolygons."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    # Collections within multi-part geometries need a second look.
    parts, inner = shapely.get_parts(parts, return_index=True)
    owner = owner[inner]
    keep = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    keep &= ~shapely.is_empty(parts)
    parts, owner = parts[keep], owner[keep]
    limits = np.searchsorted(owner, np.arange(len(geometries) + 1))
    result = np.empty(len(geometries), dtype=object)
    for index in range(len(geometries)):
        result[index] = shapely.multipolygons(parts[limits[index] : limits[index + 1]])
    return result


def checked_codes(codes: ArrayLike) -> NDArray[np.uint8]:
    """Return class codes as uint8; raises `ValueError` where one is no class code.

    A cast alone would turn 300 into 44.
    """
    numbers = np.asarray(codes)
    if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(f"class codes must be whole numbers, not {numbers.dtype}")
    valid = ((numbers >= FIRST_CROP) & (numbers <= LAST_CROP)) | (numbers == UNKNOWN)
    if not valid.all():
        wrong = ", ".join(str(number) for number in np.unique(numbers[~valid])[:5])
        raise ValueError(f"class codes lie in {FIRST_CROP}..{LAST_CROP} or are 255, not {wrong}")
    return numbers.astype(np.uint8)


def _add_cover(target: Floats, geometry: BaseGeometry, grid: Grid, window: Window) -> None:
    result = coverage(polygon_edges(geometry, grid.affine), window)
    if result is not None:
        target[_place(result[0], window)] += result[1]


def _place(box: Window, window: Window) -> tuple[slice, slice]:
    return Window(box.row - window.row, box.col - window.col, box.height, box.width).slices


def _hull(places: Sequence[tuple[slice, slice]]) -> tuple[slice, slice]:
    rows = slice(min(p[0].start for p in places), max(p[0].stop for p in places))
    columns = slice(min(p[1].start for p in places), max(p[1].stop for p in places))
    return rows, columns
