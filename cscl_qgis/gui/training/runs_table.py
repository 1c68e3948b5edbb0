"""Earlier trainings with their figures, one of which can be drawn beside the running one."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QStackedWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ....backend.cscl.contract.resolutions import ENDINGS
from ...words import tr
from ..history.run_rows import RunRows
from ..history.runs import Run, RunList, state_title
from ..parts import named_button
from ..wrapped import WrappedLabel
from .plan import FINETUNE, PRETRAIN


class RunsTable(QWidget):
    """Lists the runs of training; the selected one can be compared, taken up or resumed."""

    compared = pyqtSignal(object)
    taken = pyqtSignal(object)
    resumed = pyqtSignal(object)

    def __init__(self, runs: RunList, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.busy = False
        self.table = RunRows("cscl_training_runs", [title for title, _, _ in _columns()])
        for column, (_, tip, _) in enumerate(_columns()):
            self.table.headerItem().setToolTip(column, tip)
        self.empty = WrappedLabel(
            tr("No training was found yet. Runs that are started here appear in this table.")
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self.compare_button = named_button(
            "cscl_compare", tr("Compare"), tr("Draw this run's curves dashed in the charts")
        )
        self.compare_button.setCheckable(True)
        self.take_button = named_button(
            "cscl_take", tr("Use its settings"), tr("Fill the settings with those of this run")
        )
        self.resume_button = named_button(
            "cscl_resume", tr("Resume"), tr("Go on where this run stopped")
        )
        buttons = QHBoxLayout()
        for button in (self.compare_button, self.take_button, self.resume_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack, 1)
        layout.addLayout(buttons)
        self.compare_button.toggled.connect(self._compare)
        self.take_button.clicked.connect(lambda: self.taken.emit(self.selected()))
        self.resume_button.clicked.connect(lambda: self.resumed.emit(self.selected()))
        self.table.itemSelectionChanged.connect(self._selected)
        runs.changed.connect(self.show_runs)
        self.show_runs()

    def shown(self) -> List[Run]:
        """Return the runs of training, the latest first."""
        return [run for run in self._runs.runs if run.job in (PRETRAIN, FINETUNE)]

    def selected(self) -> Optional[Run]:
        """Return the run that is selected."""
        return self.table.chosen(self.shown())

    def show_runs(self) -> None:
        """Show the runs as they are known now; the selection stays."""
        self.table.show_runs(self.shown(), _row)
        self._stack.setCurrentIndex(0 if self.shown() else 1)
        self._show_buttons()

    def set_busy(self, busy: bool) -> None:
        """Take note of whether a job runs, as no other can be started then."""
        self.busy = busy
        self._show_buttons()

    def _show_buttons(self) -> None:
        run = self.selected()
        self.compare_button.setEnabled(run is not None or self.compare_button.isChecked())
        self.take_button.setEnabled(run is not None and not self.busy)
        self.resume_button.setEnabled(run is not None and run.resumable and not self.busy)

    def _selected(self) -> None:
        self._show_buttons()
        if self.compare_button.isChecked():
            self.compared.emit(self.selected())

    def _compare(self, wanted: bool) -> None:
        self.compared.emit(self.selected() if wanted else None)
        self._show_buttons()


def _columns() -> "Tuple[Tuple[str, str, Any], ...]":
    """Return title, help and text of each column."""
    return (
        (tr("Name"), tr("Folder of the model"), lambda run: run.name),
        (tr("State"), tr("How far it came"), lambda run: state_title(run.state)),
        (tr("OA"), tr("Overall accuracy of validation at the finest resolution"),
         lambda run: percent(run.figure(*_finest("overall_accuracy")))),
        (tr("IoU"), tr("Mean IoU of validation at the finest resolution"),
         lambda run: percent(run.figure(*_finest("mean_iou")))),
        (tr("Edge"), tr("Mean IoU of boundary pixels of validation at the finest resolution"),
         lambda run: percent(run.figure(*_finest("boundary_mean_iou")))),
    )  # fmt: skip


def _finest(figure: str) -> List[str]:
    """Return the names of a figure at each resolution, the finest first."""
    return [figure + tail for tail in reversed(list(ENDINGS.values()))]


def _row(run: Run) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text(run) for _, _, text in _columns()])
    item.setToolTip(0, run.folder)
    for column in range(2, item.columnCount()):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
    return item


def percent(value: Optional[float]) -> str:
    """Return a share of 1 in per cent; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f}"
