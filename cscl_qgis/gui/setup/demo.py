"""The demonstration scene: simulated, trained on and mapped; it needs no data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.home import data_folder
from ...engine.install.tasks import beside
from ...engine.outcome import Outcome
from ...layers.folder import ResultsFolder, read_results
from ...layers.results import add_folder, group_of
from ...words import tr
from ..finished import outputs_in
from ..workspace import Workspace

JOB = "demo"


def demo_folder() -> Path:
    """Return where the demonstration's results lie."""
    return data_folder() / "demo"


class Demo(QObject):
    """Runs the demonstration once and shows its results; run again, it shows them at once."""

    def __init__(self, workspace: Workspace, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        workspace.job_ended.connect(self._ended)

    def start(self) -> None:
        """Show the results that are there, or start the job that makes them."""
        if outputs_in(str(demo_folder())):
            self._show()
            return
        try:
            self._workspace.run(JOB, {"output": str(demo_folder())})
        except UserError as error:
            self._workspace.warn(str(error))

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        if job == JOB and outcome.succeeded:
            self._show()

    def _show(self) -> None:
        folder = str(demo_folder())
        if group_of(folder) is None:
            beside(tr("Crop mapping: reading results"), lambda: read_results(folder), self._add)

    def _add(self, found: Optional[ResultsFolder], error: Optional[UserError]) -> None:
        if error is None and found is not None:
            try:
                add_folder(found)
            except UserError as problem:
                error = problem
        if error is not None:
            self._workspace.warn(str(error))
            return
        self._workspace.tell(
            tr("The demonstration's map is in the project."), Qgis.MessageLevel.Success
        )
