"""The main job: from images and parcels to a crop map, classified parcels and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import (
    DatasetJob,
    EvaluateJob,
    FinetuneJob,
    MapJob,
    ParcelsJob,
    PipelineJob,
    PretrainJob,
    SeriesJob,
)
from cscl.cross_fit import cross_fit
from cscl.dispatch import perform, perform_within

# Dates that a series keeps, spread over the season: what training and mapping cost grows with
# them. None keeps all.
SERIES_DATES: dict[str, int | None] = {"quick": 16, "standard": 36, "full": None}


def run_pipeline(job: PipelineJob, ctx: JobContext) -> None:
    """Run all stages in `job.output`; a stage that is complete there already is used again."""
    output = Path(job.output)
    series = define_series(job, output, ctx)
    dataset = output / "dataset"
    perform_within(_dataset_job(job, series, dataset), ctx)
    model = train(job, dataset, output, ctx)
    evaluation = output / "evaluation"
    perform_within(
        EvaluateJob(
            dataset=str(dataset),
            model=str(model),
            output=str(evaluation),
            truth=job.truth,
            baseline=job.baseline,
            device=job.device,
        ),
        ctx,
    )
    crop_map = output / "map"
    mapping = _map_job(job, series, model, crop_map)
    if job.cross_fit:
        cross_fit(job, _dataset_job(job, series, dataset), mapping, train, ctx)
    perform_within(mapping, ctx)
    parcels = output / "parcels.gpkg"
    if not parcels.exists():
        perform(
            ParcelsJob(
                map=str(crop_map),
                parcels=job.parcels,
                class_field=job.class_field,
                output=str(parcels),
            ),
            ctx,
        )
    write_report(output, ctx)


def define_series(job: PipelineJob, output: Path, ctx: JobContext) -> Path:
    """Write the time series NAME.series.json, after the images' name, and return its path."""
    first = Path(job.images.split(";")[0])
    name = first.name.removesuffix(".series.json").removesuffix(first.suffix) or "images"
    series = output / f"{name}.series.json"
    if not series.exists():
        perform(
            SeriesJob(
                images=job.images,
                output=str(series),
                season=job.season,
                bands=job.bands,
                mask=job.mask,
                dates=job.dates or SERIES_DATES[job.preset],
            ),
            ctx,
        )
    if not series.exists():
        found = ", ".join(path.name for path in sorted(output.glob(f"{name}_*.series.json")))
        raise UserError(
            "several_grids",
            job.images,
            f"its images lie on several grids, one time series each ({found})",
            "Give the images of one grid, or build a dataset from all of them and train, evaluate "
            "and map by the single commands.",
        )
    ctx.artifact("series", series)
    return series


def train(job: PipelineJob, dataset: Path, output: Path, ctx: JobContext) -> Path:
    """Pretrain, fine-tune and return the model folder."""
    common: dict[str, Any] = {
        "dataset": str(dataset),
        "preset": job.preset,
        "backbone": job.backbone,
        "width": job.width,
        "checkpointing": job.checkpointing,
        "seed": job.seed,
        "device": job.device,
    }
    pretrained = output / "pretrained"
    perform_within(PretrainJob(output=str(pretrained), **common), ctx)
    model = output / "model"
    perform_within(
        FinetuneJob(output=str(model), model=str(pretrained), resolution=job.resolution, **common),
        ctx,
    )
    ctx.artifact("model", model)
    return model


def write_report(output: Path, ctx: JobContext) -> None:
    """Write report.html, report.json and preview.png for the whole chain."""
    from cscl.evaluation.pipeline_report import write_pipeline_report

    write_pipeline_report(output, ctx)


def _dataset_job(job: PipelineJob, series: Path, dataset: Path) -> DatasetJob:
    return DatasetJob(
        images=str(series),
        parcels=job.parcels,
        class_field=job.class_field,
        output=str(dataset),
        classes=job.classes,
        outside=job.outside,
        inner_buffer=job.inner_buffer,
        minimum_area=job.minimum_area,
        minimum_width=job.minimum_width,
        rare_pixels=job.rare_pixels,
        rare=job.rare,
        chip=job.chip,
        resolution=job.resolution,
        bands=job.bands,
        mask=job.mask,
        seed=job.seed,
    )


def _map_job(job: PipelineJob, series: Path, model: Path, output: Path) -> MapJob:
    clip = job.parcels if job.outside == "ignore" else None
    return MapJob(
        images=str(series),
        model=str(model),
        output=str(output),
        resolution=job.resolution,
        parcels=clip,
        device=job.device,
    )
