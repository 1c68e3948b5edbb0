"""What is wrong with the parameters of an algorithm, said before anything runs.

QGIS's own check only names the parameter; here each finding says what was found and what to change.
No layer is opened: that would take time in the main thread, and write statistics beside rasters.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Dict, Optional

from ...backend.cscl.contract.errors import Findings
from ...backend.cscl.contract.fields import Field, check_value, fields_of
from ..words import told, tr
from .parameters import IMAGE_LAYERS, IMAGE_PARAMETERS, any_value

# What a folder holds that an earlier algorithm wrote, by the field that asks for it.
INSIDE = {"dataset": "dataset.json", "model": "model.json", "map": "crops.tif"}
SEASON = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")


def check_parameters(job: type, parameters: Dict[str, Any], findings: Findings) -> None:
    """Add everything that is wrong with the parameters of a job to `findings`."""
    for field in fields_of(job):
        if field.kind == "images":
            _check_images(parameters, findings)
        elif not field.kind.startswith("output"):
            given = any_value(parameters, field.parameter)
            _check(field, parameters[field.parameter] if given else None, findings)


def never_markup(text: str) -> str:
    """Return a text that a dialog of QGIS shows as it is, whatever names are in it.

    Its message box takes a text for HTML that looks like it, and has no switch for that: a joiner
    of no width behind each opening bracket keeps it plain, and terminals show the same text.
    """
    return re.sub(r"<(?=[A-Za-z/!?])|&(?=lt;)", lambda found: found.group() + "\u2060", text)


def _check_images(parameters: Dict[str, Any], findings: Findings) -> None:
    given = [name for name in IMAGE_PARAMETERS if any_value(parameters, name)]
    if len(given) != 1:
        names = f" {tr('and')} ".join(given)
        found = tr("{names} have values", names=names) if given else tr("none of them has a value")
        findings.error(
            "images_given",
            ", ".join(IMAGE_PARAMETERS),
            found,
            tr("Give exactly one: a folder of images, raster layers, or a time series."),
        )
        return
    value = parameters[given[0]]
    if given[0] != IMAGE_LAYERS and isinstance(value, str) and "://" not in value:
        missing = tr("there is no such file or folder")
        _check_exists(given[0], value, Path(value).exists(), missing, findings)


def _check(field: Field, value: Any, findings: Findings) -> None:
    name = field.parameter
    if value is None:
        if field.required:
            findings.error(
                "missing_value", name, tr("it has no value"),
                tr("{title}: {help}", title=told(field.title), help=told(field.help)),
            )  # fmt: skip
        return
    value = _plain(field, value)
    if value is None or field.kind in ("vector", "points", "raster", "extent", "crs"):
        return  # an expression, a layer or an object of QGIS, which QGIS itself checks
    before = len(findings.items)
    check_value(replace(field, name=name), value, findings)
    if len(findings.items) > before:
        return
    if field.kind == "folder":
        _check_folder(field, str(value), findings)
    elif field.kind == "file":
        missing = tr("there is no such file")
        _check_exists(name, str(value), Path(str(value)).is_file(), missing, findings)
    elif field.kind == "season":
        _check_season(name, str(value), findings)
    elif field.name == "until":
        _day(name, str(value), findings)
    elif field.name == "window" and isinstance(value, int) and value % 2 == 0:
        findings.error(
            "even_window", name, tr("it is {value}", value=value),
            tr("Use an odd number: a window has a centre."),
        )  # fmt: skip


def _plain(field: Field, value: Any) -> Any:
    """Return a value in the type of its field; a terminal gives numbers as text."""
    if field.kind in ("integer", "number") and isinstance(value, str):
        try:
            return int(value) if field.kind == "integer" else float(value)
        except ValueError:
            return value
    if field.kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if field.kind == "boolean":
        return None  # QGIS reads many words as yes and no
    if field.kind in ("fields", "field"):
        return None  # one name, several, or names joined by semicolons: QGIS takes them apart
    return value if isinstance(value, (str, int, float)) else None


def _check_folder(field: Field, text: str, findings: Findings) -> None:
    folder = Path(text)
    missing = tr("there is no such folder")
    if not _check_exists(field.parameter, text, folder.is_dir(), missing, findings):
        return
    wanted = INSIDE.get(field.name)
    if wanted and not (folder / wanted).is_file():
        findings.error(
            "not_in_folder",
            f"{field.parameter} {text!r}",
            tr("it holds no {file}", file=wanted),
            tr("{title}: {help}", title=told(field.title), help=told(field.help)),
        )


def _check_exists(name: str, text: str, exists: bool, missing: str, findings: Findings) -> bool:
    if not exists:
        findings.error("not_found", text, missing, tr("Check the path of {name}.", name=name))
    return exists


def _check_season(name: str, text: str, findings: Findings) -> None:
    match = SEASON.fullmatch(text.strip())
    if match is None:
        findings.error(
            "invalid_season", f"{name} {text!r}", tr("it is no pair of days"),
            tr("Write the first and the last day, for example 2018-10-01/2019-09-30."),
        )  # fmt: skip
        return
    start, end = (_day(name, part, findings) for part in match.groups())
    if start is not None and end is not None and start >= end:
        findings.error(
            "invalid_season", f"{name} {text!r}", tr("it ends before it begins"),
            tr("Write the first day before the last."),
        )  # fmt: skip


def _day(name: str, text: str, findings: Findings) -> Optional[date]:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        findings.error(
            "invalid_date", f"{name} {text!r}", tr("it is no day of the calendar"),
            tr("Write it as year-month-day, for example 2019-09-30."),
        )  # fmt: skip
        return None
