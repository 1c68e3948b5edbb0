"""The running job below every page: where it stands, its log, and the ways to stop it."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.PyQt.QtCore import QEvent
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ...backend.cscl.contract.events import Event, Hello, Note, Progress
from ...backend.cscl.contract.stages import STAGES
from ..engine.outcome import Outcome
from ..words import tr
from .log import LogView
from .parts import named_button, named_tool_button
from .status import StatusView, stage_title
from .workspace import Workspace
from .wrapped import WrappedLabel

# The stages that can end early with the best they have.
TRAINING_STAGES = ("pretrain", "finetune")
HIGHEST = 16777215  # what Qt takes for no limit


class RunPanel(QWidget):
    """Follows the job of a workspace; one line high as long as there was none."""

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._job = ""
        self._stage = ""
        self._paused = False
        # Whether the log is open without the person's doing, and whether it says more than usual.
        self._opened = self._noted = False
        self.status = StatusView()
        self.log = LogView()
        self.pause_button = named_button("cscl_pause", tip=tr("Let the job rest, or go on with it"))
        self.finish_button = named_button(
            "cscl_finish", tr("Stop and keep the best"),
            tr("End this training now; the best weights so far become its model"),
        )  # fmt: skip
        self.cancel_button = named_button(
            "cscl_cancel", tr("Cancel"),
            tr("Stop the job; what can be resumed stays in the history"),
        )  # fmt: skip
        self.cancel_button.setEnabled(False)
        self.log_button = named_tool_button(
            "cscl_show_log", tr("Log"), tr("Show what the job says")
        )
        self.log_button.setCheckable(True)
        self.log_button.setAutoRaise(True)
        self.silence = SilenceNotice()
        head = QHBoxLayout()
        head.addWidget(self.status, 1)
        beside = QVBoxLayout()
        beside.setSpacing(2)
        # As wide as the button below it, so that their edges are in line.
        self.log_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        beside.addWidget(self.log_button)
        beside.addWidget(self.cancel_button)
        head.addLayout(beside)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.pause_button)
        row.addWidget(self.finish_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(row)
        layout.addWidget(self.silence)
        layout.addWidget(self.log, 1)
        self._connect()
        self._show_buttons(False)
        for widget in (self.log, self.status.bar, self.cancel_button):
            widget.hide()
        self._keep_height()

    def event(self, event: QEvent) -> bool:
        """Be as high as the parts that are seen, unless the log takes what there is."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._keep_height()
        return bool(super().event(event))

    def cancel(self) -> None:
        """Ask the running job to stop."""
        self.status.say(tr("Stopping…"))
        self._show_buttons(False)
        self.cancel_button.setEnabled(False)
        self._workspace.runner.cancel()

    def pause(self) -> None:
        """Let the running job rest, or go on."""
        self._paused = not self._paused
        self._workspace.runner.command("pause" if self._paused else "resume")
        self.status.hold(self._paused)
        self._name_pause()

    def finish(self) -> None:
        """Ask a training to end with the best weights so far."""
        self.log.add(tr("The training ends with the best weights so far."))
        self.finish_button.setEnabled(False)
        self._workspace.runner.command("finish")
        if self._paused:
            self.pause()

    def _connect(self) -> None:
        runner = self._workspace.runner
        self.cancel_button.clicked.connect(self.cancel)
        self.pause_button.clicked.connect(self.pause)
        self.finish_button.clicked.connect(self.finish)
        self.silence.kill_button.clicked.connect(runner.kill)
        self.log_button.toggled.connect(self.log.setVisible)
        self.log_button.clicked.connect(self._log_chosen)
        self._workspace.said.connect(self.log.add)
        self._workspace.job_started.connect(self._started)
        self._workspace.job_ended.connect(self._ended)
        runner.event_received.connect(self._event)
        runner.log_received.connect(self.log.add)
        runner.responding.connect(self.silence.setHidden)

    def _started(self, job: str, values: Dict[str, Any]) -> None:
        self._job, self._stage, self._paused = job, "", False
        self.log.clear()
        self.log.add(tr("Output: {path}", path=values.get("output", "")))
        self.status.begin(job)
        self._name_pause()
        self.cancel_button.setEnabled(True)
        for widget in (self.status.bar, self.cancel_button):
            widget.show()
        self._noted = False
        if not self.log_button.isChecked():
            self._opened = True
            self.log_button.setChecked(True)

    def _log_chosen(self) -> None:
        self._opened = False

    def _event(self, event: Event) -> None:
        if isinstance(event, Progress):
            if event.stage != self._stage:
                self._turn_to(event.stage)
            self.status.progress(event)
        elif isinstance(event, Note):
            self._noted = True
            self.log.add(tr("Note: {text}", text=event.text))
        elif isinstance(event, Hello):
            self._show_buttons(True)
            self.log.add(
                tr("Engine {version} on {device}", version=event.package, device=event.device)
            )

    def _turn_to(self, stage: str) -> None:
        self._stage = stage
        self.log.add(f"{stage_title(self._job, stage)}…")
        self.finish_button.setEnabled(stage in TRAINING_STAGES)

    def _show_buttons(self, working: bool) -> None:
        """Show what the engine can be told: it listens as long as it works."""
        stages = [stage.name for stage in STAGES.get(self._job, ())]
        trains = any(stage in TRAINING_STAGES for stage in stages)
        self.pause_button.setVisible(working)
        self.finish_button.setVisible(working and trains)
        self.finish_button.setEnabled(working and self._stage in TRAINING_STAGES)

    def _keep_height(self) -> None:
        shown = not self.log.isHidden()
        self.setMaximumHeight(HIGHEST if shown else self.layout().sizeHint().height())

    def _name_pause(self) -> None:
        self.pause_button.setText(tr("Continue") if self._paused else tr("Pause"))

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        self._show_buttons(False)
        self.silence.hide()
        self.cancel_button.setEnabled(False)
        self.cancel_button.hide()
        self.status.bar.setVisible(outcome.succeeded)
        if outcome.succeeded:
            self.status.end(tr("Done"), complete=True)
        elif outcome.state == "cancelled":
            self.status.end(tr("Cancelled"), complete=False)
        else:
            self._noted = True
            self.status.end(tr("Failed"), complete=False)
            if outcome.details:
                self.log.add(outcome.details)
            self._workspace.warn(outcome.message, outcome.details)
        self._give_room()

    def _give_room(self) -> None:
        """Close a log that nobody asked for, unless it has something to be read."""
        if self._opened and not self._noted:
            self._opened = False
            self.log_button.setChecked(False)


class SilenceNotice(QFrame):
    """Visible while the engine does not respond; the person may wait, or end it."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_silence")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        text = WrappedLabel(
            tr(
                "The engine is not responding. It may go on by itself; if it is ended, the job "
                "can be resumed from its last checkpoint."
            )
        )
        self.kill_button = named_button(
            "cscl_kill", tr("End it now"), tr("End the engine's process at once")
        )
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.kill_button)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addLayout(row)
        self.hide()
