"""Jobs that train networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from . import descriptions as text
from . import job_fields as shared
from .fields import setting


@dataclass(frozen=True)
class PretrainJob:
    """Pretrain a network with the context-self contrastive loss."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    output: str = shared.output(text.MODEL_OUTPUT)
    preset: str = shared.preset()
    backbone: str = shared.backbone()
    width: Optional[float] = shared.width()
    loss: str = setting(
        "choice", "Loss", text.LOSS, "cross-entropy", choices=text.LOSSES, advanced=True
    )
    window: int = shared.window()
    dilation: int = shared.dilation()
    stride: int = setting("integer", "Stride", text.STRIDE, 1, minimum=1, maximum=16, advanced=True)
    positive_weight: str = shared.positive_weight()
    temperature: Optional[float] = shared.temperature()
    labels: str = shared.pair_labels()
    relative_position: bool = setting(
        "boolean", "Relative position", text.RELATIVE_POSITION, True, advanced=True
    )
    anchors: str = setting(
        "choice", "Anchors", text.ANCHORS, "all", choices=text.ANCHOR_KINDS, advanced=True
    )
    scale: str = setting("choice", "Scale", text.SCALE, "1", choices=text.SCALES, advanced=True)
    boundary_weight: float = shared.boundary_weight(1.0)
    label_share: float = shared.label_share()
    epochs: Optional[int] = shared.epochs()
    checkpointing: bool = shared.checkpointing()
    seed: int = shared.seed()
    device: str = shared.device()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class FinetuneJob:
    """Fine-tune a network for crop classification."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    output: str = shared.output(text.MODEL_OUTPUT)
    model: Optional[str] = setting("folder", "Pretrained model", text.PRETRAINED, None)
    preset: str = shared.preset()
    resolution: str = shared.resolution()
    backbone: str = shared.backbone()
    width: Optional[float] = shared.width()
    objective: str = setting(
        "choice",
        "Objective",
        text.OBJECTIVE,
        "cross-entropy",
        choices=text.OBJECTIVES,
        advanced=True,
    )
    context: int = shared.context()
    boundary_weight: float = shared.boundary_weight(3.0)
    class_weights: str = setting(
        "choice",
        "Class weights",
        text.CLASS_WEIGHTS,
        "none",
        choices=text.CLASS_WEIGHT_KINDS,
        advanced=True,
    )
    joint: float = setting(
        "number",
        "Weight of the joint loss",
        text.JOINT,
        0.3,
        minimum=0.0,
        maximum=100.0,
        advanced=True,
    )
    joint_loss: str = setting(
        "choice",
        "Joint loss",
        text.JOINT_LOSS,
        "cross-entropy",
        choices=text.CONTRASTIVE_LOSSES,
        advanced=True,
    )
    window: int = shared.window()
    dilation: int = shared.dilation()
    positive_weight: str = shared.positive_weight()
    temperature: Optional[float] = shared.temperature()
    labels: str = shared.pair_labels()
    cover: bool = setting("boolean", "Learn cover", text.COVER, False, advanced=True)
    freeze: bool = setting("boolean", "Freeze", text.FREEZE, False, advanced=True)
    sampling: str = setting(
        "choice", "Sampling", text.SAMPLING, "even", choices=text.SAMPLINGS, advanced=True
    )
    patience: Optional[int] = setting(
        "integer", "Patience", text.PATIENCE, None, minimum=1, maximum=10000, advanced=True
    )
    label_share: float = shared.label_share()
    epochs: Optional[int] = shared.epochs()
    checkpointing: bool = shared.checkpointing()
    seed: int = shared.seed()
    device: str = shared.device()
    overwrite: bool = shared.overwrite()
