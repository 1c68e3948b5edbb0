"""Pixel grids: where a raster lies on the ground, and windows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from affine import Affine
from rasterio.crs import CRS
from rasterio.io import DatasetReader
from rasterio.transform import array_bounds


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels; row and column of its upper left corner may be negative."""

    row: int
    col: int
    height: int
    width: int

    def grown(self, pad: int) -> Window:
        """Return the window with `pad` more pixels on each side."""
        return Window(self.row - pad, self.col - pad, self.height + 2 * pad, self.width + 2 * pad)

    def times(self, factor: int) -> Window:
        """Return the same ground on a grid that is `factor` times finer."""
        return Window(
            self.row * factor, self.col * factor, self.height * factor, self.width * factor
        )

    def clipped(self, height: int, width: int) -> Window:
        """Return the part inside a raster of `height` x `width`, possibly empty."""
        row, col = min(max(self.row, 0), height), min(max(self.col, 0), width)
        bottom = min(max(self.row + self.height, row), height)
        right = min(max(self.col + self.width, col), width)
        return Window(row, col, bottom - row, right - col)

    def within(self, outer: Window) -> Window:
        """Return the same ground counted from the upper left corner of `outer`."""
        return Window(self.row - outer.row, self.col - outer.col, self.height, self.width)

    def common(self, other: Window) -> Window:
        """Return the part that lies in `other` too, possibly empty."""
        part = self.within(other).clipped(other.height, other.width)
        return Window(part.row + other.row, part.col + other.col, part.height, part.width)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Row and column slices; the window must lie inside the array."""
        return (
            slice(self.row, self.row + self.height),
            slice(self.col, self.col + self.width),
        )


@dataclass(frozen=True)
class Grid:
    """A pixel grid.

    `crs` is an authority string such as EPSG:32631 or WKT; `transform` holds the six numbers
    a, b, c, d, e, f of rasterio's affine order, in units of the CRS.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    @classmethod
    def of(cls, dataset: DatasetReader) -> Grid:
        """Return the grid of an open raster, which must have a CRS."""
        return cls(
            crs_text(dataset.crs), tuple(dataset.transform)[:6], dataset.width, dataset.height
        )

    @property
    def affine(self) -> Affine:
        """The transform from (column, row) to coordinates."""
        return Affine(*self.transform)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.height, self.width

    @property
    def resolution(self) -> float:
        """Side of a pixel in units of the CRS (metres for the grids used here)."""
        return abs(self.transform[0])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top."""
        left, bottom, right, top = array_bounds(self.height, self.width, self.affine)
        return left, bottom, right, top

    @property
    def whole(self) -> Window:
        """The window that covers the grid."""
        return Window(0, 0, self.height, self.width)

    def subdivide(self, factor: int) -> Grid:
        """Return the grid with the same corner and pixels `factor` times smaller."""
        a, b, c, d, e, f = self.transform
        finer = (a / factor, b / factor, c, d / factor, e / factor, f)
        return Grid(self.crs, finer, self.width * factor, self.height * factor)

    def part(self, window: Window) -> Grid:
        """Return the grid of one window."""
        a, b, c, d, e, f = self.transform
        left = c + a * window.col + b * window.row
        top = f + d * window.col + e * window.row
        return Grid(self.crs, (a, b, left, d, e, top), window.width, window.height)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "crs": self.crs,
            "transform": list(self.transform),
            "width": self.width,
            "height": self.height,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Grid:
        """Return the grid that `to_json` described."""
        a, b, c, d, e, f = (float(number) for number in value["transform"])
        return cls(str(value["crs"]), (a, b, c, d, e, f), int(value["width"]), int(value["height"]))


def crs_text(crs: CRS) -> str:
    """Return EPSG:n where the CRS has such a code, else its WKT."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt())
