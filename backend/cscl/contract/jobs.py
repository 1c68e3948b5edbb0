"""Every job as one frozen dataclass, from which all its faces are made."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from . import descriptions as text
from .errors import UserError
from .fields import check_values, setting

SEED_LIMIT = 2**31 - 1


def _images(default: Any = dataclasses.MISSING) -> Any:
    return setting("images", "Images", text.IMAGES, default)


def _parcels(default: Any = dataclasses.MISSING) -> Any:
    return setting("vector", "Parcels", text.PARCELS, default)


def _class_field(default: Any = dataclasses.MISSING) -> Any:
    return setting("field", "Class field", text.CLASS_FIELD, default, parent="parcels")


def _output(help_text: str, kind: str = "output_folder") -> Any:
    return setting(kind, "Output", help_text)


def _overwrite() -> Any:
    return setting("boolean", "Overwrite", text.OVERWRITE, False, advanced=True)


def _seed() -> Any:
    return setting("integer", "Seed", text.SEED, 1, minimum=0, maximum=SEED_LIMIT, advanced=True)


def _season() -> Any:
    return setting("season", "Season", text.SEASON, None)


def _bands() -> Any:
    return setting("bands", "Bands", text.BANDS, None, advanced=True)


def _until() -> Any:
    return setting("text", "Until", text.UNTIL, None, advanced=True)


def _mask() -> Any:
    return setting("choice", "Cloud mask", text.MASK, "scl", choices=text.MASKS, advanced=True)


def _dates() -> Any:
    return setting("integer", "Dates", text.DATES, None, minimum=2, maximum=400, advanced=True)


def _classes() -> Any:
    return setting("file", "Class table", text.CLASSES, None, advanced=True)


def _outside() -> Any:
    return setting(
        "choice", "Outside parcels", text.OUTSIDE, "class", choices=text.OUTSIDES, advanced=True
    )


def _chip() -> Any:
    return setting(
        "integer",
        "Chip size",
        text.CHIP,
        None,
        unit="pixels",
        minimum=8,
        maximum=512,
        advanced=True,
    )


def _preset(default: str = "standard") -> Any:
    return setting("choice", "Preset", text.PRESET, default, choices=text.PRESETS)


def _backbone() -> Any:
    return setting(
        "choice", "Backbone", text.BACKBONE, "unet3df", choices=text.BACKBONES, advanced=True
    )


def _width() -> Any:
    return setting("number", "Width", text.WIDTH, None, minimum=0.125, maximum=4.0, advanced=True)


def _epochs() -> Any:
    return setting("integer", "Epochs", text.EPOCHS, None, minimum=1, maximum=10000, advanced=True)


def _device() -> Any:
    return setting("text", "Device", text.DEVICE, "auto", advanced=True)


def _window() -> Any:
    return setting(
        "integer", "Window", text.WINDOW, 3, unit="pixels", minimum=3, maximum=15, advanced=True
    )


def _dilation() -> Any:
    return setting("integer", "Dilation", text.DILATION, 1, minimum=1, maximum=16, advanced=True)


def _positive_weight() -> Any:
    return setting("text", "Positive weight", text.POSITIVE_WEIGHT, "balanced", advanced=True)


def _temperature() -> Any:
    return setting(
        "number", "Temperature", text.TEMPERATURE, None, minimum=0.01, maximum=10.0, advanced=True
    )


def _pair_labels() -> Any:
    return setting(
        "choice", "Labels", text.PAIR_LABELS, "crop", choices=text.PAIR_LABEL_KINDS, advanced=True
    )


def _boundary_weight(default: float) -> Any:
    return setting(
        "number",
        "Boundary weight",
        text.BOUNDARY_WEIGHT,
        default,
        minimum=0.0,
        maximum=100.0,
        advanced=True,
    )


def _label_share() -> Any:
    return setting(
        "number",
        "Share of labels",
        text.LABEL_SHARE,
        1.0,
        minimum=0.001,
        maximum=1.0,
        advanced=True,
    )


def _resolution() -> Any:
    return setting("choice", "Resolution", text.RESOLUTION, "2.5", choices=text.RESOLUTIONS)


def _truth() -> Any:
    return setting("raster", "Reference map", text.TRUTH, None, advanced=True)


def _baseline() -> Any:
    return setting("boolean", "Random forest beside", text.BASELINE, True, advanced=True)


@dataclass(frozen=True)
class SimulateJob:
    """Simulate a scene with known truth."""

    output: str = _output(text.SIMULATE_OUTPUT)
    size: int = setting("integer", "Size", text.SIZE, 384, unit="pixels", minimum=48, maximum=10980)
    dates: int = setting("integer", "Dates", text.SIMULATE_DATES, 30, minimum=4, maximum=146)
    crops: int = setting("integer", "Crops", text.CROPS, 8, minimum=2, maximum=10)
    difficulty: str = setting(
        "choice", "Difficulty", text.DIFFICULTY, "standard", choices=text.DIFFICULTIES
    )
    seed: int = _seed()
    year: int = setting(
        "integer", "Harvest year", text.YEAR, 2021, minimum=2016, maximum=2100, advanced=True
    )
    parcels: Optional[str] = _parcels(None)
    class_field: Optional[str] = _class_field(None)
    family: str = setting(
        "choice", "Family", text.FAMILY, "temperate", choices=text.FAMILIES, advanced=True
    )
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class SeriesJob:
    """Define a time series from Sentinel-2 images."""

    images: str = _images()
    output: str = _output(text.SERIES_OUTPUT, "output_file")
    season: Optional[str] = _season()
    bands: Optional[Tuple[str, ...]] = _bands()
    until: Optional[str] = _until()
    mask: str = _mask()
    dates: Optional[int] = _dates()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class DatasetJob:
    """Build a dataset from a time series and parcels."""

    images: str = _images()
    parcels: str = _parcels()
    class_field: str = _class_field()
    output: str = _output(text.DATASET_OUTPUT)
    season: Optional[str] = _season()
    classes: Optional[str] = _classes()
    outside: str = _outside()
    chip: Optional[int] = _chip()
    split: str = setting("choice", "Split", text.SPLIT, "blocks", choices=text.SPLITS)
    resolution: str = _resolution()
    bands: Optional[Tuple[str, ...]] = _bands()
    mask: str = _mask()
    dates: Optional[int] = _dates()
    seed: int = _seed()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class PretrainJob:
    """Pretrain a network with the context-self contrastive loss."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    output: str = _output(text.MODEL_OUTPUT)
    preset: str = _preset()
    backbone: str = _backbone()
    width: Optional[float] = _width()
    loss: str = setting(
        "choice", "Loss", text.LOSS, "cross-entropy", choices=text.LOSSES, advanced=True
    )
    window: int = _window()
    dilation: int = _dilation()
    stride: int = setting("integer", "Stride", text.STRIDE, 1, minimum=1, maximum=16, advanced=True)
    positive_weight: str = _positive_weight()
    temperature: Optional[float] = _temperature()
    labels: str = _pair_labels()
    relative_position: bool = setting(
        "boolean", "Relative position", text.RELATIVE_POSITION, True, advanced=True
    )
    anchors: str = setting(
        "choice", "Anchors", text.ANCHORS, "all", choices=text.ANCHOR_KINDS, advanced=True
    )
    scale: str = setting("choice", "Scale", text.SCALE, "1", choices=text.SCALES, advanced=True)
    boundary_weight: float = _boundary_weight(1.0)
    label_share: float = _label_share()
    epochs: Optional[int] = _epochs()
    seed: int = _seed()
    device: str = _device()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class FinetuneJob:
    """Fine-tune a network for crop classification."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    output: str = _output(text.MODEL_OUTPUT)
    model: Optional[str] = setting("folder", "Pretrained model", text.PRETRAINED, None)
    preset: str = _preset()
    resolution: str = _resolution()
    backbone: str = _backbone()
    width: Optional[float] = _width()
    objective: str = setting(
        "choice",
        "Objective",
        text.OBJECTIVE,
        "cross-entropy",
        choices=text.OBJECTIVES,
        advanced=True,
    )
    boundary_weight: float = _boundary_weight(3.0)
    class_weights: str = setting(
        "choice",
        "Class weights",
        text.CLASS_WEIGHTS,
        "none",
        choices=text.CLASS_WEIGHT_KINDS,
        advanced=True,
    )
    joint: float = setting(
        "number",
        "Weight of the joint loss",
        text.JOINT,
        0.0,
        minimum=0.0,
        maximum=100.0,
        advanced=True,
    )
    joint_loss: str = setting(
        "choice",
        "Joint loss",
        text.JOINT_LOSS,
        "cross-entropy",
        choices=text.CONTRASTIVE_LOSSES,
        advanced=True,
    )
    window: int = _window()
    dilation: int = _dilation()
    positive_weight: str = _positive_weight()
    temperature: Optional[float] = _temperature()
    labels: str = _pair_labels()
    cover: bool = setting("boolean", "Learn cover", text.COVER, False, advanced=True)
    freeze: bool = setting("boolean", "Freeze", text.FREEZE, False, advanced=True)
    sampling: str = setting(
        "choice", "Sampling", text.SAMPLING, "even", choices=text.SAMPLINGS, advanced=True
    )
    patience: Optional[int] = setting(
        "integer", "Patience", text.PATIENCE, None, minimum=1, maximum=10000, advanced=True
    )
    label_share: float = _label_share()
    epochs: Optional[int] = _epochs()
    seed: int = _seed()
    device: str = _device()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class EvaluateJob:
    """Evaluate a model on one split of a dataset."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    model: str = setting("folder", "Model", text.MODEL)
    output: str = _output(text.EVALUATE_OUTPUT)
    split: str = setting("choice", "Split", text.EVALUATE_SPLIT, "test", choices=text.SPLIT_NAMES)
    truth: Optional[str] = _truth()
    baseline: bool = _baseline()
    until_curve: int = setting(
        "integer", "Dates to cut at", text.UNTIL_CURVE, 0, minimum=0, maximum=36, advanced=True
    )
    device: str = _device()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class MapJob:
    """Map crops with a trained model."""

    images: str = _images()
    model: str = setting("folder", "Model", text.MODEL)
    output: str = _output(text.MAP_OUTPUT)
    resolution: str = _resolution()
    season: Optional[str] = setting("season", "Season", text.MAP_SEASON, None)
    area: Optional[str] = setting("extent", "Area of interest", text.AREA, None)
    parcels: Optional[str] = setting("vector", "Parcels", text.MAP_PARCELS, None, advanced=True)
    probabilities: bool = setting(
        "boolean", "Probabilities", text.PROBABILITIES, True, advanced=True
    )
    device: str = _device()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class ParcelsJob:
    """Classify parcels from a crop map."""

    map: str = setting("folder", "Map folder", text.MAP)
    parcels: str = _parcels()
    output: str = _output(text.PARCELS_OUTPUT, "output_vector")
    class_field: Optional[str] = setting(
        "field", "Class field", text.DECLARED_FIELD, None, parent="parcels"
    )
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class SampleJob:
    """Draw a stratified random sample from a map, as points to label."""

    map: str = setting("folder", "Map folder", text.MAP)
    output: str = _output(text.SAMPLE_OUTPUT, "output_vector")
    points: Optional[int] = setting(
        "integer", "Points", text.POINTS, None, minimum=2, maximum=1_000_000
    )
    allocation: str = setting(
        "choice", "Allocation", text.ALLOCATION, "proportional", choices=text.ALLOCATIONS
    )
    minimum: int = setting(
        "integer", "Fewest points a class", text.MINIMUM, 50, minimum=2, maximum=10_000
    )
    standard_error: float = setting(
        "number", "Standard error", text.STANDARD_ERROR, 0.02, minimum=0.001, maximum=0.2,
        advanced=True,
    )  # fmt: skip
    expected_accuracy: float = setting(
        "number", "Expected accuracy", text.EXPECTED_ACCURACY, 0.8, minimum=0.5, maximum=0.99,
        advanced=True,
    )  # fmt: skip
    seed: int = _seed()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class AreaJob:
    """Estimate the area of each class, and the map's accuracy, from a labelled sample."""

    map: str = setting("folder", "Map folder", text.MAP)
    sample: str = setting("points", "Sample", text.SAMPLE)
    output: str = _output(text.AREA_OUTPUT)
    reference_field: Optional[str] = setting(
        "field", "Field of the true class", text.REFERENCE_FIELD, None, parent="sample"
    )
    units: Optional[str] = setting("vector", "Administrative units", text.UNITS, None)
    unit_field: Optional[str] = setting(
        "field", "Name of a unit", text.UNIT_FIELD, None, parent="units"
    )
    strata: Optional[str] = setting("file", "Strata", text.STRATA, None, advanced=True)
    probability_sample: bool = setting(
        "boolean", "Probability sample", text.PROBABILITY_SAMPLE, False, advanced=True
    )
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class ExportJob:
    """Export classified parcels to a GIS format."""

    layer: str = setting("vector", "Layer", text.LAYER)
    output: str = _output(text.EXPORT_OUTPUT, "output_vector")
    format: str = setting("choice", "Format", text.FORMAT, "gpkg", choices=text.FORMATS)
    fields: Optional[Tuple[str, ...]] = setting("fields", "Fields", text.FIELDS, None)
    crs: Optional[str] = setting("crs", "Coordinate reference system", text.CRS, None)
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class PipelineJob:
    """All of it: from images and parcels to a crop map and classified parcels."""

    images: str = _images()
    parcels: str = _parcels()
    class_field: str = _class_field()
    output: str = _output(text.PIPELINE_OUTPUT)
    preset: str = _preset()
    season: Optional[str] = _season()
    resolution: str = _resolution()
    classes: Optional[str] = _classes()
    outside: str = _outside()
    bands: Optional[Tuple[str, ...]] = _bands()
    mask: str = _mask()
    dates: Optional[int] = _dates()
    chip: Optional[int] = _chip()
    backbone: str = _backbone()
    width: Optional[float] = _width()
    truth: Optional[str] = _truth()
    baseline: bool = _baseline()
    seed: int = _seed()
    device: str = _device()
    overwrite: bool = _overwrite()


@dataclass(frozen=True)
class DemoJob:
    """Simulate a scene and run the whole chain on it."""

    output: str = _output(text.DEMO_OUTPUT)
    size: int = setting("integer", "Size", text.SIZE, 256, unit="pixels", minimum=96, maximum=2048)
    preset: str = _preset("quick")
    seed: int = _seed()
    device: str = _device()
    overwrite: bool = _overwrite()


JOBS: Dict[str, type] = {
    "simulate": SimulateJob,
    "series": SeriesJob,
    "dataset": DatasetJob,
    "pretrain": PretrainJob,
    "finetune": FinetuneJob,
    "evaluate": EvaluateJob,
    "map": MapJob,
    "parcels": ParcelsJob,
    "sample": SampleJob,
    "area": AreaJob,
    "export": ExportJob,
    "pipeline": PipelineJob,
    "demo": DemoJob,
}

# What does not change a result, so that a job may be resumed with another value of it.
NOT_IN_FINGERPRINT = ("output", "overwrite", "device")
# Fields that came later and what jobs did before: with that value a job is the job it was.
CAME_LATER = {"family": "temperate"}


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
    window = checked.get("window")
    if isinstance(window, int) and window % 2 == 0:
        raise UserError(
            "even_window", "window", f"it is {window}", "Use an odd number: a window has a centre."
        )
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
