"""Puts the dates of a time series on the map, a layer each, without holding QGIS up."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List, Tuple

from qgis.core import QgsDateTimeRange, QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.home import data_folder
from ...layers.temporal import group_of, new_group, open_picture, prepare_playing, shown_times
from ...layers.true_colour import Picture, Pictures, pictures_of
from ...words import tr
from ..background import Background
from ..parts import one_shot
from ..workspace import Workspace


class MapShow(QObject):
    """Reads the time series in a task, then adds one layer in each turn of the main loop."""

    finished = pyqtSignal()

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._reading = Background(self)
        self._series: List[str] = []
        self._todo: List[Tuple[Picture, QgsDateTimeRange]] = []
        self._periods: List[QgsDateTimeRange] = []
        self._shown = ""
        self._failed: List[str] = []
        self._added = 0
        self._turn = one_shot(self, 0, self._add_one)
        QgsProject.instance().cleared.connect(self.stop)

    def is_busy(self) -> bool:
        """Tell whether layers are still added."""
        return self._reading.is_busy() or bool(self._todo or self._series)

    def show_series(self, series: List[str]) -> None:
        """Show time series, each in a group of its own."""
        self.stop()
        self._series, self._periods, self._failed, self._added = list(series), [], [], 0
        self._next()

    def stop(self) -> None:
        """Add nothing more."""
        self._turn.stop()
        self._reading.stop()
        self._series, self._todo = [], []

    def close(self) -> None:
        """Stop, and wait for the task."""
        self.stop()
        self._reading.close()
        QgsProject.instance().cleared.disconnect(self.stop)

    def _next(self) -> None:
        if not self._series:
            self._end()
            return
        path = self._series.pop(0)
        folder = data_folder() / "layers"

        def read(is_cancelled: Callable[[], bool]) -> Pictures:
            return pictures_of(path, folder)

        def answered(pictures: Pictures) -> None:
            self._begin(path, pictures)

        self._reading.do(tr("Crop mapping: dates of a time series"), read, answered, self._refused)

    def _begin(self, path: str, pictures: Pictures) -> None:
        self._failed += [
            tr("{name}: QGIS cannot show cubes of this form", name=name)
            for name in pictures.left_out
        ]
        name = Path(path).name.replace(".series.json", "")
        new_group(path, f"{name} ({', '.join(pictures.bands)})")
        self._shown = path
        periods = shown_times(pictures)
        self._periods += periods
        # The layer that is added last lies on top: the first date, as the controller begins.
        self._todo = [(item, periods[at]) for at, item in enumerate(pictures.pictures)][::-1]
        self._turn.start()

    def _add_one(self) -> None:
        group = group_of(self._shown)
        if not self._todo or group is None:  # none: the person has removed it
            self._todo = []
            self._next()
            return
        picture, period = self._todo.pop(0)
        try:
            layer = open_picture(picture, period)
            QgsProject.instance().addMapLayer(layer, False)
            node = group.insertLayer(0, layer)
            node.setExpanded(False)
            self._added += 1
        except UserError as error:
            self._failed.append(str(error))
        self._turn.start()

    def _refused(self, error: UserError) -> None:
        self._series, self._todo = [], []
        self._workspace.warn(str(error))
        self.finished.emit()

    def _end(self) -> None:
        if self._failed:
            self._workspace.warn(
                tr("{count} images are not on the map.", count=len(self._failed)),
                "\n".join(self._failed),
            )
        if self._added:
            prepare_playing(self._workspace.iface.mapCanvas(), self._periods)
            self._workspace.tell(
                tr("{count} dates are on the map. View > Panels > Temporal Controller plays them.",
                   count=self._added)
            )  # fmt: skip
        self.finished.emit()
