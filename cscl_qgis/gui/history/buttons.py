"""What can be done with a run."""

from __future__ import annotations

import sys
from typing import Any, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QApplication,
    QGridLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from ...engine.locate import EngineMissing, locate_engine
from ...words import tr
from ..parts import named_button, named_tool_button
from . import copies
from .runs import COMPLETE, RUNNING, Run

COLUMNS = 3


class RunButtons(QWidget):
    """Buttons for the selected run, enabled where they make sense."""

    opened = pyqtSignal()
    resumed = pyqtSignal()
    again = pyqtSignal()
    copied = pyqtSignal(str)
    removed = pyqtSignal()
    folder_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.open_button = named_button("cscl_history_open", tr("Open"), tr("Open its results"))
        self.resume_button = named_button(
            "cscl_history_resume", tr("Resume"), tr("Go on where it stopped")
        )
        self.again_button = named_button(
            "cscl_history_again", tr("Run again"), tr("Run it again with the same parameters")
        )
        self.copy_button = _copy_button()
        self.remove_button = named_button(
            "cscl_history_remove", tr("Remove…"), tr("Remove it from the disk; its size is shown")
        )
        self.folder_button = named_button(
            "cscl_history_folder", tr("Add folder…"), tr("Look for runs in another folder too")
        )
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for place, button in enumerate(
            (
                self.open_button, self.resume_button, self.again_button,
                self.copy_button, self.remove_button, self.folder_button,
            )
        ):  # fmt: skip
            layout.addWidget(button, place // COLUMNS, place % COLUMNS)
        self._fill_menu()
        self.open_button.clicked.connect(self.opened)
        self.resume_button.clicked.connect(self.resumed)
        self.again_button.clicked.connect(self.again)
        self.remove_button.clicked.connect(self.removed)
        self.folder_button.clicked.connect(self.folder_wanted)
        self.show_run(None, False)

    def show_run(self, run: Optional[Run], busy: bool) -> None:
        """Enable what can be done with a run, while a job runs here or not."""
        there = run is not None
        self.open_button.setEnabled(there and run.state == COMPLETE)
        self.resume_button.setEnabled(there and run.resumable and not busy)
        self.again_button.setEnabled(there and not busy)
        self.copy_button.setEnabled(there)
        self.remove_button.setEnabled(there and run.state != RUNNING)

    def copy(self, form: str, job: Any) -> str:
        """Put a job in one of the forms into the clipboard, and return what to say of it."""
        if form == "command":
            text, told = self._command(job), tr("The command is in the clipboard.")
        elif form == "processing":
            text = copies.processing_call(job)
            told = tr("The call is in the clipboard, for the Python console of QGIS.")
        elif form == "python":
            text = copies.python(job)
            told = tr("The program is in the clipboard, for the Python of the engine.")
        else:
            text = copies.cluster_json(job)
            told = tr(
                "The job is in the clipboard. Save it as job.json; on the cluster: cscl run "
                "--path FOLDER_HERE=FOLDER_THERE job.json"
            )
        QApplication.clipboard().setText(text)
        return told

    def _command(self, job: Any) -> str:
        try:
            program = [locate_engine().python, "-m", "cscl"]
        except EngineMissing:
            program = ["cscl"]
        return copies.command_line(job, program, windows=sys.platform == "win32")

    def _fill_menu(self) -> None:
        menu = QMenu(self.copy_button)
        for form, title in (
            ("command", tr("Command line")),
            ("processing", tr("Processing call")),
            ("python", tr("Python")),
            ("json", tr("JSON for a cluster")),
        ):
            action = menu.addAction(title)
            action.setObjectName(f"cscl_copy_{form}")
            action.triggered.connect(lambda _=False, form=form: self.copied.emit(form))
        self.copy_button.setMenu(menu)


def _copy_button() -> QToolButton:
    button = named_tool_button(
        "cscl_history_copy", tr("Copy as"),
        tr("Copy the run as a command, a call, a program or a file"),
    )  # fmt: skip
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return button
