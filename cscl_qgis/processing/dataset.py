"""The algorithm cscl:dataset."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import DatasetJob
from .base import DATA, JobAlgorithm


class DatasetAlgorithm(JobAlgorithm):
    """Processing's face of the job dataset."""

    command = "dataset"
    title = "Build a dataset"
    section = DATA
    tags_text = "parcels labels chips training"
    job = DatasetJob
