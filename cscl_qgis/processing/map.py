"""The algorithm cscl:map."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import MapJob
from .base import MAPS, JobAlgorithm


class MapAlgorithm(JobAlgorithm):
    """Processing's face of the job map."""

    command = "map"
    title = "Map crops"
    section = MAPS
    tags_text = "classification segmentation prediction inference"
    job = MapJob
    loads_results = True
