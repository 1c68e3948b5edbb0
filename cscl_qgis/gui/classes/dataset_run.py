"""The dataset of the parcels: built, its balance shown, its report opened."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...engine.outcome import Outcome
from ...words import tr
from ..finished import outputs_in
from ..parts import plain_label
from ..workspace import Workspace
from .balance import split_bars, split_names
from .bars import Bars

BUILD, REPORT = "dataset", "report"
REPORT_ENDING = "-report"


class DatasetView(QWidget):
    """Shows how the classes of the dataset are shared among training, validation and test."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.line = plain_label("cscl_dataset_line")
        self.bars = Bars()
        self.bars.setObjectName("cscl_dataset_balance")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        layout.addWidget(self.bars)
        self.say("")

    def say(self, text: str) -> None:
        """Show words in place of a balance."""
        self.line.setText(text)
        self.line.setVisible(bool(text))
        self.bars.show_bars([])

    def show_balance(self, name: str, answer: Dict[str, Any]) -> None:
        """Show the balance that the engine told of a dataset."""
        self.say(tr("{name}: labelled pixels of each class by split", name=name))
        self.bars.show_bars(split_bars(answer["classes"]), split_names())


class DatasetRuns(QObject):
    """Knows the dataset that was built last, and runs its report."""

    changed = pyqtSignal()

    def __init__(
        self, workspace: Workspace, view: DatasetView, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view = view
        self._report = ""
        self._asked: Optional[int] = None
        self.dataset = ""
        workspace.job_ended.connect(self._ended)

    def show_dataset(self, folder: str) -> None:
        """Ask how a dataset is shared among its splits, and show it."""
        self.forget()
        self.dataset = folder
        self._view.say(tr("Reading the dataset…") if folder else "")
        if folder:
            self._asked = self._workspace.questions.ask(
                "balance", {"dataset": folder}, self._balanced, self._refused
            )
        self.changed.emit()

    def keep(self, folder: str) -> None:
        """Remember a dataset without looking at it."""
        self.forget()
        self.dataset, self._report = folder, ""
        self._view.say("")
        self.changed.emit()

    def is_shown(self) -> bool:
        """Tell whether the dataset was asked for already."""
        return self._asked is not None or bool(self._view.line.text())

    def forget(self) -> None:
        """Take a question back."""
        number, self._asked = self._asked, None
        if number is not None:
            self._workspace.questions.forget(number)

    def report(self) -> None:
        """Open the report of the dataset, made first where it was not."""
        if self._report:
            _open(self._report)
            return
        try:
            self._workspace.run(
                REPORT,
                {"dataset": self.dataset, "output": self.dataset + REPORT_ENDING,
                 "overwrite": True},
            )  # fmt: skip
        except UserError as error:
            self._workspace.warn(str(error))

    def _balanced(self, answer: Dict[str, Any]) -> None:
        self._asked = None
        self._view.show_balance(self.dataset, answer)

    def _refused(self, error: UserError) -> None:
        self._asked = None
        self._view.say(str(error))

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        if not outcome.succeeded:
            return
        if job == BUILD:
            self._report = ""
            self._workspace.tell(tr("The dataset is complete."), Qgis.MessageLevel.Success)
            self._workspace.choose("dataset", str(values["output"]))
            self.show_dataset(str(values["output"]))
        elif job == REPORT and values.get("dataset") == self.dataset:
            self._report = outputs_in(str(values["output"])).get("report", "")
            if self._report:
                _open(self._report)


def _open(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))
