"""The jobs of the page, one after the other: the map, then the parcels on it."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.jobs import make_job
from ...engine.outcome import Outcome
from ...words import tr
from ..parcel_source import ParcelSource
from ..workspace import Workspace

MAP, PARCELS = "map", "parcels"


class MapRun(QObject):
    """Runs a map; where parcels were given, they are classified when it is there."""

    # The map folder, once all that was asked for is in it.
    finished = pyqtSignal(str)

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._output = ""
        self._done = ""
        self._parcels: Optional[ParcelSource] = None
        self._parcel_values: Dict[str, Any] = {}
        workspace.job_ended.connect(self._ended)

    def start(
        self,
        values: Dict[str, Any],
        sources: Dict[str, ParcelSource],
        parcels: Optional[ParcelSource],
        parcel_values: Dict[str, Any],
    ) -> None:
        """Start the map. Raises `UserError` with all that is wrong with the values of both jobs."""
        if parcels is not None and values.get("output"):
            make_job(PARCELS, {**parcel_values, "parcels": "layer.gpkg"})
        self._workspace.run(MAP, values, sources)
        self._output = values["output"]
        self._done = tr("The crop map is complete.")
        self._parcels, self._parcel_values = parcels, parcel_values

    def classify(self, parcels: ParcelSource, parcel_values: Dict[str, Any]) -> None:
        """Classify parcels on a map that is there; raises `UserError` as `start` does."""
        self._workspace.run(PARCELS, parcel_values, {"parcels": parcels})
        self._output = parcel_values["map"]
        self._done = tr("The parcels are classified.")

    def _ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        if not self._output or job not in (MAP, PARCELS):
            return
        if job == MAP and outcome.succeeded and self._parcels is not None:
            # The other pages hear first that the map is done; then the next job may begin.
            QTimer.singleShot(0, self._classify)
            return
        output, self._output, self._parcels = self._output, "", None
        if outcome.succeeded:
            self._workspace.tell(self._done, Qgis.MessageLevel.Success)
            self.finished.emit(output)

    def _classify(self) -> None:
        parcels, self._parcels = self._parcels, None
        if parcels is None:
            return
        try:
            self._workspace.run(PARCELS, self._parcel_values, {"parcels": parcels})
        except UserError as error:
            self._output = ""
            self._workspace.warn(str(error))
