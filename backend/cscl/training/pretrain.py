"""Pretraining with the context-self contrastive loss."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cscl.context import JobContext
from cscl.contract.codes import NO_DATA, OUTSIDE, UNKNOWN
from cscl.contract.errors import Finding, UserError
from cscl.contract.jobs import PretrainJob
from cscl.losses import ContextSelfContrastiveLoss, PairRules, count_pairs, pair_auc
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network
from cscl.training.batches import Batch, plain_batches
from cscl.training.output import save_trained
from cscl.training.session import Session, open_session

RELEASED_WEIGHT = 0.125
COLLAPSE_AUC = 0.6


class PretrainTask:
    """The network's features under the contrastive loss, judged by the pair AUC."""

    score = "pair_auc"

    def __init__(
        self,
        network: CropNetwork,
        criterion: ContextSelfContrastiveLoss,
        session: Session,
        label_map: Tensor,
    ) -> None:
        self.module = nn.ModuleDict({"backbone": network.backbone, "criterion": criterion})
        self.module.to(session.device)
        self.narrow = False
        self._network, self._criterion, self._session = network, criterion, session
        self._label_map = label_map.to(session.device)

    def _features(self, batch: Batch, narrow: bool) -> Tensor:
        kind = self._session.device.type
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=narrow):
            features = self._network.features(batch.images, batch.days, batch.valid)
        return features.float()

    def loss(self, batch: Batch, narrow: bool) -> Tensor:
        """Return the mean loss over the pairs of the batch that count."""
        labels = self._label_map[batch.labels.long()]
        loss: Tensor = self._criterion(self._features(batch, narrow), labels).loss
        return loss

    def validate(self) -> Mapping[str, float]:
        """Return loss, pair AUC and the mean similarity of positive and of negative pairs."""
        session, dataset = self._session, self._session.dataset
        indices = dataset.chips("validation")
        limit = 400_000 // max(1, math.ceil(len(indices) / session.plan.batch))
        scores, kinds, total, count = [], [], 0.0, 0.0
        batches = plain_batches(dataset, session.validation, indices, session.plan.batch)
        for batch in batches:
            batch = batch.to(session.device)
            features = self._features(batch, self.narrow)
            labels = self._label_map[batch.labels.long()]
            result = self._criterion(features, labels)
            total += float(result.total)
            count += float(result.count)
            part, kind = self._criterion.pair_scores(features, labels, limit)
            scores.append(part.cpu())
            kinds.append(kind.cpu())
        if not scores or not count:
            return {}
        all_scores, all_kinds = torch.cat(scores), torch.cat(kinds)
        return {
            "loss": total / count,
            "pair_auc": pair_auc(all_scores, all_kinds),
            "similarity_of_positives": float(all_scores[all_kinds].mean()),
            "similarity_of_negatives": float(all_scores[~all_kinds].mean()),
        }


def pretrain(job: PretrainJob, ctx: JobContext) -> None:
    """Pretrain a network on a dataset's training split and write its model folder.

    The folder holds the weights and card of a network whose classifiers are untrained, and
    `metrics.csv`. An interrupted run with the same output goes on from its last checkpoint.
    METHOD sections 1 and 3.
    """
    session = open_session("pretrain", job, ctx)
    dataset = session.dataset
    network = build_network(
        job.backbone,
        bands=len(dataset.bands),
        classes=len(dataset.classes.network_codes(dataset.outside)),
        width=session.width,
    )
    rules = PairRules.released() if job.loss == "released" else PairRules()
    weight = _positive_weight(job, session, rules, ctx)
    criterion = ContextSelfContrastiveLoss(
        network.channels,
        window=job.window,
        stride=job.stride,
        dilation=job.dilation,
        positive_weight=weight,
        form="cross_entropy" if job.loss == "cross-entropy" else "linear",
        rules=rules,
    )
    label_map = _label_map(job.loss, dataset.outside)
    task = PretrainTask(network, criterion, session, label_map)
    loop = session.loop(task, ctx, {"positive_weight": weight})
    progress = loop.run()
    auc = progress.records.at(progress.best_step, "validation").get("pair_auc")
    if auc is not None and auc < COLLAPSE_AUC:
        ctx.warn(_collapse(job, auc))
    save_trained(
        session,
        loop,
        network,
        session.width,
        {"loss": job.loss, "positive_weight": weight},
        ctx,
        losses={1: criterion},
    )


def _label_map(loss: str, outside: str) -> Tensor:
    """Return the label (256,) that the loss sees for every code.

    As released, outside and unknown are one ordinary class; where the dataset ignores what lies
    outside parcels, it is unknown.
    """
    labels = torch.arange(256)
    if loss == "released":
        labels[[NO_DATA, UNKNOWN]] = OUTSIDE
    elif outside == "ignore":
        labels[OUTSIDE] = UNKNOWN
    return labels


def _positive_weight(
    job: PretrainJob, session: Session, rules: PairRules, ctx: JobContext
) -> float:
    """Return the weight of positive pairs; raises `UserError` for what is no weight."""
    text = job.positive_weight.strip().lower()
    if text == "balanced":
        if job.loss == "released":
            ctx.note(f"The released loss weighs positive pairs by {RELEASED_WEIGHT}.")
            return RELEASED_WEIGHT
        return _balanced_weight(job, session, rules, ctx)
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not 0 < weight < math.inf:
        raise UserError(
            "positive_weight",
            f"positive_weight {job.positive_weight!r}",
            "it is neither a positive number nor balanced",
            "Use balanced, or a number such as 0.125.",
        )
    return weight


def _balanced_weight(
    job: PretrainJob, session: Session, rules: PairRules, ctx: JobContext
) -> float:
    """Return negatives / positives of the training split's pairs that count."""
    labels_of = _label_map(job.loss, session.dataset.outside)
    negatives = positives = 0
    for index in session.dataset.chips("training"):
        labels = labels_of[torch.from_numpy(session.training.get(index).labels).long()[None]]
        pairs = count_pairs(labels, job.window, job.stride, job.dilation, rules)
        negatives, positives = negatives + pairs[0], positives + pairs[1]
        ctx.check()
    if not negatives or not positives:
        raise UserError(
            "no_pairs",
            f"dataset {job.dataset}",
            f"its training chips hold {positives} neighbours of one class and {negatives} of two",
            "Pretraining needs both: use a larger area, larger chips or a wider window.",
        )
    weight = round(negatives / positives, 6)
    ctx.note(
        f"Positive pairs weigh {weight:.4g}: {negatives} negative to {positives} positive pairs."
    )
    return weight


def _collapse(job: PretrainJob, auc: float) -> Finding:
    return Finding(
        "pretraining_collapsed",
        f"model {job.output}",
        f"the pair AUC on validation is {auc:.2f}: neighbours of two crops look like those of one",
        "Use the loss cross-entropy, another positive weight or more epochs; fine-tuning from "
        "this model will gain little.",
        "warning",
    )
