"""Small parcel layers on one grid, and reading them, for several test files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.dataset.parcel_rules import ParcelRules
from cscl.dataset.parcels import Parcels, read_parcels
from cscl.grid import Grid
from small_scene import LEFT, TOP, UTM

GRID = Grid(UTM, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), 60, 60)


def square(x: float, y: float, side: float = 50.0) -> shapely.Polygon:
    """Return a square by its upper left corner, in metres from that of the grid."""
    return shapely.box(LEFT + x, TOP - y - side, LEFT + x + side, TOP - y)


def frame(shapes: list[Any], crs: str | None = UTM, **fields: list[Any]) -> gpd.GeoDataFrame:
    """Return features with the given fields, by default a field `crop`."""
    fields = fields or {"crop": ["maize", "wheat", "beet"] * (len(shapes) // 3 + 1)}
    columns = {name: values[: len(shapes)] for name, values in fields.items()}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def read(
    path: Path | str, field: str = "crop", *grids: Grid, **rules: float
) -> tuple[Parcels, JobContext]:
    """Return the parcels on the grids and the job that read them."""
    ctx = JobContext()
    return read_parcels(str(path), field, grids or (GRID,), ctx, ParcelRules(**rules)), ctx


def refused(path: Path | str, field: str = "crop", *grids: Grid, **rules: float) -> UserError:
    """Return the error that reading the parcels raises."""
    with pytest.raises(UserError) as caught:
        read(path, field, *grids, **rules)
    return caught.value


def state(folder: Path) -> dict[str, str]:
    """Return the hash of every file in a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def around(path: Path, crs: str) -> Grid:
    """Return a grid over a whole layer."""
    bounds = gpd.read_file(path).to_crs(crs).total_bounds
    width, height = (int((bounds[2 + axis] - bounds[axis]) / 10) + 2 for axis in (0, 1))
    return Grid(crs, (10.0, 0.0, bounds[0] - 5, 0.0, -10.0, bounds[3] + 5), width, height)
