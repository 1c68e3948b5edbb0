"""Asks before a running job ends with QGIS or the plugin, or when its project is closed."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsApplication, QgsProject
from qgis.gui import QgsApplicationExitBlockerInterface
from qgis.PyQt.QtCore import Qt, QThread
from qgis.PyQt.QtWidgets import QMessageBox, QPushButton

from ..words import tr
from .workspace import TITLE, Workspace


class ClosingGuard(QgsApplicationExitBlockerInterface):
    """Stands between a running job and its end; QGIS asks it before it exits."""

    def __init__(self, iface: Any, workspace: Workspace) -> None:
        super().__init__()
        self._iface, self._workspace = iface, workspace
        self._job = ""
        self._leaving = False
        self._box: Optional[QMessageBox] = None
        workspace.job_started.connect(self._started)
        workspace.job_ended.connect(self._ended)
        QgsProject.instance().cleared.connect(self._project_closed)
        iface.registerApplicationExitBlocker(self)

    def close_down(self) -> None:
        """Ask no more; for the end of the plugin."""
        self._iface.unregisterApplicationExitBlocker(self)
        QgsProject.instance().cleared.disconnect(self._project_closed)
        self._workspace.job_started.disconnect(self._started)
        self._workspace.job_ended.disconnect(self._ended)
        self._answered()

    def allowExit(self) -> bool:  # noqa: N802 - the name that QGIS calls
        """Tell whether QGIS may exit: the person is asked while a job runs."""
        self._leaving = False
        if not self._workspace.runner.is_running():
            return True
        box = self._question(
            tr(
                "A job is running: {job}. If QGIS closes, the job stops. It stays in the history "
                "and can be resumed from there.",
                job=self._job,
            )
        )
        stay = _button(box, tr("Keep QGIS open"), QMessageBox.ButtonRole.RejectRole)
        leave = _button(box, tr("Stop the job and close"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.exec()
        self._leaving = box.clickedButton() is leave
        self._answered()
        return self._leaving or not self._workspace.runner.is_running()

    def before_unload(self) -> None:
        """Wait for the running job, or until the person stops it; not while QGIS is exiting."""
        turning = QThread.currentThread().loopLevel() > 0
        if self._leaving or not turning or not self._workspace.runner.is_running():
            return
        box = self._question(
            tr(
                "A job is running: {job}. The plugin is unloaded when it has ended. If it is "
                "stopped now, it stays in the history and can be resumed from there.",
                job=self._job,
            )
        )
        _button(box, tr("Stop the job now"), QMessageBox.ButtonRole.AcceptRole)
        box.exec()
        self._answered()

    def _project_closed(self) -> None:
        if self._leaving or self._box is not None or not self._workspace.runner.is_running():
            return
        box = self._question(
            tr(
                "The project was closed while a job is running: {job}. The job works from files "
                "and goes on; its results are found in the history.",
                job=self._job,
            )
        )
        go_on = _button(box, tr("Let it go on"), QMessageBox.ButtonRole.RejectRole)
        stop = _button(box, tr("Stop the job"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(go_on)
        box.setEscapeButton(go_on)
        stop.clicked.connect(self._workspace.runner.cancel)
        box.finished.connect(self._answered)
        # Not modal to the loop: QGIS is in the middle of closing the project.
        box.open()

    def _question(self, text: str) -> QMessageBox:
        self._answered()
        box = self._box = QMessageBox(self._iface.mainWindow())
        box.setObjectName("cscl_job_running")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(TITLE)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        return box

    def _answered(self, *_: object) -> None:
        box, self._box = self._box, None
        if box is not None:
            box.deleteLater()

    def _started(self, job: str, values: Dict[str, Any]) -> None:
        self._leaving = False
        self._job = job_title(job)

    def _ended(self, job: str, values: Dict[str, Any], outcome: Any) -> None:
        if self._box is not None:
            self._box.reject()


def job_title(job: str) -> str:
    """Return what a job is called in the toolbox, which every job for people is in."""
    algorithm = QgsApplication.processingRegistry().algorithmById(f"cscl:{job}")
    return job if algorithm is None else str(algorithm.displayName())


def _button(box: QMessageBox, text: str, role: QMessageBox.ButtonRole) -> QPushButton:
    button: QPushButton = box.addButton(text, role)
    return button
