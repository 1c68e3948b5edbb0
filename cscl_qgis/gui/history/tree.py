"""The list of runs, with a filter by words and by state."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QDateTime, QLocale, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...engine.locate import PLUGIN_ROOT
from ...words import tr
from ..closing import job_title
from ..wrapped import WrappedLabel
from .run_rows import RunRows
from .runs import COMPLETE, RUNNING, UNFINISHED, Run, RunList, state_title

ALL, OPEN = "", "unfinished"
ICONS = PLUGIN_ROOT / "resources" / "icons" / "algorithms"
ROWS = 8


class RunTree(QWidget):
    """Shows the runs that pass the filter, the latest first; one may be selected."""

    selected = pyqtSignal()

    def __init__(self, runs: RunList, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.words = QLineEdit()
        self.words.setObjectName("cscl_history_filter")
        self.words.setPlaceholderText(tr("Filter"))
        self.words.setClearButtonEnabled(True)
        self.words.setToolTip(tr("Show the runs whose name, job, folder or parameters hold this"))
        self.state = QComboBox()
        self.state.setObjectName("cscl_history_state")
        self.state.setToolTip(tr("Show the runs in this state"))
        for title, state in (
            (tr("All runs"), ALL), (tr("Complete"), COMPLETE), (tr("Running"), RUNNING),
            (tr("Unfinished"), OPEN),
        ):  # fmt: skip
            self.state.addItem(title, state)
        self.tree = RunRows("cscl_history_runs", [tr("Name"), tr("State"), tr("Began")])
        self.tree.setMinimumHeight(ROWS * int(1.4 * self.fontMetrics().height()))
        self.empty = WrappedLabel()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self.empty)
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        row.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self._stack, 1)
        self.words.textChanged.connect(self.show_runs)
        self.state.currentIndexChanged.connect(self.show_runs)
        self.tree.itemSelectionChanged.connect(self.selected)
        runs.changed.connect(self.show_runs)
        self.show_runs()

    def run(self) -> Optional[Run]:
        """Return the run that is selected."""
        return self.tree.chosen(self._runs.runs)

    def shown(self) -> List[Run]:
        """Return the runs that pass the filter."""
        words = self.words.text().casefold().split()
        state = self.state.currentData()
        return [
            run
            for run in self._runs.runs
            if _in_state(run, state) and all(word in _text_of(run) for word in words)
        ]

    def show_runs(self, *_: object) -> None:
        """Show the runs as they are known now; the selection stays where it can."""
        self.tree.show_runs(self.shown(), _row)
        self.empty.setText(
            tr("No run passes the filter.")
            if self._runs.runs
            else self._runs.problem
            or tr("No run was found yet. Runs that are started here, and those in folders that "
                  "you choose below, appear in this list.")
        )  # fmt: skip
        self._stack.setCurrentIndex(0 if self.tree.topLevelItemCount() else 1)
        self.selected.emit()


def _row(run: Run) -> QTreeWidgetItem:
    item = QTreeWidgetItem([run.name, state_title(run.state), began(run)])
    item.setIcon(0, _icon(run.job))
    item.setToolTip(0, f"{job_title(run.job)}\n{run.folder}")
    item.setToolTip(1, run.error)
    return item


def _icon(job: str) -> QIcon:
    """Return the toolbox's icon of a job; the demonstration, which is not there, is a pipeline."""
    return QIcon(str(ICONS / f"{'pipeline' if job == 'demo' else job}.svg"))


def began(run: Run) -> str:
    """Return when a run began, as the person writes dates."""
    moment = QDateTime.fromSecsSinceEpoch(int(run.began))
    day = QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)
    return f"{day} {moment.toString('HH:mm')}"


def _in_state(run: Run, state: str) -> bool:
    return state in (ALL, run.state) or (state == OPEN and run.state in UNFINISHED)


def _text_of(run: Run) -> str:
    parameters = " ".join(f"{name}={value}" for name, value in run.parameters.items())
    told = (run.job, job_title(run.job), run.folder, run.output, run.state, parameters)
    return " ".join(told).casefold()
