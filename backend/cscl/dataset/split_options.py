"""What a job says about its split, checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass

from cscl.contract.errors import Findings
from cscl.contract.jobs import DatasetJob

FOLDS, FOLD = 5, 1


@dataclass(frozen=True)
class SplitOptions:
    """The split's kind and its settings; `folds` and `fold` have their defaults."""

    split: str
    field: str | None
    layer: str | None
    folds: int
    fold: int
    hold_out: str | None
    seed: int

    @classmethod
    def of(cls, job: DatasetJob) -> SplitOptions:
        """Return the options of a job; raises `UserError` with all that do not go together."""
        options = cls(
            split=job.split,
            field=job.split_field,
            layer=job.split_layer,
            folds=FOLDS if job.folds is None else job.folds,
            fold=FOLD if job.fold is None else job.fold,
            hold_out=job.hold_out,
            seed=job.seed,
        )
        findings = Findings()
        _check_needs(job, findings)
        if options.fold > options.folds:
            findings.error(
                "fold_too_high",
                f"fold {options.fold}",
                f"there are {options.folds} folds",
                f"Use 1 to {options.folds}, or more folds.",
            )
        findings.raise_errors()
        return options


def _check_needs(job: DatasetJob, findings: Findings) -> None:
    """Add an error for each setting that its split lacks, or that another split would ignore."""
    needed = {"field": ("split_field",), "layer": ("split_layer",)}.get(job.split, ())
    for name in needed:
        if getattr(job, name) is None:
            findings.error(
                "split_needs",
                f"split {job.split}",
                f"no {name} is given",
                f"Give --{name.replace('_', '-')}.",
            )
    belongs = {
        "split_field": "field",
        "split_layer": "layer",
        "folds": "folds",
        "fold": "folds",
        "hold_out": "blocks",
    }
    for name, split in belongs.items():
        if getattr(job, name) is not None and job.split != split:
            findings.error(
                "split_ignores",
                f"{name} {getattr(job, name)}",
                f"it goes with split {split}, not with split {job.split}",
                f"Use split {split}, or leave it out.",
            )
