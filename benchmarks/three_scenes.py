"""The network against a random forest and against training from scratch, on simulated scenes.

For each scene: pretraining and fine-tuning; fine-tuning from scratch with the epochs of both; a
random forest on the same pixels. All are scored on the test split against the scene's truth. What
is finished is kept under build/three_scenes and not computed again.

    .venv/bin/python benchmarks/three_scenes.py [--size 256] [--scenes 3] [--preset quick]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A module of this folder has the name of the package.
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "backend")]

from cscl.context import JobContext, Silent  # noqa: E402
from cscl.contract import strict_json  # noqa: E402
from cscl.contract.atomic import remove, write_text  # noqa: E402
from cscl.contract.jobs import (  # noqa: E402
    DatasetJob,
    EvaluateJob,
    FinetuneJob,
    PretrainJob,
    SimulateJob,
)
from cscl.dataset.job import build_dataset  # noqa: E402
from cscl.evaluation.job import evaluate  # noqa: E402
from cscl.models.store import load_card  # noqa: E402
from cscl.pipeline import SERIES_DATES  # noqa: E402
from cscl.simulation.job import simulate  # noqa: E402
from cscl.training.finetune import finetune  # noqa: E402
from cscl.training.pretrain import pretrain  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
RESOLUTIONS = ("10", "2.5")
# Figure, zone at 10 m, zone at 2.5 m, name of the value.
FIGURES = (
    ("overall", "all", "all", "overall_accuracy"),
    ("mean IoU", "all", "all", "mean_iou"),
    ("boundary", "boundary", "within 10 m", "overall_accuracy"),
    ("interior", "interior", "beyond 10 m", "overall_accuracy"),
)
PRETRAINED, SCRATCH, FOREST = "CSCL, masked", "no pretraining, equal epochs", "random forest"
ARMS = (PRETRAINED, SCRATCH, FOREST)


class Told(Silent):
    """A listener that prints notes and the validation figures."""

    def note(self, text: str) -> None:
        print(f"    {text}", flush=True)

    def metric(self, name: str, step: int, value: float) -> None:
        if name.endswith(("pair_auc", "mean_iou_of_heads")):
            print(f"    step {step}: {name} {value:.3f}", flush=True)


@dataclass(frozen=True)
class Scene:
    """One scene's folder and how it is made."""

    folder: Path
    seed: int
    size: int
    preset: str
    device: str

    def stage(self, name: str, job: Any, run: Callable[[Any, JobContext], None]) -> Path:
        """Run a job into its own folder unless it is finished; training resumes."""
        folder = Path(job.output)
        # Beside the folder: what stands in it may be the input of the next job.
        done = folder.with_name(f"{folder.name}.done.json")
        if done.is_file():
            return folder
        if not (folder / "checkpoints").is_dir():
            remove(folder)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"  scene {self.seed}: {name}", flush=True)
        started = time.monotonic()
        run(job, JobContext(Told()))
        seconds = time.monotonic() - started
        write_text(done, strict_json.dump({"seconds": seconds}))
        return folder

    def path(self, name: str) -> str:
        """Return the folder of one stage."""
        return str(self.folder / name)

    def data(self) -> Path:
        """Simulate the scene and build its dataset."""
        job = SimulateJob(output=self.path("scene"), size=self.size, seed=self.seed)
        scene = self.stage("simulate", job, simulate)
        dataset = DatasetJob(
            images=str(scene),
            parcels=str(scene / "parcels.gpkg"),
            class_field="crop",
            output=self.path("dataset"),
            seed=self.seed,
            dates=SERIES_DATES[self.preset],
        )
        return self.stage("dataset", dataset, build_dataset)

    def finetuned(self, name: str, **options: Any) -> Path:
        """Fine-tune a network into the folder `name`."""
        job = FinetuneJob(
            # As published in docs/results.md; the product's default has changed since.
            boundary_weight=1.0,
            dataset=self.path("dataset"),
            output=self.path(name),
            preset=self.preset,
            seed=self.seed,
            device=self.device,
            **options,
        )
        return self.stage(name, job, finetune)

    def report(self, model: Path, *, baseline: bool) -> dict[str, Any]:
        """Score a model on the test split against the truth and return the report."""
        job = EvaluateJob(
            dataset=self.path("dataset"),
            model=str(model),
            output=self.path(f"report_{model.name}"),
            truth=str(self.folder / "scene" / "truth" / "truth_2m5.tif"),
            baseline=baseline,
            device=self.device,
        )
        folder = self.stage(f"evaluate {model.name}", job, evaluate)
        report: dict[str, Any] = strict_json.read(folder / "report.json")
        return report

    def run(self) -> dict[str, Any]:
        """Return the figures of all arms of this scene."""
        self.data()
        job = PretrainJob(
            loss="masked",
            dataset=self.path("dataset"),
            output=self.path("pretrained"),
            preset=self.preset,
            seed=self.seed,
            device=self.device,
        )
        stages = [load_card(self.stage("pretrain", job, pretrain)).training]
        model = self.finetuned("model", model=self.path("pretrained"))
        stages.append(load_card(model).training)
        scratch = self.finetuned("scratch", epochs=sum(stage["epochs"] for stage in stages))
        whole = self.report(model, baseline=True)
        control = self.report(scratch, baseline=False)
        keys = ("epochs", "steps", "seconds")
        return {
            "seed": self.seed,
            "pair_auc": stages[0]["validation"].get("pair_auc"),
            "trained": {key: [stage[key] for stage in stages] for key in keys},
            "trained_from_scratch": {key: load_card(scratch).training[key] for key in keys},
            "forest": whole["forest"],
            "arms": {
                PRETRAINED: figures(whole, "network"),
                SCRATCH: figures(control, "network"),
                FOREST: figures(whole, "forest"),
            },
        }


def figures(report: dict[str, Any], method: str) -> dict[str, dict[str, float | None]]:
    """Return the figures of one method by resolution, in percent, against the truth."""
    found: dict[str, dict[str, float | None]] = {}
    for index, resolution in enumerate(RESOLUTIONS, start=1):
        rows = {
            row["zone"]: row
            for row in report["zones"]
            if row["reference"] == "truth"
            and row["resolution"] == resolution
            and row["method"] == method
        }
        found[resolution] = {
            figure[0]: _percent(rows.get(figure[index], {}).get(figure[3])) for figure in FIGURES
        }
    return found


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def verdicts(results: list[dict[str, Any]]) -> dict[str, str]:
    """Return "shown" for what holds at 10 m on every scene, else "not shown"."""
    claims = {
        "beats the random forest overall": ("overall", FOREST),
        "beats the random forest on boundaries": ("boundary", FOREST),
        "beats training from scratch overall": ("overall", SCRATCH),
        "beats training from scratch on boundaries": ("boundary", SCRATCH),
    }
    told = {}
    for claim, (figure, other) in claims.items():
        differences = [
            result["arms"][PRETRAINED]["10"][figure] - result["arms"][other]["10"][figure]
            for result in results
        ]
        holds = min(differences) > 0
        spread = ", ".join(f"{item:+.1f}" for item in differences)
        told[claim] = f"{'shown' if holds else 'not shown'} ({spread} points)"
    return told


def print_table(results: list[dict[str, Any]]) -> None:
    """Print every arm of every scene, and the arms' means."""
    names = [figure[0] for figure in FIGURES]
    for resolution in RESOLUTIONS:
        print(f"\nTest split, against the truth, {resolution} m, percent")
        print(f"{'scene':6}{'arm':30}" + "".join(f"{name:>10}" for name in names))
        for result in results:
            for arm in ARMS:
                _print_row(str(result["seed"]), arm, result["arms"][arm][resolution])
        for arm in ARMS:
            rows = [result["arms"][arm][resolution] for result in results]
            if all(row[name] is not None for row in rows for name in names):
                means = {name: statistics.mean(row[name] for row in rows) for name in names}
                _print_row("mean", arm, means)
    print("\nPair AUC on validation after pretraining; steps and seconds of both stages:")
    for result in results:
        auc = "none" if result["pair_auc"] is None else f"{result['pair_auc']:.3f}"
        trained = result["trained"]
        print(f"  scene {result['seed']}: {auc}; {trained['steps']}, {trained['seconds']} s")


def _print_row(scene: str, arm: str, row: dict[str, Any]) -> None:
    cells = "".join(f"{'-' if value is None else f'{value:.1f}':>10}" for value in row.values())
    print(f"{scene:6}{arm:30}{cells}")


def main() -> None:
    """Run what is missing, print the table and the verdicts, write `results.json`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="side of a scene in pixels of 10 m")
    parser.add_argument("--scenes", type=int, default=3, help="number of scenes, seeds 1 and up")
    parser.add_argument("--preset", default="quick", choices=("quick", "standard", "full"))
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    base = ROOT / "build" / "three_scenes"
    runs = base / f"{options.preset}_{options.size}"
    results = [
        Scene(runs / f"scene_{seed}", seed, options.size, options.preset, options.device).run()
        for seed in range(1, options.scenes + 1)
    ]
    print_table(results)
    told = verdicts(results)
    print(f"\n{PRETRAINED}, at 10 m, on every scene:")
    for claim, verdict in told.items():
        print(f"  {claim}: {verdict}")
    document = {
        "preset": options.preset,
        "size": options.size,
        "scenes": results,
        "verdicts": told,
    }
    write_text(base / "results.json", strict_json.dump(document))
    print(json.dumps(document))


if __name__ == "__main__":
    main()
