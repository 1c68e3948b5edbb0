"""Fine-tuning for crop classification, from a pretrained network or from scratch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from cscl.context import JobContext
from cscl.contract.errors import Findings
from cscl.contract.jobs import FinetuneJob
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network
from cscl.models.store import LoadedModel, load_model
from cscl.training.batches import Batch, plain_batches
from cscl.training.output import save_trained
from cscl.training.session import Session, open_session
from cscl.training.validation import (
    PIXEL_LIMIT,
    class_figures,
    collect_logits,
    fit_temperature,
    label_lookup,
    labels_at,
)


class FinetuneTask:
    """The network's classifiers under masked cross-entropy, judged by mean IoU."""

    score = "mean_iou_of_heads"

    def __init__(self, network: CropNetwork, session: Session) -> None:
        self.module: CropNetwork = network.to(session.device)
        self.narrow = False
        self._session = session
        dataset = session.dataset
        self.codes = dataset.classes.network_codes(dataset.outside)
        self._lookup = label_lookup(self.codes, session.device)

    def logits(self, batch: Batch, narrow: bool | None = None) -> dict[int, Tensor]:
        """Return float32 logits (B, K, H * scale, W * scale) of every head.

        `narrow` None: as the task's steps run.
        """
        narrow = self.narrow if narrow is None else narrow
        kind = self._session.device.type
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=narrow):
            found = self.module.forward_all(batch.images, batch.days, batch.valid)
        return {scale: logits.float() for scale, logits in found.items()}

    def loss(self, batch: Batch, narrow: bool) -> Tensor:
        """Return the heads' mean of the cross-entropy over labelled pixels; 0 without any."""
        losses = []
        for scale, logits in self.logits(batch, narrow).items():
            wanted = self._lookup[labels_at(batch, scale).long()]
            total = functional.cross_entropy(logits, wanted, reduction="sum")
            losses.append(total / (wanted >= 0).sum().clamp_min(1))
        return torch.stack(losses).mean()

    def batches(self) -> Iterator[Batch]:
        """Yield the validation chips on the device."""
        session, dataset = self._session, self._session.dataset
        indices = dataset.chips("validation")
        size = session.plan.batch
        for batch in plain_batches(dataset, session.validation, indices, size):
            yield batch.to(session.device)

    def validate(self) -> Mapping[str, float]:
        """Return the figures of `class_figures` on the validation chips."""
        if not self._session.dataset.chips("validation"):
            return {}
        return class_figures(self.logits, self.batches(), self.codes, self.module.heads)


def finetune(job: FinetuneJob, ctx: JobContext) -> None:
    """Train a network to classify crops and write its model folder.

    With `job.model` it starts from all of that model's weights but the classifiers, without from
    random ones. The folder holds weights, card and `metrics.csv`. An interrupted run with the
    same output goes on from its last checkpoint. METHOD section 3.
    """
    session = open_session("finetune", job, ctx)
    pretrained = None if job.model is None else load_model(job.model)
    network = _initial_network(job, session, pretrained, ctx)
    task = FinetuneTask(network, session)
    origin = None if pretrained is None else pretrained.card.sha256
    loop = session.loop(task, ctx, {"pretrained": origin})
    loop.run()
    save_trained(
        session,
        loop,
        network,
        session.width if pretrained is None else pretrained.card.width,
        {"pretraining": None if pretrained is None else dict(pretrained.card.training)},
        ctx,
        temperatures=_temperatures(task, session),
    )


def _initial_network(
    job: FinetuneJob, session: Session, pretrained: LoadedModel | None, ctx: JobContext
) -> CropNetwork:
    dataset = session.dataset
    if pretrained is not None:
        _check_fits(job, session, pretrained)
    network = build_network(
        job.backbone,
        bands=len(dataset.bands),
        classes=len(dataset.classes.network_codes(dataset.outside)),
        width=session.width if pretrained is None else pretrained.card.width,
        heads=(1,) if job.resolution == "10" else (1, 4),
    )
    if pretrained is not None:
        network.load_body(pretrained.network.body_state())
        ctx.note(f"Training starts from the weights of {job.model}, classifiers excepted.")
    return network


def _check_fits(job: FinetuneJob, session: Session, pretrained: LoadedModel) -> None:
    """Raise one `UserError` with everything in which model and dataset or job differ."""
    card, dataset, findings = pretrained.card, session.dataset, Findings()
    subject = f"model {job.model}"
    if tuple(card.bands) != tuple(dataset.bands):
        findings.error(
            "model_bands",
            subject,
            f"it takes the bands {', '.join(card.bands)}, the dataset has "
            f"{', '.join(dataset.bands)}",
            "Pretrain on a dataset with the same bands.",
        )
    if card.architecture != job.backbone:
        findings.error(
            "model_backbone",
            subject,
            f"its backbone is {card.architecture}, the job asks for {job.backbone}",
            f"Use the backbone {card.architecture}.",
        )
    if job.width is not None and job.width != card.width:
        findings.error(
            "model_width",
            subject,
            f"its width is {card.width:g}, the job asks for {job.width:g}",
            f"Leave the width empty, or use {card.width:g}.",
        )
    if card.level and dataset.level and card.level != dataset.level:
        findings.error(
            "model_level",
            subject,
            f"it was pretrained on level {card.level}, the dataset is {dataset.level}",
            "Use images of one processing level.",
        )
    findings.raise_errors()


def _temperatures(task: FinetuneTask, session: Session) -> dict[str, float]:
    """Return the temperature of every head, fitted on the validation chips; 1 without any."""
    batches = -(-len(session.dataset.chips("validation")) // session.plan.batch)
    with torch.no_grad():
        found = collect_logits(
            task.logits, task.batches(), task.codes, PIXEL_LIMIT // max(1, batches)
        )
    fitted = {str(head): 1.0 for head in task.module.heads}
    return fitted | {str(head): fit_temperature(*pixels) for head, pixels in found.items()}
