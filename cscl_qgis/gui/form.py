"""The form of the job that does everything, made from the job's own fields."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from qgis.core import QgsProject
from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ...backend.cscl.contract.fields import Field, fields_of
from ...backend.cscl.contract.jobs import PipelineJob
from ..words import told, tr
from .editors import Editor, make_editor
from .images import ImagesEdit
from .parcels import ParcelsEdit, class_field_box
from .rows import field_rows

# What the person sees first, in this order; the job's other fields follow under Advanced.
MAIN = ("images", "parcels", "class_field", "preset", "season", "resolution", "output")


class JobForm(QWidget):
    """Edits the fields of a `PipelineJob`; parcels are a layer, written to a file only later."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.images = ImagesEdit()
        self.parcels = ParcelsEdit()
        self.class_field = class_field_box(self.parcels)
        self._editors: Dict[str, Editor] = {}
        fields = {field.name: field for field in fields_of(PipelineJob)}
        rest = [field for name, field in fields.items() if name not in MAIN]
        self._advanced = QgsCollapsibleGroupBox(tr("Advanced"))
        self._advanced.setObjectName("cscl_advanced")
        self._advanced.setLayout(field_rows([(field, self._widget(field)) for field in rest]))
        self._advanced.setSaveCollapsedState(False)
        self._advanced.setCollapsed(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.addLayout(field_rows([(fields[name], self._widget(fields[name])) for name in MAIN]))
        layout.addWidget(self._advanced)
        layout.addStretch(1)
        for part in (self.images, self.parcels, *self._editors.values()):
            part.changed.connect(self.changed)
        self.class_field.fieldChanged.connect(self._tell)

    def values(self) -> Dict[str, Any]:
        """Return the values of the job's fields but for parcels; raises `UserError`.

        What the person left open is left out, so that the job takes its default.
        """
        values: Dict[str, Any] = {name: item.value() for name, item in self._editors.items()}
        values["images"] = self.images.value()
        values["class_field"] = self.class_field.currentField() or None
        return {name: value for name, value in values.items() if value is not None}

    def output(self) -> str:
        """Return the output folder; empty where none is given, or no whole path."""
        folder = self._editors["output"].value() or ""
        return folder if os.path.isabs(folder) else ""

    def state(self) -> Dict[str, Any]:
        """Return what the settings keep of the form."""
        state: Dict[str, Any] = {name: item.value() for name, item in self._editors.items()}
        layer = self.parcels.layer()
        known = layer is not None and QgsProject.instance().mapLayer(layer.id()) is not None
        state["images"] = self.images.state()
        state["parcels_layer"] = layer.id() if layer is not None and known else ""
        state["parcels"] = self.parcels.state()
        state["class_field"] = self.class_field.currentField()
        state["advanced"] = not self._advanced.isCollapsed()
        return state

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned; what it lacks is as in a new project."""
        for name, item in self._editors.items():
            item.set_value(state.get(name))
        self.images.set_value(state.get("images"))
        layer_id = str(state.get("parcels_layer") or "")
        self.parcels.set_layer(QgsProject.instance().mapLayer(layer_id))
        # A project does not keep which of its features are selected.
        self.parcels.set_only_selected(False)
        self.parcels.set_value(state.get("parcels"))
        self.class_field.setField(str(state.get("class_field") or ""))
        self._advanced.setCollapsed(not state.get("advanced", False))

    def set_values(self, values: Dict[str, Any]) -> None:
        """Show values of some of the job's fields."""
        for name, value in values.items():
            self._editors[name].set_value(value)

    def _widget(self, field: Field) -> QWidget:
        special = {
            "images": self.images, "parcels": self.parcels, "class_field": self.class_field,
        }  # fmt: skip
        if field.name in special:
            special[field.name].setToolTip(told(field.help))
            return special[field.name]
        editor = self._editors[field.name] = make_editor(field)
        return editor.widget

    def _tell(self, *_: object) -> None:
        self.changed.emit()
