"""The algorithm cscl:report."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import ReportJob
from .base import DATA, JobAlgorithm


class ReportAlgorithm(JobAlgorithm):
    """Processing's face of the job report."""

    command = "report"
    title = "Report on a dataset"
    section = DATA
    tags_text = "classes season curves split clouds"
    job = ReportJob
