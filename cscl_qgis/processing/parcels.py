"""The algorithm cscl:parcels."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import ParcelsJob
from .base import MAPS, JobAlgorithm


class ParcelsAlgorithm(JobAlgorithm):
    """Processing's face of the job parcels."""

    command = "parcels"
    title = "Classify parcels"
    section = MAPS
    tags_text = "zonal statistics field"
    job = ParcelsJob
