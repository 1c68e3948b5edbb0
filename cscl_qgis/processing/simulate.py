"""The algorithm cscl:simulate."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import SimulateJob
from .base import DATA, JobAlgorithm


class SimulateAlgorithm(JobAlgorithm):
    """Processing's face of the job simulate."""

    command = "simulate"
    title = "Simulate a scene"
    section = DATA
    tags_text = "landscape truth parcels demo"
    job = SimulateJob
    loads_results = True
