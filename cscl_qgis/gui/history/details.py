"""What is known of one run: its figures, its parameters, and its state while it runs."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from qgis.PyQt.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ....backend.cscl.contract.events import Event, Note, Progress
from ....backend.cscl.contract.fields import fields_of
from ....backend.cscl.contract.jobs import JOBS
from ....backend.cscl.contract.resolutions import without_ending
from ...words import told, tr
from ..amounts import duration
from ..status import StatusView
from ..wrapped import WrappedLabel
from .runs import RUNNING, Run, state_title
from .tree import began

Rows = List[Tuple[str, str]]


class RunDetails(QWidget):
    """Shows a run; one that runs elsewhere has its bar, moved by what its follower hears."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.head = WrappedLabel()
        self.head.setObjectName("cscl_history_head")
        self.status = StatusView()
        self.status.hide()
        self.table = QTreeWidget()
        self.table.setObjectName("cscl_history_details")
        self.table.setHeaderHidden(True)
        self.table.setColumnCount(2)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addWidget(self.head)
        layout.addWidget(self.status)
        layout.addWidget(self.table, 1)

    def show_run(self, run: Optional[Run]) -> None:
        """Show a run, or what to do where none is selected."""
        self.status.hide()
        self.table.clear()
        if run is None:
            self.head.setText(tr("Select a run to see its parameters and figures."))
            return
        self.head.setText(_head(run))
        figures = {name: value for name, value in run.figures.items() if value is not None}
        groups = (
            (tr("Figures"), [(_figure_title(name), f"{value:.4g}") for name, value
                             in figures.items()]),
            (tr("Parameters"), _parameters(run)),
        )  # fmt: skip
        for title, rows in groups:
            if rows:
                self._add(title, rows)
        if run.state == RUNNING:
            self.status.begin(run.job)
            self.status.say(tr("Running in another process"))
            self.status.show()

    def heard(self, event: Event) -> None:
        """Take an event of the run that is followed."""
        if isinstance(event, Progress):
            self.status.progress(event)
        elif isinstance(event, Note):
            self.status.setToolTip(event.text)

    def _add(self, title: str, rows: Rows) -> None:
        group = QTreeWidgetItem([title])
        self.table.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        for name, value in rows:
            item = QTreeWidgetItem([name, value])
            item.setToolTip(1, value)
            group.addChild(item)
        group.setExpanded(True)


def _head(run: Run) -> str:
    parts = [state_title(run.state), tr("began {when}", when=began(run))]
    if run.seconds:
        parts.append(tr("took {time}", time=duration(run.seconds)))
    text = f"{run.output}\n{', '.join(parts)}"
    return f"{text}\n{run.error}" if run.error else text


def _parameters(run: Run) -> Rows:
    """Return the parameters by their titles, those that differ from the defaults first."""
    if run.job not in JOBS:
        return [(name, _shown(value)) for name, value in run.parameters.items()]
    own: Rows = []
    usual: Rows = []
    for field in fields_of(JOBS[run.job]):
        if field.name in run.parameters and field.name != "output":
            value = run.parameters[field.name]
            rows = usual if value == field.default else own
            titles = dict(field.choices)
            text = told(titles[value]) if isinstance(value, str) and value in titles else None
            rows.append((told(field.title), text or _shown(value)))
    return own + usual


def _figure_title(name: str) -> str:
    """Return a figure's name as people write it; the names themselves are those of the records."""
    stem, resolution = without_ending(name)
    words = stem.replace("_", " ").replace("iou", "IoU")
    words += "" if stem == name else f" ({resolution} m)"
    return words[:1].upper() + words[1:]


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
