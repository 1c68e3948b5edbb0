"""How a training run can fail, in words that name the step and the cause."""

from __future__ import annotations

import torch

from cscl.contract.errors import UserError
from cscl.device import describe_device


def diverged(stage: str, step: int, rate: float, what: str) -> UserError:
    """Return the error of a network whose loss, gradient or weights are not finite."""
    return UserError(
        "training_diverged",
        f"{stage}, after step {step}",
        f"{what}: the network diverged at the learning rate {rate:.2g}",
        "Use another seed or preset, or a smaller width. The last checkpoint is kept.",
    )


def nothing_to_learn(stage: str, step: int, idle: int) -> UserError:
    """Return the error of `idle` steps without a label that counts."""
    return UserError(
        "nothing_to_learn",
        f"{stage}, after step {step}",
        f"in {idle} steps no labelled pixel or pair counted in the loss",
        "Give it a dataset with labels that are not all ignored, or another loss.",
    )


def out_of_memory(stage: str, step: int, device: torch.device) -> UserError:
    """Return the error of a device that cannot hold a single chip."""
    return UserError(
        "out_of_memory",
        f"{stage}, after step {step}",
        f"the memory of {describe_device(device)} does not hold a step of one chip",
        "Use a smaller width or smaller chips, or the device cpu. The last checkpoint is kept.",
    )


def device_lost(stage: str, step: int, error: BaseException) -> UserError:
    """Return the error of a device that was lost."""
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return UserError(
        "device_lost",
        f"{stage}, after step {step}",
        f"the device failed ({first})",
        "Run the job again, if need be with device cpu: it goes on from its last checkpoint.",
    )
