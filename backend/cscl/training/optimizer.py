"""The optimizer of both stages, and its state by name."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


def adam(
    parameters: Mapping[str, nn.Parameter], weight_decay: float, rate: float
) -> torch.optim.Optimizer:
    """Return Adam with decoupled weight decay on everything but biases and normalisations.

    Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
    """
    weights = [item for item in parameters.values() if item.ndim > 1]
    others = [item for item in parameters.values() if item.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate)


def optimizer_tensors(
    optimizer: torch.optim.Optimizer, parameters: dict[str, nn.Parameter]
) -> dict[str, Tensor]:
    """Return the optimizer's moments and step counts by parameter name."""
    found: dict[str, Tensor] = {}
    for name, parameter in parameters.items():
        for key, value in optimizer.state.get(parameter, {}).items():
            found[f"{name}|{key}"] = torch.as_tensor(value)
    return found


def restore_optimizer(
    optimizer: torch.optim.Optimizer,
    parameters: dict[str, nn.Parameter],
    tensors: dict[str, Tensor],
) -> None:
    """Set the moments and step counts that `optimizer_tensors` returned."""
    for full_name, value in tensors.items():
        name, key = full_name.rsplit("|", 1)
        parameter = parameters[name]
        # Adam keeps its step count on the processor, whatever the parameters are on.
        place = torch.device("cpu") if key == "step" else parameter.device
        optimizer.state[parameter][key] = value.to(place)
