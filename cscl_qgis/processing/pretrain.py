"""The algorithm cscl:pretrain."""

from __future__ import annotations

from ...backend.cscl.contract.jobs import PretrainJob
from .base import MODELS, JobAlgorithm


class PretrainAlgorithm(JobAlgorithm):
    """Processing's face of the job pretrain."""

    command = "pretrain"
    title = "Pretrain a network"
    section = MODELS
    tags_text = "contrastive cscl training"
    job = PretrainJob
