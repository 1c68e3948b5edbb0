"""How one field of a job describes itself to the command line, Processing, dialogs and docs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple, Union

from .errors import Findings
from .paths import path_problem

PATH_KINDS = (
    "images",
    "vector",
    "points",
    "raster",
    "file",
    "folder",
    "output_folder",
    "output_file",
    "output_vector",
)
KINDS = PATH_KINDS + (
    "text",
    "integer",
    "number",
    "boolean",
    "choice",
    "field",
    "bands",
    "season",
    "extent",
    "fields",
    "crs",
)

FieldValue = Union[None, bool, int, float, str, Tuple[str, ...]]


@dataclass(frozen=True)
class Field:
    """One field of a job; `required` fields have no default, `None` leaves the choice to us."""

    name: str
    kind: str
    title: str
    help: str
    required: bool
    default: FieldValue
    unit: str
    minimum: Optional[float]
    maximum: Optional[float]
    choices: Tuple[Tuple[str, str], ...]
    advanced: bool
    parent: str

    @property
    def option(self) -> str:
        """The command line's option, such as --class-field."""
        return "--" + self.name.replace("_", "-")

    @property
    def parameter(self) -> str:
        """The name of the Processing parameter, such as CLASS_FIELD."""
        return self.name.upper()


def setting(
    kind: str,
    title: str,
    help: str,  # noqa: A002 - the word that every face uses
    default: Any = dataclasses.MISSING,
    *,
    unit: str = "",
    minimum: Optional[float] = None,
    maximum: Optional[float] = None,
    choices: Tuple[Tuple[str, str], ...] = (),
    advanced: bool = False,
    parent: str = "",
) -> Any:
    """Declare one field of a job, with all that its faces need to know about it."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of field: {kind}")
    description = {
        "kind": kind,
        "title": title,
        "help": help,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "advanced": advanced,
        "parent": parent,
    }
    return dataclasses.field(default=default, metadata=description)


def fields_of(job: type) -> Tuple[Field, ...]:
    """Return the fields of a job class in their order."""
    return tuple(
        Field(
            name=item.name,
            required=item.default is dataclasses.MISSING,
            default=None if item.default is dataclasses.MISSING else item.default,
            **item.metadata,
        )
        for item in dataclasses.fields(job)
    )


def check_value(field: Field, value: Any, findings: Findings) -> FieldValue:
    """Return `value` in the field's own type; what is wrong with it goes to `findings`."""
    if value is None or value == "":
        if field.required:
            findings.error(
                "missing_value", field.name, "it has no value", f"Give {field.option} a value."
            )
        return field.default if field.kind == "boolean" else None
    if field.kind in ("integer", "number"):
        return _check_number(field, value, findings)
    if field.kind == "boolean":
        if not isinstance(value, bool):
            findings.error("wrong_type", field.name, f"it is {value!r}", "Use true or false.")
        return bool(value)
    if field.kind in ("bands", "fields"):
        return _check_list(field, value, findings)
    if not isinstance(value, str):
        findings.error("wrong_type", field.name, f"it is {value!r}", "Use text.")
        return None
    if field.kind == "choice" and value not in [choice for choice, _ in field.choices]:
        allowed = ", ".join(choice for choice, _ in field.choices)
        findings.error("unknown_choice", field.name, f"it is {value!r}", f"Use one of: {allowed}.")
    if field.kind in PATH_KINDS:
        problem = path_problem(value)
        if problem:
            findings.error(
                "path_not_local",
                f"{field.name} {value!r}",
                problem,
                "Use the path of a local or mounted file or folder.",
            )
    return value


def _check_number(field: Field, value: Any, findings: Findings) -> FieldValue:
    whole = field.kind == "integer"
    wanted = "a whole number" if whole else "a number"
    valid_type = isinstance(value, int) if whole else isinstance(value, (int, float))
    if isinstance(value, bool) or not valid_type or value != value:
        findings.error("wrong_type", field.name, f"it is {value!r}", f"Use {wanted}.")
        return None
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        if high is None:
            limits = f"{low:.15g} or more"
        elif low is None:
            limits = f"{high:.15g} or less"
        else:
            limits = f"{low:.15g} to {high:.15g}"
        unit = f" {field.unit}" if field.unit else ""
        findings.error(
            "out_of_range",
            field.name,
            f"it is {value:.15g}{unit}",
            f"Use {wanted} of {limits}{unit}.",
        )
    return value if whole else float(value)


def _check_list(field: Field, value: Any, findings: Findings) -> FieldValue:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    items: List[str] = list(value) if isinstance(value, (list, tuple)) else []
    if not items or not all(isinstance(item, str) and item for item in items):
        findings.error(
            "wrong_type", field.name, f"it is {value!r}", "Use names separated by commas."
        )
        return None
    return tuple(items)


def check_values(job: type, values: Dict[str, Any], subject: str) -> Dict[str, FieldValue]:
    """Return all values of a job checked; raises one `UserError` with every finding."""
    findings = Findings()
    known = {field.name: field for field in fields_of(job)}
    for name in sorted(set(values) - set(known)):
        findings.error(
            "unknown_field",
            f"{subject}, field {name!r}",
            "this job has no such field",
            f"Use its fields: {', '.join(known)}.",
        )
    checked = {
        name: check_value(field, values.get(name, field.default), findings)
        for name, field in known.items()
    }
    findings.raise_errors()
    return checked
