"""Class tables as people keep them, read and written."""

from __future__ import annotations

from typing import Any

from cscl.context import JobContext
from cscl.contract.class_csv import read_class_table, write_class_table
from cscl.contract.classes import ClassTable, CropClass
from cscl.contract.errors import Findings
from cscl.contract.paths import local_path


def class_table(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return a table one source value a row; see `CLASS_TABLE` of the contract."""
    table = read_class_table(local_path(values["path"], "class table"), ctx.note)
    rows = [
        {
            "value": value,
            "code": item.code,
            "name": item.name,
            "colour": item.colour,
            "hcat": item.hcat,
        }
        for item in table.classes
        for value in item.values
    ]
    return {"rows": rows, "notes": list(ctx.noted)}


def save_class_table(values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Write a table of such rows; raises `UserError` with all that is wrong with it."""
    path = local_path(values["path"], "class table")
    findings = Findings()
    classes: dict[tuple[int, str], CropClass] = {}
    for row in values["rows"]:
        key = row["code"], row["name"].strip()
        if not row["value"].strip() or not key[1]:
            findings.error(
                "class_value", f"{path}, code {row['code']}", "a row has no value or no name",
                "Give each row both.",
            )  # fmt: skip
            continue
        before = classes.get(key, CropClass(*key, row["colour"], (), row["hcat"]))
        classes[key] = CropClass(
            *key, before.colour, (*before.values, row["value"].strip()), before.hcat
        )
    findings.raise_errors()
    write_class_table(path, ClassTable(tuple(classes.values())))
    return {"path": str(path)}
