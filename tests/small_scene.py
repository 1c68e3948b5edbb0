"""Small folders of images and parcels for tests of time series and datasets."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.crs import CRS

TEN = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
LEFT, TOP = 500_000.0, 5_600_000.0
UTM = "EPSG:32631"


def write_image(
    path: Path,
    bands: dict[str, np.ndarray],
    *,
    dtype: str = "uint16",
    crs: str | None = UTM,
    transform: Affine | None = None,
    nodata: float | None = 0,
    tags: dict[str, str] | None = None,
    scales: tuple[float, float] | None = None,
    **profile: object,
) -> Path:
    """Write one multi-band GeoTIFF with band names as descriptions."""
    height, width = next(iter(bands.values())).shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=len(bands),
        dtype=dtype,
        crs=CRS.from_user_input(crs) if crs else None,
        transform=transform or Affine(10, 0, LEFT, 0, -10, TOP),
        nodata=nodata,
        **profile,
    ) as file:
        for index, (name, values) in enumerate(bands.items(), start=1):
            file.write(values.astype(dtype), index)
            file.set_band_description(index, name)
        if scales:
            file.scales = (scales[0],) * len(bands)
            file.offsets = (scales[1],) * len(bands)
        file.update_tags(**(tags or {}))
    return path


def flat_bands(
    size: int = 24, value: int = 1000, bands: tuple[str, ...] = TEN, scl: int = 4
) -> dict[str, np.ndarray]:
    """Return bands of one value each (value, value + 10, ...) and an SCL of one class."""
    shape = (size, size)
    result = {name: np.full(shape, value + 10 * n) for n, name in enumerate(bands)}
    return result | {"SCL": np.full(shape, scl)}


def noisy_bands(seed: int, size: int = 24, bands: tuple[str, ...] = TEN) -> dict[str, np.ndarray]:
    """Return random bands and an SCL with some clouds."""
    generator = np.random.Generator(np.random.PCG64(seed))
    shape = (size, size)
    result = {name: generator.integers(1, 5000, shape) for name in bands}
    scl = np.full(shape, 4)
    scl[generator.random(shape) < 0.02] = 9
    scl[generator.random(shape) < 0.02] = 3
    return result | {"SCL": scl}


def write_folder(folder: Path, dates: tuple[str, ...], size: int = 24, **options: object) -> Path:
    """Write a noisy image for each date YYYYMMDD."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, date in enumerate(dates):
        write_image(folder / f"S2_L2A_{date}.tif", noisy_bands(seed, size), **options)
    return folder


def write_parcels(
    path: Path, shapes: list[object], values: list[object], *, crs: str | None = UTM
) -> Path:
    """Write a layer `parcels` with the field `crop`."""
    frame = gpd.GeoDataFrame({"crop": values}, geometry=list(shapes), crs=crs)
    frame.to_file(path, layer="parcels", driver="GPKG")
    return path


def squares(count: int, side: float, gap: float = 0.0) -> list[shapely.Polygon]:
    """Return count x count squares from the upper left corner of the images."""
    step = side + gap
    return [
        shapely.box(
            LEFT + column * step,
            TOP - row * step - side,
            LEFT + column * step + side,
            TOP - row * step,
        )
        for row in range(count)
        for column in range(count)
    ]
