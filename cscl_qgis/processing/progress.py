"""The events of a job as progress and text of a Processing dialog."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback

from ...backend.cscl.contract.events import Event, Hello, Metric, Note, Progress
from ...backend.cscl.contract.stages import STAGES, overall
from ..words import told, tr


class Reporter:
    """Tells one run's feedback what the engine says; progress never goes back."""

    def __init__(self, command: str, feedback: QgsProcessingFeedback) -> None:
        self._command = command
        self._feedback = feedback
        self._titles = {stage.name: told(stage.title) for stage in STAGES[command]}
        self._stage = ""
        self._share = 0.0

    def event(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Note):
            self._feedback.pushInfo(event.text)
        elif isinstance(event, Metric):
            value = f"{event.value:.4g}"
            self._feedback.pushDebugInfo(
                tr("{name}, step {step}: {value}", name=event.name, step=event.step, value=value)
            )
        elif isinstance(event, Hello):
            self._feedback.pushInfo(
                tr("Engine {version} on {device}", version=event.package, device=event.device)
            )

    def log(self, line: str) -> None:
        """Take one line that is no event."""
        self._feedback.pushConsoleInfo(line)

    def _progress(self, event: Progress) -> None:
        if event.stage != self._stage:
            self._stage = event.stage
            title = self._titles.get(event.stage, event.stage)
            self._feedback.setProgressText(title)
            self._feedback.pushInfo(f"{title} ...")
        share = overall(self._command, event.stage, event.done, event.total)
        self._share = max(self._share, share)
        self._feedback.setProgress(100 * self._share)
