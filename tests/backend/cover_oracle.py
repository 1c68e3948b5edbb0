"""Labels by exact cover in plain numpy, array by array: what the compiled loops have to equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from cscl.contract.codes import OUTSIDE, UNKNOWN
from cscl.dataset.labels import Labels
from cscl.dataset.loops.contest import (
    COVER_SCALE,
    LEAST_COVER,
    MIXED_COVER,
    OVERLAP_COVER,
    TIE,
)
from cscl.grid import Grid, Window
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Edges:
    """Edges of a polygon in pixel coordinates (column, row), each with its sign (+1, -1)."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    sign: Floats


def polygon_edges(geometry: BaseGeometry, affine: Affine) -> Edges:
    """Return the edges of a valid polygon or multipolygon on a north-up grid."""
    polygons = shapely.get_parts(geometry)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x = (points[:, 0] - affine.c) / affine.a
    y = (points[:, 1] - affine.f) / affine.e
    inside = ring[1:] == ring[:-1]
    x0, y0, x1, y1 = x[:-1][inside], y[:-1][inside], x[1:][inside], y[1:][inside]
    ring = ring[1:][inside]
    # The first ring of each polygon is its outline, all others are holes.
    hole = np.append(False, owner[1:] == owner[:-1])[: len(rings)]
    start = np.searchsorted(ring, np.arange(len(rings)))
    # Relative to the ring's first corner: the signed area loses no digits far from the origin.
    dx0, dy0 = x0 - x0[start[ring]], y0 - y0[start[ring]]
    dx1, dy1 = x1 - x0[start[ring]], y1 - y0[start[ring]]
    area = np.bincount(ring, dx0 * dy1 - dx1 * dy0, minlength=len(rings))
    sign = np.where(hole, 1.0, -1.0) * np.where(area < 0, -1.0, 1.0)
    return Edges(x0, y0, x1, y1, sign[ring])


def coverage(edges: Edges, window: Window) -> tuple[Window, Floats] | None:
    """Return the part of `window` that the polygon's extent touches, with its cover 0..1.

    None where the polygon does not touch the window.
    """
    box = _touched(edges, window)
    if box is None:
        return None
    pieces = _clipped(edges, box)
    x0, y0, x1, y1, sign = _cut(*pieces, box)
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    column = np.floor(middle_x).astype(np.int64)
    keep = column < box.col + box.width
    left = column < box.col
    column = np.where(left, box.col, column)
    inset = np.where(left, 0.0, middle_x - column)
    row = np.clip(np.floor(middle_y).astype(np.int64), box.row, box.row + box.height - 1)
    height = (y1 - y0) * sign
    stride = box.width + 1
    cell = ((row - box.row) * stride + column - box.col)[keep]
    height, inset = height[keep], inset[keep]
    size = box.height * stride
    total = np.bincount(cell, height * (1 - inset), minlength=size)
    total += np.bincount(cell + 1, height * inset, minlength=size)[:size]
    cover = np.cumsum(total.reshape(box.height, stride), axis=1)[:, :-1]
    return box, np.clip(cover, 0.0, 1.0)


def _touched(edges: Edges, window: Window) -> Window | None:
    """Return the pixels of `window` within the polygon's extent."""
    if not len(edges.x0):
        return None
    left = max(window.col, int(np.floor(edges.x0.min())))
    top = max(window.row, int(np.floor(edges.y0.min())))
    right = min(window.col + window.width, int(np.ceil(edges.x0.max())))
    bottom = min(window.row + window.height, int(np.ceil(edges.y0.max())))
    if right <= left or bottom <= top:
        return None
    return Window(top, left, bottom - top, right - left)


def _clipped(edges: Edges, box: Window) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return the edges that matter for `box`, cut to its rows."""
    low, high = np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1)
    top, bottom, right = float(box.row), float(box.row + box.height), box.col + box.width
    keep = (high > top) & (low < bottom) & (high > low)
    keep &= np.minimum(edges.x0, edges.x1) < right
    x0, y0, x1, y1 = edges.x0[keep], edges.y0[keep], edges.x1[keep], edges.y1[keep]
    slope = (x1 - x0) / (y1 - y0)
    cut0, cut1 = np.clip(y0, top, bottom), np.clip(y1, top, bottom)
    new0 = np.where(cut0 == y0, x0, x0 + (cut0 - y0) * slope)
    new1 = np.where(cut1 == y1, x1, x0 + (cut1 - y0) * slope)
    return new0, cut0, new1, cut1, edges.sign[keep]


def _cut(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, sign: Floats, box: Window
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Cut edges at all borders of pixels that they cross within the columns of `box`."""
    count = len(x0)
    edge_y, border_y = _crossings(y0, y1, box.row, box.row + box.height)
    edge_x, border_x = _crossings(x0, x1, box.col, box.col + box.width)
    edge = np.concatenate([np.arange(count), edge_y, edge_x, np.arange(count)])
    at = np.concatenate(
        [
            np.zeros(count),
            (border_y - y0[edge_y]) / (y1 - y0)[edge_y],
            (border_x - x0[edge_x]) / (x1 - x0)[edge_x],
            np.ones(count),
        ]
    )
    order = np.lexsort((at, edge))
    edge, at = edge[order], at[order]
    # At the ends the corners themselves, so that closed rings stay closed.
    x = np.where(at >= 1.0, x1[edge], x0[edge] + at * (x1 - x0)[edge])
    y = np.where(at >= 1.0, y1[edge], y0[edge] + at * (y1 - y0)[edge])
    same = edge[1:] == edge[:-1]
    return x[:-1][same], y[:-1][same], x[1:][same], y[1:][same], sign[edge[1:][same]]


def _crossings(
    start: Floats, end: Floats, first: int, last: int
) -> tuple[NDArray[np.int64], Floats]:
    """Return for each whole number strictly between `start` and `end` the edge and the number."""
    low = np.maximum(np.floor(np.minimum(start, end)) + 1, first).astype(np.int64)
    high = np.minimum(np.ceil(np.maximum(start, end)) - 1, last).astype(np.int64)
    counts = np.maximum(high - low + 1, 0)
    edge = np.repeat(np.arange(len(start)), counts)
    begin = np.cumsum(counts) - counts
    number = np.arange(counts.sum()) - begin[edge] + low[edge]
    return edge, number.astype(np.float64)


def burn(geometries, codes, ids, grid: Grid, overlaps, window: Window) -> Labels:
    """Return the labels of a window, parcel by parcel and class by class."""
    shapes, codes, ids = np.asarray(geometries, dtype=object), np.asarray(codes), np.asarray(ids)
    state = _Best((window.height, window.width))
    for code in np.unique(codes):
        members = [index for index in np.argsort(ids) if codes[index] == code]
        state.add_class(int(code), _class_covers(shapes, ids, members, grid, window))
    overlap = np.zeros((window.height, window.width))
    for shape in overlaps:
        result = coverage(polygon_edges(shape, grid.affine), window)
        if result is not None:
            overlap[_place(result[0], window)] += result[1]
    return state.labels(overlap)


def _class_covers(
    shapes: NDArray[np.object_],
    ids: NDArray[np.int64],
    members: list[int],
    grid: Grid,
    window: Window,
) -> Iterator[tuple[int, tuple[slice, slice], Floats]]:
    """Yield id, place in the window and cover of each parcel of one class."""
    for index in members:
        result = coverage(polygon_edges(shapes[index], grid.affine), window)
        if result is not None:
            yield int(ids[index]), _place(result[0], window), result[1]


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
        code[inside & (overlap > OVERLAP_COVER + TIE)] = UNKNOWN
        cover = np.where(inside, self.best, np.minimum(outside, 1.0))
        other = np.where(inside, np.maximum(self.second, outside), self.best)
        return Labels(
            code,
            np.where(inside, self.parcel, 0).astype(np.uint32),
            np.floor(cover * COVER_SCALE + 0.5 - TIE).astype(np.uint8),
            (other > MIXED_COVER + TIE).astype(np.uint8),
        )


def _place(box: Window, window: Window) -> tuple[slice, slice]:
    return Window(box.row - window.row, box.col - window.col, box.height, box.width).slices


def _hull(places: Sequence[tuple[slice, slice]]) -> tuple[slice, slice]:
    rows = slice(min(p[0].start for p in places), max(p[0].stop for p in places))
    columns = slice(min(p[1].start for p in places), max(p[1].stop for p in places))
    return rows, columns
