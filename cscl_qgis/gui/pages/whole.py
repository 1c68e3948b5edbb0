"""Everything in one go: from images and parcels to a crop map."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import Findings, UserError
from ...engine.outcome import Outcome
from ...engine.values import checked_values
from ...layers.folder import ResultsFolder, read_results
from ...words import tr
from ..background import Background
from ..finished import FinishedOutputs
from ..form import JobForm
from ..page import Page
from ..parcel_source import ParcelSource
from ..parts import named_button, scrolled
from ..results.adding import GroupAdder
from ..workspace import Workspace

JOB = "pipeline"


class WholePage(Page):
    """The form of the job that does everything, its Run button, and its results."""

    name = "whole"
    title = "All in one"
    short = "All"
    icon = "icon.svg"
    guide = "first-map"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        self.finished = FinishedOutputs(self)
        self._reading = Background(self)
        self._adder = GroupAdder(self)
        self.form = JobForm()
        self.run_button = named_button("cscl_run", tr("Run"), tr("Start the job"))
        self.open_button = named_button(
            "cscl_open", tr("Open results"), tr("Add the crop map and the parcels to the project")
        )
        self.report_button = named_button(
            "cscl_report", tr("Report"), tr("Open the report in a browser")
        )
        row = QHBoxLayout()
        for button in (self.run_button, self.open_button, self.report_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(self.form), 1)
        layout.addLayout(row)
        self.run_button.clicked.connect(self.run)
        self.open_button.clicked.connect(self.open_results)
        self.report_button.clicked.connect(self.open_report)
        self.form.changed.connect(lambda: self.finished.look(self.form.output()))
        self.finished.changed.connect(self._show_state)
        self.form.parcels.refused.connect(workspace.warn)
        self._adder.refused.connect(self._refused)
        workspace.engine_changed.connect(self._show_state)
        workspace.job_started.connect(self._started)
        workspace.job_ended.connect(self._ended)
        self._show_state()

    def state(self) -> Dict[str, Any]:
        """Return what is kept of the form."""
        return self.form.state()

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self.form.restore(state)

    def close_down(self) -> None:
        """Stop reading and adding results, and let go of the layer of a file."""
        self.finished.close()
        self._reading.close()
        self._adder.stop()
        self.form.parcels.close_down()

    def shown(self) -> None:
        """Look at the output folder again, which a shell may have filled."""
        self.finished.again()

    def run(self) -> None:
        """Start the job of the form; what is wrong with it is said in words."""
        layer = self.form.parcels.layer()
        try:
            if layer is None:
                raise self._without_parcels()
            source = ParcelSource(layer, self.form.parcels.only_selected())
            self.workspace.run(JOB, self.form.values(), {"parcels": source})
        except UserError as error:
            self.workspace.warn(str(error))

    def open_results(self) -> None:
        """Add the results as one group, or show the group that holds them already."""
        folder = self.form.output()
        self._reading.do(
            tr("Opening results"), lambda _: read_results(folder), self._read, self._refused
        )

    def open_report(self) -> None:
        """Open the report with the program that the system has for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.finished.outputs["report"]))

    def _without_parcels(self) -> UserError:
        """Return what is wrong with the form, beginning with the parcels that it lacks."""
        findings = Findings()
        findings.error(
            "missing_value", tr("Parcels"), tr("no layer is chosen"),
            tr("Choose a polygon layer, or a file with the button beside the list."),
        )  # fmt: skip
        with findings.collecting():
            # Without a layer there are no fields to choose from: that is not said as well.
            checked_values(JOB, self.form.values(), ("parcels", "class_field"))
        return UserError.of(findings.items)

    def _started(self, *_: object) -> None:
        self.finished.forget()
        self._show_state()

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        if job == JOB and outcome.succeeded:
            self.workspace.tell(tr("The crop map is complete."), Qgis.MessageLevel.Success)
        self.finished.again()
        self._show_state()

    def _read(self, folder: ResultsFolder) -> None:
        self._adder.add(folder, lambda _: None)

    def _refused(self, error: UserError) -> None:
        self.workspace.warn(str(error))

    def _show_state(self, *_: object) -> None:
        running = self.workspace.runner.is_running()
        self.form.setEnabled(not running)
        self.run_button.setEnabled(not running and self.workspace.engine_present)
        outputs = {} if running else self.finished.outputs
        self.open_button.setEnabled(bool(outputs))
        self.report_button.setEnabled("report" in outputs)
