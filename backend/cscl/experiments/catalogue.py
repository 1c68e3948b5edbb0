"""Every experiment by name. METHOD sections 2 to 4 say what is compared with what."""

from __future__ import annotations

from dataclasses import replace

from cscl.experiments.arms import (
    BOTH_SECONDS,
    BRIEFLY,
    CONTEXT,
    CONTEXT_JOINT,
    COVER,
    DEFAULT,
    DEFAULT_ALONE,
    DICE,
    RESTART,
    SCRATCH,
    SECONDS,
    WEIGHTED,
    both_heads,
    joint,
    pretrained,
    weighted,
)
from cscl.experiments.spec import Arm, Budget, Experiment, Ground
from cscl.experiments.tuning import BEST, CHOSEN_BY, TRIALS, with_trial

MAIN_ARMS = (
    SCRATCH,
    RESTART,
    WEIGHTED,
    weighted(joint("cross-entropy")),
    COVER,
    both_heads(SCRATCH, "both"),
    both_heads(WEIGHTED, "both-boundary"),
    both_heads(COVER, "both-joint-cover-boundary"),
    pretrained("released"),
    pretrained("cross-entropy"),
    weighted(BRIEFLY),
    SECONDS,
    pretrained("masked"),
    BRIEFLY,
    DICE,
    joint("cross-entropy"),
    pretrained("local-info-nce"),
    pretrained("supervised-memory"),
    joint("released"),
    joint("masked"),
    joint("local-info-nce"),
    joint("supervised-memory"),
    CONTEXT,
    weighted(CONTEXT),
    CONTEXT_JOINT,
    both_heads(weighted(CONTEXT), "both-context-boundary"),
    both_heads(CONTEXT_JOINT, "both-context-joint-boundary"),
)
QUESTION = (
    "Does context-self contrast give better boundaries than plain training with the same steps, "
    "and does it add anything to boundary-weighted cross-entropy?"
)
# The product's default, what it is made of, and what it has to beat.
DEFAULT_ARMS = (
    SCRATCH,
    RESTART,
    WEIGHTED,
    weighted(CONTEXT),
    CONTEXT_JOINT,
    both_heads(CONTEXT_JOINT, "both-context-joint-boundary"),
    DEFAULT_ALONE,
    DEFAULT,
    BOTH_SECONDS,
)
DEFAULT_QUESTION = (
    "Does what the product trains by default give better boundaries than plain training with as "
    "many seconds, and than boundary-weighted cross-entropy with as many steps?"
)
REFERENCES = ("restart", "boundary")
SHORT, LONG = Budget(steps=300), Budget(steps=1200)
FINAL_ARMS = (
    SCRATCH,
    RESTART,
    WEIGHTED,
    COVER,
    both_heads(WEIGHTED, "both-boundary"),
    weighted(CONTEXT),
    DEFAULT,
    BOTH_SECONDS,
)


def _varied(name: str, title: str, values: tuple[object, ...], option: str) -> tuple[Arm, ...]:
    """Return the weighted joint arm with one option of the contrast set to each value."""
    base = weighted(joint("cross-entropy"))
    return tuple(
        replace(
            base,
            name=f"{name}-{value}",
            title=f"{title} {value}",
            second={**base.second, option: value},
        )
        for value in values
    )


def _context(side: int) -> Arm:
    base = weighted(CONTEXT)
    title = base.title.replace("9 x 9", f"{side} x {side}")
    return replace(
        base, name=f"context-{side}", title=title, second={**base.second, "context": side}
    )


def _pretraining(name: str, title: str, first: dict[str, object]) -> Arm:
    base = pretrained("cross-entropy")
    return replace(base, name=name, title=title, first={**(base.first or {}), **first})


def _shares(arm: Arm) -> tuple[Arm, ...]:
    """Return an arm with less and less of the training chips' labels."""
    return tuple(
        replace(
            arm,
            name=f"{arm.name}-1/{part}".replace("/", "of"),
            title=f"{arm.title}; labels of 1/{part} of the chips",
            first=None if arm.first is None else {**arm.first, "label_share": 1 / part},
            second={**arm.second, "label_share": 1 / part},
        )
        for part in (64, 16, 4, 1)
    )


def _on(backbone: str, arm: Arm) -> Arm:
    first = None if arm.first is None else {**arm.first, "backbone": backbone}
    return replace(
        arm,
        name=f"{backbone}-{arm.name}",
        title=f"{backbone}: {arm.title}",
        first=first,
        second={**arm.second, "backbone": backbone},
    )


_LIST = (
    Experiment("arms", "All arms, a few epochs", QUESTION, MAIN_ARMS, REFERENCES, budget=SHORT),
    Experiment(
        "arms-long", "All arms, tens of epochs", QUESTION, MAIN_ARMS, REFERENCES, budget=LONG
    ),
    Experiment(
        "default",
        "What the product trains, a few epochs",
        DEFAULT_QUESTION,
        DEFAULT_ARMS,
        ("boundary", "both-seconds"),
        budget=SHORT,
    ),
    Experiment(
        "default-long",
        "What the product trains, tens of epochs",
        DEFAULT_QUESTION,
        DEFAULT_ARMS,
        ("boundary", "both-seconds"),
        budget=LONG,
    ),
    Experiment(
        "tuning",
        "Six trials for each contrastive loss",
        "Which weight, window and temperature suit each loss that is trained jointly, as the "
        "validation scene has it?",
        tuple(trial for trials in TRIALS.values() for trial in trials),
        (),
        seeds=(1, 2),
        budget=SHORT,
        chosen_by=CHOSEN_BY,
    ),
    Experiment(
        "rivals",
        "Each contrastive loss at its best trial",
        "Which loss trained jointly gives the best boundaries, each as its trials were chosen by "
        "validation, and which would in the product's default?",
        (WEIGHTED, *BEST, DEFAULT, *(with_trial(trial) for trial in BEST)),
        ("boundary", "default"),
        budget=SHORT,
    ),
    Experiment(
        "rivals-long",
        "Each contrastive loss in the product's default, tens of epochs",
        "Which loss trained jointly would give the product's default the best boundaries after "
        "more steps?",
        (WEIGHTED, DEFAULT, *(with_trial(trial) for trial in BEST)),
        ("boundary", "default"),
        budget=LONG,
    ),
    Experiment(
        "second-family",
        "Final arms on the second family of scenes",
        "Do the effects hold in another climate, with other fields and another point spread?",
        FINAL_ARMS,
        ("restart", "boundary", "both-seconds"),
        ground=Ground(family="continental"),
        budget=SHORT,
    ),
    Experiment(
        "second-family-long",
        "What the product trains on the second family of scenes, tens of epochs",
        DEFAULT_QUESTION,
        (RESTART, WEIGHTED, DEFAULT, BOTH_SECONDS),
        ("restart", "boundary", "both-seconds"),
        ground=Ground(family="continental"),
        budget=LONG,
    ),
    Experiment(
        "backbones",
        "The other backbones",
        "Does pretraining with the similarity's cross-entropy beat control (b) on each backbone?",
        tuple(
            _on(backbone, arm)
            for backbone in ("unet3d", "unet2d-clstm", "utae", "tsvit")
            for arm in (RESTART, BRIEFLY)
        ),
        (),
        seeds=(1, 2, 3),
        budget=SHORT,
    ),
    Experiment(
        "super-resolution",
        "Maps at 2.5 m",
        "Which way to a 2.5 m map is best, scored at 2.5 m against the true 2.5 m classes?",
        (
            SCRATCH,
            BRIEFLY,
            both_heads(SCRATCH, "4x-scratch"),
            both_heads(BRIEFLY, "4x-pretrain-1x"),
            both_heads(BRIEFLY, "4x-pretrain-4x", {"scale": "4"}),
            both_heads(BRIEFLY, "4x-pretrain-4x-dilated", {"scale": "4", "dilation": 4}),
            both_heads(WEIGHTED, "4x-boundary"),
            both_heads(COVER, "4x-joint-cover-boundary"),
        ),
        ("scratch, 1x logits", "4x-scratch, 4x"),
        seeds=(1, 2, 3),
        budget=SHORT,
        resolution="2.5",
        methods=("1x classes", "1x logits", "4x", "ceiling", "parcel vote"),
    ),
    Experiment(
        "ablation-window",
        "Window of the joint contrast",
        "How far should the context reach?",
        _varied("window", "jointly with boundary weights, window", (3, 5, 7), "window")
        + _varied("dilation", "jointly with boundary weights, dilation", (2, 4), "dilation"),
        ("window-3",),
        seeds=(1, 2),
        budget=SHORT,
    ),
    Experiment(
        "ablation-context",
        "How far neighbours share their answers",
        "How far away may the neighbours be that share their answers?",
        (WEIGHTED, *(_context(side) for side in (3, 5, 9, 13))),
        ("boundary",),
        seeds=(1, 2),
        budget=SHORT,
    ),
    Experiment(
        "ablation-pretraining",
        "What pretraining is made of",
        "Which parts of the pretraining matter, one at a time?",
        (
            pretrained("cross-entropy"),
            _pretraining("stride-2", "stride 2", {"stride": 2}),
            _pretraining("no-position", "no relative position", {"relative_position": False}),
            _pretraining("parcel-labels", "parcels as labels", {"labels": "parcel"}),
            _pretraining("boundary-anchors", "boundary anchors alone", {"anchors": "boundary"}),
            _pretraining("balanced-anchors", "as many anchors of each", {"anchors": "balanced"}),
            _pretraining("weight-0.125", "positive weight 0.125", {"positive_weight": "0.125"}),
            _pretraining("weight-1", "positive weight 1", {"positive_weight": "1"}),
        ),
        ("pretrain-cross-entropy",),
        seeds=(1, 2),
        budget=SHORT,
    ),
    Experiment(
        "pretraining-steps",
        "Few and many steps of pretraining",
        "How much of the steps should go into pretraining?",
        tuple(
            replace(
                pretrained("cross-entropy"),
                name=f"share-{percent}",
                title=f"{percent} % of the steps",
                first_share=percent / 100,
            )
            for percent in (3, 11, 33, 66)
        ),
        ("share-33",),
        seeds=(1, 2),
        budget=SHORT,
    ),
    Experiment(
        "labels",
        "Share of labels",
        "Does the contrast help more where labels are few?",
        _shares(WEIGHTED) + _shares(weighted(joint("cross-entropy"))),
        (),
        seeds=(1, 2, 3),
        budget=SHORT,
    ),
)
EXPERIMENTS = {experiment.name: experiment for experiment in _LIST}
