"""Building a dataset against plain reading of the same images, and burning against rasterio's.

Run from the repository root with the engine's Python: `python benchmarks/dataset.py`.

`read_fraction`: seconds to read every block of every image once with plain rasterio, divided by
the seconds in which `build_dataset` makes the dataset of the same series, from `.series.json` to
the finished folder, labels at 10 m and 2.5 m and everything else included. Both with the same
number of processes, started anew each time, and a warm file cache. `burn_ratio`: seconds for codes,
ids, cover and mixed pixels by exact cover at 10 m and 2.5 m, divided by the seconds in which
rasterio burns codes and ids by pixel centres at both. `peak_gib`: the largest resident memory of
the job's process and of any of its workers. The scene is `dataset_scene.py`'s, 2048 x
2048 pixels and 30 dates, as many as a simulated season has; `--quick` takes 1024 x 1024 pixels, 6
dates and one repetition.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import rasterio  # noqa: E402
from cscl.dataset.labels import LabelBurner  # noqa: E402
from cscl.dataset.overlaps import class_overlaps  # noqa: E402
from cscl.dataset.rasters import tiles  # noqa: E402
from cscl.grid import Grid  # noqa: E402
from dataset_child import measured  # noqa: E402
from dataset_scene import make_scene  # noqa: E402
from rasterio.features import rasterize  # noqa: E402

WANTED = {"read_fraction": 0.5, "burn_ratio": 5.0, "job_gib": 0.6, "worker_gib": 0.5}
FACTORS = (1, 4)


class Burning:
    """The parcels of a scene, burned by pixel centres and by exact cover."""

    def __init__(self, images: Path, parcels: Path) -> None:
        with rasterio.open(next(images.glob("*.tif"))) as file:
            self.grid = Grid.of(file)
        frame = gpd.read_file(parcels)
        self.shapes = frame.geometry.to_numpy()
        self.codes = np.unique(frame["crop"], return_inverse=True)[1] + 1
        self.ids = np.arange(1, len(frame) + 1)

    def centres(self) -> None:
        """Burn codes and ids with rasterio at both resolutions."""
        for factor in FACTORS:
            grid = self.grid.subdivide(factor)
            for values, dtype in ((self.codes, "uint8"), (self.ids, "uint32")):
                pairs = zip(self.shapes, values.tolist(), strict=True)
                rasterize(pairs, out_shape=grid.shape, transform=grid.affine, dtype=dtype)

    def covers(self) -> None:
        """Burn codes, ids, cover and mixed pixels at both resolutions, overlaps found first."""
        overlaps = class_overlaps(self.shapes, self.codes)
        for factor in FACTORS:
            grid = self.grid.subdivide(factor)
            burner = LabelBurner(self.shapes, self.codes, self.ids, grid, overlaps)
            for tile in tiles(grid):
                burner.burn(tile)


def seconds_of(work: Any) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure_burning(images: Path, parcels: Path, repetitions: int) -> dict[str, float]:
    """Return the ratio of exact cover to pixel centres, both in turns in this process."""
    burning = Burning(images, parcels)
    burning.covers()
    taken: dict[str, list[float]] = {"centres": [], "covers": []}
    for _ in range(repetitions):
        taken["centres"].append(seconds_of(burning.centres))
        taken["covers"].append(seconds_of(burning.covers))
    print(f"{len(burning.ids)} parcels at 10 m and 2.5 m, {repetitions} repetitions")
    return _compared(taken, "covers", "centres", "burn_ratio")


def measure_building(
    folder: Path, series: Path, parcels: Path, workers: int, repetitions: int
) -> dict[str, Any]:
    """Return the speed of building as a share of plain reading, and the peaks of memory."""
    measured("read", folder / "images", workers)
    taken: dict[str, list[float]] = {"reading": [], "building": []}
    shares: list[float] = []
    peaks: dict[str, float] = {"job_gib": 0.0, "worker_gib": 0.0}
    for _ in range(repetitions):
        plain = measured("read", folder / "images", workers)
        taken["reading"].append(plain["seconds"])
        output = folder / "dataset"
        found = measured("build", series, parcels, output, "class", workers)
        shutil.rmtree(output)
        taken["building"].append(found["seconds"])
        shares.append(plain["processor"] / found["processor"])
        peaks = {name: max(most, found[name]) for name, most in peaks.items()}
    figures = _compared(taken, "reading", "building", "read_fraction")
    # On a busy machine processor seconds, start of Python included, tell more than the clock.
    figures["read_fraction_of_processor"] = round(statistics.median(shares), 3)
    return {**figures, "peak_gib": {name: round(most, 3) for name, most in peaks.items()}}


def _compared(taken: dict[str, list[float]], above: str, below: str, name: str) -> dict[str, float]:
    for kind, seconds in taken.items():
        print(
            f"{kind:>10}: median {statistics.median(seconds):8.3f} s, least {min(seconds):8.3f} s"
        )
    return {
        name: round(statistics.median(taken[above]) / statistics.median(taken[below]), 3),
        f"{name}_of_least": round(min(taken[above]) / min(taken[below]), 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--folder", type=Path, help="keep the scene here, or take it from here")
    options = parser.parse_args()
    size, dates = (1024, 6) if options.quick else (2048, 30)
    repetitions = 1 if options.quick else 3
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        series, parcels = folder / "scene.series.json", folder / "parcels.gpkg"
        if not series.exists():
            make_scene(folder, size, dates)
        images = sorted((folder / "images").glob("*.tif"))
        megabytes = sum(path.stat().st_size for path in images) / 1e6
        with rasterio.open(images[0]) as file:
            size = file.width
        print(
            f"load {os.getloadavg()[0]:.1f}, {options.workers} processes, {size} x {size} pixels, "
            f"{len(images)} dates, {megabytes:.0f} MB of images"
        )
        figures: dict[str, Any] = measure_burning(folder / "images", parcels, repetitions)
        figures |= measure_building(folder, series, parcels, options.workers, repetitions)
    figures["holds"] = (
        figures["read_fraction"] >= WANTED["read_fraction"]
        and figures["burn_ratio"] <= WANTED["burn_ratio"]
        and all(most <= WANTED[name] for name, most in figures["peak_gib"].items())
    )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
