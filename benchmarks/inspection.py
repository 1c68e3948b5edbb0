"""How many wrong declarations the list for inspectors finds, on simulated ones.

Run from the repository root with the engine's Python: `python benchmarks/inspection.py`.

A scene is simulated, 3 % of its parcels get another crop than the true one as their declaration,
and models are trained by cross-fitting on what is declared. `precision_50`, `precision_100` and
`precision_500` are the shares of wrong declarations among the first so many of the list,
`possible_...` the most that there could be: a scene of a few hundred parcels has no 500 wrong ones.
`found_share` is the share of all wrong declarations within the first as many as there are. Training
is short: the figures show that the list is made as it should be, no more. `--quick` takes a smaller
scene and fewer steps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
from cscl.context import JobContext, Silent  # noqa: E402
from cscl.contract.jobs import (  # noqa: E402
    DatasetJob,
    FinetuneJob,
    MapJob,
    PipelineJob,
    SeriesJob,
    SimulateJob,
)
from cscl.cross_fit import cross_fit  # noqa: E402
from cscl.dispatch import perform, perform_within  # noqa: E402

WRONG_SHARE = 0.03
FIRST = (50, 100, 500)


class Told(Silent):
    """Prints the notes of cross-fitting itself and the time that each fold took."""

    def __init__(self) -> None:
        super().__init__()
        self.start = time.perf_counter()

    def note(self, text: str) -> None:
        if not text.startswith("Fold") or "agree" in text:
            print(f"  {time.perf_counter() - self.start:6.1f} s  {text}", flush=True)


def declare(parcels: Path, target: Path, seed: int) -> int:
    """Write parcels of which some declare another crop; return how many."""
    frame = gpd.read_file(parcels)
    rng = np.random.default_rng(seed)
    crops = np.unique(frame["crop"])
    frame["true_crop"] = frame["crop"]
    wrong = rng.choice(len(frame), round(WRONG_SHARE * len(frame)), replace=False)
    for row in wrong:
        others = crops[crops != frame.at[row, "true_crop"]]
        frame.loc[row, "crop"] = rng.choice(others)
    frame.to_file(target)
    return len(wrong)


def run(folder: Path, options: argparse.Namespace, seed: int, ctx: JobContext) -> dict[str, Any]:
    """Return the figures of one scene."""
    scene = folder / "scene"
    perform_within(
        SimulateJob(output=str(scene), size=options.size, dates=options.dates, seed=seed), ctx
    )
    parcels = folder / "declared.gpkg"
    wrong = declare(scene / "parcels.gpkg", parcels, seed)
    series = folder / "scene.series.json"
    perform(SeriesJob(images=str(scene), output=str(series)), ctx)

    def train(job: PipelineJob, dataset: Path, output: Path, within: JobContext) -> Path:
        model = output / "model"
        perform_within(
            FinetuneJob(
                dataset=str(dataset), output=str(model), preset="quick", width=options.width,
                epochs=options.epochs, resolution="10", seed=seed, device="cpu",
            ),
            within,
        )  # fmt: skip
        return model

    job = PipelineJob(
        images=str(series), parcels=str(parcels), class_field="crop", output=str(folder),
        cross_fit=options.folds, seed=seed,
    )  # fmt: skip
    dataset = DatasetJob(
        images=str(series), parcels=str(parcels), class_field="crop", output="", resolution="10",
        seed=seed,
    )  # fmt: skip
    cross_fit(job, dataset, MapJob(images=str(series), model="", output=""), train, ctx)
    count = len(gpd.read_file(parcels))
    return {"seed": seed, "parcels": count, "wrong": wrong, **precision(folder, wrong)}


def precision(folder: Path, wrong: int) -> dict[str, float]:
    """Return the shares of wrong declarations among the first of the list."""
    listed = gpd.read_file(folder / "inspection.gpkg").sort_values("rank")
    found = (listed["crop"] != listed["true_crop"]).to_numpy()
    figures: dict[str, float] = {"listed": len(listed)}
    for first in FIRST:
        figures[f"precision_{first}"] = round(found[:first].sum() / first, 3)
        figures[f"possible_{first}"] = round(min(wrong, first) / first, 3)
    figures["found_share"] = round(found[:wrong].sum() / wrong, 3)
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--dates", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--width", type=float, default=0.125)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    if options.quick:
        options.size, options.dates, options.epochs = 192, 6, 2
    figures = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as temporary:
            figures.append(run(Path(temporary), options, seed, JobContext(Told())))
        print(json.dumps(figures[-1]), flush=True)
    names = [name for name in figures[0] if name != "seed"]
    mean = {name: round(float(np.mean([item[name] for item in figures])), 3) for name in names}
    print(json.dumps({"seeds": options.seeds, **mean}))


if __name__ == "__main__":
    main()
