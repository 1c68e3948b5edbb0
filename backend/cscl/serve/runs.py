"""Earlier jobs and those that run: where, with what, in which state, how good."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cscl.context import JobContext
from cscl.contract import strict_json
from cscl.contract.atomic import PREFIX
from cscl.contract.errors import UserError
from cscl.contract.fields import fields_of
from cscl.contract.jobs import JOBS
from cscl.contract.manifest import JOB_FILE, MANIFEST_FILE, Manifest, read_manifest
from cscl.contract.paths import local_path
from cscl.contract.resolutions import ENDINGS
from cscl.history import remembered
from cscl.models.card_file import CARD_NAME, load_card
from cscl.serve.card import figures_of

# A pipeline holds the folders of its stages; a person's folder holds those of several jobs.
DEPTH = 3
MOST_RUNS = 2000
REPORT = "report.json"
_FIGURES = ("overall_accuracy", "mean_iou", "mean_f1")


def runs(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return one row a job, the latest first; see `RUNS` of the contract.

    With `folder` those in and below it, else those that this engine remembers.
    """
    if "folder" in values:
        folder = local_path(values["folder"], "folder")
        if not folder.is_dir():
            raise UserError(
                "folder_missing", folder, "there is no such folder", "Choose another folder."
            )
        places = _below(folder, DEPTH)
    else:
        places = (place for top in remembered() for place in _below(top, DEPTH))
    rows: dict[Path, dict[str, Any]] = {}
    for place in places:
        ctx.check()
        if place not in rows:
            rows[place] = _row(place)
        if len(rows) >= MOST_RUNS:
            break
    return {"runs": sorted(rows.values(), key=lambda row: row["began"], reverse=True)}


def run_size(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return the bytes of all files below some folders."""
    total = 0
    for text in values["folders"]:
        for place, _, names in os.walk(local_path(text, "folder")):
            ctx.check()
            for name in names:
                total += os.lstat(os.path.join(place, name)).st_size
    return {"bytes": total}


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Give the folders of jobs in a folder, itself first; those without one are gone through."""
    if (folder / MANIFEST_FILE).is_file():
        yield folder
    if not depth:
        return
    try:
        inside = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    except OSError:
        return  # a folder that may not be read holds no runs for us
    for path in inside:
        if not path.endswith((".SAFE", ".zarr")):
            yield from _below(Path(path), depth - 1)


def _row(folder: Path) -> dict[str, Any]:
    empty = {
        "folder": str(folder),
        "job": "",
        "state": "failed",
        "began": folder.stat().st_mtime,
        "seconds": None,
        "output": str(folder),
        "parameters": {},
        "figures": {},
        "error": "",
    }
    try:
        manifest = read_manifest(folder)
        job = strict_json.read(folder / JOB_FILE) if (folder / JOB_FILE).is_file() else {}
        parameters = job.get("parameters", {}) if isinstance(job, dict) else {}
    except UserError as error:
        return {**empty, "error": str(error)}
    if manifest is None:
        return empty
    return {
        "folder": str(folder),
        "job": manifest.job,
        "state": manifest.state,
        "began": float(manifest.started),
        "seconds": _seconds(manifest),
        "output": _output(folder, manifest.job, parameters),
        "parameters": parameters,
        "figures": _figures(folder),
        "error": manifest.error,
    }


def _output(folder: Path, job: str, parameters: dict[str, Any]) -> str:
    """Return where the results of a job lie: a file where it says, a folder where its record is."""
    # A folder that was moved or copied still records where it was. One that is to replace another
    # at the end has a name of its own until then.
    is_file = job in JOBS and all(field.kind != "output_folder" for field in fields_of(JOBS[job]))
    recorded = is_file or folder.name.startswith(PREFIX)
    return str((parameters.get("output") if recorded else None) or folder)


def _seconds(manifest: Manifest) -> float | None:
    return None if manifest.finished is None else round(manifest.finished - manifest.started, 1)


def _figures(folder: Path) -> dict[str, float]:
    """Return what a trained model's validation said, or an evaluation's report."""
    try:
        if (folder / CARD_NAME).is_file():
            return figures_of(load_card(folder).training)
        if (folder / REPORT).is_file():
            return dict(_reported(strict_json.read(folder / REPORT)))
    except UserError:
        return {}  # the run is listed without figures: what is wrong is said where it is opened
    return {}


def _reported(report: Any) -> Iterator[tuple[str, float]]:
    """Give the figures of the network over all ground, the first reference's at 10 m."""
    zones = report.get("zones") if isinstance(report, dict) else None
    for row in zones if isinstance(zones, list) else ():
        if isinstance(row, dict) and row.get("method") == "network" and row.get("zone") == "all":
            tail = ENDINGS.get(str(row.get("resolution")), "")
            if row.get("reference") in (None, "declared"):
                for name in _FIGURES:
                    if isinstance(row.get(name), float):
                        yield f"{name}{tail}", row[name]
