"""The running job below every page: where it stands, its log, and the ways to stop it."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...backend.cscl.contract.events import Event, Hello, Metric, Note, Progress
from ..engine.outcome import Outcome
from ..words import tr
from .log import LogView
from .status import StatusView, stage_title
from .workspace import Workspace


class RunPanel(QWidget):
    """Follows the job of a workspace."""

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._job = ""
        self._stage = ""
        self.status = StatusView()
        self.log = LogView()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setObjectName("cscl_cancel")
        self.cancel_button.setToolTip(tr("Stop the job"))
        self.cancel_button.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self.status, 1)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.log, 1)
        self.cancel_button.clicked.connect(self.cancel)
        workspace.said.connect(self.log.add)
        workspace.job_started.connect(self._started)
        workspace.job_ended.connect(self._ended)
        workspace.runner.event_received.connect(self._event)
        workspace.runner.log_received.connect(self.log.add)

    def cancel(self) -> None:
        """Ask the running job to stop."""
        self.status.say(tr("Stopping…"))
        self.cancel_button.setEnabled(False)
        self._workspace.runner.cancel()

    def _started(self, job: str, values: Dict[str, Any]) -> None:
        self._job, self._stage = job, ""
        self.log.clear()
        self.log.add(tr("Output: {path}", path=values.get("output", "")))
        self.status.begin(job)
        self.cancel_button.setEnabled(True)

    def _event(self, event: Event) -> None:
        if isinstance(event, Progress):
            if event.stage != self._stage:
                self._stage = event.stage
                self.log.add(f"{stage_title(self._job, event.stage)}…")
            self.status.progress(event)
        elif isinstance(event, Note):
            self.log.add(tr("Note: {text}", text=event.text))
        elif isinstance(event, Metric):
            self.log.add(
                tr("{name}, step {step}: {value}", name=event.name, step=event.step,
                   value=f"{event.value:.4g}")
            )  # fmt: skip
        elif isinstance(event, Hello):
            self.log.add(
                tr("Engine {version} on {device}", version=event.package, device=event.device)
            )

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        self.cancel_button.setEnabled(False)
        if outcome.succeeded:
            self.status.end(tr("Done"), complete=True)
        elif outcome.state == "cancelled":
            self.status.end(tr("Cancelled"), complete=False)
        else:
            self.status.end(tr("Failed"), complete=False)
            if outcome.details:
                self.log.add(outcome.details)
            self._workspace.warn(outcome.message, outcome.details)
