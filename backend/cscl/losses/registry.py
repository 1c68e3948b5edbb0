"""The pretraining losses by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cscl.losses.cscl import ContextSelfContrastiveLoss
from cscl.losses.local_info_nce import LocalInfoNCE
from cscl.losses.module import WindowLoss
from cscl.losses.supervised_memory import SupervisedMemoryContrast

LOSSES: dict[str, type[WindowLoss]] = {
    "cscl": ContextSelfContrastiveLoss,
    "similarity-cross-entropy": ContextSelfContrastiveLoss,
    "local-info-nce": LocalInfoNCE,
    "supervised-memory": SupervisedMemoryContrast,
}
# What the name says of a class that has several.
_NAMED_OPTIONS: dict[str, dict[str, Any]] = {
    "cscl": {"form": "linear"},
    "similarity-cross-entropy": {"form": "cross_entropy"},
}


def build_loss(name: str, channels: int, **options: Any) -> WindowLoss:
    """Return the loss of `LOSSES` called `name`, for embeddings of `channels`.

    `options` are those of its class. Raises `ValueError` or `TypeError` where name or options do
    not fit.
    """
    if name not in LOSSES:
        raise ValueError(f"the loss must be one of {', '.join(LOSSES)}, not {name!r}")
    values = {**_NAMED_OPTIONS.get(name, {}), **options, "loss": name}
    return LOSSES[name].from_options(channels, values)


def restore_loss(channels: int, options: Mapping[str, Any]) -> WindowLoss:
    """Return the loss of which another's `options()` are given; its tensors are to be loaded.

    Raises `ValueError` or `TypeError` where they do not fit. Options without a name are those of
    the first models, which knew `ContextSelfContrastiveLoss` alone.
    """
    if "loss" not in options:
        return ContextSelfContrastiveLoss.from_options(channels, options)
    rest = {name: value for name, value in options.items() if name != "loss"}
    return build_loss(options["loss"], channels, **rest)
