"""The offer to classify parcels on a map that is finished already."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ...words import tr
from ..finished import FinishedOutputs
from ..parts import named_button, plain_label
from ..workspace import Workspace
from .form import MapForm

MAP_ROLE = "map"


class ParcelsOnly(QWidget):
    """Shows itself where the form's output folder holds a finished map."""

    wanted = pyqtSignal()

    def __init__(
        self, workspace: Workspace, form: MapForm, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._form = form
        self.finished = FinishedOutputs(self)
        self.message = plain_label("cscl_map_is_there")
        self.button = named_button(
            "cscl_parcels_only", tr("Classify parcels"),
            tr("Judge the chosen parcels by the map that is there; nothing is mapped again"),
        )  # fmt: skip
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.message)
        layout.addWidget(self.button)
        self.button.clicked.connect(self.wanted)
        self.finished.changed.connect(self.show_state)
        form.changed.connect(self._form_changed)
        workspace.job_ended.connect(lambda *_: self.finished.again())
        self.show_state()

    def map_folder(self) -> str:
        """Return the folder of the finished map: the output itself, or one of its folders."""
        return self.finished.outputs.get(MAP_ROLE, "")

    def close_down(self) -> None:
        """Stop looking into the folder."""
        self.finished.close()

    def show_state(self) -> None:
        """Show whether there is a map, and whether parcels are chosen to be classified on it."""
        there = bool(self.map_folder())
        running = self._workspace.runner.is_running()
        chosen = self._form.parcels.layer() is not None
        self.setVisible(there and not running)
        self.button.setEnabled(chosen and self._workspace.engine_present)
        self.message.setText(
            tr("The output folder holds a finished map: parcels can be classified on it alone.")
            if chosen
            else tr(
                "The output folder holds a finished map. Choose parcels to classify them on it."
            )
        )

    def _form_changed(self) -> None:
        self.finished.look(self._form.output())
        self.show_state()
