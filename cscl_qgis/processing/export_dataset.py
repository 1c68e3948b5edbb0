"""The algorithm cscl:export-dataset."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import ExportDatasetJob
from .base import DATA, JobAlgorithm


class ExportDatasetAlgorithm(JobAlgorithm):
    """Processing's face of the job export-dataset."""

    command = "export-dataset"
    title = "Export a dataset"
    section = DATA
    tags_text = "pastis chips"
    job = ExportDatasetJob
