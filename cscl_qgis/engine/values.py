"""What the dock gives to the engine: whole paths, and what is wrong in the words of a form.

Every process of the engine works in a folder of its own: a path that does not begin at the top
would lead elsewhere in each, and what a job wrote there would go with its temporary folder.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Dict, Iterable

from ...backend.cscl.contract.errors import Finding, Findings, UserError
from ...backend.cscl.contract.fields import PATH_KINDS, Field, fields_of
from ...backend.cscl.contract.jobs import JOBS, make_job
from ...backend.cscl.contract.paths import path_problem
from ..words import told, tr

SEPARATOR = ";"  # between the files of a field of images


def checked_values(job: str, values: Dict[str, Any], layers: Iterable[str] = ()) -> Dict[str, Any]:
    """Return a job's values with whole paths; the fields in `layers` get their files later.

    Raises one `UserError` with everything that is wrong with the values.
    """
    findings = Findings()
    fields = _job_fields(job)
    whole = _with_whole_paths(fields, values, findings)
    known = list(findings.items)
    with findings.collecting():
        make_job(job, {**whole, **{name: "layer.gpkg" for name in layers}})
    refused = findings.items[len(known) :]
    if refused or known:
        raise UserError.of([_of_form(finding, fields) for finding in refused] + known)
    return whole


def whole_values(job: str, values: Dict[str, Any]) -> Dict[str, Any]:
    """Return a job's values with whole paths; raises `UserError` naming all that are not whole."""
    return _whole(_job_fields(job), values)


def asked_values(question: str, values: Dict[str, Any]) -> Dict[str, Any]:
    """Return a question's values with whole paths; raises `UserError` as `whole_values` does."""
    if question != "estimate":
        return _whole(_question_fields(), values)
    job = values.get("job")
    if not isinstance(job, dict) or not isinstance(job.get("values"), dict):
        return values  # what is no question is refused in its own words
    whole = whole_values(str(job.get("name")), job["values"])
    return {**values, "job": {**job, "values": whole}}


def _job_fields(job: str) -> Dict[str, Field]:
    return {field.name: field for field in fields_of(JOBS[job])} if job in JOBS else {}


def _question_fields() -> Dict[str, Field]:
    """Return fields that have the names of parts of questions."""
    fields = {
        field.name: field
        for job in JOBS.values()
        for field in fields_of(job)
        if field.kind in PATH_KINDS
    }
    fields["series"] = replace(fields["images"], name="series", title="Time series")
    return fields


def _whole(fields: Dict[str, Field], values: Dict[str, Any]) -> Dict[str, Any]:
    findings = Findings()
    whole = _with_whole_paths(fields, values, findings)
    findings.raise_errors()
    return whole


def _with_whole_paths(
    fields: Dict[str, Field], values: Dict[str, Any], findings: Findings
) -> Dict[str, Any]:
    whole = dict(values)
    for name, field in fields.items():
        value = values.get(name)
        if field.kind in PATH_KINDS and isinstance(value, str) and value:
            whole[name] = _whole_path(field, value, findings)
    return whole


def _whole_path(field: Field, text: str, findings: Findings) -> str:
    """Return a path, or the paths of images, with the person's own folder in place of ~."""
    parts = [text]
    if field.kind == "images":
        parts = [part.strip() for part in text.split(SEPARATOR) if part.strip()]
    parts = [os.path.expanduser(part) for part in parts]
    for part in parts:
        # What is no local path at all is refused by the job in its own words.
        if not os.path.isabs(part) and not path_problem(part):
            findings.error(
                "path_not_whole", f"{told(field.title)} {part!r}", tr("it is a relative path"),
                tr("Choose a folder or file with the … button, or give the whole path."),
            )  # fmt: skip
    return SEPARATOR.join(parts)


def _of_form(finding: Finding, fields: Dict[str, Field]) -> Finding:
    """Return a finding without the command line's names, where only a value is missing."""
    field = fields.get(finding.subject)
    if field is None or finding.code != "missing_value":
        return finding
    return replace(
        finding, subject=told(field.title), found=tr("it has no value"),
        remedy=tr("Choose or enter one."),
    )  # fmt: skip
