"""Every run with parameters, state and figures; opened, run again, resumed, copied, removed."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QMessageBox,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.jobs import make_job
from ...words import tr
from ..amounts import size as amount
from ..background import Background
from ..finished import outputs_in
from ..history import known
from ..history.again import AgainDialog
from ..history.buttons import RunButtons
from ..history.details import RunDetails
from ..history.follow import Follower
from ..history.opening import open_outputs
from ..history.removal import remove_run
from ..history.runs import RUNNING, Run, RunList
from ..history.tree import RunTree
from ..page import Page
from ..parts import scrolled
from ..training.charts import TrainingCharts
from ..training.figures import Figures, read_run
from ..training.plan import FINETUNE, PRETRAIN
from ..workspace import TITLE, Workspace

TRAINING_JOBS = (PRETRAIN, FINETUNE, "pipeline", "demo")
# Runs that were started elsewhere appear while the page is looked at.
REFRESH_MS = 15000


class HistoryPage(Page):
    """Lists runs of all doors: of this dock, of Processing, of a shell."""

    name = "history"
    title = "History"
    short = "History"
    icon = "history.svg"
    guide = "history"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        self._shown: Optional[str] = None
        self._size = 0
        self.runs = RunList(workspace.questions, self)
        self.follower = Follower(self)
        self._reading = Background(self)
        self._removing = Background(self)
        self.tree = RunTree(self.runs)
        self.details = RunDetails()
        self.charts = TrainingCharts(tr("This run has told no figures of this stage."))
        self.buttons = RunButtons()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.details, tr("Details"))
        self.tabs.addTab(scrolled(self.charts), tr("Curves"))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tree)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.buttons)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._connect()
        self._selected()

    def state(self) -> Dict[str, Any]:
        """Return the filter."""
        return {"words": self.tree.words.text(), "state": self.tree.state.currentIndex()}

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self.tree.words.setText(str(state.get("words") or ""))
        index = state.get("state")
        self.tree.state.setCurrentIndex(index if index in range(self.tree.state.count()) else 0)

    def shown(self) -> None:
        """Ask for the runs anew."""
        self.runs.refresh()

    def close_down(self) -> None:
        """Follow and ask nothing more."""
        self._refresh.stop()
        self.runs.close_down()
        self.follower.close_down()
        self._reading.close()
        self._removing.close()
        if self._size:
            self.workspace.questions.forget(self._size)

    # What the person does with the selected run.

    def open(self) -> None:
        """Open the results of the run where they belong."""
        run = self.tree.run()
        if run is None:
            return

        def opened(outputs: Dict[str, str]) -> None:
            try:
                open_outputs(run, outputs, self.workspace)
            except UserError as error:
                self.workspace.warn(str(error))

        self._reading.do(
            tr("Opening results"), lambda _: outputs_in(run.folder), opened, self._warn
        )

    def resume(self) -> None:
        """Go on with an unfinished run."""
        run = self.tree.run()
        if run is not None:
            self._start(run, run.output)

    def again(self) -> None:
        """Run the job again: trainings in their page, others with another output."""
        run = self.tree.run()
        if run is None:
            return
        if run.job in (PRETRAIN, FINETUNE):
            self.workspace.page_wanted.emit("train")
            self.workspace.settings_wanted.emit(run.job, run.parameters)
            return
        dialog = AgainDialog(run, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._start(run, dialog.output()))
        dialog.open()

    def copy(self, form: str) -> None:
        """Put the run in the words of another door into the clipboard."""
        run = self.tree.run()
        if run is None:
            return
        try:
            job = make_job(run.job, {**run.parameters, "output": run.output})
            self.workspace.tell(self.buttons.copy(form, job))
        except UserError as error:
            self._warn(error)

    def remove(self) -> None:
        """Ask how large the run is, then whether it shall go."""
        run = self.tree.run()
        if run is None:
            return

        def answered(answer: Dict[str, Any]) -> None:
            self._size = 0
            self._ask_to_remove(run, int(answer["bytes"]))

        def refused(error: UserError) -> None:
            self._size = 0
            self._warn(error)

        questions = self.workspace.questions
        self._size = questions.ask("run_size", {"folders": [run.folder]}, answered, refused)

    def add_folder(self) -> None:
        """Look for runs in a folder of the person's choice too."""
        folder = QFileDialog.getExistingDirectory(self, tr("A folder with runs"))
        if folder:
            known.choose(folder)
            self.runs.refresh()

    def _start(self, run: Run, output: str) -> None:
        try:
            self.workspace.run(run.job, {**run.parameters, "output": output})
        except UserError as error:
            self._warn(error)

    def _ask_to_remove(self, run: Run, size: int) -> None:
        box = QMessageBox(self)
        box.setObjectName("cscl_remove_run")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(TITLE)
        box.setTextFormat(Qt.TextFormat.PlainText)
        text = tr(
            "Remove {folder} with all that is in it ({size})? This cannot be undone.",
            folder=run.folder, size=amount(size),
        )  # fmt: skip
        if run.output != run.folder:
            text += "\n" + tr("It is the record of the run; {output} stays.", output=run.output)
        box.setText(text)
        keep = box.addButton(tr("Keep it"), QMessageBox.ButtonRole.RejectRole)
        gone = box.addButton(tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        gone.clicked.connect(lambda: self._remove(run))
        box.open()

    def _remove(self, run: Run) -> None:
        folder = run.folder.rstrip("/\\")
        layers = QgsProject.instance().mapLayers().values()
        used = [layer.name() for layer in layers if folder in layer.source()]
        if used:
            self._warn(
                UserError(
                    "run_in_use", folder, tr("the project shows it ({name})", name=used[0]),
                    tr("Remove its layers from the project first."),
                )
            )  # fmt: skip
            return

        self._removing.do(
            tr("Removing a run"), lambda _: remove_run(folder),
            lambda _: self.runs.refresh(), self._warn,
        )  # fmt: skip

    # What happens.

    def _connect(self) -> None:
        self.tree.selected.connect(self._selected)
        self.buttons.opened.connect(self.open)
        self.buttons.resumed.connect(self.resume)
        self.buttons.again.connect(self.again)
        self.buttons.copied.connect(self.copy)
        self.buttons.removed.connect(self.remove)
        self.buttons.folder_wanted.connect(self.add_folder)
        self.follower.restarted.connect(self.charts.clear)
        self.follower.heard.connect(self.details.heard)
        self.follower.heard.connect(self.charts.take)
        self.follower.over.connect(self.runs.refresh)
        self._refresh.timeout.connect(self._refresh_if_seen)
        self._refresh.start()
        self.workspace.job_started.connect(self._job_changed)
        self.workspace.job_ended.connect(self._job_changed)

    def _refresh_if_seen(self) -> None:
        if self.isVisible() and not self.runs.is_busy():
            self.runs.refresh()

    def _job_changed(self, *_: object) -> None:
        self._show_buttons()
        if self.isVisible():
            self.runs.refresh()

    def _selected(self) -> None:
        run = self.tree.run()
        self._show_buttons()
        shown = "" if run is None else f"{run.folder}\n{run.state}\n{run.began}"
        if shown == self._shown:
            return
        self._shown = shown
        self.follower.stop()
        self.charts.clear()
        self.details.show_run(run)
        self.tabs.setTabEnabled(1, run is not None and run.job in TRAINING_JOBS)
        if run is None:
            return
        if run.state == RUNNING:
            self.follower.follow(run.folder)
        elif run.job in TRAINING_JOBS:
            self._read_curves(run)

    def _read_curves(self, run: Run) -> None:
        def read(is_cancelled: Any) -> Figures:
            return read_run(run.folder, is_cancelled)

        # A run without figures has charts that say so.
        self._reading.do(
            tr("Reading curves"), read, self.charts.show_figures, lambda _: self.charts.clear()
        )

    def _show_buttons(self) -> None:
        self.buttons.show_run(self.tree.run(), self.workspace.runner.is_running())

    def _warn(self, error: UserError) -> None:
        self.workspace.warn(str(error))
