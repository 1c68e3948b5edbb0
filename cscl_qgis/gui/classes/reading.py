"""Reading parcels: their layer to a file beside the main thread, then the engine's answer."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...layers.snapshot import snapshot_source
from ...words import tr
from ..background import Background
from ..parcel_source import ParcelSource
from ..workspace import Workspace

QUESTION = "parcels"


class ParcelReading(QObject):
    """Reads one layer at a time; each reading ends with one of the signals, or was stopped."""

    answered = pyqtSignal(dict)
    refused = pyqtSignal(str)

    def __init__(self, workspace: Workspace, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = Background(self)
        self._number: Optional[int] = None

    def is_reading(self) -> bool:
        """Tell whether an answer is awaited."""
        return self._number is not None or self._background.is_busy()

    def start(self, source: ParcelSource, values: Dict[str, Any]) -> None:
        """Read parcels; `values` is what the question takes besides them."""
        self.stop()
        transforms = QgsProject.instance().transformContext()
        self._background.do(
            tr("Crop mapping: reading parcels"),
            lambda is_cancelled: snapshot_source(source, transforms, is_cancelled),  # type: ignore[arg-type]
            lambda path: self._ask({**values, "parcels": path}),
            self._refused,
        )

    def stop(self) -> None:
        """Forget what is being read."""
        self._background.stop()
        self._forget()

    def close_down(self) -> None:
        """Stop and wait for the thread; for the end of the plugin or of QGIS."""
        self._background.close()
        self._forget()

    def _forget(self) -> None:
        number, self._number = self._number, None
        if number is not None:
            self._workspace.questions.forget(number)

    def _ask(self, values: Dict[str, Any]) -> None:
        self._number = self._workspace.questions.ask(
            QUESTION, values, self._answered, self._refused
        )

    def _answered(self, answer: Dict[str, Any]) -> None:
        self._number = None
        self.answered.emit(answer)

    def _refused(self, error: UserError) -> None:
        self._number = None
        self.refused.emit(str(error))
