"""Runs one job of the dock: layers to files in a task, then the engine's process."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Optional

from qgis.core import QgsApplication, QgsProject, QgsTask
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...backend.cscl.contract.errors import Cancelled, UserError
from ...backend.cscl.contract.jobs import make_job
from ..engine.outcome import Outcome
from ..engine.process import EngineProcess
from ..engine.values import checked_values
from ..layers.snapshot import snapshot_source
from ..words import tr
from .parcel_source import ParcelSource


class SnapshotTask(QgsTask):
    """Writes layers to files beside the main thread."""

    def __init__(self, sources: Dict[str, ParcelSource]) -> None:
        super().__init__(tr("Crop mapping: reading parcels"), QgsTask.Flag.CanCancel)
        self._sources = dict(sources)
        self._transforms = QgsProject.instance().transformContext()
        self.paths: Dict[str, str] = {}
        self.error: Optional[Exception] = None

    def run(self) -> bool:
        """Write the files; called by QGIS in a thread of its own."""
        try:
            for name, source in self._sources.items():
                self.paths[name] = snapshot_source(source, self._transforms, self.isCanceled)  # type: ignore[arg-type]
        except Exception as error:  # a task must not raise: the runner says it in words
            self.error = error
        return self.error is None


class JobRunner(QObject):
    """One job after another; every one that was started ends with exactly one `ended`."""

    event_received = pyqtSignal(object)
    log_received = pyqtSignal(str)
    ended = pyqtSignal(object)
    responding = pyqtSignal(bool)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._task: Optional[SnapshotTask] = None
        self._process: Optional[EngineProcess] = None

    def is_running(self) -> bool:
        """Tell whether a job is under way."""
        return self._task is not None or self._process is not None

    def start(self, name: str, values: Dict[str, Any], sources: Dict[str, ParcelSource]) -> None:
        """Start the job `name`; each of its fields in `sources` comes from a layer.

        Raises `UserError` with everything that is wrong with the values; nothing runs then.
        """
        if self.is_running():
            raise RuntimeError("a runner runs one job at a time")
        whole = checked_values(name, values, sources)
        task = self._task = SnapshotTask(sources)
        task.taskCompleted.connect(partial(self._layers_written, task, name, whole))
        task.taskTerminated.connect(partial(self._layers_failed, task))
        QgsApplication.taskManager().addTask(task)

    def cancel(self) -> None:
        """Ask the job to stop; `ended` follows."""
        if self._process is not None:
            self._process.cancel()
        elif self._task is not None:
            self._task.cancel()

    def command(self, name: str) -> None:
        """Send pause, resume or finish to the engine, if it works already."""
        if self._process is not None:
            self._process.command(name)

    def kill(self) -> None:
        """End the engine's process now, as one that does not respond; `ended` follows."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Stop at once and say nothing more; for the end of the plugin or of QGIS."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            task.waitForFinished(2000)
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _layers_written(self, task: SnapshotTask, name: str, values: Dict[str, Any]) -> None:
        if task is not self._task:
            return
        self._task = None
        process = EngineProcess(self)
        process.event_received.connect(self.event_received)
        process.log_received.connect(self.log_received)
        process.ended.connect(self._process_ended)
        process.responding.connect(self.responding)
        self._process = process
        try:
            process.start(make_job(name, {**values, **task.paths}))
        except UserError as error:
            self._finish(Outcome("failed", {}, error.code, str(error)))

    def _layers_failed(self, task: SnapshotTask) -> None:
        if task is not self._task:
            return
        self._task = None
        error = task.error
        if error is None or isinstance(error, Cancelled):
            self.ended.emit(Outcome("cancelled", {}, "cancelled", tr("The job was cancelled.")))
        elif isinstance(error, UserError):
            self.ended.emit(Outcome("failed", {}, error.code, str(error)))
        else:
            message = tr(
                "The parcels could not be read ({found}). Save the layer as a GeoPackage and "
                "choose that file.",
                found=f"{type(error).__name__}: {error}",
            )
            self.ended.emit(Outcome("failed", {}, "snapshot_failed", message))

    def _process_ended(self, outcome: Outcome) -> None:
        self._finish(outcome)

    def _finish(self, outcome: Outcome) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self.ended.emit(outcome)
