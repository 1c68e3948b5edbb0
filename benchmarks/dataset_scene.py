"""A large scene for the benchmarks of datasets: a simulated patch, laid side by side.

Values, noise, clouds and parcels are the simulator's, so that images compress like real ones; laid
side by side they cost seconds where simulating them would take hours. The deflate window of 32 KiB
does not reach from one copy to the next.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from cscl.context import JobContext
from cscl.contract.jobs import SeriesJob, SimulateJob
from cscl.series.job import define_series
from cscl.simulation.job import simulate
from rasterio.windows import Window

BLOCK = 512
BANDS = 10
RESOLUTION = 10.0


def make_scene(
    folder: Path, size: int, dates: int, declared: float = 1.0, patch: int = BLOCK
) -> tuple[Path, Path]:
    """Write images, parcels and the series of `size` x `size` pixels; return series and parcels.

    Parcels lie on the share `declared` of the scene, from the north.

    One GeoTIFF a date: ten bands of uint16, one after the other, in deflate tiles of 512 with
    predictor 2.
    """
    source, images = folder / "patch", folder / "images"
    images.mkdir(parents=True)
    simulate(
        SimulateJob(output=str(source), size=patch, dates=dates, crops=8, seed=1), JobContext()
    )
    for path in sorted(source.glob("*.tif")):
        _repeat_image(path, images / path.name, size, patch)
        path.unlink()
    parcels = folder / "parcels.gpkg"
    _repeat_parcels(source / "parcels.gpkg", parcels, size, round(declared * size), patch)
    series = folder / "scene.series.json"
    define_series(SeriesJob(images=str(images), output=str(series), mask="none"), JobContext())
    return series, parcels


def _repeat_image(source: Path, target: Path, size: int, patch: int) -> None:
    with rasterio.open(source) as file:
        values = file.read(list(range(1, BANDS + 1)))
        profile = file.profile | {
            "width": size, "height": size, "count": BANDS, "blockxsize": BLOCK,
            "blockysize": BLOCK, "interleave": "band", "compress": "deflate", "predictor": 2,
            "zlevel": 1, "bigtiff": "yes", "num_threads": "all_cpus",
        }  # fmt: skip
        names, tags = file.descriptions[:BANDS], file.tags()
    # One row of blocks at a time; wrapped, for a patch may be smaller than a block.
    rows, columns = np.arange(BLOCK) % patch, np.arange(size) % patch
    with rasterio.open(target, "w", **profile) as file:
        file.descriptions = names
        file.update_tags(**{key: tags[key] for key in ("ACQUISITION_DATE", "PROCESSING_LEVEL")})
        band_of_rows = values[:, rows[:, None], columns]
        for row in range(0, size, BLOCK):
            height = min(BLOCK, size - row)
            file.write(band_of_rows[:, :height], window=Window(0, row, size, height))


def _repeat_parcels(source: Path, target: Path, size: int, height: int, patch: int) -> None:
    """Write the patch's parcels, cut at its borders, at every place of the scene's upper part."""
    frame = gpd.read_file(source)
    with rasterio.open(next((target.parent / "images").glob("*.tif"))) as file:
        left, top = file.transform.c, file.transform.f
    edge = patch * RESOLUTION
    frame = frame.clip(shapely.box(left, top - edge, left + edge, top), keep_geom_type=True)
    copies = -(-size // patch)
    scene = shapely.box(left, top - height * RESOLUTION, left + size * RESOLUTION, top)
    pieces = [
        frame.set_geometry(frame.geometry.translate(column * edge, -row * edge))
        for row in range(copies)
        for column in range(copies)
    ]
    whole = gpd.GeoDataFrame(pd.concat(pieces, ignore_index=True), crs=frame.crs)
    whole = whole[whole.geometry.centroid.within(scene)]
    whole["id"] = np.arange(1, len(whole) + 1)
    whole.to_file(target, driver="GPKG", layer="parcels")
