"""What this engine has, versions, devices, formats, and whether it works."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cscl.contract.home import data_folder
from cscl.contract.version import VERSION

PACKAGES = (
    "torch", "numpy", "rasterio", "pyproj", "shapely", "geopandas", "pyogrio", "pyarrow",
    "pystac", "zarr", "safetensors", "scikit-learn", "numba",
)  # fmt: skip

# What jobs import.
LIBRARIES = (
    "numpy", "scipy", "torch", "rasterio", "pyproj", "shapely", "pandas", "pyarrow", "pyogrio",
    "geopandas", "pystac", "zarr", "numcodecs", "google_crc32c", "h5py", "safetensors", "sklearn",
    "numba", "click", "rich", "matplotlib", "rio_cogeo", "psutil", "distributed",
)  # fmt: skip
SIDE = 64


def report() -> str:
    """Return a readable table of versions, devices and formats."""
    lines = [
        ("cscl", VERSION),
        ("Python", f"{platform.python_version()} ({sys.prefix})"),
        ("system", platform.platform()),
        ("processor cores", str(os.cpu_count())),
        ("data folder", str(data_folder())),
        *((name, _version(name)) for name in PACKAGES),
        ("GDAL", _gdal()),
        ("devices", _devices()),
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _gdal() -> str:
    import rasterio

    return str(rasterio.__gdal_version__)


def _devices() -> str:
    import torch

    names = ["cpu"]
    names += [
        f"cuda:{index} ({torch.cuda.get_device_name(index)})"
        for index in range(torch.cuda.device_count())
    ]
    if torch.backends.mps.is_available():
        names.append("mps")
    return ", ".join(names)


def run_checks(device: str, say: Callable[[str], None]) -> int:
    """Run every check, saying `ok WHAT` or `failed WHAT` for each; return how many failed.

    `device` is that of the jobs: auto, cpu, cuda ...
    """
    failed = 0
    for name, check in _checks(device):
        try:
            say(f"ok {name}{check()}")
        except Exception as error:  # whatever a broken library raises is an answer, not a bug
            failed += 1
            say(f"failed {name}: {type(error).__name__}: {error}")
    return failed


def _checks(device: str) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "libraries", _libraries
    yield "engine", _engine
    yield "matrix product", lambda: _matrix_product(device)
    yield "raster", _raster
    yield "vector layer", _vector
    yield "coordinates", _coordinates


def _libraries() -> str:
    problems = []
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except Exception as error:  # a library may fail in any way while it loads
            problems.append(f"{name} ({type(error).__name__}: {error})")
    if problems:
        raise RuntimeError("; ".join(problems))
    return f": {len(LIBRARIES)} load"


def _engine() -> str:
    from cscl import dispatch
    from cscl.contract.version import VERSION

    return f": {VERSION} in {Path(dispatch.__file__).parents[1]}"


def _matrix_product(device: str) -> str:
    import torch

    from cscl.device import choose_device

    chosen = choose_device(device)
    left = torch.arange(SIDE * SIDE, dtype=torch.float32).reshape(SIDE, SIDE) / SIDE
    product = (left.to(chosen) @ left.T.to(chosen)).cpu()
    exact = left.double() @ left.T.double()
    if not torch.allclose(product.double(), exact, rtol=1e-2):
        raise RuntimeError(f"wrong values on {chosen}")
    return f": on {chosen}, torch {torch.__version__}"


def _raster() -> str:
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    values = np.arange(SIDE * SIDE, dtype="uint16").reshape(SIDE, SIDE)
    profile = {
        "driver": "GTiff", "height": SIDE, "width": SIDE, "count": 1, "dtype": "uint16",
        "crs": "EPSG:32631", "transform": from_origin(5e5, 5.6e6, 10, 10), "compress": "deflate",
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="cscl-check-") as folder:
        path = os.path.join(folder, "raster.tif")
        with rasterio.open(path, "w", **profile) as target:
            target.write(values, 1)
        with rasterio.open(path) as source:
            same = bool((source.read(1) == values).all()) and source.crs.to_epsg() == 32631
    if not same:
        raise RuntimeError("what was read is not what was written")
    return f": GDAL {rasterio.__gdal_version__}"


def _vector() -> str:
    import geopandas
    import pyogrio
    from shapely.geometry import box

    layer = geopandas.GeoDataFrame(
        {"crop": ["Wheat", "Mäïs"]},
        geometry=[box(5e5, 5.6e6, 5e5 + 50, 5.6e6 + 50), box(5e5, 5.59e6, 5e5 + 9, 5.59e6 + 9)],
        crs="EPSG:32631",
    )
    with tempfile.TemporaryDirectory(prefix="cscl-check-") as folder:
        path = os.path.join(folder, "layer.gpkg")
        layer.to_file(path, driver="GPKG", engine="pyogrio")
        read = geopandas.read_file(path, engine="pyogrio")
    if list(read["crop"]) != list(layer["crop"]) or not read.geometry.equals(layer.geometry):
        raise RuntimeError("what was read is not what was written")
    return f": GDAL {pyogrio.__gdal_version_string__}"


def _coordinates() -> str:
    """A reference system needs PROJ's own database, which broken environments lack."""
    import pyproj

    to_utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32631", always_xy=True)
    east, north = to_utm.transform(3.0, 50.0)
    if abs(east - 500000) > 0.01 or abs(north - 5538630.70) > 0.1:
        raise RuntimeError(f"3 E, 50 N became {east}, {north}")
    return f": PROJ {pyproj.proj_version_str}"
