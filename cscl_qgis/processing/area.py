"""The algorithm cscl:area."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import AreaJob
from .base import MAPS, JobAlgorithm


class AreaAlgorithm(JobAlgorithm):
    """Processing's face of the job area."""

    command = "area"
    title = "Estimate areas from a sample"
    section = MAPS
    tags_text = "accuracy assessment confidence interval administrative units olofsson"
    job = AreaJob
    loads_results = True
