"""The algorithm cscl:polygons."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import PolygonsJob
from .base import MAPS, JobAlgorithm


class PolygonsAlgorithm(JobAlgorithm):
    """Processing's face of the job polygons."""

    command = "polygons"
    title = "Draw parcels from a map"
    section = MAPS
    tags_text = "segmentation field boundaries delineation polygonize"
    job = PolygonsJob
    loads_results = True
