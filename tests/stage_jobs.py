"""The chain's jobs, stage by stage, written elsewhere, and their results read back."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from cscl.contract.jobs import job_name

STAGES = ("series", "dataset", "finetune", "map", "parcels", "export")


def job_of(chain: Any, stage: str, output: Path) -> Any:
    """The chain's own job of a stage, written elsewhere."""
    from cscl.contract.jobs import ExportJob

    if stage == "export":
        return ExportJob(layer=str(chain.parcels), output=str(output), format="shp")
    job = next(job for job in chain.jobs() if job_name(job) == stage)
    return dataclasses.replace(job, output=str(output))


def read_back(stage: str, output: Path) -> int:
    """Read a result whole with the library that its users would use; return how many features."""
    if stage == "series":
        assert len(json.loads(output.read_text())["features"]) >= 2
    elif stage in ("parcels", "export"):
        import pyogrio

        _, _, geometries, _ = pyogrio.raw.read(output)
        assert len(geometries) > 0 and all(geometries)
        return len(geometries)
    elif stage == "dataset":
        from cscl.dataset.reader import Dataset

        dataset = Dataset.open(output)
        assert dataset.sample(0).images.shape[0] == len(dataset.days)
    elif stage == "finetune":
        from cscl.models.store import load_model

        load_model(output)
    elif stage == "map":
        import rasterio

        with rasterio.open(output / "crops.tif") as crops:
            assert crops.read(1).max() > 0
    return 0
