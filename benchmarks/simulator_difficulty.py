"""How hard the simulated scenes are: a random forest on their pixels.

Trains on the declared parcels of some blocks and scores every pixel of the other blocks against
the truth; pixels of parcels that reach over from training blocks are left out. Run from the
repository root with the backend's Python.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import rasterio  # noqa: E402
from cscl.context import JobContext  # noqa: E402
from cscl.contract.jobs import SimulateJob  # noqa: E402
from cscl.simulation.job import simulate  # noqa: E402
from cscl.simulation.writer import FILE_BANDS  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from rasterio.features import rasterize  # noqa: E402
from scipy.ndimage import binary_dilation, maximum_filter, minimum_filter  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402

BLOCK = 64  # pixels of 10 m
TEST_SHARE = 0.4
OUTSIDE = 254


def read_features(folder: Path) -> NDArray[np.float32]:
    """Return reflectance (pixels, dates x 10 bands), masked by SCL and filled over time."""
    values, valid, days = [], [], []
    for path in sorted(folder.glob("S2_L2A_*.tif")):
        with rasterio.open(path) as file:
            image = file.read()
        scl = image[FILE_BANDS.index("SCL")]
        masked = np.isin(scl, (0, 1, 3, 8, 9, 10, 11))
        masked |= binary_dilation(np.isin(scl, (3, 8, 9)), np.ones((3, 3)), iterations=2)
        if masked.mean() > 0.8:
            continue
        values.append(image[:10].astype(np.float32) / 10_000)
        valid.append(~masked)
        days.append(np.datetime64(f"{path.stem[7:11]}-{path.stem[11:13]}-{path.stem[13:]}"))
    filled = fill(np.stack(values), np.stack(valid), np.array(days).astype(float))
    return filled.transpose(2, 3, 0, 1).reshape(-1, filled.shape[0] * filled.shape[1])


def fill(
    values: NDArray[np.float32], valid: NDArray[np.bool_], days: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Fill masked pixels of (T, C, H, W) linearly in time from the nearest clear dates."""
    count = len(days)
    index = np.arange(count)[:, None, None]
    before = np.maximum.accumulate(np.where(valid, index, -1), axis=0)
    after = np.minimum.accumulate(np.where(valid, index, count)[::-1], axis=0)[::-1]
    first = np.where(before >= 0, before, np.minimum(after, count - 1))
    second = np.where(after < count, after, np.maximum(before, 0))
    span = days[second] - days[first]
    weight = np.where(span > 0, (days[:, None, None] - days[first]) / np.maximum(span, 1), 0)
    result = np.empty_like(values)
    for band in range(values.shape[1]):
        low = np.take_along_axis(values[:, band], first, axis=0)
        high = np.take_along_axis(values[:, band], second, axis=0)
        result[:, band] = low + weight.astype(np.float32) * (high - low)
    return result


def majority(fine: NDArray[np.integer], codes: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return the class with the largest cover of each pixel, 254 where crops cover under half."""
    height, width = fine.shape[0] // 4, fine.shape[1] // 4
    cells = fine.reshape(height, 4, width, 4)
    cover = np.stack([(cells == code).sum(axis=(1, 3)) for code in codes])
    label = codes[cover.argmax(axis=0)]
    return np.where(cover.sum(axis=0) >= 8, label, OUTSIDE).astype(np.uint8)


def measure(folder: Path, size: int, seed: int, trees: int) -> dict[str, float]:
    """Train and score the forest on a scene."""
    description = json.loads((folder / "truth" / "scene.json").read_text(encoding="utf-8"))
    code_of = {item["name"]: item["code"] for item in description["classes"]["classes"]}
    codes = np.array(sorted(code_of.values()))
    with rasterio.open(folder / "truth" / "truth_2m5.tif") as file:
        truth = majority(file.read(1), codes)
        transform, shape = file.transform, file.shape
    parcels = gpd.read_file(folder / "parcels.gpkg")
    fine = rasterize(
        zip(parcels.geometry, parcels["crop"].map(code_of), strict=True), shape, fill=OUTSIDE,
        transform=transform,
    )  # fmt: skip
    declared = majority(fine, codes)
    owner = rasterize(
        zip(parcels.geometry, parcels["id"], strict=True), shape, transform=transform
    )[2::4, 2::4]  # fmt: skip

    blocks = -(-size // BLOCK)
    random = np.random.default_rng(seed)
    test_block = np.zeros(blocks**2, dtype=bool)
    test_block[random.choice(blocks**2, round(TEST_SHARE * blocks**2), replace=False)] = True
    of_pixel = np.arange(size) // BLOCK
    in_test = test_block.reshape(blocks, blocks)[of_pixel[:, None], of_pixel[None, :]]
    points = parcels.geometry.representative_point()
    column = np.clip((points.x - transform.c) / 10, 0, size - 1).astype(int)
    row = np.clip((transform.f - points.y) / 10, 0, size - 1).astype(int)
    parcel_in_test = np.concatenate([[False], in_test[row, column]])
    train = np.where(owner > 0, ~parcel_in_test[owner], ~in_test)
    test = in_test & np.where(owner > 0, parcel_in_test[owner], True)

    features = read_features(folder)
    forest = RandomForestClassifier(trees, n_jobs=os.cpu_count(), random_state=seed)
    forest.fit(features[train.ravel()], declared[train])
    right = np.zeros(truth.shape, dtype=bool)
    right[test] = forest.predict(features[test.ravel()]) == truth[test]
    boundary = maximum_filter(truth, 3) != minimum_filter(truth, 3)
    result = {
        "overall": right[test].mean(),
        "interior": right[test & ~boundary].mean(),
        "boundary": right[test & boundary].mean(),
        "boundary_share": boundary[test].mean(),
    }
    for name, code in code_of.items():
        chosen = test & (truth == code)
        result[f"recall {name}"] = right[chosen].mean() if chosen.any() else float("nan")
    result["recall other land"] = right[test & (truth == OUTSIDE)].mean()
    return {name: round(float(value), 4) for name, value in result.items()}


def main() -> None:
    """Simulate, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one scene of 160 pixels")
    parser.add_argument("--difficulty", default="standard")
    parser.add_argument("--family", default="temperate")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--trees", type=int, default=100)
    options = parser.parse_args()
    if options.quick:
        options.size, options.seeds = 160, options.seeds[:1]
    results: list[dict[str, float]] = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            job = SimulateJob(
                output=folder, size=options.size, seed=seed, difficulty=options.difficulty,
                family=options.family,
            )  # fmt: skip
            simulate(job, JobContext())
            seconds = time.perf_counter() - started
            results.append(measure(Path(folder), options.size, seed, options.trees))
        print(f"seed {seed}: simulated in {seconds:.1f} s")
    print(f"{'':24}" + "".join(f"  seed {seed:<4}" for seed in options.seeds) + "  mean")
    means = {}
    for name in results[0]:
        row = [result[name] for result in results]
        means[name] = round(float(np.nanmean(row)), 4)
        print(f"{name:24}" + "".join(f"{value:10.3f} " for value in row) + f"{means[name]:7.3f}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    figures = {
        "family": options.family,
        "difficulty": options.difficulty,
        "size": options.size,
        "trees": options.trees,
        "seeds": options.seeds,
        "by_seed": results,
        "mean": means,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
