"""The algorithm cscl:finetune."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import FinetuneJob
from .base import MODELS, JobAlgorithm


class FinetuneAlgorithm(JobAlgorithm):
    """Processing's face of the job finetune."""

    command = "finetune"
    title = "Fine-tune a network"
    section = MODELS
    tags_text = "training model segmentation"
    job = FinetuneJob
