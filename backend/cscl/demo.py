"""The demonstration: a simulated scene, and the whole chain on it."""

from __future__ import annotations

from pathlib import Path

from cscl.context import JobContext
from cscl.contract.jobs import DemoJob, ExportJob, PipelineJob, SimulateJob
from cscl.dispatch import perform, perform_within
from cscl.pipeline import run_pipeline


def run_demo(job: DemoJob, ctx: JobContext) -> None:
    """Simulate a scene in `scene/`, run the pipeline beside it and export the parcels."""
    output = Path(job.output)
    scene = output / "scene"
    ctx.note(
        "The demonstration simulates a scene, trains a network and maps it: at most 10 minutes on "
        "two processor cores with bf16 matrix units, at most 15 without."
    )
    perform_within(SimulateJob(output=str(scene), size=job.size, seed=job.seed), ctx)
    run_pipeline(
        PipelineJob(
            images=str(scene),
            parcels=str(scene / "parcels.gpkg"),
            class_field="crop",
            output=str(output),
            preset=job.preset,
            truth=str(scene / "truth" / "truth_2m5.tif"),
            seed=job.seed,
            device=job.device,
        ),
        ctx,
    )
    exported = output / "parcels.geojson"
    if not exported.exists():
        perform(
            ExportJob(layer=str(output / "parcels.gpkg"), output=str(exported), format="geojson"),
            ctx,
        )
