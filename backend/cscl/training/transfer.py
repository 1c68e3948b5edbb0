"""What fine-tuning takes over from another model: all that fits, and it says what does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cscl.context import JobContext
from cscl.contract.codes import OUTSIDE
from cscl.contract.errors import Findings
from cscl.contract.jobs import FinetuneJob
from cscl.contract.resolutions import heads_of, resolution_of
from cscl.models.card import ModelCard
from cscl.models.checkpointing import use_checkpoints
from cscl.models.network import CropNetwork
from cscl.models.registry import build_network
from cscl.models.store import LoadedModel
from cscl.series.choice import SeriesChoice, choice_of
from cscl.training.session import Session


@dataclass(frozen=True)
class Shape:
    """What a network is built for."""

    backbone: str
    width: float
    bands: tuple[str, ...]
    classes: tuple[str, ...]
    heads: tuple[int, ...]

    def build(self, *, more_bands: int = 0, more_classes: int = 0) -> CropNetwork:
        """Return a fresh network, of more bands or classes if asked for."""
        return build_network(
            self.backbone,
            bands=len(self.bands) + more_bands,
            classes=len(self.classes) + more_classes,
            width=self.width,
            heads=self.heads,
        )

    def axes_of_bands(self) -> dict[str, int]:
        """Return which axis of which tensor of the body has one place for each band."""
        return self._grown(more_bands=1)

    def tensors_of_classes(self) -> set[str]:
        """Return the names of the body's tensors that belong to the classes."""
        return set(self._grown(more_classes=1))

    def _grown(self, *, more_bands: int = 0, more_classes: int = 0) -> dict[str, int]:
        with torch.device("meta"):
            here = self.build().body_state()
            there = self.build(more_bands=more_bands, more_classes=more_classes).body_state()
        found = {}
        for name, tensor in here.items():
            pairs = zip(tensor.shape, there[name].shape, strict=True)
            axis = next((at for at, (a, b) in enumerate(pairs) if a != b), None)
            if axis is not None:
                found[name] = axis
        return found


def initial_network(
    job: FinetuneJob, session: Session, pretrained: LoadedModel | None, ctx: JobContext
) -> CropNetwork:
    """Return the network that fine-tuning starts from, and note what it has from `pretrained`.

    Kept are all weights of the body; where the bands differ, those of the first layer that belong
    to bands which both have; and, from a fine-tuned model, the classifiers' rows of classes with
    the same name. Raises `UserError` where backbone, width or level differ.
    """
    if pretrained is not None:
        _check_fits(job, session, pretrained)
    dataset = session.dataset
    shape = Shape(
        job.backbone,
        session.width if pretrained is None else pretrained.card.width,
        tuple(dataset.bands),
        class_names(session.codes, dict(zip(dataset.classes.codes, dataset.classes.names,
                                            strict=True))),
        heads_of(job.resolution),
    )  # fmt: skip
    network = shape.build()
    if job.checkpointing:
        use_checkpoints(network)
    if pretrained is not None:
        kept = _take_over(network, shape, pretrained)
        own = SeriesChoice.of(dataset.grids[0].series())
        other = choice_of(pretrained.card, job.model)
        if own != other:
            ctx.note(f"{job.model} was trained on {other}; the dataset has {own}.")
        ctx.note(f"Training starts from the weights of {job.model}: {'; '.join(kept)}.")
    return network


def class_names(codes: Sequence[int], names: Mapping[int, str]) -> tuple[str, ...]:
    """Return the name of each code; land outside parcels has one of its own."""
    return tuple("outside parcels" if code == OUTSIDE else names[code] for code in codes)


def _take_over(network: CropNetwork, shape: Shape, pretrained: LoadedModel) -> list[str]:
    """Copy what fits into `network`; return in words what was kept and what is new."""
    card = pretrained.card
    state, told = pretrained.network.body_state(), ["the body is kept"]
    own = network.body_state()
    if tuple(card.bands) != shape.bands:
        axes = shape.axes_of_bands()
        for name, axis in axes.items():
            state[name] = _by_band(own[name], state[name], axis, shape.bands, card.bands)
        told.append(_shared_and_new("band", shape.bands, card.bands))
    names = _card_names(card)
    if names != shape.classes:
        new = sorted(shape.tensors_of_classes() & state.keys())
        state |= {name: own[name] for name in new}
        told += [f"{', '.join(new)} new, as they belong to the classes"] if new else []
    network.load_body(state)
    fine = [resolution_of(scale) for scale in shape.heads if scale > trained_scale(card)]
    told += [f"what refines its map to {' and '.join(fine)} m is new"] if fine else []
    if card.stage != "finetuned":
        return [*told, "the classifiers are new"]
    for scale, classifier in network.classifiers.items():
        if scale in pretrained.network.classifiers:
            source = pretrained.network.classifiers[scale]
            _copy_rows(classifier.state_dict(), source.state_dict(), shape.classes, names)
    return [*told, _shared_and_new("class", shape.classes, names)]


def trained_scale(card: ModelCard) -> int:
    """Return the finest scale whose features the model was trained with.

    A pretrained model has those of finer heads too where it learnt at 10 m alone: they are as they
    were drawn.
    """
    if card.stage == "finetuned":
        return max(card.heads)
    return int(card.training.get("scale", 1))


def _card_names(card: ModelCard) -> tuple[str, ...]:
    table = dict(zip(card.classes.codes, card.classes.names, strict=True))
    return class_names(card.codes, table)


def _by_band(
    own: Tensor, other: Tensor, axis: int, bands: Sequence[str], others: Sequence[str]
) -> Tensor:
    """Return `own` with the places of shared bands, and what follows the bands, from `other`."""
    result = own.clone()
    places = [(at, others.index(band)) for at, band in enumerate(bands) if band in others]
    extra = own.shape[axis] - len(bands)
    places += [(len(bands) + at, len(others) + at) for at in range(extra)]
    for here, there in places:
        result.select(axis, here).copy_(other.select(axis, there))
    return result


@torch.no_grad()
def _copy_rows(
    own: Mapping[str, Tensor],
    other: Mapping[str, Tensor],
    names: Sequence[str],
    others: Sequence[str],
) -> None:
    for here, name in enumerate(names):
        if name in others:
            for key, tensor in own.items():
                tensor[here].copy_(other[key][others.index(name)])


def _shared_and_new(noun: str, names: Sequence[str], others: Sequence[str]) -> str:
    """Return which of `names` are kept and which are new, in words."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    kept = [name for name in names if name in others]
    new = [name for name in names if name not in others]
    parts = [f"{plural} kept: {', '.join(kept) or 'none'}"]
    return ", ".join([*parts, *([f"new: {', '.join(new)}"] if new else [])])


def _check_fits(job: FinetuneJob, session: Session, pretrained: LoadedModel) -> None:
    """Raise one `UserError` with everything in which model and dataset or job must not differ."""
    card, dataset, findings = pretrained.card, session.dataset, Findings()
    subject = f"model {job.model}"
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
