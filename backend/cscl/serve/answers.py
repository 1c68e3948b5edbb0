"""Which function answers which question; each is imported when it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cscl.context import JobContext

FUNCTIONS = {
    "look": ("cscl.serve.look", "look"),
    "balance": ("cscl.serve.balance", "balance"),
    "clouds": ("cscl.serve.clouds", "clouds"),
    "thumbnail": ("cscl.serve.thumbnail", "thumbnail"),
    "curve": ("cscl.serve.curve", "curve"),
    "class_curves": ("cscl.serve.class_curves", "class_curves"),
    "parcels": ("cscl.serve.parcels", "parcels"),
    "class_table": ("cscl.serve.class_tables", "class_table"),
    "save_class_table": ("cscl.serve.class_tables", "save_class_table"),
    "card": ("cscl.serve.card", "card"),
    "fits": ("cscl.serve.fits", "fits"),
    "estimate": ("cscl.serve.estimate", "estimate"),
    "preview": ("cscl.serve.preview", "preview"),
    "runs": ("cscl.serve.runs", "runs"),
    "run_size": ("cscl.serve.runs", "run_size"),
}


def answer_to(name: str, values: dict[str, Any], ctx: JobContext) -> dict[str, Any]:
    """Return the answer to a question whose values are checked.

    Raises `UserError` where there is none, and `Cancelled` where it is not wanted any more.
    """
    module, function = FUNCTIONS[name]
    answer: dict[str, Any] = getattr(import_module(module), function)(values, ctx)
    return answer
