"""The card that travels with a model: everything one must know to use its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cscl.contract.classes import ClassTable
from cscl.contract.errors import Finding, Findings, UserError
from cscl.contract.version import VERSION
from cscl.models.card_checks import (
    BOUNDARY_SOURCES,
    HEADS,
    SCHEMA_VERSION,
    check_keys,
    check_values,
    check_version,
)
from cscl.models.context import Context

UNLIKE_SPREADS = 5.0
UNLIKE_RATIO = 20.0


@dataclass(frozen=True)
class ModelCard:
    """Everything about a model but its weights.

    `bands` in the network's order with `mean` and `std` in reflectance; `season` as two MM-DD,
    recurring, with `year` the harvest year of training; `context` how neighbours share their
    answers (`cscl.models.context`), None on older cards; `residual` whether finer heads add
    detail to that at 10 m, False on older cards; `temperatures` by scale ("1", "2", "4"), 1
    where not fitted; `losses` by scale the options of the losses whose projections the model keeps;
    `boundary` by scale which boundary strength is mapped, its average precision on validation and
    the projections' offsets (`cscl.models.boundary`), empty on older cards; `series` how clouds
    were masked and dates became frames, empty on older cards; `training` is the record of how it
    came about, free in form. `sha256` is that of the weights file, filled in when saving.
    """

    bands: tuple[str, ...]
    level: str
    season: tuple[str, str]
    year: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: ClassTable
    outside: str
    architecture: str = "unet3df"
    width: float = 1.0
    heads: tuple[int, ...] = HEADS
    context: Context | None = None
    residual: bool = True
    stage: str = "finetuned"
    temperatures: Mapping[str, float] = field(default_factory=dict)
    losses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    boundary: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    series: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""

    @property
    def codes(self) -> tuple[int, ...]:
        """The class code of each output of the network."""
        return self.classes.network_codes(self.outside)

    def temperature(self, scale: int) -> float:
        """Return the factor by which the logits at this scale are divided."""
        return float(self.temperatures.get(str(scale), 1.0))

    def boundary_source(self, scale: int) -> str:
        """Return which boundary strength is mapped at this scale."""
        return str(self.boundary.get(str(scale), {}).get("source", BOUNDARY_SOURCES[0]))

    def with_sha256(self, digest: str) -> ModelCard:
        """Return the card for a weights file with this SHA-256."""
        return replace(self, sha256=digest)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "schema_version": SCHEMA_VERSION,
            "package": VERSION,
            "architecture": self.architecture,
            "width": self.width,
            "heads": list(self.heads),
            "context": {} if self.context is None else self.context.to_json(),
            "residual": self.residual,
            "stage": self.stage,
            "bands": list(self.bands),
            "level": self.level,
            "season": list(self.season),
            "year": self.year,
            "mean": list(self.mean),
            "std": list(self.std),
            "classes": self.classes.to_json(),
            "outside": self.outside,
            "temperatures": dict(self.temperatures),
            "losses": {scale: dict(options) for scale, options in self.losses.items()},
            "boundary": {scale: dict(entry) for scale, entry in self.boundary.items()},
            "series": dict(self.series),
            "training": dict(self.training),
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, value: Any, subject: object = "model card") -> ModelCard:
        """Return the card that `to_json` wrote; `UserError` with everything that is wrong."""
        findings = Findings()
        check_version(value, subject)
        check_keys(value, subject, findings)
        findings.raise_errors()
        check_values(value, subject, findings)
        findings.raise_errors()
        return cls(
            bands=tuple(value["bands"]),
            level=value["level"],
            season=(value["season"][0], value["season"][1]),
            year=value["year"],
            mean=tuple(map(float, value["mean"])),
            std=tuple(map(float, value["std"])),
            classes=ClassTable.from_json(value["classes"], subject),
            outside=value["outside"],
            architecture=value["architecture"],
            width=float(value["width"]),
            heads=tuple(value["heads"]),
            context=Context.from_json(value.get("context", {})),
            residual=value.get("residual", False),
            stage=value["stage"],
            temperatures={key: float(item) for key, item in value["temperatures"].items()},
            losses=value["losses"],
            boundary=value.get("boundary", {}),
            series=value.get("series", {}),
            training=value["training"],
            sha256=value["sha256"],
        )

    def require_finetuned(self, subject: object) -> None:
        """Raise `UserError` where the model has been pretrained only and knows no classes."""
        if self.stage != "finetuned":
            raise UserError(
                "model_not_finetuned",
                subject,
                "the model has been pretrained only, its classifier is untrained",
                "Fine-tune it first, and give the fine-tuned model.",
            )

    def require_head(self, scale: int, subject: object) -> None:
        """Raise `UserError` where the model has no head at this scale."""
        if scale not in self.heads:
            here = " and ".join(f"{10 / head:g} m" for head in self.heads)
            raise UserError(
                "model_lacks_resolution",
                subject,
                f"the model answers at {here}, not at {10 / scale:g} m",
                "Choose another resolution, or a model trained with a head for it.",
            )

    def require_bands(self, bands: Sequence[str], subject: object) -> None:
        """Raise `UserError` naming the bands that images with `bands` lack for this model."""
        missing = [band for band in self.bands if band not in bands]
        if missing:
            raise UserError(
                "missing_bands",
                subject,
                f"the images lack {_listed('band', missing)} and have {', '.join(bands) or 'none'}",
                f"The model needs {', '.join(self.bands)}: give images with all of these, "
                "or train a model on the bands there are.",
            )

    def unlike_bands(self, mean: Sequence[float], std: Sequence[float]) -> list[str]:
        """Return in words each band whose reflectance cannot be of the kind that was trained on.

        `mean`, `std`: of the model's bands, in its order. A band is told where its mean is more
        than `UNLIKE_SPREADS` standard deviations of training off, or its spread `UNLIKE_RATIO`
        times larger or smaller: other regions and years are nearer, other units are not.
        """
        rows = zip(self.bands, self.mean, self.std, mean, std, strict=True)
        return [
            f"{band} {here:.4g} +- {spread:.2g} in the model, {there:.4g} +- {other:.2g} there"
            for band, here, spread, there, other in rows
            if not abs(there - here) <= UNLIKE_SPREADS * spread
            or not 1 / UNLIKE_RATIO <= other / spread <= UNLIKE_RATIO
        ]

    def require_level(self, level: str, subject: object) -> Finding | None:
        """Raise `UserError` where the images are of another processing level.

        Returns a warning where one of the two levels is not known, else None.
        """
        if level and self.level and level != self.level:
            raise UserError(
                "level_mismatch",
                subject,
                f"the images are {level}, the model was trained on {self.level}",
                f"Give images of level {self.level}, or a model trained on {level}.",
            )
        if level == self.level:
            return None
        unknown = "images" if not level else "model"
        return Finding(
            "level_unknown",
            str(subject),
            f"the processing level of the {unknown} is not known",
            f"Check that it is {level or self.level}, as the other side's.",
            "warning",
        )

    def require_classes(self, table: ClassTable, outside: str, subject: object) -> None:
        """Raise `UserError` where a dataset's classes are not the model's."""
        own = dict(zip(self.classes.codes, self.classes.names, strict=True))
        other = dict(zip(table.codes, table.names, strict=True))
        if own != other or self.outside != outside:
            found = [
                f"{code} is {other.get(code, 'absent')!r} there and {own.get(code, 'absent')!r} "
                "in the model"
                for code in sorted(own.keys() | other.keys())
                if own.get(code) != other.get(code)
            ]
            if self.outside != outside:
                found.append(f"outside is {outside!r} there and {self.outside!r} in the model")
            raise UserError(
                "class_mismatch",
                subject,
                "its classes are not the model's: " + "; ".join(found[:5]),
                "Build the dataset with the model's class table and outside rule.",
            )


def _listed(noun: str, items: Sequence[str]) -> str:
    return f"the {noun}{'s' if len(items) > 1 else ''} {', '.join(items)}"
