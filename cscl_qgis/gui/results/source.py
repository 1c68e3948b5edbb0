"""The results that the page shows: read in a task, held open without being in the project."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract import strict_json
from ....backend.cscl.contract.errors import UserError
from ...layers.folder import ResultsFolder, read_results
from ...words import tr
from ..background import Background
from .matrices import Matrix, report_matrices
from .parcel_table import ParcelReader, ParcelRow

Read = Tuple[ResultsFolder, List[Matrix], Optional[UserError]]


class ResultsSource(QObject):
    """One folder of results at a time, with its parcels and the scores of its report."""

    # The folder has been read, or there is none any more.
    folder_changed = pyqtSignal()
    # The parcels have been read: `parcels`, and `listed` of the list for inspectors.
    parcels_changed = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.folder: Optional[ResultsFolder] = None
        self.scores: List[Matrix] = []
        self.parcels: List[ParcelRow] = []
        self.listed: List[ParcelRow] = []
        self._reading = Background(self)
        self._parcels_reading = Background(self)

    def is_reading(self) -> bool:
        """Tell whether something is being read."""
        return self._reading.is_busy() or self._parcels_reading.is_busy()

    def open(self, path: str) -> None:
        """Read a folder; `folder_changed` or `refused` follows."""
        self.clear()
        self._reading.do(
            tr("Crop mapping: reading results"),
            lambda _: _read(path),
            self._opened,
            self.refused.emit,
        )

    def clear(self) -> None:
        """Forget the folder."""
        self._reading.stop()
        self._parcels_reading.stop()
        self.folder, self.scores, self.parcels, self.listed = None, [], [], []
        self.folder_changed.emit()

    def read_parcels(
        self, parcels: QgsVectorLayer, listed: Optional[QgsVectorLayer], class_field: str
    ) -> None:
        """Read the rows of the classified parcels, and of the list for inspectors where it is."""
        first = ParcelReader(parcels, class_field)
        second = ParcelReader(listed, class_field) if listed is not None else None

        def read(is_cancelled: Callable[[], bool]) -> Any:
            rows = first.read(is_cancelled)
            return rows, second.read(is_cancelled) if second is not None else []

        self._parcels_reading.do(
            tr("Crop mapping: reading parcels"), read, self._parcels_read, self.refused.emit
        )

    def close(self) -> None:
        """Stop reading and wait for the threads."""
        self._reading.close()
        self._parcels_reading.close()

    def _opened(self, found: Read) -> None:
        self.folder, self.scores, problem = found
        self.folder_changed.emit()
        if problem is not None:
            self.refused.emit(problem)

    def _parcels_read(self, found: Tuple[List[ParcelRow], List[ParcelRow]]) -> None:
        self.parcels, self.listed = found
        self.parcels_changed.emit()


def _read(path: str) -> Read:
    """Read the folder; a damaged report is told of, but the map is worth showing without it."""
    folder = read_results(path)
    report = folder.outputs.get("report_data")
    if report is None:
        return folder, [], None
    try:
        return folder, report_matrices(strict_json.read(report), report), None
    except UserError as error:
        return folder, [], error
