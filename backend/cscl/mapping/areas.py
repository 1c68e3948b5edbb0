"""Which pixels of a map are mapped: those in polygons, in parcels, on cropland."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import rasterio
import shapely
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.features import rasterize
from rasterio.vrt import WarpedVRT

from cscl.contract.errors import UserError
from cscl.contract.paths import local_path
from cscl.contract.resolutions import SCALES
from cscl.grid import Grid, Window
from cscl.mapping.layers import BoolArray
from cscl.series.raster import open_raster, reading_environment, stamp_of
from cscl.vectors.layers import open_layer, open_polygons
from cscl.vectors.polygons import PolygonReader

FINE = max(SCALES.values())


class Mask(Protocol):
    """Tells for any window of the grid which of its finest pixels, of 2.5 m, are mapped."""

    def inside(self, window: Window) -> BoolArray:
        """Return (4 H, 4 W)."""


class PolygonMask:
    """The pixels whose centres lie in polygons; only those near a window are read."""

    def __init__(self, source: str | Path, grid: Grid) -> None:
        self.layer = open_polygons(source, "unusable_polygons", "features")
        self.grid = grid
        self._reader = PolygonReader(self.layer.crs, grid.crs, grid.bounds)
        same = CRS.from_user_input(self.layer.crs) == CRS.from_user_input(grid.crs)
        self._back = (
            None if same else Transformer.from_crs(grid.crs, self.layer.crs, always_xy=True)
        )

    def inside(self, window: Window) -> BoolArray:
        """Return the 2.5 m pixels (4 H, 4 W) of a window whose centres lie in polygons."""
        part = self.grid.part(window)
        fine = part.subdivide(FINE)
        found = np.zeros(fine.shape, np.uint8)
        with self.layer.batches(bbox=self._bounds(part), columns=()) as (_, batches):
            for batch in batches:
                polygons = self._reader.read(batch.column(self.layer.geometry)).shapes
                shapes = [(polygon, 1) for polygon in polygons if polygon is not None]
                if shapes:
                    rasterize(shapes, out=found, transform=fine.affine)
        return found.astype(bool)

    def extent(self) -> tuple[float, float, float, float]:
        """Return the bounds of all polygons in the grid's CRS."""
        if self._back is None:
            return self.layer.bounds
        bounds = self._back.transform_bounds(
            *self.layer.bounds, densify_pts=21, direction="INVERSE"
        )
        return tuple(float(value) for value in bounds)  # type: ignore[return-value]

    def _bounds(self, part: Grid) -> tuple[float, float, float, float]:
        if self._back is None:
            return part.bounds
        left, bottom, right, top = self._back.transform_bounds(*part.bounds, densify_pts=21)
        # A pixel's margin: straight edges bend between the points that were transformed.
        box = shapely.box(left, bottom, right, top)
        margin = 0.05 * max(right - left, top - bottom)
        return tuple(float(value) for value in box.buffer(margin).bounds)  # type: ignore[return-value]


class CroplandMask:
    """The pixels where a raster is neither 0 nor without data, by the nearest of its pixels."""

    def __init__(self, source: str | Path, grid: Grid) -> None:
        self.path, self.grid = local_path(source, "cropland mask"), grid
        with reading_environment():
            self._file = open_raster(self.path)
        if self._file.crs is None:
            raise UserError(
                "unusable_mask",
                self.path,
                "it has no coordinate reference system",
                "Give a raster with a coordinate reference system.",
            )

    def inside(self, window: Window) -> BoolArray:
        """Return the 2.5 m pixels (4 H, 4 W) of a window that are cropland."""
        fine = self.grid.part(window).subdivide(FINE)
        try:
            with (
                reading_environment(),
                WarpedVRT(
                    self._file,
                    crs=rasterio.crs.CRS.from_user_input(self.grid.crs),
                    transform=fine.affine,
                    width=fine.width,
                    height=fine.height,
                    resampling=Resampling.nearest,
                ) as warped,
            ):
                values = warped.read(1, masked=True).filled(0)
        except (RasterioError, OSError) as error:
            raise UserError(
                "damaged_mask",
                self.path,
                f"it cannot be read ({str(error).splitlines()[0]})",
                "Replace the file by an undamaged one.",
            ) from None
        found: BoolArray = np.nan_to_num(values) != 0
        return found

    @property
    def aligned(self) -> bool:
        """Whether the raster's pixels are those of the 10 m, the 5 m or the 2.5 m grid."""
        other = Grid.of(self._file)
        a, b, c, d, e, f = other.transform
        left, top = self.grid.transform[2], self.grid.transform[5]
        steps = ((c - left) / a, (f - top) / e) if a and e else (0.5, 0.5)
        return (
            CRS.from_user_input(other.crs) == CRS.from_user_input(self.grid.crs)
            and (b, d, a, -e) == (0.0, 0.0, abs(a), abs(a))
            and a in [self.grid.resolution / scale for scale in SCALES.values()]
            and all(abs(step - round(step)) < 1e-6 for step in steps)
        )


class Selection:
    """The pixels that all of several masks let through.

    A pixel of 10 m or 5 m counts where half of its 2.5 m pixels do.
    """

    def __init__(self, masks: Sequence[Mask]) -> None:
        self._masks = tuple(masks)

    def masks(self, window: Window) -> dict[int, BoolArray]:
        """Return the mapped pixels by scale s, (s H, s W); empty where all are."""
        if not self._masks:
            return {}
        fine = np.ones((window.height * FINE, window.width * FINE), np.bool_)
        for mask in self._masks:
            if fine.any():
                fine &= mask.inside(window)
        return {scale: _halves(fine, FINE // scale) for scale in SCALES.values()}


def _halves(fine: BoolArray, side: int) -> BoolArray:
    """Return where at least half of the `side` x `side` pixels of a block are set."""
    height, width = fine.shape
    blocks = fine.reshape(height // side, side, width // side, side)
    result: BoolArray = 2 * blocks.sum(axis=(1, 3)) >= side * side
    return result


@dataclass(frozen=True)
class Places:
    """The files that say which pixels are mapped; None where one is not given."""

    polygons: str | None = None
    parcels: str | None = None
    cropland: str | None = None

    def selection(self, grid: Grid) -> Selection:
        """Return the pixels of a grid that are mapped; `UserError` where a file is unusable."""
        masks: list[Mask] = [
            PolygonMask(source, grid) for source in (self.polygons, self.parcels) if source
        ]
        if self.cropland:
            masks.append(CroplandMask(self.cropland, grid))
        return Selection(masks)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    def digest(self) -> bytes:
        """Return a digest of what the files hold, as far as their ends and sizes tell."""
        digest = hashlib.sha256()
        for source in (self.polygons, self.parcels):
            if source:
                digest.update(_stamp(open_layer(source).path))
        if self.cropland:
            digest.update(_stamp(local_path(self.cropland, "cropland mask")))
        return digest.digest()


def _stamp(path: Path) -> bytes:
    """Return size and digest of a file, or of those of a folder."""
    files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    stamps = [stamp_of(file) for file in files]
    return repr([(stamp.size, stamp.digest) for stamp in stamps]).encode()
