"""Classifying parcels against bare exactextract and rasterstats on the same bands.

Run from the repository root with the engine's Python, and `rasterstats` installed:
`python benchmarks/parcels.py`.

`over_exactextract`: seconds in which `classify_parcels` makes the finished GeoPackage of 100,000
parcels from a map folder and a GeoPackage, divided by those in which exactextract gives the mean of
each of the 10 bands in the same parcels, both already in memory. `speedup`: seconds a parcel of
rasterstats on 2,000 of them and the same bands in memory, divided by ours, end to end. One thread
each, in turns in one process after a warm-up. `largest_difference` is that of the means to
exactextract's. `--quick` takes 10,000 parcels and one repetition.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import rasterio  # noqa: E402
import shapely  # noqa: E402
from cscl.context import JobContext  # noqa: E402
from cscl.contract.classes import ClassTable, CropClass  # noqa: E402
from cscl.contract.jobs import ParcelsJob  # noqa: E402
from cscl.grid import Grid  # noqa: E402
from cscl.mapping.folder import read_map  # noqa: E402
from cscl.parcels.classify import classify_parcels  # noqa: E402
from cscl.parcels.shares import ParcelShares  # noqa: E402
from cscl.zonal.statistics import outline_keys  # noqa: E402
from exactextract import exact_extract  # noqa: E402
from exactextract.raster import NumPyRasterSource  # noqa: E402
from rasterstats import zonal_stats  # noqa: E402

WANTED = {"over_exactextract": 1.5, "speedup": 20.0}
CRS = "EPSG:32631"
LEFT, TOP = 500_000.0, 5_600_000.0
CELL = 12  # pixels from parcel to parcel: 1.4 ha
CLASSES = 9  # and other land: 10 bands
SMALL = 2000


def make_parcels(side: int, seed: int) -> gpd.GeoDataFrame:
    """Return side x side parcels with bent corners that touch each other."""
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[: side + 1, : side + 1] * CELL * 10.0
    x = LEFT + cols + rng.uniform(-30, 30, cols.shape)
    y = TOP - rows + rng.uniform(-30, 30, rows.shape)
    corners = np.stack([x, y], axis=-1)
    rings = np.stack(
        [corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2
    ).reshape(-1, 4, 2)
    crops = rng.integers(1, CLASSES + 1, len(rings))
    return gpd.GeoDataFrame({"crop": crops}, geometry=shapely.polygons(rings), crs=CRS)


def make_map(folder: Path, side: int, seed: int) -> None:
    """Write a map folder with probabilities of their own in each parcel and pixel."""
    size = side * CELL
    grid = Grid(CRS, (10.0, 0.0, LEFT, 0.0, -10.0, TOP), size, size)
    rng = np.random.default_rng(seed)
    base = rng.dirichlet(np.ones(CLASSES + 1), (side, side)).astype(np.float32) * 200
    bands = np.kron(base.transpose(2, 0, 1), np.ones((1, CELL, CELL), np.float32))
    bands = (bands + rng.integers(0, 5, bands.shape)).astype(np.uint8)
    bands[:, : size // 50] = 255
    profile = {
        "driver": "GTiff", "width": size, "height": size, "crs": CRS, "transform": grid.affine,
        "dtype": "uint8", "tiled": True, "compress": "DEFLATE", "zlevel": 1, "interleave": "band",
    }  # fmt: skip
    folder.mkdir()
    with rasterio.open(folder / "probabilities.tif", "w", count=len(bands), nodata=255,
                       photometric="MINISBLACK", **profile) as file:  # fmt: skip
        file.write(bands)
    with rasterio.open(folder / "crops.tif", "w", count=1, nodata=0, **profile) as file:
        file.write(np.where(bands[0] == 255, 0, 1 + bands.argmax(0)).astype(np.uint8), 1)
    crops = tuple(
        CropClass(code, f"crop {code}", "#808080", (str(code),)) for code in range(1, CLASSES + 1)
    )
    document = {
        "schema": 1,
        "classes": ClassTable(crops, "benchmark", 2021).to_json(),
        "outside": "class",
        "grid": grid.to_json(),
        "training": {},
    }
    (folder / "map.json").write_text(json.dumps(document))


class Ways:
    """The same parcels and bands, three ways."""

    def __init__(self, folder: Path, side: int) -> None:
        self.folder, self.frame = folder, make_parcels(side, 1)
        self.frame.to_file(folder / "parcels.gpkg")
        make_map(folder / "map", side, 2)
        with rasterio.open(folder / "map" / "probabilities.tif") as file:
            self.bands, self.affine, bounds = file.read(), file.transform, file.bounds
        wkt = self.frame.crs.to_wkt()
        self.sources = [
            NumPyRasterSource(band, *bounds, nodata=255, srs_wkt=wkt, name=f"band_{number}")
            for number, band in enumerate(self.bands)
        ]

    def ours(self) -> None:
        """Classify all parcels, from file to file."""
        output = self.folder / "classified.gpkg"
        output.unlink(missing_ok=True)
        job = ParcelsJob(
            map=str(self.folder / "map"),
            parcels=str(self.folder / "parcels.gpkg"),
            output=str(output),
            class_field="crop",
        )
        classify_parcels(job, JobContext())

    def exactextract(self, first: int | None = None) -> Any:
        """Return the mean of each band in each parcel, or in the first ones."""
        return exact_extract(
            self.sources,
            self.frame[:first],
            ["mean"],
            output="pandas",
            strategy="raster-sequential",
        )

    def rasterstats(self) -> None:
        """Give the mean of each band in the first parcels."""
        for band in self.bands:
            zonal_stats(
                self.frame.geometry[:SMALL], band, affine=self.affine, nodata=255, stats=["mean"]
            )

    def difference(self) -> float:
        """Return the largest difference of a share of the first parcels to exactextract's."""
        found = self.exactextract(SMALL).to_numpy()
        with ParcelShares(read_map(self.folder / "map")) as shares:
            wkb = shapely.to_wkb(self.frame.geometry[:SMALL].to_numpy())
            ours, _ = shares.read(self.frame.geometry.to_numpy()[:SMALL], outline_keys(_arrow(wkb)))
        return float(np.nanmax(np.abs(ours.mean - found / 250)))


def _arrow(values: Any) -> Any:
    import pyarrow as pa

    return pa.array(values.tolist(), pa.binary())


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    side, repetitions = (100, 1) if options.quick else (317, 2)
    with tempfile.TemporaryDirectory() as temporary:
        ways = Ways(Path(temporary), side)
        count = len(ways.frame)
        print(
            f"load {os.getloadavg()[0]:.1f}, {count} parcels, {side * CELL} x {side * CELL} "
            f"pixels, {len(ways.bands)} bands"
        )
        figures: dict[str, Any] = {"largest_difference": ways.difference()}
        taken: dict[str, list[float]] = {"ours": [], "exactextract": [], "rasterstats": []}
        for repetition in range(repetitions):
            for name, seconds in taken.items():
                # One pass of rasterstats takes long enough.
                if name != "rasterstats" or not repetition:
                    seconds.append(seconds_of(getattr(ways, name)))
        counts = {"ours": count, "exactextract": count, "rasterstats": SMALL}
        a_parcel = {}
        for name, seconds in taken.items():
            a_parcel[name] = statistics.median(seconds) / counts[name]
            print(
                f"{name:>13}: {counts[name]:6d} parcels, median {statistics.median(seconds):7.2f} "
                f"s, least {min(seconds):7.2f} s, {a_parcel[name] * 1e6:8.1f} us a parcel"
            )
    figures["over_exactextract"] = round(a_parcel["ours"] / a_parcel["exactextract"], 3)
    figures["speedup"] = round(a_parcel["rasterstats"] / a_parcel["ours"], 1)
    figures["holds"] = (
        figures["over_exactextract"] <= WANTED["over_exactextract"]
        and figures["speedup"] >= WANTED["speedup"]
    )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
