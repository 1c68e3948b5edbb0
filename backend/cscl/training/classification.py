"""The task of classifying pixels, alone or beside a contrastive loss."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cscl.evaluation.temperature import fit_temperature
from cscl.models.network import CropNetwork, observed
from cscl.training.batches import Batch, labels_at, plain_batches, shares_at
from cscl.training.contrast import ContrastiveTerm
from cscl.training.objectives import Objective
from cscl.training.pictures import draw_chip, telling_chip
from cscl.training.session import Session
from cscl.training.task import NetworkTask
from cscl.training.validation import PIXEL_LIMIT, class_figures, collect_logits, parcel_means


class ClassificationTask(NetworkTask):
    """The network's classifiers under an objective, judged by mean IoU.

    `scales` are the heads that are trained, all where not given. With `joint` a contrastive term
    on the map of each of these scales is added, `joint_weight` times. `frozen` is the finest scale
    whose features stay as they are, running statistics included: the backbone's at 1, and those of
    the doublings up to there. Then the classifiers train, and the doublings beyond.
    """

    score = "mean_iou_of_heads"

    def __init__(
        self,
        network: CropNetwork,
        session: Session,
        objective: Objective,
        *,
        scales: tuple[int, ...] | None = None,
        joint: Mapping[int, ContrastiveTerm] | None = None,
        joint_weight: float = 0.0,
        frozen: int | None = None,
    ) -> None:
        self.scales = network.heads if scales is None else scales
        self.codes = objective.codes
        self._shown: int | None = None
        self._objective = objective
        self._joint, self._joint_weight = dict(joint or {}), joint_weight
        self._fixed = [] if frozen is None else network.features_up_to(frozen)
        for part in self._fixed:
            part.requires_grad_(False)
        super().__init__(network, {f"joint_{k}": v for k, v in self._joint.items()}, session)

    def train(self) -> None:
        """Make the modules ready for a training step; what is frozen stays in evaluation mode."""
        self.module.train()
        for part in self._fixed:
            part.eval()

    def logits(self, batch: Batch) -> dict[int, Tensor]:
        """Return float32 logits (B, K, H * scale, W * scale) of the scales that are trained."""
        return self._classify(self.maps(batch, self.narrow, self.scales), batch, self.narrow)

    def _classify(
        self, maps: Mapping[int, Tensor], batch: Batch, narrow: bool
    ) -> dict[int, Tensor]:
        with self._autocast(narrow):
            apart = 1 not in self.scales
            found = self.network.classify(maps, observed(batch.valid), apart=apart)
        return {scale: found[scale].float() for scale in self.scales}

    def loss(self, batch: Batch, narrow: bool) -> Tensor:
        """Return this process's share of the scales' mean loss, a scalar."""
        maps = self.maps(batch, narrow, self.scales)
        losses = []
        for scale, logits in self._classify(maps, batch, narrow).items():
            loss = self._objective(logits, labels_at(batch, scale), self._shares(batch, scale))
            if scale in self._joint:
                loss = loss + self._joint_weight * self._joint[scale].share(maps[scale], batch)
            losses.append(loss)
        return torch.stack(losses).mean()

    def _shares(self, batch: Batch, scale: int) -> Tensor | None:
        """Return the classes' shares of each pixel, where they are the target."""
        return shares_at(batch, scale, self.codes) if self._objective.cover else None

    def validate(self) -> Mapping[str, float]:
        """Return the figures of `class_figures` on the validation chips."""
        if not self.session.dataset.chips("validation"):
            return {}
        return class_figures(self.logits, self.batches(), self.codes, self.scales)

    def picture(self) -> NDArray[np.uint8] | None:
        """Return image, truth and prediction of one validation chip at the finest resolution."""
        dataset, store = self.session.dataset, self.session.validation
        if self._shown is None:
            self._shown = telling_chip(dataset, store)
        if self._shown is None:
            return None
        chosen, scale = [self._shown], max(self.scales)
        (batch,) = plain_batches(dataset, store, chosen, 1)
        logits = self.logits(batch.to(self.device))[scale]
        found = np.asarray(self.codes, np.uint8)[logits[0].argmax(dim=0).cpu().numpy()]
        truth = labels_at(batch, scale)[0].numpy()
        return draw_chip(store.get(self._shown), truth, found, dataset)

    def temperatures(self) -> dict[str, float]:
        """Return the temperature of every head, fitted on the validation chips; 1 without any."""
        batches = -(-len(self.session.dataset.chips("validation")) // self.chips)
        limit = PIXEL_LIMIT // max(1, batches)
        with torch.no_grad():
            found = collect_logits(self.logits, self.batches(), self.codes, limit)
        fitted = {str(scale): 1.0 for scale in self.scales}
        return fitted | {str(scale): fit_temperature(*pixels) for scale, pixels in found.items()}

    def parcel_temperature(self, temperature: float) -> float:
        """Return the temperature of parcels' mean probabilities, fitted on validation parcels.

        `temperature` is that of the pixels. 1 without validation parcels or a head at 10 m.
        """
        if 1 not in self.scales:
            return 1.0
        with torch.no_grad():
            found = parcel_means(self.logits, self.batches(), self.codes, temperature)
        return fit_temperature(*found)
