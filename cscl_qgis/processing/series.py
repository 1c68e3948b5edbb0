"""The algorithm cscl:series."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import SeriesJob
from .base import DATA, JobAlgorithm


class SeriesAlgorithm(JobAlgorithm):
    """Processing's face of the job series."""

    command = "series"
    title = "Define a time series"
    section = DATA
    tags_text = "images dates clouds season stac"
    job = SeriesJob
