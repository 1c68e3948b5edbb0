"""The algorithm cscl:pipeline."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import PipelineJob
from .base import ALL, JobAlgorithm


class PipelineAlgorithm(JobAlgorithm):
    """Processing's face of the job pipeline."""

    command = "pipeline"
    title = "All of it: from images and parcels to a crop map"
    section = ALL
    tags_text = "chain workflow"
    job = PipelineJob
    loads_results = True
