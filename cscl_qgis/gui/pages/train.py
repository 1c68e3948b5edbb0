"""Training: settings, what it will take, its curves while it runs, and earlier trainings."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.jobs import make_job
from ...engine.outcome import Outcome
from ...words import tr
from ..background import Background
from ..history.runs import Run, RunList
from ..page import Page
from ..parts import named_button, one_shot, scrolled
from ..training.expected import ExpectedView
from ..training.figures import Figures, read_run
from ..training.form import TrainingForm
from ..training.plan import FINETUNE, PRETRAIN, Place, Step, settle
from ..training.progress import TrainingProgress
from ..training.runs_table import RunsTable
from ..training.sequence import Jobs
from ..workspace import Workspace
from ..wrapped import WrappedLabel

SETTINGS, CURVES, RUNS = range(3)
# People type a path letter by letter; the last letter counts.
LOOK_MS = 400


class TrainPage(Page):
    """Trains a network on a dataset."""

    name = "train"
    title = "Train"
    short = "Train"
    icon = "train.svg"
    guide = "training"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        self._places: Tuple[Place, ...] = ()
        self._suggested = ""
        self._look = Background(self)
        self._compare = Background(self)
        self._look_later = one_shot(self, LOOK_MS, self._look_at_output)
        self.jobs = Jobs(workspace, self)
        self.runs = RunList(workspace.questions, self)
        self.form = TrainingForm()
        self.expected = ExpectedView(workspace.questions)
        self.notice = WrappedLabel()
        self.notice.setObjectName("cscl_train_notice")
        self.run_button = named_button("cscl_train", tr("Train"))
        self.progress = TrainingProgress()
        self.charts, self.picture = self.progress.charts, self.progress.picture
        self.table = RunsTable(self.runs)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("cscl_train_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._settings(), tr("Settings"))
        self.tabs.addTab(self.progress, tr("Progress"))
        self.tabs.addTab(self.table, tr("Earlier runs"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)
        self._connect()
        self._show_state()

    # What the project keeps.

    def state(self) -> Dict[str, Any]:
        """Return what is kept of the settings."""
        return self.form.state()

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self._suggested = ""
        self.form.restore(state)
        if not self.form.value("dataset"):
            self._chosen("dataset")

    def shown(self) -> None:
        """Look at the output folder and at the runs anew."""
        self._look_later.start()
        self.runs.refresh()

    def close_down(self) -> None:
        """Take back what was asked and is being read."""
        self._look_later.stop()
        self.expected.clear_question()
        self.runs.close_down()
        self._look.close()
        self._compare.close()
        self.picture.close_down()

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - the name that Qt calls
        """Return the least height: each tab scrolls by itself, above the notice and the button."""
        return int(self.minimumSizeHint().height())

    # What the person does.

    def run(self) -> None:
        """Start the training; what is complete already is not done again."""
        try:
            steps = self._steps_to_do()
            self.jobs.start(steps)
        except UserError as error:
            self.workspace.warn(str(error))
            return
        for name, _ in steps:
            self.charts.begin(name)
        self.charts.show_stage(steps[0][0])
        self.picture.clear()
        self.tabs.setCurrentIndex(CURVES)

    def fill(self, job: str, values: Dict[str, Any]) -> None:
        """Show the settings of an earlier run, with an output of its own."""
        self.form.show_job(job, values)
        self.form.set_value("output", None)
        self.tabs.setCurrentIndex(SETTINGS)

    def resume(self, run: Run) -> None:
        """Go on with an unfinished run."""
        try:
            self.jobs.start([(run.job, {**run.parameters, "output": run.output})])
        except UserError as error:
            self.workspace.warn(str(error))
            return
        self.tabs.setCurrentIndex(CURVES)

    def compare(self, run: Optional[Run]) -> None:
        """Draw an earlier run's curves beside."""
        self._compare.stop()
        if run is None:
            self.charts.compare("", None)
            return

        def read(is_cancelled: Any) -> Figures:
            return read_run(run.folder, is_cancelled)

        def refused(error: UserError) -> None:
            self.charts.compare("", None)
            self.workspace.warn(str(error))

        self._compare.do(
            tr("Reading curves"), read, lambda found: self.charts.compare(run.name, found), refused
        )

    # How it is made.

    def _settings(self) -> QWidget:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.run_button)
        part = QWidget()
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addWidget(scrolled(self.form), 1)
        layout.addWidget(self.expected)
        layout.addWidget(self.notice)
        layout.addLayout(row)
        return part

    def _connect(self) -> None:
        workspace = self.workspace
        self.run_button.clicked.connect(self.run)
        self.form.changed.connect(self._changed)
        self.table.compared.connect(self.compare)
        self.table.taken.connect(lambda run: self.fill(run.job, run.parameters))
        self.table.resumed.connect(self.resume)
        self.jobs.ended.connect(self._training_ended)
        workspace.chosen_changed.connect(self._chosen)
        workspace.settings_wanted.connect(self._settings_wanted)
        workspace.engine_changed.connect(self._show_state)
        workspace.job_started.connect(self._job_started)
        workspace.job_ended.connect(self._job_ended)
        workspace.runner.event_received.connect(self.progress.take)

    # What happens.

    def _changed(self) -> None:
        self._places = ()
        self._look.stop()  # its answer could write over what is being typed
        self.expected.clear_question()
        self._look_later.start()
        self._show_state()
        self.changed.emit()

    def _settings_wanted(self, job: str, values: Dict[str, Any]) -> None:
        if job in (PRETRAIN, FINETUNE):
            self.fill(job, values)

    def _chosen(self, name: str) -> None:
        if name == "dataset":
            self.form.set_value("dataset", self.workspace.chosen("dataset"))

    def _look_at_output(self) -> None:
        """See in a task what lies in the output folders, then ask what the training will take."""
        settings = self.form.settings()
        output = settings.main.get("output", "")
        movable = output in ("", self._suggested)
        if not settings.main.get("dataset"):
            return

        def seen(found: Tuple[str, Tuple[Place, ...]]) -> None:
            if found[0] != output:
                self._suggested = found[0]
                self.form.set_value("output", found[0])
                return
            self._places = found[1]
            self._show_state()
            self.expected.ask([_without_model(step) for step in settings.steps()])

        self._look.do(
            tr("Looking at the output folder"), lambda _: settle(settings, movable), seen,
            lambda error: self._say(str(error)),
        )  # fmt: skip

    def _steps_to_do(self) -> Sequence[Step]:
        steps = self.form.settings().steps()
        for step in steps:
            make_job(*step)
        complete = {place.job for place in self._places if place.state == "complete"}
        return [step for step in steps if step[0] == FINETUNE or step[0] not in complete]

    def _job_started(self, job: str, values: Dict[str, Any]) -> None:
        if job not in (PRETRAIN, FINETUNE):
            self.progress.clear()
        elif not self.jobs.is_running():
            self.charts.begin(job)
        self._show_state()

    def _job_ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        model = outcome.outputs.get("model")
        if outcome.succeeded and model and job == PRETRAIN:
            self.workspace.choose("pretrained", model)
        elif outcome.succeeded and model:
            self.workspace.choose("model", model)
        self._look_later.start()
        if self.isVisible():
            self.runs.refresh()
        self._show_state()

    def _training_ended(self, complete: bool) -> None:
        if complete:
            self.workspace.tell(
                tr("The training is complete: the model can map crops."), Qgis.MessageLevel.Success
            )
        self._show_state()

    def _show_state(self, *_: object) -> None:
        busy = self.workspace.runner.is_running() or self.jobs.is_running()
        self.form.setEnabled(not busy)
        self.table.set_busy(busy)
        ready = bool(self.form.value("dataset") and self.form.value("output"))
        states = {place.job: place.state for place in self._places}
        allowed = self.form.both.editors["overwrite"].value() is True
        blocked = states.get(FINETUNE) in ("complete", "other") or states.get(PRETRAIN) == "other"
        self.run_button.setEnabled(
            ready and not busy and self.workspace.engine_present and (allowed or not blocked)
        )
        going_on = "unfinished" in states.values() and not blocked
        self.run_button.setText(tr("Go on") if going_on else tr("Train"))
        self._say(self._notice(states, allowed))

    def _say(self, text: str) -> None:
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def _notice(self, states: Dict[str, str], overwrite: bool) -> str:
        if not self.form.value("dataset"):
            return tr("Choose a dataset: the page Parcels builds one from a series and parcels.")
        if overwrite:
            return ""
        if states.get(FINETUNE) == "complete":
            return tr("This very training is complete there. Choose another output to train again.")
        if "other" in states.values():
            return tr("Another run lies in the output folder, or beside it. Choose another output.")
        if "unfinished" in states.values():
            return tr(
                "An unfinished run of these settings lies there: it goes on where it stopped."
            )
        if states.get(PRETRAIN) == "complete":
            return tr("The pretrained network is there already and is used.")
        return ""


def _without_model(step: Step) -> Step:
    """Return a job as an estimate takes it: the model that is still to come is none."""
    name, values = step
    return name, {key: value for key, value in values.items() if key != "model"}
