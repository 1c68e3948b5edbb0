"""Files of a scene: images, parcels, truth."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
from affine import Affine
from rasterio.io import DatasetWriter

from cscl.contract.atomic import replacing
from cscl.contract.codes import OUTSIDE, OUTSIDE_COLOUR, OUTSIDE_NAME
from cscl.disk import check_raster, writing
from cscl.simulation.catalogue import BANDS
from cscl.simulation.scene import Scene

# As in common exports of L2A data: bands of 10 m first, the scene classification last.
FILE_BANDS = ("B02", "B03", "B04", "B08", "B05", "B06", "B07", "B8A", "B11", "B12", "SCL")
FILE_ORDER = [(*BANDS, "SCL").index(name) for name in FILE_BANDS]
TILE = 128
LAYER_DATE = "2000-01-01T00:00:00Z"  # fixed, so that equal parcels are equal files


def image_name(day: datetime.date) -> str:
    """Return the file name of a date."""
    return f"S2_L2A_{day:%Y%m%d}.tif"


@contextlib.contextmanager
def image_file(path: Path, scene: Scene, size: int, day: datetime.date) -> Iterator[DatasetWriter]:
    """Open the image of a date for writing; it appears when the block ends without error."""
    profile = _profile(scene, size, 10.0) | {
        "count": len(FILE_BANDS), "dtype": "uint16", "nodata": 0, "predictor": 2,
        "interleave": "band", "blockxsize": TILE, "blockysize": TILE,
    }  # fmt: skip
    with replacing(path) as part, _writer(part, profile) as file:
        file.descriptions = FILE_BANDS
        file.update_tags(ACQUISITION_DATE=day.isoformat(), PROCESSING_LEVEL="L2A")
        yield file


@contextlib.contextmanager
def truth_file(path: Path, scene: Scene, size: int) -> Iterator[DatasetWriter]:
    """Open the true classes at 2.5 m for writing."""
    profile = _profile(scene, size * 4, 2.5) | {
        "count": 1, "dtype": "uint8", "nodata": 0, "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    colours = {item.code: _rgba(item.colour) for item in scene.table.classes}
    names = {item.code: item.name for item in scene.table.classes}
    colours[OUTSIDE], names[OUTSIDE] = _rgba(OUTSIDE_COLOUR), OUTSIDE_NAME
    with replacing(path) as part, _writer(part, profile) as file:
        file.write_colormap(1, colours)
        file.descriptions = ("true class",)
        file.update_tags(1, **{f"class_{code}": name for code, name in names.items()})
        yield file


def _profile(scene: Scene, size: int, pixel: float) -> dict[str, Any]:
    left, _, _, top = scene.bounds
    return {
        "driver": "GTiff", "width": size, "height": size, "crs": scene.crs, "tiled": True,
        "transform": Affine(pixel, 0, left, 0, -pixel, top), "compress": "deflate", "zlevel": 6,
        "bigtiff": "if_safer",
    }  # fmt: skip


@contextlib.contextmanager
def _writer(path: Path, profile: dict[str, Any]) -> Iterator[DatasetWriter]:
    options = rasterio.Env(GDAL_PAM_ENABLED="NO")
    with writing(path), options, rasterio.open(path, "w", **profile) as file:
        yield file
    check_raster(path)


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255


def write_parcels(path: Path, scene: Scene) -> None:
    """Write the declared parcels as a GeoPackage with the fields id and crop."""
    names = np.array(scene.table.names, dtype=object)[scene.declared]
    frame = gpd.GeoDataFrame(
        {"id": np.arange(1, len(names) + 1), "crop": names},
        geometry=scene.declared_shapes,
        crs=scene.crs,
    )
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": LAYER_DATE})
    try:
        with replacing(path) as part:
            pyogrio.write_dataframe(
                frame, part, layer="parcels", driver="GPKG", promote_to_multi=True,
                dataset_options={"VERSION": "1.2"},
            )  # fmt: skip
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
