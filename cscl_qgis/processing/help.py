"""The help of an algorithm, from its job's fields, with an example."""

from __future__ import annotations

from html import escape
from typing import List

from ...backend.cscl.contract.fields import Field, fields_of
from ...backend.cscl.contract.jobs import JOBS
from ...backend.cscl.contract.roles import role_title
from ..words import told, tr
from .outputs import output_name, secondary_roles
from .parameters import IMAGE_PARAMETERS, help_of

_EXAMPLES = {
    "images": "images",
    "vector": "parcels.gpkg",
    "points": "sample.gpkg",
    "field": "crop",
    "folder": "{name}",
    "output_folder": "result",
    "output_file": "area.series.json",
    "output_vector": "parcels.gpkg",
}


def help_text(command: str, job: type) -> str:
    """Return the help of one algorithm as HTML."""
    fields = fields_of(job)
    parts = [f"<p>{escape(told(summary_of(job)))}</p>"]
    for title, advanced in ((tr("Parameters"), False), (tr("Advanced"), True)):
        lines = [_line(field) for field in fields if field.advanced is advanced]
        if lines:
            parts.append(f"<h3>{title}</h3><p>{'<br>'.join(lines)}</p>")
    parts.append(f"<h3>{tr('Outputs')}</h3><p>{escape(_outputs(command, fields))}</p>")
    parts.append(f"<h3>{tr('Example')}</h3><p><code>{escape(example(command))}</code></p>")
    return "".join(parts)


def summary_of(job: type) -> str:
    """Return the first line of what a job says of itself."""
    return str(job.__doc__).split("\n", 1)[0]


def example(command: str) -> str:
    """Return the call of an algorithm in a terminal, with its required parameters."""
    words = [f"qgis_process.bin run cscl:{command} --"]
    for field in fields_of(JOBS[command]):
        if field.required and field.kind != "output_folder":
            value = _EXAMPLES.get(field.kind, "value").format(name=field.name)
            words.append(f"{field.parameter}={value}")
    kinds = [field.kind for field in fields_of(JOBS[command])]
    if "output_folder" in kinds:
        words.append(f"OUTPUT={_EXAMPLES['output_folder']}")
    return " ".join(words)


def _line(field: Field) -> str:
    names = IMAGE_PARAMETERS if field.kind == "images" else (field.parameter,)
    unit = f" [{told(field.unit)}]" if field.unit else ""
    text = help_of(field)
    if field.default not in (None, ""):
        text = tr("{help} Default: {value}.", help=text, value=field.default)
    # Not <b>: QGIS's style sheet of the help gives it a colour, unseen in dark themes.
    title = f"<strong>{escape(told(field.title) + unit)}</strong>"
    return f"{title} ({', '.join(names)}): {escape(text)}"


def _outputs(command: str, fields: "tuple[Field, ...]") -> str:
    names: List[str] = [field.parameter for field in fields] + list(IMAGE_PARAMETERS)
    listed = [
        f"{output_name(role, names)} ({told(role_title(role))})"
        for role, _ in secondary_roles(command)
    ]
    return ", ".join(["OUTPUT", *listed])
