"""Windows of a map, and the area of interest on the pixel grid."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from cscl.contract.errors import UserError
from cscl.grid import Grid, Window

# Corners typed with rounded decimals still count as lying on a pixel's edge.
TOLERANCE = 1e-6
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_AREA = re.compile(
    rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})"
    r"\s*(?:\[\s*([^\]]+?)\s*\])?\s*"
)


def tiles(height: int, width: int, side: int) -> Iterator[Window]:
    """Yield windows of at most `side` x `side` pixels that cover a raster, row by row."""
    for row in range(0, height, side):
        for col in range(0, width, side):
            yield Window(row, col, min(side, height - row), min(side, width - col))


def by_blocks(windows: Iterable[Window], block: tuple[int, int]) -> list[Window]:
    """Return windows sorted so that those in one block (rows, columns) of files come together.

    So that what is decoded for one of them need not be kept until the next row of windows.
    """
    rows, columns = block
    return sorted(
        windows,
        key=lambda each: (each.row // rows, each.col // columns, each.row, each.col),
    )


def tile_count(height: int, width: int, side: int) -> int:
    """Return how many windows `tiles` yields."""
    return math.ceil(height / side) * math.ceil(width / side)


def aligned(window: Window, stride: int) -> Window:
    """Return the smallest window around `window` whose edges are multiples of `stride`."""
    row, col = window.row // stride * stride, window.col // stride * stride
    bottom = -(-(window.row + window.height) // stride) * stride
    right = -(-(window.col + window.width) // stride) * stride
    return Window(row, col, bottom - row, right - col)


def quarters(window: Window, stride: int) -> list[Window]:
    """Return up to four parts of a window, cut at multiples of `stride` pixels from its corner."""
    height = max(stride, window.height // 2 // stride * stride)
    width = max(stride, window.width // 2 // stride * stride)
    return [
        Window(window.row + row, window.col + col, rows, cols)
        for row, rows in ((0, min(height, window.height)), (height, window.height - height))
        for col, cols in ((0, min(width, window.width)), (width, window.width - width))
        if rows > 0 and cols > 0
    ]


def area_window(text: str, grid: Grid) -> Window:
    """Return the window of `grid` that an extent covers, snapped outward to whole pixels.

    `text` is "xmin,ymin,xmax,ymax", in the grid's CRS or in one that follows in brackets as in
    "3.1,50.7,3.2,50.8 [EPSG:4326]". The part beyond the grid is left out. Raises `UserError` where
    the text is no extent or does not meet the grid.
    """
    return extent_window(_bounds(text, grid), grid, f"area {text!r}")


def extent_window(bounds: tuple[float, float, float, float], grid: Grid, subject: object) -> Window:
    """Return the window of `grid` that bounds in its CRS cover, as `area_window` does.

    `UserError` names `subject` where they do not meet the grid.
    """
    xmin, ymin, xmax, ymax = bounds
    # Images are north up: the series refuses others.
    a, _, c, _, e, f = grid.transform
    left, top = math.floor((xmin - c) / a + TOLERANCE), math.floor((ymax - f) / e + TOLERANCE)
    right, bottom = math.ceil((xmax - c) / a - TOLERANCE), math.ceil((ymin - f) / e - TOLERANCE)
    window = Window(top, left, bottom - top, right - left).clipped(*grid.shape)
    if not window.height or not window.width:
        raise UserError(
            "area_outside_images",
            subject,
            f"it covers {_words(bounds)} in {_short(grid.crs)}, the images {_words(grid.bounds)}",
            "Give an area that overlaps the images, or none to map all of them.",
        )
    return window


def _bounds(text: str, grid: Grid) -> tuple[float, float, float, float]:
    match = _AREA.fullmatch(text)
    if match is None:
        raise _no_extent(text, "it is not four numbers separated by commas")
    xmin, ymin, xmax, ymax = (float(match.group(index)) for index in range(1, 5))
    if not all(map(math.isfinite, (xmin, ymin, xmax, ymax))) or xmin >= xmax or ymin >= ymax:
        raise _no_extent(text, "its minimum is not below its maximum")
    if match.group(5) is None:
        return xmin, ymin, xmax, ymax
    try:
        source, target = CRS.from_user_input(match.group(5)), CRS.from_user_input(grid.crs)
    except CRSError:
        raise _no_extent(text, f"{match.group(5)!r} is no coordinate reference system") from None
    if source == target:
        return xmin, ymin, xmax, ymax
    transformer = Transformer.from_crs(source, target, always_xy=True)
    bounds = transformer.transform_bounds(xmin, ymin, xmax, ymax, densify_pts=21)
    if not all(map(math.isfinite, bounds)):
        raise _no_extent(text, f"it cannot be transformed to {_short(grid.crs)}")
    return bounds


def _no_extent(text: str, found: str) -> UserError:
    return UserError(
        "invalid_area",
        f"area {text!r}",
        found,
        "Write xmin,ymin,xmax,ymax, if need be followed by the reference system: [EPSG:4326].",
    )


def _words(bounds: tuple[float, float, float, float]) -> str:
    return ",".join(f"{value:.10g}" for value in bounds)


def _short(crs: str) -> str:
    return crs if len(crs) < 20 else CRS.from_user_input(crs).name
