"""The algorithm cscl:sample."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import SampleJob
from .base import MAPS, JobAlgorithm


class SampleAlgorithm(JobAlgorithm):
    """Processing's face of the job sample."""

    command = "sample"
    title = "Draw a sample to label"
    section = MAPS
    tags_text = "accuracy assessment stratified points reference"
    job = SampleJob
    loads_results = True
