"""Smoke on real pixels: trained on one Flemish patch, mapped on another, 70 km away.

    .venv/bin/python benchmarks/flanders.py DATA [--seeds 1 2 3] [--folder build/flanders]

DATA holds `a_2019` and `b_2019`, each with images of a season and `parcels.gpkg` (field
`ct_name`), and `classes.csv`, which makes one class of all cereals. Both patches are 640 m on a
side, and only the six bands of 20 m are common to them: the figures say that the chain works on
real pixels from series to map, and nothing about accuracy. All is done by the commands that a user
gives, at 10 m, with medians by month, since the patches were seen on different dates. What is
finished is kept in the folder and not computed again.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import rasterize

SEASON = "2018-10-01/2019-09-30"
BANDS = "B05,B06,B07,B8A,B11,B12"
PLAIN = ("--joint", "0", "--boundary-weight", "1", "--context", "0")
# Of each arm the options of the first stage and of the second.
ARMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "the product's default": ((), ()),
    "cross-entropy twice, classifier dropped, control (b)": (("--loss", "classification"), PLAIN),
}


def cscl(command: str, output: Path, *options: str) -> Path:
    """Run one command of the engine, unless its output is there, and return the output."""
    if not output.exists():
        words = [sys.executable, "-m", "cscl", command, "--output", str(output), *options]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}\n{done.stderr}")
    return output


def prepared(data: Path, folder: Path) -> tuple[Path, Path]:
    """Return the dataset of the first patch and the series of the second."""
    series = {
        area: cscl(
            "series", folder / f"{area}.series.json", "--images", str(data / area),
            "--season", SEASON, "--bands", BANDS, "--composite", "month",
        )
        for area in ("a_2019", "b_2019")
    }  # fmt: skip
    dataset = cscl(
        "dataset", folder / "dataset", "--images", str(series["a_2019"]),
        "--parcels", str(data / "a_2019" / "parcels.gpkg"), "--class-field", "ct_name",
        "--classes", str(data / "classes.csv"), "--outside", "ignore",
    )  # fmt: skip
    return dataset, series["b_2019"]


def mapped(dataset: Path, series: Path, folder: Path, arm: str, seed: int) -> Path:
    """Return the crop map of the second patch by one arm and seed."""
    first, second = ARMS[arm]
    work = folder / f"{list(ARMS).index(arm)}_{seed}"
    work.mkdir(exist_ok=True)
    common = ("--dataset", str(dataset), "--preset", "quick", "--seed", str(seed))
    start = cscl("pretrain", work / "pretrained", *common, *first)
    options = (*common, "--resolution", "10", "--model", str(start), *second)
    model = cscl("finetune", work / "model", *options)
    whole = ("--images", str(series), "--model", str(model), "--resolution", "10")
    return cscl("map", work / "map", *whole) / "crops.tif"


def truth(data: Path, raster: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the declared codes of a map's pixels, 0 where unknown, and the codes the map gives."""
    with open(data / "classes.csv", encoding="utf-8", newline="") as file:
        codes = {row["source_value"]: int(row["code"]) for row in csv.DictReader(file)}
    with rasterio.open(raster) as file:
        given, grid = file.read(1), file.transform
        frame = gpd.read_file(data / "b_2019" / "parcels.gpkg").to_crs(file.crs)
    pairs = zip(frame.geometry, frame["ct_name"].map(codes).fillna(0).astype(int), strict=True)
    return rasterize(pairs, given.shape, transform=grid, dtype="uint8"), given


def main() -> None:
    """Run what is missing and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--folder", type=Path, default=Path("build/flanders"))
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    dataset, series = prepared(options.data.resolve(), folder)
    figures = {}
    for arm in ARMS:
        shares = []
        for seed in options.seeds:
            declared, given = truth(options.data, mapped(dataset, series, folder, arm, seed))
            known = declared > 0
            shares.append(round(100 * float((declared == given)[known].mean()), 1))
            most = float(np.bincount(declared[known]).max() / known.sum())
        figures[arm] = shares
        print(f"{arm}: {statistics.fmean(shares):.1f} % of {known.sum()} pixels ({shares})")
    print(f"the largest class alone: {100 * most:.1f} %")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
