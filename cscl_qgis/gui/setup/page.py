"""What the dock shows at the first start: the way to an engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ....backend.cscl.contract.errors import UserError
from ...engine.install import places
from ...engine.install.installer import Installer
from ...engine.locate import EngineMissing, NothingInstalled, locate_engine
from ...settings import read_settings, write_settings
from ...words import tr
from ..details import DetailsDialog
from ..guide import open_guide
from ..parts import named_button, named_tool_button, plain_label, scrolled
from ..workspace import Workspace
from .choices import Choices
from .demo import Demo
from .existing import ExistingPython
from .progress import InstallProgress
from .ready import ReadyView, demo_help


class SetupPage(QWidget):
    """Says what will be installed, where and how large; installs it; offers the demonstration."""

    # Whether there is an engine may have changed.
    changed = pyqtSignal()
    # The person is done here.
    left = pyqtSignal()

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_setup")
        self._workspace = workspace
        self._installer: Optional[Installer] = None
        self._trial: Optional[ExistingPython] = None
        self._details = ""
        self._present = False
        self.demo = Demo(workspace, self)
        self.choices = Choices()
        self.progress = InstallProgress()
        self._text = plain_label("cscl_setup_text")
        self._problem = plain_label("cscl_engine_problem")
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._note = plain_label("cscl_setup_note")
        self.ready = ReadyView()
        self.with_demo = QCheckBox(tr("Then try the demo scene"))
        self.with_demo.setObjectName("cscl_setup_with_demo")
        self.with_demo.setToolTip(demo_help())
        self._make_buttons()
        self._stack = QStackedWidget()
        for part in (self._choosing(), self.progress, self.ready):
            self._stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._head())
        layout.addWidget(self._stack, 1)
        self.choices.changed.connect(self._show_choices)
        self.progress.cancelled.connect(self._cancel)
        self.ready.demo_wanted.connect(self._start_demo)
        self.ready.left.connect(self.left)
        workspace.job_started.connect(self._show_choices)
        workspace.job_ended.connect(self._show_choices)
        self.look()

    @property
    def busy(self) -> bool:
        """Whether an installation is under way."""
        return self._installer is not None

    @property
    def present(self) -> bool:
        """Whether there was an engine when it was last looked for."""
        return self._present

    def in_use(self) -> bool:
        """Tell whether a job runs or the engine is being installed."""
        return self.busy or self._workspace.runner.is_running()

    def let_go(self) -> None:
        """End the process that answers questions, before its engine is removed."""
        self._workspace.questions.start_anew()

    def look(self) -> bool:
        """Look for the engine; return whether it is there."""
        problem = ""
        try:
            locate_engine()
            self._present = True
        except NothingInstalled:
            self._present = False  # that is what this page is for
        except EngineMissing as missing:
            self._present, problem = False, str(missing)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if not self.busy:
            self._stack.setCurrentIndex(0)
        self._show_choices()
        self.changed.emit()
        return self._present

    def showEvent(self, event: Any) -> None:  # noqa: N802 - the name that Qt calls
        """Find out what the machine offers when the page is first seen."""
        super().showEvent(event)
        self.choices.ask()

    def install(self) -> None:
        """Begin the installation, or only renew the engine's own package where that suffices."""
        installer = Installer(parent=self)
        try:
            if self._can_refresh():
                installer.refresh()
            else:
                wishes = self.choices.wishes()
                if wishes is None:
                    return
                installer.start(wishes)
        except UserError as error:
            self._say_problem(str(error), "")
            return
        self._installer = installer
        installer.progressed.connect(self.progress.show_share)
        installer.line.connect(self.progress.log.add)
        installer.ended.connect(self._installed)
        self.progress.begin()
        self._stack.setCurrentWidget(self.progress)

    def close_down(self) -> None:
        """Stop what is under way; for the end of the plugin or of QGIS."""
        self.choices.close_down()
        for part in (self._installer, self._trial):
            if part is not None:
                part.close()
        self._installer = self._trial = None

    # The parts.

    def _head(self) -> QHBoxLayout:
        heading = QLabel(tr("Set up the engine"))
        heading.setObjectName("cscl_setup_heading")
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        help_button = named_tool_button("cscl_setup_help", "?", tr("Open the guide at this page"))
        help_button.clicked.connect(lambda: open_guide("install"))
        row = QHBoxLayout()
        row.addWidget(heading, 1)
        row.addWidget(help_button)
        return row

    def _make_buttons(self) -> None:
        self.install_button = named_button("cscl_setup_install", tr("Install"))
        self.existing_button = named_button(
            "cscl_engine_choose", tr("Use an existing Python…"),
            tr("One that has the engine's libraries already; it is tried first"),
        )  # fmt: skip
        self.again_button = named_button(
            "cscl_engine_again", tr("Look again"), tr("Look whether there is an engine now")
        )
        self.details_button = named_button(
            "cscl_setup_details", tr("Details"), tr("What the programs said")
        )
        self.install_button.clicked.connect(self.install)
        self.existing_button.clicked.connect(self._choose_existing)
        self.again_button.clicked.connect(self.look)
        self.details_button.clicked.connect(self._show_details)

    def _choosing(self) -> QWidget:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._text.setText(
            tr(
                "Maps are computed by an engine beside QGIS: a Python environment of its own with "
                "PyTorch and libraries for rasters and layers. Nothing is added to the Python of "
                "QGIS, and all of it can be removed again."
            )
        )
        for part in (self._text, self._problem):
            layout.addWidget(part)
        layout.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignRight)
        for part in (self.choices, self._note, self.with_demo, self.install_button):
            layout.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.existing_button, 1)
        row.addWidget(self.again_button)
        layout.addLayout(row)
        layout.addStretch(1)
        self.details_button.hide()
        return scrolled(content)

    # What is shown.

    def _show_choices(self, *_: object) -> None:
        refresh = self._can_refresh()
        self.choices.setVisible(not refresh)
        self.install_button.setText(tr("Update") if refresh else tr("Install"))
        running = self._workspace.runner.is_running()
        missing = "" if refresh else self.choices.missing()
        self.install_button.setEnabled(not missing and not running and self._trial is None)
        self.existing_button.setEnabled(not running and self._trial is None)
        if running:
            missing = tr("A job is running; the engine can be installed when it has ended.")
        unchanged = tr("The libraries are those of this version already; nothing is downloaded.")
        self._note.setText(missing or (unchanged if refresh else self.choices.size_in_words()))

    def _say_problem(self, text: str, details: str) -> None:
        self._details = details
        self._problem.setText(text)
        self._problem.setVisible(True)
        self.details_button.setVisible(bool(details))
        self._stack.setCurrentIndex(0)
        self._show_choices()

    def _show_details(self) -> None:
        DetailsDialog(self._problem.text(), self._details, self.window()).open()

    def _can_refresh(self) -> bool:
        return not self._present and places.can_refresh(places.REQUIREMENTS)

    # What happens.

    def _installed(self, error: Optional[UserError]) -> None:
        installer, self._installer = self._installer, None
        details = installer.details if installer is not None else ""
        if installer is not None:
            installer.deleteLater()
        if error is not None:
            self.look()
            self._say_problem("" if error.code == "cancelled" else str(error), details)
            self._problem.setVisible(error.code != "cancelled")
            return
        # A Python that was named earlier would still come first.
        write_settings(replace(read_settings(), backend_python=""))
        self.details_button.hide()
        if self._ready() and self.with_demo.isChecked():
            self._start_demo()

    def _ready(self) -> bool:
        """Say that the engine is ready; tell whether it is."""
        if not self.look():
            return False
        # The process that answers questions is still that of the engine before.
        self._workspace.questions.start_anew()
        self.ready.show_checks()
        self._stack.setCurrentWidget(self.ready)
        return True

    def _cancel(self) -> None:
        if self._installer is not None:
            self._installer.cancel()

    def _choose_existing(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("A Python that has the engine's libraries"))
        if path:
            self.try_existing(path)

    def try_existing(self, path: str) -> None:
        """Try an interpreter, and use it where the engine works with it."""
        self._trial = ExistingPython(path, self._tried, self)
        self._show_choices()
        self._note.setText(tr("Trying the engine with that Python…"))
        self._trial.start()

    def _tried(self, error: Optional[UserError], details: str) -> None:
        trial, self._trial = self._trial, None
        if trial is not None:
            trial.deleteLater()
        if error is not None:
            self._say_problem(str(error), details)
        else:
            self.details_button.hide()
            self._ready()

    def _start_demo(self) -> None:
        self.demo.start()
        self.left.emit()
