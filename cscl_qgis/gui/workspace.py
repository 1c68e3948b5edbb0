"""What the pages of the dock share: the running job, what was chosen so far, and messages."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QPushButton

from ..engine.outcome import Outcome
from ..engine.questions import Questions
from ..words import tr
from .parcel_source import ParcelSource
from .runner import JobRunner

TITLE = "Crop mapping (CSCL)"


class Workspace(QObject):
    """One for all pages. What one page makes is offered to the next through `chosen`."""

    # The name in `chosen` that has another value now: series, parcels, class_field, classes,
    # dataset, pretrained, model or map; values are paths and names, parcels a layer's id.
    chosen_changed = pyqtSignal(str)
    job_started = pyqtSignal(str, dict)
    # The job's name, its values and its `Outcome`.
    job_ended = pyqtSignal(str, dict, object)
    page_wanted = pyqtSignal(str)
    # The settings of an earlier job shall be shown by the page that has them: its name and values.
    settings_wanted = pyqtSignal(str, dict)
    engine_changed = pyqtSignal()
    said = pyqtSignal(str)

    def __init__(self, iface: Any, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.iface = iface
        self.runner = JobRunner(self)
        self.questions = Questions(self)
        self.engine_present = True
        self._chosen: Dict[str, str] = {}
        self._job = ""
        self._values: Dict[str, Any] = {}
        self.runner.ended.connect(self._ended)

    def chosen(self, name: str) -> str:
        """Return what was chosen or made last under a name; empty where nothing was."""
        return self._chosen.get(name, "")

    def choose(self, name: str, value: str) -> None:
        """Keep what was chosen or made, and tell the other pages."""
        if self.chosen(name) != value:
            self._chosen[name] = value
            self.chosen_changed.emit(name)

    def set_engine(self, present: bool) -> None:
        """Take note of whether there is an engine to run jobs."""
        self.engine_present = present
        self.engine_changed.emit()

    def run(
        self, job: str, values: Dict[str, Any], sources: Optional[Dict[str, ParcelSource]] = None
    ) -> None:
        """Start a job; each field in `sources` comes from a layer, written to a file first.

        Raises `UserError` with everything that is wrong with the values; nothing runs then.
        """
        self.runner.start(job, values, sources or {})
        self._job, self._values = job, dict(values)
        self.job_started.emit(job, self._values)

    def tell(self, text: str, level: Any = Qgis.MessageLevel.Info, details: str = "") -> None:
        """Say something in the log and the message bar, as words and never as markup.

        `details` are behind a button of the message.
        """
        self.said.emit(text)
        bar = self.iface.messageBar()
        if not details:
            bar.pushMessage(TITLE, escape(text), level)
            return
        message = bar.createMessage(TITLE, escape(text))
        button = QPushButton(tr("Details"), message)
        button.setObjectName("cscl_details")
        button.clicked.connect(lambda: self._show_details(text, details))
        message.layout().addWidget(button)
        bar.pushWidget(message, level)

    def warn(self, text: str, details: str = "") -> None:
        """Say what went wrong, as `tell` does."""
        self.tell(text, Qgis.MessageLevel.Warning, details)

    def close_down(self) -> None:
        """End the running job and the engine that answers questions."""
        self.runner.close()
        self.questions.close()

    def icon_path(self, name: str) -> str:
        """Return the path of an icon of ours."""
        return str(Path(__file__).resolve().parents[2] / "resources" / "icons" / name)

    def _ended(self, outcome: Outcome) -> None:
        job, values = self._job, self._values
        self._job, self._values = "", {}
        self.job_ended.emit(job, values, outcome)

    def _show_details(self, text: str, details: str) -> None:
        from .details import DetailsDialog

        DetailsDialog(text, details, self.iface.mainWindow()).open()
