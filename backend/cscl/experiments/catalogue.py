"""Every experiment by name. METHOD sections 2 to 4 say what is compared with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cscl.experiments.spec import Arm, Budget, Experiment, Ground

BOUNDARY = {"boundary_weight": 3.0}
JOINT_WEIGHT = 0.3
# Pretraining's share of the steps, long and brief: METHOD section 2.
BRIEF = 1 / 9
# Above about 5e-4 the linear forms drift to one direction (docs/training.md).
LINEAR = ("released", "masked")
LINEAR_RATE, CONTRAST_RATE = 5e-4, 1e-3
CONTRASTS = {
    "released": "CSCL as released",
    "masked": "CSCL, masked and balanced",
    "cross-entropy": "cross-entropy on the similarity",
    "local-info-nce": "local InfoNCE",
    "supervised-memory": "supervised contrast with memory",
}

SCRATCH = Arm("scratch", "cross-entropy from scratch, control (a)")
RESTART = Arm(
    "restart", "cross-entropy twice, classifier dropped, control (b)", {"loss": "classification"}
)
WEIGHTED = Arm("boundary", "boundary pixels weighted 3", second=BOUNDARY)
DICE = Arm(
    "dice",
    "log-cosh-Dice and cross-entropy, boundary pixels weighted 3",
    second={"objective": "log-cosh-dice", **BOUNDARY},
)


def pretrained(loss: str) -> Arm:
    """Return the arm that pretrains with a contrastive loss for a third of the steps."""
    title = f"pretraining: {CONTRASTS[loss]}"
    rate = LINEAR_RATE if loss in LINEAR else CONTRAST_RATE
    return Arm(f"pretrain-{loss}", title, {"loss": loss}, first_rate=rate)


def joint(loss: str) -> Arm:
    """Return the arm that trains with a contrastive loss beside the cross-entropy."""
    second = {"joint": JOINT_WEIGHT, "joint_loss": loss}
    return Arm(f"joint-{loss}", f"jointly, {JOINT_WEIGHT}: {CONTRASTS[loss]}", second=second)


def weighted(arm: Arm) -> Arm:
    """Return an arm with boundary pixels weighted 3 as well."""
    return replace(
        arm,
        name=f"{arm.name}-boundary",
        title=f"{arm.title}; boundary pixels weighted 3",
        second={**arm.second, **BOUNDARY},
    )


CONTEXT = Arm(
    "context",
    "alike neighbours of 9 x 9 pixels share their answers",
    second={"context": 9},
)
CONTEXT_JOINT = weighted(
    replace(
        joint("cross-entropy"),
        name="context-joint",
        title=f"{CONTEXT.title}; {joint('cross-entropy').title}",
        second={**joint("cross-entropy").second, **CONTEXT.second},
    )
)
COVER = weighted(
    Arm(
        "joint-cover",
        f"jointly, {JOINT_WEIGHT}: cross-entropy on the similarity, alike by common cover",
        second={"joint": JOINT_WEIGHT, "joint_loss": "cross-entropy", "labels": "cover"},
    )
)


def both_heads(arm: Arm, name: str, first: Mapping[str, Any] | None = None) -> Arm:
    """Return an arm whose second stage trains the 2.5 m head too."""
    return replace(
        arm,
        name=name,
        title=f"{arm.title}; both heads",
        first=None if arm.first is None else {**arm.first, **(first or {})},
        second={**arm.second, "resolution": "2.5"},
    )


BRIEFLY = replace(
    pretrained("cross-entropy"),
    name="brief-cross-entropy",
    title="brief pretraining, a ninth: cross-entropy on the similarity",
    first_share=BRIEF,
)
DEFAULT = replace(
    both_heads(CONTEXT_JOINT, "default"),
    title="as the product trains: brief pretraining, joint contrast, shared answers, both heads",
    first=BRIEFLY.first,
    first_rate=BRIEFLY.first_rate,
    first_share=BRIEFLY.first_share,
)
# The same without the joint contrast: what pretraining, and what the joint form, each bring to it.
DEFAULT_ALONE = replace(
    DEFAULT,
    name="both-brief-context-boundary",
    title="brief pretraining, shared answers, boundary pixels weighted 3; both heads",
    second=both_heads(weighted(CONTEXT), "").second,
)
# Control (c) by what is made: maps at 10 m, and at both resolutions.
SECONDS = Arm(
    "scratch-seconds",
    "cross-entropy from scratch, as many seconds as `context-joint-boundary`, control (c)",
    seconds_of="context-joint-boundary",
)
BOTH_SECONDS = replace(
    both_heads(SCRATCH, "both-seconds"),
    title="cross-entropy from scratch, both heads, as many seconds as `default`, control (c)",
    seconds_of="default",
)
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
    DEFAULT,
    DEFAULT_ALONE,
    BOTH_SECONDS,
)
QUESTION = (
    "Does context-self contrast give better boundaries than plain training with the same steps, "
    "and does it add anything to boundary-weighted cross-entropy?"
)
REFERENCES = ("restart", "boundary")
# With control (c), for what is made at both resolutions.
ALL_REFERENCES = (*REFERENCES, "both-seconds")
SHORT, LONG = Budget(steps=300), Budget(steps=1200)
FINAL_ARMS = (
    SCRATCH,
    RESTART,
    WEIGHTED,
    weighted(joint("cross-entropy")),
    COVER,
    both_heads(SCRATCH, "both"),
    both_heads(WEIGHTED, "both-boundary"),
    both_heads(COVER, "both-joint-cover-boundary"),
    CONTEXT,
    weighted(CONTEXT),
    CONTEXT_JOINT,
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
    Experiment("arms", "All arms, a few epochs", QUESTION, MAIN_ARMS, ALL_REFERENCES, budget=SHORT),
    Experiment(
        "arms-long", "All arms, tens of epochs", QUESTION, MAIN_ARMS, ALL_REFERENCES, budget=LONG
    ),
    Experiment(
        "second-family",
        "Final arms on the second family of scenes",
        "Do the effects hold in another climate, with other fields and another point spread?",
        FINAL_ARMS,
        REFERENCES,
        ground=Ground(family="continental"),
        budget=SHORT,
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
