"""The algorithm cscl:import."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import ImportJob
from .base import DATA, JobAlgorithm


class ImportAlgorithm(JobAlgorithm):
    """Processing's face of the job import."""

    command = "import"
    title = "Import a published dataset"
    section = DATA
    tags_text = "pastis mtlcc t31tfm"
    job = ImportJob
