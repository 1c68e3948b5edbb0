"""Which pixels of a map lie in given parcels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS, Transformer
from rasterio.features import rasterize

from cscl.contract.errors import UserError
from cscl.grid import Grid, Window
from cscl.mapping.layers import BoolArray
from cscl.vectors.layers import open_layer
from cscl.vectors.polygons import PolygonReader

FINE = 4


class ParcelMask:
    """Tells for any window which pixels lie in parcels, reading only the parcels near it.

    A pixel of 2.5 m counts by its centre, one of 10 m where half of its 2.5 m pixels do.
    """

    def __init__(self, parcels: str | Path, grid: Grid) -> None:
        self.layer = open_layer(parcels)
        if not self.layer.count or not self.layer.crs:
            found = "0 parcels" if not self.layer.count else "no coordinate reference system"
            raise UserError(
                "unusable_parcels",
                self.layer.path,
                f"{found} in layer {self.layer.name!r}",
                "Give a polygon layer with features and a coordinate reference system.",
            )
        self.grid = grid
        self._reader = PolygonReader(self.layer.crs, grid.crs, grid.bounds)
        same = CRS.from_user_input(self.layer.crs) == CRS.from_user_input(grid.crs)
        self._back = (
            None if same else Transformer.from_crs(grid.crs, self.layer.crs, always_xy=True)
        )

    def masks(self, window: Window) -> dict[int, BoolArray]:
        """Return the pixels in parcels by scale, (H, W) and (4 H, 4 W)."""
        part = self.grid.part(window)
        fine = part.subdivide(FINE)
        inside = np.zeros(fine.shape, np.uint8)
        with self.layer.batches(bbox=self._bounds(part)) as (_, batches):
            for batch in batches:
                polygons = self._reader.read(batch.column(self.layer.geometry)).shapes
                shapes = [(polygon, 1) for polygon in polygons if polygon is not None]
                if shapes:
                    rasterize(shapes, out=inside, transform=fine.affine)
        halves = inside.reshape(part.height, FINE, part.width, FINE).sum(axis=(1, 3))
        return {1: halves >= FINE * FINE // 2, FINE: inside.astype(bool)}

    def _bounds(self, part: Grid) -> tuple[float, float, float, float]:
        if self._back is None:
            return part.bounds
        left, bottom, right, top = self._back.transform_bounds(*part.bounds, densify_pts=21)
        # A pixel's margin: straight edges bend between the points that were transformed.
        box = shapely.box(left, bottom, right, top)
        margin = 0.05 * max(right - left, top - bottom)
        return tuple(float(value) for value in box.buffer(margin).bounds)  # type: ignore[return-value]
