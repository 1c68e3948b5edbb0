"""The parts of a network as modules with one way through them, as graphs need."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cscl.models.clstm import UNet2DCLSTM
from cscl.models.inputs import Normalisation, normalise
from cscl.models.network import CropNetwork


class WholeNetwork(nn.Module):
    """Reflectance (B, T, C, H, W), days (B, T) and valid (B, T, H, W) to the logits by head."""

    def __init__(self, network: CropNetwork, card: Normalisation) -> None:
        super().__init__()
        self.network = network
        self.card = card

    def forward(self, images: Tensor, days: Tensor, valid: Tensor) -> tuple[Tensor, ...]:
        logits = self.network.forward_all(*normalise(images, valid, days, self.card))
        return tuple(logits[scale] for scale in self.network.heads)


class DateEncoder(nn.Module):
    """What a recurrent network makes of each date by itself, and how often each pixel is known."""

    def __init__(self, backbone: UNet2DCLSTM, card: Normalisation) -> None:
        super().__init__()
        self.backbone = backbone
        self.card = card

    def forward(self, images: Tensor, days: Tensor, valid: Tensor) -> tuple[Tensor, ...]:
        images, days, valid = normalise(images, valid, days, self.card)
        features, masks = self.backbone.encode_dates(images, days, valid)
        return features, masks, torch.zeros_like(features[:, 0]), masks.sum(1)


class MemoryStep(nn.Module):
    """One date's step of the memory: hidden state, cell and sum of states go on."""

    def __init__(self, backbone: UNet2DCLSTM) -> None:
        super().__init__()
        self.memory = backbone.memory

    def forward(
        self, hidden: Tensor, cell: Tensor, total: Tensor, values: Tensor, known: Tensor
    ) -> tuple[Tensor, ...]:
        hidden, cell = self.memory(values, known, hidden, cell)
        return hidden, cell, total + hidden * known


class Heads(nn.Module):
    """The sum of the states and the number of dates (B, 1, H, W) to the logits by head."""

    def __init__(self, network: CropNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, total: Tensor, counts: Tensor) -> tuple[Tensor, ...]:
        seen = counts > 0
        maps = self.network.refine(total / counts.clamp_min(1), seen)
        logits = self.network.classify(maps, seen)
        return tuple(logits[scale] for scale in self.network.heads)
