"""What stands beside the figures of a report: data, model, courses of training, versions."""

from __future__ import annotations

import csv
import math
import platform
import shlex
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cscl.contract import strict_json
from cscl.contract.jobs import EvaluateJob, fingerprint
from cscl.contract.manifest import JOB_FILE, read_manifest
from cscl.contract.paths import path_problem
from cscl.contract.version import VERSION
from cscl.dataset.reader import Dataset
from cscl.evaluation.summary import value
from cscl.models.store import LoadedModel

PACKAGES = ("torch", "numpy", "scikit-learn", "rasterio", "geopandas", "zarr")
FEWEST_PIXELS = 5_000
FEWEST_PARCELS = 30
LARGEST_CURVES = 16 * 1024 * 1024


def describe(job: EvaluateJob, dataset: Dataset, model: LoadedModel) -> dict[str, Any]:
    """Return the descriptive parts of a report."""
    folder = Path(job.dataset)
    first = dataset.grids[0]
    series = [place.series() for place in dataset.grids]
    return {
        "dataset": {
            "path": str(folder),
            "fingerprint": dataset.fingerprint,
            "bands": list(dataset.bands),
            "dates": [day.isoformat() for day in series[0].dates],
            "season": [str(item) for item in dataset.season],
            "level": dataset.level,
            "chip": dataset.chip,
            "chips": {
                split: len(dataset.chips(split)) for split in ("training", "validation", "test")
            },
            "outside": dataset.outside,
            "split_rule": dataset.split_plan.to_json(),
            "grid": first.grid.to_json(),
            "grids": [
                {
                    "name": place.name,
                    "dates": len(place.days),
                    "season": [day.isoformat() for day in place.season],
                    "grid": place.grid.to_json(),
                }
                for place in dataset.grids
            ],
        },
        "model": {
            "path": str(job.model),
            "architecture": model.card.architecture,
            "width": model.card.width,
            "heads": list(model.card.heads),
            "parameters": sum(item.numel() for item in model.network.parameters()),
            "sha256": model.card.sha256,
            "training": dict(model.card.training),
        },
        "curves": curves(Path(job.model)),
        "commands": commands(job),
        "versions": versions(),
        "notes": [
            *(note for item in series for note in item.notes),
            *dataset.notes,
            *noted(Path(job.model)),
        ],
    }


def commands(job: EvaluateJob) -> dict[str, Any]:
    """Return the command that repeats this evaluation, and the job's fingerprint."""
    parts = ["cscl", "evaluate", "--dataset", job.dataset, "--model", job.model]
    parts += ["--split", job.split, "--output", job.output]
    parts += ["--truth", job.truth] if job.truth else []
    parts += ["--until-curve", str(job.until_curve)] if job.until_curve else []
    return {"evaluate": shlex.join(parts), "fingerprint": fingerprint(job)}


def versions() -> dict[str, str]:
    """Return the versions of the product, Python and the packages that the figures rest on."""
    found = {"cscl-backend": VERSION, "Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def noted(folder: Path) -> list[str]:
    """Return what the job that wrote a folder noted, empty where there is no record of one."""
    manifest = read_manifest(folder)
    return list(manifest.notes) if manifest is not None else []


def curves(model: Path) -> list[dict[str, Any]]:
    """Return the courses of training of a model and of the one that it started from."""
    found = []
    origin = pretrained_folder(model)
    if origin is not None:
        found.append({"stage": "pretrain", "rows": read_curves(origin / "metrics.csv")})
    stage = "finetune" if (read_job(model) or {}).get("job") != "pretrain" else "pretrain"
    found.append({"stage": stage, "rows": read_curves(model / "metrics.csv")})
    return [item for item in found if item["rows"]]


def pretrained_folder(model: Path) -> Path | None:
    """Return the folder that a model's weights started from, None where it cannot be told."""
    origin = (read_job(model) or {}).get("parameters", {}).get("model")
    if not isinstance(origin, str) or not origin or path_problem(origin):
        return None
    return Path(origin) if Path(origin).is_dir() else None


def read_job(folder: Path) -> dict[str, Any] | None:
    """Return the job that wrote a folder, as `job.json` has it."""
    path = folder / JOB_FILE
    document = strict_json.read(path) if path.is_file() else None
    known = isinstance(document, dict) and isinstance(document.get("parameters"), dict)
    return document if known else None


def read_curves(path: Path) -> list[list[Any]]:
    """Return the rows step, split, name, value of a `metrics.csv`; empty where there is none."""
    if not path.is_file() or path.stat().st_size > LARGEST_CURVES:
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [
            [int(row["step"]), row["split"], row["name"], float(row["value"])]
            for row in csv.DictReader(handle)
            if math.isfinite(float(row["value"]))
        ]


def smoke_reasons(report: Mapping[str, Any]) -> list[str]:
    """Return why the figures are no ground for a claim about accuracy; empty where they are one."""
    where = {"reference": "declared", "resolution": "10", "method": "network"}
    pixels = value(report["zones"], "pixels", zone="all", **where) or 0
    parcels = value(report["parcels"], "scored", **where) or 0
    split = report["split"]
    reasons = []
    if pixels < FEWEST_PIXELS:
        reasons.append(
            f"The {split} split has {pixels:,} labelled pixels, fewer than {FEWEST_PIXELS:,}."
        )
    if parcels < FEWEST_PARCELS:
        reasons.append(f"The {split} split has {parcels} parcels, fewer than {FEWEST_PARCELS}.")
    edges = value(report["zones"], "pixels", zone="boundary", **where)
    if edges and not value(report["zones"], "pixels", zone="mixed", **where):
        reasons.append(
            "No pixel is mixed: the parcels follow the pixels' own edges, so the figures on "
            "boundaries and below 10 m say nothing."
        )
    return reasons
