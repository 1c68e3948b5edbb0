"""What the tasks of both stages share: the module, its device, its precision, its validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cscl.models.network import CropNetwork
from cscl.training.batches import Batch, plain_batches
from cscl.training.session import Session


class NetworkTask:
    """A network that a stage trains, together with the modules of its losses.

    `module` holds everything that is trained or kept in a checkpoint, `chips` is the number of
    validation chips that are computed at once.
    """

    score: str

    def __init__(self, network: CropNetwork, extra: Mapping[str, nn.Module], session: Session):
        self.network, self.session = network, session
        self.module = nn.ModuleDict({"network": network, **extra})
        self.narrow = False
        self.chips = session.plan.batch
        self.device = session.device
        self.move(session.device)

    def move(self, device: torch.device) -> None:
        """Put everything on `device`."""
        self.device = device
        self.module.to(device)

    def train(self) -> None:
        """Make the modules ready for a training step."""
        self.module.train()

    def maps(self, batch: Batch, narrow: bool, scales: tuple[int, ...]) -> dict[int, Tensor]:
        """Return the network's maps (B, D, H * scale, W * scale) by scale."""
        with self._autocast(narrow):
            return self.network.feature_maps(batch.images, batch.days, batch.valid, scales)

    def _autocast(self, narrow: bool) -> AbstractContextManager[None]:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=narrow)

    def picture(self) -> NDArray[np.uint8] | None:
        """Return a picture of how the network does; there is none of a network without classes."""
        return None

    def batches(self) -> Iterator[Batch]:
        """Yield the validation chips on the device."""
        session = self.session
        indices = session.dataset.chips("validation")
        for batch in plain_batches(session.dataset, session.validation, indices, self.chips):
            yield batch.to(self.device)
