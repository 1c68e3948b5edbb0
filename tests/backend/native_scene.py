"""Time series whose bands are of 10, 20 and 60 m, each in a file of its own, for tests."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from cscl.grid import Grid
from cscl.series.mask import CloudMask
from cscl.series.model import Acquisition, Asset, Pass, TimeSeries
from cscl.series.raster import stamp_of
from cscl.series.stac import write_series
from rasterio.crs import CRS
from small_scene import write_parcels

BANDS = {"B02": 1, "B04": 1, "B05": 2, "B11": 2, "B01": 6}
SCL_FACTOR = 2
LEFT, TOP = 499_980.0, 5_600_040.0


def write_native(
    folder: Path,
    dates: Sequence[datetime.date],
    *,
    size: int = 180,
    corner: tuple[float, float] = (LEFT, TOP),
    crs: str = "EPSG:32631",
    passes: int = 1,
    season: tuple[datetime.date, datetime.date] | None = None,
    block: int = 64,
    seed: int = 0,
    composite: str = "none",
    gaps: str = "keep",
) -> Path:
    """Write a series of noise with clouds; return its .series.json. `size` is a multiple of 6."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.Generator(np.random.PCG64(seed))
    grid = Grid(crs, (10, 0, corner[0], 0, -10, corner[1]), size, size)
    acquisitions = []
    first = season[0] if season else dates[0]
    for date in dates:
        items = []
        for number in range(passes):
            files = {}
            for name, factor in {**BANDS, "SCL": SCL_FACTOR}.items():
                side = size // factor
                values = generator.integers(1, 6000, (side, side))
                if name == "SCL":
                    values = np.where(generator.random((side, side)) < 0.2, 9, 4)
                else:
                    values[generator.random((side, side)) < 0.01] = 0
                path = folder / f"{date:%Y%m%d}_{number}_{name}.tif"
                own = Grid(crs, (10 * factor, 0, corner[0], 0, -10 * factor, corner[1]), side, side)
                dtype = "uint8" if name == "SCL" else "uint16"
                _write(path, values.astype(dtype), own, block)
                nodata = None if name == "SCL" else 0.0
                files[name] = Asset(path, 1, nodata=nodata, grid=own, dtype=dtype)
            mask = files.pop("SCL")
            stamps = {asset.path: stamp_of(asset.path) for asset in (*files.values(), mask)}
            items.append(Pass(f"pass {number}", files, mask, stamps))
        acquisitions.append(Acquisition(date, (date - first).days, tuple(items), 0.2, 0.8))
    series = TimeSeries(
        grid=grid,
        bands=tuple(BANDS),
        season=season or (dates[0], dates[-1]),
        level="L2A",
        acquisitions=tuple(acquisitions),
        mask=CloudMask(),
        composite=composite,
        gaps=gaps,
    )
    path = folder / "scene.series.json"
    write_series(series, path)
    return path


def _write(path: Path, values: np.ndarray, grid: Grid, block: int) -> None:
    with rasterio.open(
        path, "w", driver="GTiff", width=grid.width, height=grid.height, count=1,
        dtype=values.dtype, crs=CRS.from_user_input(grid.crs), transform=Affine(*grid.transform),
        nodata=0 if values.dtype == np.uint16 else None,
        tiled=True, blockxsize=block, blockysize=block, compress="deflate",
    ) as file:  # fmt: skip
        file.write(values, 1)


def write_ground(path: Path, extents: Sequence[tuple[float, float, float, float]], *,
                 side: float = 130.0, crs: str = "EPSG:32631") -> Path:  # fmt: skip
    """Write square parcels of three crops with gaps over extents (left, bottom, right, top)."""
    generator = np.random.Generator(np.random.PCG64(5))
    shapes = [
        shapely.affinity.rotate(shapely.box(x, y, x + side, y + side), 4)
        for left, bottom, right, top in extents
        for x in np.arange(left + 20, right - side, side + 17)
        for y in np.arange(bottom + 20, top - side, side + 17)
    ]
    crops = generator.choice(["maize", "wheat", "beet"], len(shapes)).tolist()
    return write_parcels(path, shapes, crops, crs=crs)
