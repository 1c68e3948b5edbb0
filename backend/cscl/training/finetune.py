"""Fine-tuning for crop classification, from a pretrained network or from scratch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cscl import processes
from cscl.context import JobContext
from cscl.contract.errors import UserError
from cscl.contract.jobs import FinetuneJob
from cscl.contract.resolutions import resolution_of
from cscl.dataset.reader import Dataset
from cscl.models.network import CropNetwork
from cscl.models.store import load_model
from cscl.training.boundaries import Boundaries
from cscl.training.classification import ClassificationTask
from cscl.training.contrast import (
    ContrastiveTerm,
    ContrastOptions,
    contrastive_term,
    prepare_kernel,
)
from cscl.training.objectives import Objective, balanced_weights
from cscl.training.output import save_trained
from cscl.training.presets import Preset
from cscl.training.sampling import chip_weights, class_counts, label_counts
from cscl.training.session import Session, open_session
from cscl.training.sharing import choose_context
from cscl.training.transfer import initial_network, trained_scale


def finetune(
    job: FinetuneJob,
    ctx: JobContext,
    *,
    preset: Preset | None = None,
    dataset: Dataset | None = None,
) -> None:
    """Train a network to classify crops and write its model folder.

    With `job.model` it starts from that model's weights (`cscl.training.transfer` says which),
    without from random ones. In the end it is chosen how neighbours share their answers, and the
    projections of the boundary strength are fitted. The folder holds weights, card and
    `metrics.csv`. An interrupted run with the same output goes on from its last checkpoint.
    `preset` and `dataset` take the place of those that the job names. METHOD section 3.
    """
    job = _checked(job, ctx)
    session = open_session("finetune", job, ctx, preset, dataset)
    pretrained = None if job.model is None else load_model(job.model)
    network = initial_network(job, session, pretrained, ctx)
    objective = _objective(job, session, ctx)
    joint, weights = _joint(job, session, network, ctx)
    # Without a joint loss the boundary strength needs it in the end.
    prepare_kernel(session, ctx)
    frozen = trained_scale(pretrained.card) if job.freeze and pretrained is not None else None
    task = ClassificationTask(
        network, session, objective, joint=joint, joint_weight=job.joint, frozen=frozen
    )
    chances = chip_weights(job.sampling, session.dataset, session.training, ctx)
    origin = None if pretrained is None else pretrained.card.sha256
    identity = {"pretrained": origin, "joint_positive_weights": list(weights.values())}
    loop = session.loop(task, ctx, identity, chances)
    loop.run()
    if processes.number() != 0:
        return
    details = {
        "pretraining": None if pretrained is None else dict(pretrained.card.training),
        "objective": _record(objective),
        "joint": _joint_record(job, weights),
        "freeze": job.freeze,
        "sampling": {
            "kind": job.sampling,
            "weights": None if chances is None else [round(float(item), 4) for item in chances],
        },
    }
    details["context"] = choose_context(task, job.context, ctx)
    temperatures = task.temperatures()
    details["parcel_temperature"] = task.parcel_temperature(temperatures.get("1", 1.0))
    width = session.width if pretrained is None else pretrained.card.width
    boundaries = Boundaries(task, temperatures, loop.progress.step, ctx)
    boundaries.run({scale: term.criterion for scale, term in joint.items()})
    save_trained(
        session,
        loop,
        network,
        width,
        details,
        ctx,
        temperatures=temperatures,
        losses=boundaries.losses,
        boundary=boundaries.record,
    )


def _checked(job: FinetuneJob, ctx: JobContext) -> FinetuneJob:
    """Return the job without what does not go together, which is said.

    Raises `UserError` where there is nothing to freeze.
    """
    if job.freeze and job.model is None:
        raise UserError(
            "nothing_to_freeze",
            "freeze",
            "there is no pretrained model",
            "Give a pretrained model: what is frozen learns nothing.",
        )
    if job.freeze and job.joint:
        ctx.note("What is frozen learns nothing from a joint loss: it is left out.")
        return replace(job, joint=0.0)
    return job


def _objective(job: FinetuneJob, session: Session, ctx: JobContext) -> Objective:
    plain = Objective(session.codes, job.objective, None, job.boundary_weight, job.cover)
    if job.class_weights == "none":
        return plain
    counts = label_counts(session.dataset, session.training, ctx)
    return replace(plain, class_weights=balanced_weights(class_counts(counts, session.codes)))


def _joint(
    job: FinetuneJob, session: Session, network: CropNetwork, ctx: JobContext
) -> tuple[dict[int, ContrastiveTerm], dict[int, float | None]]:
    """Return the contrastive terms of all heads by scale, and their weights of positive pairs.

    A head without pairs to compare goes without, which is said: classes can be learned still.
    """
    terms, weights = {}, {}
    for scale in network.heads if job.joint else ():
        options = ContrastOptions.of_joint(job)
        try:
            built = contrastive_term(options, scale, network.channels, session, ctx)
        except UserError as error:
            if error.code != "no_pairs":
                raise
            for finding in error.findings:
                remedy = (
                    f"The head at {resolution_of(scale)} m learns without the joint loss. "
                    f"{finding.remedy}"
                )
                ctx.warn(replace(finding, remedy=remedy, severity="warning"))
            continue
        terms[scale], weights[scale] = built
    return terms, weights


def _record(objective: Objective) -> dict[str, Any]:
    return {
        "name": objective.name,
        "boundary_weight": objective.boundary_weight,
        "cover": objective.cover,
        "class_weights": None
        if objective.class_weights is None
        else [round(item, 6) for item in objective.class_weights],
    }


def _joint_record(job: FinetuneJob, weights: dict[int, float | None]) -> dict[str, Any] | None:
    if not weights:
        return None
    return {
        "weight": job.joint,
        "loss": job.joint_loss,
        "labels": job.labels,
        "positive_weights": {str(scale): weight for scale, weight in weights.items()},
    }
