"""A run in the words of other doors: command line, Processing, Python, a cluster's JSON."""

from __future__ import annotations

import re
import shlex
from typing import Any, Dict, List, Sequence

from ....backend.cscl.contract import strict_json
from ....backend.cscl.contract.fields import Field, fields_of
from ....backend.cscl.contract.jobs import job_document, job_name, job_values
from ...processing.parameters import IMAGE_LAYERS, IMAGES, SERIES, SERIES_ENDING

_PLAIN = re.compile(r"[\w.:\\/=,+@%-]+")


def command_line(job: Any, program: Sequence[str], windows: bool) -> str:
    """Return the command that does the job in a shell: what differs from the defaults."""
    words: List[str] = [*program, job_name(job)]
    for field, value in _given(job):
        if isinstance(value, bool):
            words.append(field.option if value else f"--no-{field.option[2:]}")
        else:
            words += [field.option, _text(value)]
    return " ".join(map(_quoted_for_windows if windows else shlex.quote, words))


def processing_call(job: Any) -> str:
    """Return the call for the Python console of QGIS."""
    values: Dict[str, Any] = {}
    for field, value in _given(job):
        if field.kind == "images":
            values.update(_images(str(value)))
        elif field.kind == "fields":
            values[field.parameter] = list(value)
        else:
            values[field.parameter] = _text(value) if isinstance(value, (list, tuple)) else value
    return f'import processing\n\nprocessing.run("cscl:{job_name(job)}", {_shown(values)})\n'


def python(job: Any) -> str:
    """Return a program for the engine's own Python."""
    values = {
        field.name: list(value) if isinstance(value, tuple) else value
        for field, value in _given(job)
    }
    return (
        "from cscl.contract.jobs import make_job\n"
        "from cscl.service import Run\n\n"
        f'job = make_job("{job_name(job)}", {_shown(values)})\n'
        "status = Run(job, print).execute()\n"
    )


def cluster_json(job: Any) -> str:
    """Return the file that `cscl run --path OLD=NEW` takes."""
    return strict_json.dump(job_document(job))


def _given(job: Any) -> "List[tuple[Field, Any]]":
    """Return the fields whose value differs from the default, with that value."""
    values = job_values(job)
    pairs = [(field, values[field.name]) for field in fields_of(type(job))]
    return [(field, value) for field, value in pairs if field.required or value != field.default]


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _images(text: str) -> Dict[str, Any]:
    if text.endswith(SERIES_ENDING):
        return {SERIES: text}
    parts = text.split(";")
    return {IMAGES: text} if len(parts) == 1 else {IMAGE_LAYERS: parts}


def _shown(values: Dict[str, Any]) -> str:
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in values.items())
    return f"{{\n{lines}}}"


def _quoted_for_windows(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    # The backslashes before the closing mark would else be taken with it.
    ending = len(text) - len(text.rstrip("\\"))
    return '"' + text.replace('"', '\\"') + "\\" * ending + '"'
