"""The arms that experiments on scenes compare. METHOD section 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cscl.experiments.spec import Arm

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
