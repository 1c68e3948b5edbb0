"""Passes whose bands have several resolutions, each a file of its own, in any container."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from cscl.grid import Grid
from cscl.series.mask import CloudMask
from cscl.series.model import Acquisition, Asset, Pass, TimeSeries
from cscl.series.raster import stamp_of
from small_scene import LEFT, TOP, UTM

# Band, side of its pixels in those of 10 m.
BANDS = {"B02": 1, "B08": 1, "B05": 2, "B11": 2, "B01": 6}
LOSSLESS = {"REVERSIBLE": "YES", "QUALITY": "100", "BLOCKXSIZE": 64, "BLOCKYSIZE": 64}


def grid_of(height: int, width: int, factor: int = 1) -> Grid:
    """Return a grid of 10 m pixels, or of pixels `factor` times as large from the same corner."""
    side = 10.0 * factor
    shape = -(-width // factor), -(-height // factor)
    return Grid(UTM, (side, 0.0, LEFT, 0.0, -side, TOP), *shape)


def write_band(path: Path, values: np.ndarray, factor: int = 1, **options: object) -> Path:
    """Write one band, or several (bands, H, W), as GeoTIFF or by the ending .jp2 as JPEG 2000."""
    stack = values if values.ndim == 3 else values[None]
    side = 10.0 * factor
    driver = "JP2OpenJPEG" if path.suffix == ".jp2" else "GTiff"
    with rasterio.open(
        path, "w", driver=driver, width=stack.shape[2], height=stack.shape[1],
        count=len(stack), dtype=stack.dtype, crs=UTM,
        transform=Affine(side, 0, LEFT, 0, -side, TOP),
        **(LOSSLESS if driver == "JP2OpenJPEG" else {}), **options,
    ) as file:  # fmt: skip
        file.write(stack)
    return path


def zipped(path: Path, archive: Path, name: str = "", compress: int = zipfile.ZIP_STORED) -> Path:
    """Add a file to a zip and remove it from where it was."""
    with zipfile.ZipFile(archive, "a", compress) as file:
        file.write(path, name or path.name)
    path.unlink()
    return archive


def random_numbers(
    rng: np.random.Generator, grid: Grid, holes: float = 0.1, top: int = 9000
) -> np.ndarray:
    """Return numbers as products hold them, with a share of no data."""
    numbers = rng.integers(1, top, grid.shape).astype(np.uint16)
    numbers[rng.random(grid.shape) < holes] = 0
    return numbers


def random_classes(rng: np.random.Generator, grid: Grid) -> np.ndarray:
    """Return a scene classification with some clouds."""
    codes = rng.choice([4, 5, 9, 3, 10], grid.shape, p=[0.5, 0.46, 0.01, 0.01, 0.02])
    return codes.astype(np.uint8)


def mixed_pass(
    folder: Path,
    seed: int,
    shape: tuple[int, int] = (70, 86),
    *,
    suffix: str = ".tif",
    bands: dict[str, int] = BANDS,
    offset: float = -0.1,
    **options: object,
) -> Pass:
    """Write a pass with a file a band and its classification at 20 m."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.Generator(np.random.PCG64(seed))
    assets = {}
    for name, factor in bands.items():
        grid = grid_of(*shape, factor)
        values = random_numbers(rng, grid)
        path = write_band(folder / f"{name}{suffix}", values, factor, **options)
        assets[name] = Asset(path, 1, 1e-4, offset, 0.0, grid)
    grid = grid_of(*shape, 2)
    path = write_band(folder / f"SCL{suffix}", random_classes(rng, grid), 2, **options)
    mask = Asset(path, 1, 1.0, 0.0, 0.0, grid, "", "uint8")
    paths = [asset.path for asset in (*assets.values(), mask)]
    return Pass(folder.name, assets, mask, {path: stamp_of(path) for path in paths})


def mixed_series(passes: list[list[Pass]], shape: tuple[int, int] = (70, 86)) -> TimeSeries:
    """Return a series with the passes of each date, ten days apart."""
    start = datetime.date(2021, 4, 1)
    acquisitions = tuple(
        Acquisition(start + datetime.timedelta(days=10 * n), 10 * n, tuple(items), 0.0, 1.0)
        for n, items in enumerate(passes)
    )
    return TimeSeries(
        grid_of(*shape), tuple(passes[0][0].assets), (start, datetime.date(2021, 9, 30)), "L2A",
        acquisitions, CloudMask(),
    )  # fmt: skip
