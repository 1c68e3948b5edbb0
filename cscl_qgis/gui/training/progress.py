"""How a training goes: its charts and the picture of its prediction."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ....backend.cscl.contract.events import Event, Picture
from ...words import tr
from ..parts import scroll_down
from .charts import TrainingCharts
from .prediction import PredictionView


class TrainingProgress(QgsScrollArea):
    """Charts above a picture; scrolls where there is little room."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.charts = TrainingCharts(tr("There are no figures yet: start a training."))
        self.picture = PredictionView()
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addWidget(self.charts, 1)
        layout.addWidget(self.picture)
        scroll_down(self, inner)

    def take(self, event: Event) -> None:
        """Take an event of the running job."""
        if isinstance(event, Picture):
            self.picture.show_picture(event.path, event.step)
        else:
            self.charts.take(event)

    def clear(self) -> None:
        """Show nothing."""
        self.charts.clear()
        self.picture.clear()
