"""Trains one arm on one side of a picture and scores it on the other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cscl.contract.codes import UNKNOWN
from cscl.evaluation.metrics import confusion
from cscl.experiments.ordinary.data import Picture
from cscl.experiments.ordinary.network import UNet, classifier
from cscl.experiments.spec import Arm, Budget
from cscl.losses import PairRules, WindowLoss, build_loss, count_pairs, effective_rank, pair_auc
from cscl.training.contrast import NAMES, RELEASED_WEIGHT
from cscl.training.failures import diverged
from cscl.training.objectives import balanced_weights, classification_loss, label_lookup
from cscl.training.optimizer import adam
from cscl.training.presets import Plan, Preset, Stage

WINDOW = 3
# Pairs of each kind from which the pair AUC is read.
AUC_PAIRS = 20_000


@dataclass(frozen=True)
class Patches:
    """What a step trains on: image (B, 1, *S), labels (B, *S) and which are at a boundary."""

    image: Tensor
    labels: Tensor
    boundary: Tensor


class Source:
    """Draws patches of a picture, flipped at random along each axis."""

    def __init__(self, picture: Picture, budget: Budget, seed: int) -> None:
        self.side, self.batch = budget.side, budget.batch
        known = picture.labels != UNKNOWN
        self.mean = float(picture.image[known].mean())
        self.spread = float(picture.image[known].std())
        self.values = (
            self.normalised(picture),
            torch.from_numpy(picture.labels.astype(np.int64)),
            torch.from_numpy(picture.boundary),
        )
        # Patches without a label teach nothing; in most pictures none is left out.
        self.centres = torch.from_numpy(np.argwhere(known))
        self.numbers = torch.Generator().manual_seed(seed)

    def normalised(self, picture: Picture) -> Tensor:
        """Return a picture's image (*S) with mean 0 and spread 1 of the training side's."""
        return torch.from_numpy((picture.image - self.mean) / self.spread).float()

    def draw(self) -> Patches:
        """Return the next batch."""
        parts = [self._patch() for _ in range(self.batch)]
        image, labels, boundary = (torch.stack(items) for items in zip(*parts, strict=True))
        return Patches(image[:, None], labels, boundary)

    def _patch(self) -> tuple[Tensor, ...]:
        chosen = torch.randint(len(self.centres), (), generator=self.numbers)
        place, flipped = [], []
        for axis, size in enumerate(self.values[0].shape):
            side = min(self.side, size)
            # Around a known pixel, moved into the picture where it would stand out.
            start = int(self.centres[chosen, axis]) - side // 2
            start = min(max(start, 0), size - side)
            place.append(slice(start, start + side))
            if torch.rand((), generator=self.numbers) < 0.5:
                flipped.append(axis)
        return tuple(item[tuple(place)].flip(flipped) for item in self.values)


def train_and_score(
    arm: Arm, budget: Budget, seed: int, training: Picture, test: Picture
) -> dict[str, Any]:
    """Return parameters, records of the stages and scores of an arm with one seed.

    The last weights are scored: nothing is chosen on the way, so that no third side is needed.
    """
    axes = training.labels.ndim
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        source = Source(training, budget, seed)
        backbone = UNet(axes, round(budget.width))
        preset = arm.preset(budget.steps, budget)
        records = {}
        if arm.first is not None:
            loss = str(arm.first["loss"])
            if loss == "classification":
                step = _classification(backbone, training, {})
            else:
                step = _Contrast(backbone, training, loss)
            records["first"] = _train(step, source, preset, "pretrain")
        # A classifier of its own: that of the first stage is dropped.
        second = _classification(backbone, training, arm.second)
        records["second"] = _train(second, source, preset, "finetune")
    return {
        "parameters": sum(item.numel() for item in second.network.parameters()),
        "training": records,
        "scores": score(second.network, source.normalised(test), test),
    }


@torch.no_grad()
def score(network: nn.Module, image: Tensor, picture: Picture) -> dict[str, list[list[int]]]:
    """Return the confusion matrices over all known pixels and over those at a boundary."""
    best = network(image[None, None])[0].argmax(0).numpy()
    predicted = np.array(picture.codes, np.uint8)[best]
    edges, codes = picture.boundary, picture.codes
    return {
        "all": confusion(picture.labels, predicted, codes).tolist(),
        "boundary": confusion(picture.labels[edges], predicted[edges], codes).tolist(),
    }


class _Contrast(nn.Module):
    """A contrastive loss on the features of the network."""

    def __init__(self, backbone: UNet, picture: Picture, loss: str) -> None:
        super().__init__()
        self.backbone = backbone
        self.criterion = _criterion(backbone, picture, loss)

    def forward(self, patches: Patches) -> Tensor:
        """Return the loss of a batch."""
        return self.criterion(self.backbone(patches.image), patches.labels).loss

    @torch.no_grad()
    def figures(self, patches: Patches) -> dict[str, float]:
        """Return pair AUC and effective rank of a batch, which tell a collapse."""
        features = self.backbone(patches.image)
        scores = self.criterion.pair_scores(features, patches.labels, AUC_PAIRS)
        return {
            "pair_auc": round(pair_auc(*scores), 4),
            "effective_rank": round(effective_rank(features), 2),
        }


class _Classification(nn.Module):
    """Cross-entropy, with a contrastive loss beside it if wanted.

    Classes weigh inversely to the root of their pixels in every arm: borders are few, so short a
    training would not find them without, and full weights make far too many of them. Boundary
    pixels weigh `edge` times as much.
    """

    def __init__(
        self, network: nn.Sequential, picture: Picture, edge: float,
        joint: float, criterion: WindowLoss | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.network, self.codes, self.edge = network, picture.codes, edge
        numbers = [round(float((picture.labels == code).sum()) ** 0.5) for code in picture.codes]
        self.class_weights = torch.tensor(balanced_weights(numbers))
        self.joint, self.criterion = joint, criterion

    def forward(self, patches: Patches) -> Tensor:
        """Return the loss of a batch."""
        backbone, head = self.network
        features = backbone(patches.image)
        wanted = label_lookup(self.codes, patches.labels.device)[patches.labels]
        weights = torch.where(patches.boundary, self.edge, 1.0)
        weights = weights * self.class_weights[wanted.clamp_min(0)]
        total, number = classification_loss(head(features), wanted, weights)
        loss = total / number.clamp_min(1)
        if self.criterion is not None:
            loss = loss + self.joint * self.criterion(features, patches.labels).loss
        return loss

    def figures(self, patches: Patches) -> dict[str, float]:
        """Return nothing: the classifier is scored on the test side."""
        return {}


def _classification(
    backbone: UNet, picture: Picture, options: Mapping[str, Any]
) -> _Classification:
    head = classifier(picture.labels.ndim, backbone.channels, len(picture.classes))
    joint = float(options.get("joint", 0.0))
    criterion = _criterion(backbone, picture, options["joint_loss"]) if joint else None
    edge = float(options.get("boundary_weight", 1.0))
    return _Classification(nn.Sequential(backbone, head), picture, edge, joint, criterion)


def _criterion(backbone: UNet, picture: Picture, loss: str) -> WindowLoss:
    """Return a loss of the jobs' names at window 3; its weight is balanced unless as released."""
    axes = picture.labels.ndim
    if loss == "released":
        weight, rules = RELEASED_WEIGHT, PairRules.released()
    else:
        rules = PairRules(outside=None)
        labels = torch.from_numpy(picture.labels)[None]
        negatives, positives = count_pairs(labels, WINDOW, rules=rules)
        weight = negatives / positives
    return build_loss(
        NAMES[loss],
        backbone.channels,
        window=WINDOW,
        axes=axes,
        positive_weight=weight,
        rules=rules,
    )


def _train(
    task: _Contrast | _Classification, source: Source, preset: Preset, stage: Stage
) -> dict[str, Any]:
    """Train for the steps of one stage and return its record."""
    steps = preset.stage(stage).steps or 0
    plan = Plan(stage, preset, source.batch, source.side, 1, steps)
    parameters = dict(task.named_parameters())
    optimizer = adam(parameters, preset.weight_decay, plan.rate(0))
    started = time.perf_counter()
    for step in range(steps):
        patches = source.draw()
        for group in optimizer.param_groups:
            group["lr"] = plan.rate(step)
        optimizer.zero_grad(set_to_none=True)
        loss = task(patches)
        if not loss.isfinite():
            raise diverged(stage, step, plan.rate(step), "the loss")
        loss.backward()
        nn.utils.clip_grad_norm_(parameters.values(), preset.clip_norm or float("inf"))
        optimizer.step()
    seconds = time.perf_counter() - started
    record = {"steps": steps, "seconds": round(seconds, 1), "loss": round(loss.item(), 5)}
    return {**record, **task.figures(patches)}
