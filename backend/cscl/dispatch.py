"""Which function does which job; each is imported when it is needed, for torch takes seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from cscl.context import JobContext
from cscl.contract import atomic, strict_json
from cscl.contract.errors import Findings
from cscl.contract.fields import PATH_KINDS, fields_of
from cscl.contract.jobs import fingerprint, job_document, job_from_document, job_name
from cscl.contract.manifest import JOB_FILE, Manifest, read_manifest, write_manifest
from cscl.contract.paths import LAYER_MARK
from cscl.contract.version import VERSION
from cscl.inputs import check_inputs
from cscl.outputs import RESUMABLE, clear, is_resumable

FUNCTIONS = {
    "simulate": ("cscl.simulation.job", "simulate"),
    "series": ("cscl.series.job", "define_series"),
    "dataset": ("cscl.dataset.job", "build_dataset"),
    "report": ("cscl.dataset.report", "report_dataset"),
    "import": ("cscl.dataset.exchange", "import_dataset"),
    "export-dataset": ("cscl.dataset.exchange", "export_dataset"),
    "pretrain": ("cscl.training.pretrain", "pretrain"),
    "finetune": ("cscl.training.finetune", "finetune"),
    "evaluate": ("cscl.evaluation.job", "evaluate"),
    "map": ("cscl.mapping.job", "map_crops"),
    "parcels": ("cscl.parcels.classify", "classify_parcels"),
    "polygons": ("cscl.polygons.job", "map_polygons"),
    "sample": ("cscl.evaluation.sample_job", "draw_sample"),
    "area": ("cscl.evaluation.area_job", "estimate_areas"),
    "export": ("cscl.parcels.export", "export_layer"),
    "pipeline": ("cscl.pipeline", "run_pipeline"),
    "demo": ("cscl.demo", "run_demo"),
}


def perform(job: Any, ctx: JobContext) -> None:
    """Do a job: its inputs are checked, then its function is called."""
    check_inputs(job)
    module, function = FUNCTIONS[job_name(job)]
    getattr(import_module(module), function)(job, ctx)


def started(job: Any, folder: Path) -> Manifest:
    """Write the record of a job that starts now, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    atomic.sweep(folder)
    manifest = Manifest(
        job=job_name(job),
        fingerprint=fingerprint(job),
        state="running",
        package=VERSION,
        pid=os.getpid(),
        started=time.time(),
    )
    atomic.write_text(folder / JOB_FILE, strict_json.dump(job_document(job)))
    write_manifest(folder, manifest)
    return manifest


def perform_within(job: Any, ctx: JobContext) -> None:
    """Do one job of a chain in a folder of its own, unless it is complete there already."""
    folder = Path(job.output)
    previous = read_manifest(folder)
    if previous is not None and previous.fingerprint == fingerprint(job):
        if previous.state == "complete":
            ctx.note(f"{folder.name}: complete already, used again")
            return
        if is_resumable(job, folder) and job_name(job) not in RESUMABLE:
            clear(folder)
    elif folder.exists():
        clear(folder)
    manifest = started(job, folder)
    noted = len(ctx.noted)
    perform(job, ctx)
    write_manifest(
        folder,
        manifest.with_state("complete", finished=time.time(), notes=ctx.noted[noted:]),
    )


def with_absolute_paths(job: Any, base: Path) -> Any:
    """Return the job with its relative paths made absolute against `base`."""
    changes: dict[str, str] = {}
    for field in fields_of(type(job)):
        value = getattr(job, field.name)
        if not value or field.kind not in PATH_KINDS:
            continue
        parts = value.split(";") if field.kind == "images" else [value]
        changes[field.name] = ";".join(_absolute(part, base) for part in parts)
    return replace(job, **changes)


def _absolute(text: str, base: Path) -> str:
    path, mark, layer = text.partition(LAYER_MARK)
    return os.path.normpath(os.path.join(base, os.path.expanduser(path))) + mark + layer


def job_from_file(path: Path, replaced: Mapping[str, str] | None = None) -> Any:
    """Return the job of a JSON file; its relative paths are relative to that file.

    `replaced` are folders that have another path here, as `with_replaced_paths` takes them.
    """
    job = job_from_document(strict_json.read(path), path)
    job = with_replaced_paths(job, replaced or {})
    return with_absolute_paths(job, path.resolve().parent)


def with_replaced_paths(job: Any, replaced: Mapping[str, str]) -> Any:
    """Return the job with every path in a folder of `replaced` in the folder that stands for it.

    Of several folders the innermost counts. Folders may be those of another system, such as
    `C:\\data`. Raises `UserError` for a folder in which no path of the job lies.
    """
    unused = set(replaced)

    def moved(text: str) -> str:
        found = {old: rest for old in replaced if (rest := _within(text, old)) is not None}
        unused.difference_update(found)
        innermost = min(found, key=lambda old: len(found[old]), default=None)
        return text if innermost is None else os.path.join(replaced[innermost], *found[innermost])

    changes = {
        field.name: ";".join(map(moved, value.split(";") if field.kind == "images" else [value]))
        for field in fields_of(type(job))
        if field.kind in PATH_KINDS and (value := getattr(job, field.name))
    }
    findings = Findings()
    for old in sorted(unused):
        findings.error(
            "path_unused", f"--path {old}", "no path of the job lies there",
            "Give a folder as the job's file writes it.",
        )  # fmt: skip
    findings.raise_errors()
    return replace(job, **changes)


def _within(text: str, folder: str) -> tuple[str, ...] | None:
    """Return the parts of a path after `folder`, None where it does not lie there."""
    kind = PureWindowsPath if PureWindowsPath(folder).drive else PurePosixPath
    path, base = kind(text), kind(folder)
    if path != base and base not in path.parents:
        return None
    return path.parts[len(base.parts) :]
