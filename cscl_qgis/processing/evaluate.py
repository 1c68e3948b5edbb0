"""The algorithm cscl:evaluate."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import EvaluateJob
from .base import MODELS, JobAlgorithm


class EvaluateAlgorithm(JobAlgorithm):
    """Processing's face of the job evaluate."""

    command = "evaluate"
    title = "Evaluate a model"
    section = MODELS
    tags_text = "accuracy confusion matrix report"
    job = EvaluateJob
