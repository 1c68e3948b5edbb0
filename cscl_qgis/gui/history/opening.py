"""The results of an earlier run, opened where they belong."""

from __future__ import annotations

from typing import Dict

from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices

from ....backend.cscl.contract.errors import UserError
from ...layers.results import add_results
from ...words import tr
from ..workspace import Workspace
from .runs import Run

MAP_JOBS = ("map", "pipeline", "demo")


def open_outputs(run: Run, outputs: Dict[str, str], workspace: Workspace) -> None:
    """Offer the outputs of a complete run to the page that shows them, or add their layers.

    Raises `UserError` where a layer cannot be opened.
    """
    if not outputs:
        raise UserError(
            "no_results", run.folder, tr("its record names no results that are there"),
            tr("Run it again."),
        )  # fmt: skip
    if run.job in MAP_JOBS:
        _offer(workspace, "map", run.output, "results")
    elif run.job == "pretrain":
        _offer(workspace, "pretrained", outputs.get("model", run.output), "train")
    elif "model" in outputs:
        _offer(workspace, "model", outputs["model"], "map")
    elif "dataset" in outputs:
        _offer(workspace, "dataset", outputs["dataset"], "train")
    elif "series" in outputs:
        _offer(workspace, "series", outputs["series"], "parcels")
    elif add_results(outputs, tr("Results: {name}", name=run.name)) is None:
        shown = outputs.get("report") or next(iter(outputs.values()))
        QDesktopServices.openUrl(QUrl.fromLocalFile(shown))


def _offer(workspace: Workspace, name: str, value: str, page: str) -> None:
    workspace.choose(name, value)
    workspace.page_wanted.emit(page)
