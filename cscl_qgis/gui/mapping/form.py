"""The form of a map: model first, then images, season, area, resolution, parcels and output."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import QgsProject
from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ....backend.cscl.contract.fields import Field, fields_of
from ....backend.cscl.contract.jobs import MapJob, ParcelsJob
from ...words import told, tr
from ..classes.class_field import ClassFieldBox
from ..editors import Editor, make_editor
from ..images import ImagesEdit
from ..parcel_source import ParcelSource
from ..parcels import ParcelsEdit
from ..rows import field_rows
from ..workspace import Workspace
from .area import AreaEdit
from .fits_view import FitsView
from .model_card import ModelCard

PARCELS_FILE = "parcels.gpkg"
ADVANCED = ("cropland", "probabilities", "precision", "workers", "scheduler", "overwrite")


class MapForm(QWidget):
    """Edits the fields of a `MapJob`, and of the `ParcelsJob` that follows where parcels are."""

    changed = pyqtSignal()

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._fields = {field.name: field for field in fields_of(MapJob)}
        self._editors: Dict[str, Editor] = {}
        self.card = ModelCard()
        self.fits = FitsView()
        self.images = ImagesEdit()
        self.area = AreaEdit(workspace)
        self.parcels = ParcelsEdit()
        self.class_field = ClassFieldBox()
        self.clip = QCheckBox(tr("Map these parcels only"))
        self.clip.setObjectName("cscl_clip")
        self.clip.setToolTip(told(self._fields["parcels"].help))
        self._lay_out()
        self._connect()
        self._parcels_changed()

    def editor(self, name: str) -> Editor:
        """Return the editor of a field of the job."""
        return self._editors[name]

    def model(self) -> str:
        """Return the model's folder; empty where none is chosen."""
        return self._editors["model"].value() or ""

    def output(self) -> str:
        """Return the output folder; empty where none is chosen."""
        return self._editors["output"].value() or ""

    def values(self) -> Dict[str, Any]:
        """Return the values of the job but for layers and the area; raises `UserError`."""
        values: Dict[str, Any] = {name: item.value() for name, item in self._editors.items()}
        values["images"] = self.images.value()
        return {name: value for name, value in values.items() if value is not None}

    def sources(self) -> Dict[str, ParcelSource]:
        """Return what comes from layers, by field of the job; raises `UserError`."""
        polygons = self.area.source()
        sources = {"area_polygons": polygons} if polygons is not None else {}
        parcels = self.parcel_source()
        if parcels is not None and self.clip.isChecked():
            sources["parcels"] = parcels
        return sources

    def parcel_source(self) -> Optional[ParcelSource]:
        """Return the parcels that shall be classified, if any are chosen."""
        layer = self.parcels.layer()
        return None if layer is None else ParcelSource(layer, self.parcels.only_selected())

    def parcel_values(self, crop_map: str = "") -> Dict[str, Any]:
        """Return the values of the job that classifies the parcels, but for the parcels.

        They are classified on the map that the form makes, or on one that is there.
        """
        folder = crop_map or self.output()
        return {
            "map": folder,
            "output": str(Path(folder) / PARCELS_FILE),
            "class_field": self.class_field.text() or None,
            "overwrite": bool(self._editors["overwrite"].value()),
        }

    def set_values(self, values: Dict[str, Any]) -> None:
        """Show values of some of the job's fields."""
        for name, value in values.items():
            if name == "images":
                self.images.set_value(value)
            elif name in self._editors:
                self._editors[name].set_value(value)

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps of the form."""
        state: Dict[str, Any] = {name: item.value() for name, item in self._editors.items()}
        layer = self.parcels.layer()
        known = layer is not None and QgsProject.instance().mapLayer(layer.id()) is not None
        state["images"] = self.images.state()
        state["area"] = self.area.state()
        state["parcels_layer"] = layer.id() if layer is not None and known else ""
        state["parcels"] = self.parcels.state()
        state["class_field"] = self.class_field.text()
        state["clip"] = self.clip.isChecked()
        state["advanced"] = not self._advanced.isCollapsed()
        return state

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned; what it lacks is as in a new project."""
        for name, item in self._editors.items():
            item.set_value(state.get(name))
        self.images.set_value(state.get("images"))
        self.area.restore(state.get("area"))
        layer = QgsProject.instance().mapLayer(str(state.get("parcels_layer") or ""))
        self.parcels.set_layer(layer)
        self.parcels.set_value(state.get("parcels"))
        self.class_field.set_text(str(state.get("class_field") or ""))
        self.clip.setChecked(state.get("clip") is True)
        self._advanced.setCollapsed(state.get("advanced") is not True)

    def close_down(self) -> None:
        """Take the drawn area off the map and let go of the layers of files."""
        self.area.close_down()
        self.parcels.close_down()

    def _lay_out(self) -> None:
        declared = {field.name: field for field in fields_of(ParcelsJob)}["class_field"]
        self._advanced = QgsCollapsibleGroupBox(tr("Advanced"))
        self._advanced.setObjectName("cscl_map_advanced")
        self._advanced.setLayout(field_rows([self._row(name) for name in ADVANCED]))
        self._advanced.setSaveCollapsedState(False)
        self._advanced.setCollapsed(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(6)
        layout.addLayout(field_rows([self._row("model")]))
        layout.addWidget(self.card)
        layout.addLayout(field_rows([self._row("images"), self._row("season")]))
        layout.addWidget(self.fits)
        layout.addLayout(field_rows([self._row(name) for name in ("area", "resolution", "device")]))
        self.class_field.setToolTip(told(declared.help))
        layout.addLayout(
            field_rows([(self._fields["parcels"], self.parcels), (declared, self.class_field)])
        )
        layout.addWidget(self.clip)
        layout.addLayout(field_rows([self._row("output")]))
        layout.addWidget(self._advanced)
        layout.addStretch(1)

    def _row(self, name: str) -> "tuple[Field, QWidget]":
        field = self._fields[name]
        special: Dict[str, QWidget] = {"images": self.images, "area": self.area}
        if name in special:
            special[name].setToolTip(told(field.help))
            return field, special[name]
        editor = self._editors[name] = make_editor(field)
        return field, editor.widget

    def _connect(self) -> None:
        parts: List[Any] = [self.images, self.area, self.parcels, *self._editors.values()]
        for part in parts:
            part.changed.connect(self.changed)
        self.parcels.changed.connect(self._parcels_changed)
        self.class_field.chosen.connect(lambda _: self.changed.emit())
        self.clip.toggled.connect(lambda _: self.changed.emit())

    def _parcels_changed(self) -> None:
        layer = self.parcels.layer()
        self.class_field.follow(layer)
        self.class_field.setEnabled(layer is not None)
        self.clip.setEnabled(layer is not None)
