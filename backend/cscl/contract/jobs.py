"""Every job as one frozen dataclass, from which all its faces are made."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from . import descriptions as text
from . import job_fields as shared
from .errors import UserError
from .fields import check_values, setting
from .jobs_data import (
    DatasetJob,
    ExportDatasetJob,
    ImportJob,
    ReportJob,
    SeriesJob,
    SimulateJob,
)
from .jobs_maps import (
    AreaJob,
    EvaluateJob,
    ExportJob,
    MapJob,
    ParcelsJob,
    PolygonsJob,
    SampleJob,
)
from .jobs_training import FinetuneJob, PretrainJob


@dataclass(frozen=True)
class PipelineJob:
    """All of it: from images and parcels to a crop map and classified parcels."""

    images: str = shared.images()
    parcels: str = shared.parcels()
    class_field: str = shared.class_field()
    output: str = shared.output(text.PIPELINE_OUTPUT)
    preset: str = shared.preset()
    season: Optional[str] = shared.season()
    resolution: str = shared.resolution()
    classes: Optional[str] = shared.classes()
    outside: str = shared.outside()
    inner_buffer: float = shared.inner_buffer()
    minimum_area: float = shared.minimum_area()
    minimum_width: float = shared.minimum_width()
    rare_pixels: int = shared.rare_pixels()
    rare: str = shared.rare()
    bands: Optional[Tuple[str, ...]] = shared.bands()
    mask: str = shared.mask()
    dates: Optional[int] = shared.dates(text.DATES)
    chip: Optional[int] = shared.chip()
    backbone: str = shared.backbone()
    width: Optional[float] = shared.width()
    cross_fit: Optional[int] = setting(
        "integer", "Cross-fit", text.CROSS_FIT, None, minimum=3, maximum=20, advanced=True
    )
    truth: Optional[str] = shared.truth()
    baseline: bool = shared.baseline()
    checkpointing: bool = shared.checkpointing()
    seed: int = shared.seed()
    device: str = shared.device()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class DemoJob:
    """Simulate a scene and run the whole chain on it."""

    output: str = shared.output(text.DEMO_OUTPUT)
    size: int = setting("integer", "Size", text.SIZE, 256, unit="pixels", minimum=96, maximum=2048)
    preset: str = shared.preset("quick")
    seed: int = shared.seed()
    device: str = shared.device()
    overwrite: bool = shared.overwrite()


JOBS: Dict[str, type] = {
    "simulate": SimulateJob,
    "series": SeriesJob,
    "dataset": DatasetJob,
    "report": ReportJob,
    "import": ImportJob,
    "export-dataset": ExportDatasetJob,
    "pretrain": PretrainJob,
    "finetune": FinetuneJob,
    "evaluate": EvaluateJob,
    "map": MapJob,
    "parcels": ParcelsJob,
    "polygons": PolygonsJob,
    "sample": SampleJob,
    "area": AreaJob,
    "export": ExportJob,
    "pipeline": PipelineJob,
    "demo": DemoJob,
}

# What does not change a result, so that a job may be resumed with another value of it.
NOT_IN_FINGERPRINT = (
    "output",
    "overwrite",
    "device",
    "workers",
    "scheduler",
    "checkpointing",
)
# Fields that came later and what jobs did before: with that value a job is the job it was.
CAME_LATER = {
    "family": "temperate",
    "mask_band": None,
    "mask_values": None,
    "mask_dilation": 20.0,
    "cloud_limit": None,
    "composite": "none",
    "gaps": "keep",
    "image_table": None,
    "split_field": None,
    "split_layer": None,
    "folds": None,
    "cross_fit": None,
    "fold": None,
    "hold_out": None,
    "inner_buffer": 0.0,
    "minimum_area": 0.0,
    "minimum_width": 0.0,
    "rare_pixels": 0,
    "rare": "merge",
    "margin": 0,
    "chips": "grid",
    "factor": None,
    "append": None,
    "without": None,
    "context": 0,
}


def job_name(job: Any) -> str:
    """Return the command's name of a job."""
    for name, kind in JOBS.items():
        if type(job) is kind:
            return name
    raise TypeError(f"{type(job).__name__} is no job")


def make_job(name: str, values: Dict[str, Any]) -> Any:
    """Return the job `name` with checked values; raises `UserError` with every finding."""
    if name not in JOBS:
        raise UserError(
            "unknown_job",
            f"job {name!r}",
            "there is no such job",
            f"Use one of: {', '.join(JOBS)}.",
        )
    checked = check_values(JOBS[name], values, f"job {name}")
    for field in ("window", "context"):
        side = checked.get(field)
        if not isinstance(side, int) or side == 0:
            continue
        if side % 2 == 0 or side < 3:
            remedy = "an odd number: a window has a centre." if side > 1 else "3 or more, or 0."
            raise UserError("even_window", field, f"it is {side}", f"Use {remedy}")
    return JOBS[name](**checked)


def job_values(job: Any) -> Dict[str, Any]:
    """Return the fields of a job as plain values, tuples as lists."""
    values = dataclasses.asdict(job)
    return {key: list(item) if isinstance(item, tuple) else item for key, item in values.items()}


def job_document(job: Any) -> Dict[str, Any]:
    """Return what `job.json` holds."""
    return {"schema": 1, "job": job_name(job), "parameters": job_values(job)}


def job_from_document(document: Any, subject: object = "job.json") -> Any:
    """Return the job that `job_document` described."""
    if not isinstance(document, dict) or document.get("schema") != 1:
        raise UserError(
            "invalid_job",
            subject,
            "it is no job of version 1",
            "Write it with this version, or update the engine.",
        )
    parameters = document.get("parameters")
    if set(document) != {"schema", "job", "parameters"} or not isinstance(parameters, dict):
        raise UserError(
            "invalid_job",
            subject,
            f"it has the keys {', '.join(sorted(document))}",
            "Give it exactly: schema, job, parameters.",
        )
    return make_job(str(document.get("job")), parameters)


def fingerprint(job: Any) -> str:
    """Return a short digest of all that decides a job's result."""
    values = {
        name: value
        for name, value in job_values(job).items()
        if name not in NOT_IN_FINGERPRINT and not (name in CAME_LATER and value == CAME_LATER[name])
    }
    canonical = json.dumps([job_name(job), values], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]
