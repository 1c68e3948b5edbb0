"""Where a running job stands: its stage, a bar, and the time that is left."""

from __future__ import annotations

import time
from typing import Optional

from qgis.PyQt.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ...backend.cscl.contract.events import Progress
from ...backend.cscl.contract.stages import STAGES, overall
from ..words import told, tr
from .time_left import in_words, seconds_left
from .wrapped import WrappedLabel

STEPS = 1000


class StatusView(QWidget):
    """A line in words above a progress bar; progress never goes back."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.line = WrappedLabel()
        self.line.setObjectName("cscl_status")
        self.bar = QProgressBar()
        self.bar.setObjectName("cscl_progress")
        self.bar.setRange(0, STEPS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        layout.addWidget(self.bar)
        self._job = self._title = ""
        self._share = 0.0
        self._began = 0.0
        self._held = 0.0
        self.say(tr("Ready"))

    def begin(self, job: str) -> None:
        """Start anew for a job."""
        self._job = job
        self._share = 0.0
        self._began = time.monotonic()
        self._held, self._title = 0.0, ""
        self.bar.setValue(0)
        self.say(tr("Preparing…"))

    def hold(self, held: bool) -> None:
        """Say that the job is paused, or that it goes on; the time between does not count."""
        if held:
            self._held = time.monotonic()
            self.say(tr("Paused"))
        elif self._held:
            self._began += time.monotonic() - self._held
            self._held = 0.0
            self.say(self._title)

    def progress(self, event: Progress) -> None:
        """Show the progress of a stage."""
        self._title = stage_title(self._job, event.stage)
        if self._held:
            return
        share = overall(self._job, event.stage, event.done, event.total)
        self._share = max(self._share, share)
        self.bar.setValue(round(STEPS * self._share))
        left = in_words(seconds_left(time.monotonic() - self._began, self._share))
        self.say(f"{self._title} – {left}" if left else self._title)

    def end(self, text: str, complete: bool) -> None:
        """Show how the job ended."""
        self.bar.setValue(STEPS if complete else 0)
        self.say(text)

    def say(self, text: str) -> None:
        """Show a line in words."""
        self.line.setText(text)


def stage_title(job: str, stage: str) -> str:
    """Return a stage's title for people."""
    return next((told(item.title) for item in STAGES[job] if item.name == stage), stage)
