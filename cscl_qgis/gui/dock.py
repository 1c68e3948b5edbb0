"""The dock: from images and parcels to a crop map, without blocking QGIS."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import Qgis, QgsLayerTreeGroup, QgsProject
from qgis.gui import QgsDockWidget, QgsScrollArea
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.events import Event, Hello, Metric, Note, Progress
from ..engine.outcome import Outcome
from ..layers.results import add_results
from .engine_notice import EngineNotice
from .finished import outputs_in
from .form import JobForm
from .log import LogView
from .parcel_source import ParcelSource
from .runner import JobRunner
from .state import read_state, write_state
from .status import StatusView, stage_title

TITLE = "Crop mapping (CSCL)"
JOB = "pipeline"
GROUP_OUTPUT = "cscl/output"


class CropMappingDock(QgsDockWidget):
    """Form, Run and Cancel, progress, log and results of one job after another."""

    def __init__(self, iface: Any, parent: Optional[QWidget] = None) -> None:
        super().__init__(TITLE, parent)
        self.setObjectName("CsclCropMappingDock")
        self._iface = iface
        self._stage = ""
        self._outputs: Dict[str, str] = {}
        self.runner = JobRunner(self)
        self.notice = EngineNotice()
        self.form = JobForm()
        self.status = StatusView()
        self.log = LogView()
        self.run_button = _button("Run", "cscl_run", "Start the job")
        self.cancel_button = _button("Cancel", "cscl_cancel", "Stop the job")
        self.open_button = _button(
            "Open results", "cscl_open", "Add the crop map and the parcels to the project"
        )
        self.report_button = _button("Report", "cscl_report", "Open the report in a browser")
        self.setWidget(self._content())
        self._connect()
        state = read_state()
        self.was_shown = state.get("shown") is True
        self.form.restore(state)
        self._show_state()

    def close_down(self) -> None:
        """Stop a running job, keep the state; for the end of the plugin or of QGIS."""
        self._keep_state()
        self.runner.close()

    # What the person does.

    def run(self) -> None:
        """Start the job of the form; what is wrong with it is said in words."""
        self._keep_state()
        layer = self.form.parcels.layer()
        try:
            if layer is None:
                raise UserError(
                    "missing_value", "Parcels", "no layer is chosen",
                    "Choose a polygon layer, or a file with the button beside the list.",
                )  # fmt: skip
            source = ParcelSource(layer, self.form.parcels.only_selected())
            self.runner.start(JOB, self.form.values(), source)
        except UserError as error:
            self._warn(str(error))
            return
        self._stage = ""
        self.log.clear()
        self.log.add(f"Output: {self.form.output()}")
        self.status.begin(JOB)
        self._show_state()

    def cancel(self) -> None:
        """Ask the running job to stop."""
        self.status.say("Stopping…")
        self.cancel_button.setEnabled(False)
        self.runner.cancel()

    def open_results(self) -> None:
        """Add the results as one group, or show the group that holds them already."""
        folder = self.form.output()
        group = _group_of(folder)
        try:
            if group is None:
                name = Path(folder).name
                group = add_results(self._outputs, f"Crop map: {name}")
        except UserError as error:
            self._warn(str(error))
            return
        if group is not None:
            group.setCustomProperty(GROUP_OUTPUT, folder)
            group.setItemVisibilityChecked(True)

    def open_report(self) -> None:
        """Open the report with the program that the system has for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._outputs["report"]))

    # What the job says.

    def _event(self, event: Event) -> None:
        if isinstance(event, Progress):
            if event.stage != self._stage:
                self._stage = event.stage
                self.log.add(f"{stage_title(JOB, event.stage)}…")
            self.status.progress(event)
        elif isinstance(event, Note):
            self.log.add(f"Note: {event.text}")
        elif isinstance(event, Metric):
            self.log.add(f"{event.name}, step {event.step}: {event.value:.4g}")
        elif isinstance(event, Hello):
            self.log.add(f"Engine {event.package} on {event.device}")

    def _ended(self, outcome: Outcome) -> None:
        if outcome.succeeded:
            self.status.end("Done", complete=True)
            self._tell("The crop map is complete.", Qgis.MessageLevel.Success)
        elif outcome.state == "cancelled":
            self.status.end("Cancelled", complete=False)
        else:
            self.status.end("Failed", complete=False)
            if outcome.details:
                self.log.add(outcome.details)
            self._warn(outcome.message)
        self._show_state()

    # What the dock shows.

    def _content(self) -> QWidget:
        area = QgsScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QgsScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.form)
        below = QWidget()
        layout = QVBoxLayout(below)
        layout.addLayout(_row(self.run_button, self.cancel_button))
        layout.addWidget(self.status)
        layout.addWidget(self.log, 1)
        layout.addLayout(_row(self.open_button, self.report_button))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(area)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 1)
        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.notice)
        outer.addWidget(splitter, 1)
        return content

    def _connect(self) -> None:
        self.run_button.clicked.connect(self.run)
        self.cancel_button.clicked.connect(self.cancel)
        self.open_button.clicked.connect(self.open_results)
        self.report_button.clicked.connect(self.open_report)
        self.form.changed.connect(self._show_state)
        self.form.parcels.refused.connect(self._warn)
        self.notice.changed.connect(self._show_state)
        self.runner.event_received.connect(self._event)
        self.runner.log_received.connect(self.log.add)
        self.runner.ended.connect(self._ended)

    def _show_state(self) -> None:
        running = self.runner.is_running()
        self._outputs = {} if running else outputs_in(self.form.output())
        self.form.setEnabled(not running)
        self.run_button.setEnabled(not running and self.notice.isHidden())
        self.cancel_button.setEnabled(running)
        self.open_button.setEnabled(bool(self._outputs))
        self.report_button.setEnabled("report" in self._outputs)

    def _keep_state(self) -> None:
        write_state({**self.form.state(), "shown": not self.isHidden()})

    def _warn(self, text: str) -> None:
        self._tell(text, Qgis.MessageLevel.Warning)

    def _tell(self, text: str, level: Any) -> None:
        """Say something in the log and, as words and never as markup, in the message bar."""
        self.log.add(text)
        self._iface.messageBar().pushMessage(TITLE, escape(text), level)


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    return row


def _group_of(folder: str) -> Optional[QgsLayerTreeGroup]:
    """Return the group that holds the results of a folder, if it is in the project."""
    groups = QgsProject.instance().layerTreeRoot().findGroups()
    return next((item for item in groups if item.customProperty(GROUP_OUTPUT) == folder), None)
