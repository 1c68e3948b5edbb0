"""Pretraining with a contrastive loss, or with classification as its control."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from cscl import processes
from cscl.context import JobContext
from cscl.contract.errors import Finding
from cscl.contract.jobs import PretrainJob
from cscl.dataset.reader import Dataset
from cscl.losses import effective_rank, pair_auc
from cscl.models.card_checks import HEADS
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network
from cscl.training.batches import Batch, labels_at
from cscl.training.classification import ClassificationTask
from cscl.training.contrast import (
    ContrastiveTerm,
    ContrastOptions,
    contrastive_term,
    prepare_kernel,
)
from cscl.training.objectives import Objective, label_lookup
from cscl.training.output import save_trained
from cscl.training.presets import Preset
from cscl.training.session import Session, open_session
from cscl.training.task import NetworkTask

COLLAPSE_AUC = 0.6
COLLAPSE_RANK = 3.0
PAIR_LIMIT = 400_000
RANK_PIXELS = 20_000


class PretrainTask(NetworkTask):
    """The network's map at one scale under a contrastive term, judged by the pair AUC."""

    score = "pair_auc"

    def __init__(self, network: CropNetwork, term: ContrastiveTerm, session: Session) -> None:
        self.term = term
        super().__init__(network, {"term": term}, session)

    def _map(self, batch: Batch, narrow: bool) -> Tensor:
        return self.maps(batch, narrow, (self.term.scale,))[self.term.scale].float()

    def loss(self, batch: Batch, narrow: bool) -> Tensor:
        """Return this process's share of the mean loss over what counts in the batch."""
        return self.term.share(self._map(batch, narrow), batch)

    def validate(self) -> Mapping[str, float]:
        """Return loss, pair AUC, mean similarity of both kinds of pairs, and effective rank.

        The rank is that of the vectors of labelled pixels, from 1 to their channels.
        """
        scores, kinds, vectors, total, count = [], [], [], 0.0, 0.0
        indices = self.session.dataset.chips("validation")
        batches = max(1, math.ceil(len(indices) / self.chips))
        for batch in self.batches():
            features = self._map(batch, self.narrow)
            result = self.term(features, batch)
            total += float(result.total)
            count += float(result.count)
            part, kind = self.term.scores(features, batch, PAIR_LIMIT // batches)
            scores.append(part.cpu())
            kinds.append(kind.cpu())
            vectors.append(self._labelled(features, batch, RANK_PIXELS // batches).cpu())
        if not scores or not count:
            return {}
        all_scores, all_kinds = torch.cat(scores), torch.cat(kinds)
        return {
            "loss": total / count,
            "pair_auc": pair_auc(all_scores, all_kinds),
            "similarity_of_positives": float(all_scores[all_kinds].mean()),
            "similarity_of_negatives": float(all_scores[~all_kinds].mean()),
            "effective_rank": effective_rank(torch.cat(vectors).T[None]),
        }

    def _labelled(self, features: Tensor, batch: Batch, limit: int) -> Tensor:
        """Return the vectors (N, D) of at most `limit` labelled pixels, evenly spaced."""
        lookup = label_lookup(self.session.codes, features.device)
        known = lookup[labels_at(batch, self.term.scale).long()] >= 0
        vectors = features.movedim(1, -1)[known]
        return vectors[:: max(1, -(-len(vectors) // max(1, limit)))]


def pretrain(
    job: PretrainJob,
    ctx: JobContext,
    *,
    preset: Preset | None = None,
    dataset: Dataset | None = None,
) -> None:
    """Pretrain a network on a dataset's training split and write its model folder.

    The folder holds the weights and card of a network whose classifiers are untrained, and
    `metrics.csv`. An interrupted run with the same output goes on from its last checkpoint.
    `preset` and `dataset` take the place of those that the job names. METHOD sections 1 and 3.
    """
    session = open_session("pretrain", job, ctx, preset, dataset)
    scale = int(job.scale)
    network = build_network(
        job.backbone,
        bands=len(session.dataset.bands),
        classes=len(session.codes),
        width=session.width,
        heads=(1, scale) if scale > 1 else HEADS,
        checkpointing=job.checkpointing,
    )
    if job.loss == "classification":
        _classify(job, session, network, ctx)
    else:
        _contrast(job, session, network, ctx)


def _contrast(job: PretrainJob, session: Session, network: CropNetwork, ctx: JobContext) -> None:
    options = ContrastOptions.of_pretraining(job)
    scale = int(job.scale)
    term, weight = contrastive_term(options, scale, network.channels, session, ctx)
    prepare_kernel(session, ctx)
    task = PretrainTask(network, term, session)
    loop = session.loop(task, ctx, {"positive_weight": weight})
    progress = loop.run()
    if processes.number() != 0:
        return
    finding = _collapse(job, progress.records.at(progress.best_step, "validation"))
    if finding is not None:
        ctx.warn(finding)
    details = {"loss": job.loss, "scale": scale, "positive_weight": weight}
    losses = {scale: term.criterion}
    save_trained(session, loop, network, session.width, details, ctx, losses=losses)


def _classify(job: PretrainJob, session: Session, network: CropNetwork, ctx: JobContext) -> None:
    """Train as METHOD's control (b): two stages, with classification in the first.

    The classifier is dropped when fine-tuning starts from this model, as after any pretraining.
    """
    scale = int(job.scale)
    objective = Objective(session.codes, boundary_weight=job.boundary_weight)
    task = ClassificationTask(network, session, objective, scales=(scale,))
    loop = session.loop(task, ctx, {})
    loop.run()
    if processes.number() == 0:
        details = {"loss": job.loss, "scale": scale, "boundary_weight": job.boundary_weight}
        save_trained(session, loop, network, session.width, details, ctx)


def _collapse(job: PretrainJob, figures: Mapping[str, float]) -> Finding | None:
    """Return a warning where the figures of validation tell of a collapsed embedding."""
    auc, rank = figures.get("pair_auc", 1.0), figures.get("effective_rank", math.inf)
    found = []
    if auc < COLLAPSE_AUC:
        found.append(
            f"the pair AUC on validation is {auc:.2f}: neighbours of two crops look like those "
            "of one"
        )
    if rank < COLLAPSE_RANK:
        found.append(f"the embedding's effective rank on validation is {rank:.1f}")
    if not found:
        return None
    return Finding(
        "pretraining_collapsed",
        f"model {job.output}",
        "; ".join(found),
        "Use the loss cross-entropy, another positive weight or more epochs; fine-tuning from "
        "this model will gain little.",
        "warning",
    )
