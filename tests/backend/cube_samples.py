"""One small series of images, to be written in several forms by other libraries."""

from __future__ import annotations

import datetime
import functools
import shutil
from pathlib import Path

import numpy as np
import pystac
import rasterio
import xarray as xr
from affine import Affine
from cscl.contract.errors import Findings
from cscl.series.images import Format, Image, Wanted
from pystac.extensions.eo import Band, EOExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import RasterBand, RasterExtension
from rasterio.crs import CRS
from small_scene import LEFT, TOP, UTM

BANDS = ("B02", "B03", "B04", "B08", "SCL")
WANTED = Wanted(BANDS[:-1], "SCL")
DAYS = ("2021-04-01", "2021-05-01", "2021-06-01", "2021-07-01")
HEIGHT, WIDTH = 22, 30


@functools.cache
def numbers() -> dict[str, np.ndarray]:
    """Stored numbers (date, row, column) by band, some of them no data, some clouds."""
    random = np.random.default_rng(7)
    shape = (len(DAYS), HEIGHT, WIDTH)
    result = {name: random.integers(100, 6000, shape).astype("uint16") for name in BANDS[:-1]}
    for values in result.values():
        values[1, :3, :4] = 0
    result["SCL"] = np.full(shape, 4, "uint16")
    result["SCL"][2, 5:9, 10:14] = 9
    return result


def dataset(*, rising: bool = False, time: str = "time") -> xr.Dataset:
    """The series as xarray holds it, with the reference system as rioxarray and odc-stac do."""
    x = LEFT + 5 + 10 * np.arange(WIDTH)
    y = TOP - 5 - 10 * np.arange(HEIGHT)
    stamps = np.array([f"{day}T10:56:21" for day in DAYS], "datetime64[ns]")
    variables = {
        name: ((time, "y", "x"), values, {"grid_mapping": "spatial_ref"})
        for name, values in numbers().items()
    }
    cube = xr.Dataset(
        variables,
        {time: stamps, "y": y, "x": x, "spatial_ref": ((), 0, {"crs_wkt": wkt()})},
    )
    return cube.isel(y=slice(None, None, -1)) if rising else cube


def wkt() -> str:
    """The reference system as text."""
    return str(CRS.from_user_input(UTM).to_wkt())


def stacked() -> xr.Dataset:
    """The series as one variable with a dimension of bands, as stackstac returns it."""
    cube = dataset().drop_vars("spatial_ref")
    joined = cube.to_dataarray("band").transpose("time", "band", "y", "x")
    joined.attrs = {"crs": "epsg:32631"}
    return joined.rename("reflectance").to_dataset()


CHUNKS = {"time": 1, "y": 8, "x": 16}


def write_netcdf4(path: Path, cube: xr.Dataset) -> Path:
    """Write NetCDF 4 in compressed chunks."""
    encoding = {
        name: {
            "chunksizes": tuple(CHUNKS.get(str(dim), 1) for dim in variable.dims),
            "compression": "gzip",
        }
        for name, variable in cube.data_vars.items()
        if variable.ndim > 2
    }
    cube.to_netcdf(path, engine="h5netcdf", encoding=encoding)
    return path


def write_netcdf3(path: Path, cube: xr.Dataset) -> Path:
    """Write classic NetCDF, whose types are signed: `_Unsigned` tells so, as openEO writes it."""
    signed = cube.copy()
    for name, variable in cube.data_vars.items():
        if variable.dtype == "uint16":
            attributes = {**variable.attrs, "_Unsigned": "true"}
            signed[name] = (variable.dims, variable.values.view("int16"), attributes)
    signed.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT", unlimited_dims=["time"])
    return path


def write_zarr(path: Path, cube: xr.Dataset, version: int) -> Path:
    """Write Zarr in chunks of 8 x 16 pixels, with two dates in each."""
    encoding = {
        name: {"chunks": tuple({"time": 2, "y": 8, "x": 16}.get(str(d), 2) for d in variable.dims)}
        for name, variable in cube.data_vars.items()
        if variable.ndim > 2
    }
    cube.to_zarr(path, zarr_format=version, encoding=encoding, consolidated=version == 2)
    return path


def write_rasters(folder: Path) -> Path:
    """Write one multi-band GeoTIFF a date."""
    folder.mkdir(parents=True)
    held = numbers()
    for place, day in enumerate(DAYS):
        name = folder / f"S2_L2A_{day.replace('-', '')}.tif"
        with rasterio.open(name, "w", **profile(len(BANDS))) as file:
            for index, band in enumerate(BANDS, start=1):
                file.write(held[band][place], index)
                file.set_band_description(index, band)
    return folder


def profile(count: int = 1) -> dict:
    """What the GeoTIFFs of the series share."""
    return {
        "driver": "GTiff", "width": WIDTH, "height": HEIGHT, "count": count, "dtype": "uint16",
        "crs": UTM, "transform": Affine(10, 0, LEFT, 0, -10, TOP), "nodata": 0,
    }  # fmt: skip


def item(folder: Path, place: int, properties: dict | None = None) -> pystac.Item:
    """Write the images of one date, one a band, and return their STAC item."""
    folder.mkdir(parents=True, exist_ok=True)
    day = datetime.datetime.fromisoformat(f"{DAYS[place]}T10:56:21+00:00")
    box = [3.0, 50.5, 3.01, 50.51]
    outline = {"type": "Polygon", "coordinates": [[[3, 50.5], [3.01, 50.5], [3, 50.51], [3, 50.5]]]}
    result = pystac.Item(
        f"S2A_31UDS_{DAYS[place]}", outline, box, day,
        {"s2:processing_baseline": "03.01", "s2:product_type": "S2MSI2A", **(properties or {})},
    )  # fmt: skip
    projection = ProjectionExtension.ext(result, add_if_missing=True)
    projection.apply(code=UTM, shape=[HEIGHT, WIDTH])
    RasterExtension.add_to(result)
    EOExtension.add_to(result)
    for name, values in numbers().items():
        path = folder / f"{name}_{place}.tif"
        with rasterio.open(path, "w", **profile()) as file:
            file.write(values[place], 1)
        asset = pystac.Asset(f"./{path.name}", media_type=pystac.MediaType.COG, roles=["data"])
        result.add_asset(name, asset)
        EOExtension.ext(asset).apply(bands=[Band.create(name)])
        band = RasterBand.create(nodata=0)
        if name != "SCL":
            band.scale, band.offset = 0.0001, 0.0
        RasterExtension.ext(asset).apply([band])
    return result


def write_items(folder: Path, properties: dict | None = None) -> Path:
    """Write one item a date with its images beside it."""
    for place in range(len(DAYS)):
        made = item(folder, place, properties)
        made.save_object(include_self_link=False, dest_href=str(folder / f"{made.id}.json"))
    return folder


def described(
    form: Format, *paths: Path, wanted: Wanted = WANTED
) -> tuple[list[Image], list[str], list[str]]:
    """Return the images, what stands against others, and the notes of a format."""
    findings, notes = Findings(), []
    images = form.describe(form.claim(list(paths)), wanted, findings, notes)
    return images, [str(finding) for finding in findings.items], notes


def emptied(folder: Path) -> Path:
    """Return a folder that is there and holds nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
