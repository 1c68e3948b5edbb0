"""The class table: which values of the parcels' class field are which crop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional, Tuple

from .codes import (
    FIRST_CROP,
    LAST_CROP,
    NO_DATA,
    OUTSIDE,
    OUTSIDE_COLOUR,
    OUTSIDE_NAME,
    UNKNOWN,
)
from .errors import Finding, Findings, UserError

# Twenty colours that stay apart on a map, the common crops' usual ones first.
PALETTE = (
    "#e6c229", "#f17105", "#8d6a9f", "#d11149", "#6aa84f", "#1a8fe3", "#a0522d", "#f4a6c0",
    "#2f4b26", "#00a6a6", "#b5e48c", "#6610f2", "#ffd6a5", "#7f7f7f", "#c9184a", "#3a86ff",
    "#bc6c25", "#80ed99", "#5e548e", "#ffb703",
)  # fmt: skip


@dataclass(frozen=True)
class CropClass:
    """One crop: its code in maps (1..253), its name, colour and the source values it stands for."""

    code: int
    name: str
    colour: str
    values: Tuple[str, ...]
    hcat: str = ""


@dataclass(frozen=True)
class ClassTable:
    """All crops of a dataset or model, sorted by code; frozen in the model once trained."""

    classes: Tuple[CropClass, ...]
    source: str = ""
    year: Optional[int] = None

    @property
    def codes(self) -> Tuple[int, ...]:
        """The codes, ascending."""
        return tuple(item.code for item in self.classes)

    @property
    def names(self) -> Tuple[str, ...]:
        """The names in the order of the codes."""
        return tuple(item.name for item in self.classes)

    @property
    def by_value(self) -> Dict[str, int]:
        """The code of each source value, white space around it removed."""
        return {value: item.code for item in self.classes for value in item.values}

    def name_of(self, code: int) -> str:
        """The name of a code, also of the three codes that are no crop."""
        fixed = {NO_DATA: "no data", OUTSIDE: OUTSIDE_NAME, UNKNOWN: "unknown"}
        for item in self.classes:
            if item.code == code:
                return item.name
        return fixed[code]

    def colour_of(self, code: int) -> str:
        """The colour of a code as #rrggbb."""
        for item in self.classes:
            if item.code == code:
                return item.colour
        return {OUTSIDE: OUTSIDE_COLOUR, UNKNOWN: "#ffffff", NO_DATA: "#000000"}[code]

    def network_codes(self, outside: str) -> Tuple[int, ...]:
        """The code of each output of a network; `outside` is class or ignore."""
        return self.codes + ((OUTSIDE,) if outside == "class" else ())

    def to_json(self) -> Dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "source": self.source,
            "year": self.year,
            "classes": [
                {
                    "code": item.code,
                    "name": item.name,
                    "colour": item.colour,
                    "values": list(item.values),
                    "hcat": item.hcat,
                }
                for item in self.classes
            ],
        }

    @classmethod
    def from_json(cls, value: Dict[str, Any], subject: object = "class table") -> "ClassTable":
        """Return the table that `to_json` wrote; checks codes, names and values."""
        try:
            classes = tuple(
                CropClass(
                    int(item["code"]),
                    str(item["name"]),
                    str(item["colour"]),
                    tuple(str(text) for text in item["values"]),
                    str(item.get("hcat", "")),
                )
                for item in value["classes"]
            )
            table = cls(classes, str(value.get("source", "")), value.get("year"))
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                "invalid_class_table",
                subject,
                f"its class table is damaged ({error!r})",
                "Use a file written by this product, unchanged.",
            ) from None
        return table.checked(subject)

    def checked(self, subject: object) -> "ClassTable":
        """Return the table sorted by code, or raise all that is wrong with it."""
        findings = Findings()
        findings.items.extend(self.problems(subject))
        findings.raise_errors()
        return self.in_order()

    def in_order(self) -> "ClassTable":
        """Return the table sorted by code."""
        ordered = tuple(sorted(self.classes, key=lambda item: item.code))
        return ClassTable(ordered, self.source, self.year)

    def problems(self, subject: object) -> List[Finding]:
        """Return all that is wrong with the table."""
        findings = Findings()
        seen_names: Dict[str, int] = {}
        seen_values: Dict[str, int] = {}
        if not self.classes:
            findings.error(
                "no_classes", subject, "the class table is empty", "Give it at least one class."
            )
        for item in self.classes:
            where = f"{subject}, class {item.name!r}"
            if not FIRST_CROP <= item.code <= LAST_CROP:
                findings.error(
                    "class_code",
                    where,
                    f"its code is {item.code}",
                    f"Use whole numbers from {FIRST_CROP} to {LAST_CROP}.",
                )
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", item.colour):
                findings.error(
                    "class_colour",
                    where,
                    f"its colour is {item.colour!r}",
                    "Write colours as #rrggbb.",
                )
            if seen_names.setdefault(item.name, item.code) != item.code:
                findings.error(
                    "class_name", where, "the name has two codes", "Give each name one code."
                )
            for text in item.values:
                if seen_values.setdefault(text, item.code) != item.code:
                    findings.error(
                        "class_value",
                        where,
                        f"the source value {text!r} has two codes",
                        "Give each source value one code.",
                    )
        codes = [item.code for item in self.classes]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            findings.error(
                "class_code",
                f"{subject}, code {code}",
                "two names share it",
                "Give each class a code of its own.",
            )
        return findings.items

    @classmethod
    def from_values(
        cls, values: Iterable[str], source: str = "", year: Optional[int] = None
    ) -> "ClassTable":
        """Return a table with one class a distinct value, in alphabetical order."""
        names = sorted({value.strip() for value in values if value.strip()})
        if len(names) > LAST_CROP:
            raise UserError(
                "too_many_classes",
                source or "class field",
                f"it holds {len(names)} values",
                f"A map has room for {LAST_CROP} classes: merge values with a class table (CSV).",
            )
        classes = tuple(
            CropClass(index + 1, name, PALETTE[index % len(PALETTE)], (name,))
            for index, name in enumerate(names)
        )
        return cls(classes, source, year).checked(source or "class field")
