"""What this engine has: versions, devices, formats."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from cscl.contract.home import data_folder
from cscl.contract.version import VERSION

PACKAGES = (
    "torch", "numpy", "rasterio", "pyproj", "shapely", "geopandas", "pyogrio", "pyarrow",
    "pystac", "zarr", "safetensors", "scikit-learn", "numba",
)  # fmt: skip


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
