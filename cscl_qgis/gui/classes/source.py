"""Which layer, which field, and the button that reads them."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from qgis.core import QgsProject
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ....backend.cscl.contract.fields import fields_of
from ....backend.cscl.contract.jobs import DatasetJob
from ...words import told, tr
from ..parcel_source import ParcelSource
from ..parcels import ParcelsEdit
from ..parts import named_button, plain_label
from ..rows import field_rows
from .class_field import ClassFieldBox


class ParcelsChoice(QWidget):
    """Chooses parcels and their class field; `read_wanted` once both are there."""

    changed = pyqtSignal()
    read_wanted = pyqtSignal()
    stop_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.parcels = ParcelsEdit()
        self.field = ClassFieldBox()
        self._reading = False
        self.button = named_button("cscl_read_classes")
        self.status = plain_label("cscl_read_status")
        known = {field.name: field for field in fields_of(DatasetJob)}
        widgets = {"parcels": self.parcels, "class_field": self.field}
        for name, widget in widgets.items():
            widget.setToolTip(told(known[name].help))
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addWidget(self.status, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(field_rows((known[name], widget) for name, widget in widgets.items()))
        layout.addLayout(row)
        self.parcels.changed.connect(self._layer_changed)
        self.field.chosen.connect(self._field_chosen)
        self.button.clicked.connect(self._clicked)
        self.show_reading(False)
        self._layer_changed()

    def key(self) -> Tuple[str, str]:
        """Return what tells one choice from another: the layer, and its field."""
        return self._layer_key(), self.field.text()

    def layer_id(self) -> str:
        """Return the id of the layer if it is in the project."""
        layer = self.parcels.layer()
        found = layer is not None and QgsProject.instance().mapLayer(layer.id()) is not None
        return str(layer.id()) if layer is not None and found else ""

    def source(self) -> ParcelSource:
        """Return the parcels as they stand; raises `UserError` where something is not chosen."""
        layer = self.parcels.layer()
        if layer is None:
            raise UserError(
                "missing_value", tr("Parcels"), tr("no layer is chosen"),
                tr("Choose a polygon layer, or a file with the button beside the list."),
            )  # fmt: skip
        if not self.field.text():
            raise UserError(
                "missing_value", tr("Class field"), tr("none is chosen"),
                tr("Choose the field that holds the crop."),
            )  # fmt: skip
        return ParcelSource(layer, self.parcels.only_selected())

    def show_reading(self, reading: bool, text: str = "") -> None:
        """Show whether parcels are being read, and what came of it."""
        self._reading = reading
        self.button.setText(tr("Stop") if reading else tr("Read classes"))
        self.button.setToolTip(
            tr("Stop reading") if reading
            else tr("Count the values of the field and check the parcels")
        )  # fmt: skip
        self.status.setText(text)

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        return {
            "layer": self.layer_id(),
            "file": self.parcels.state(),
            "selected": self.parcels.only_selected(),
            "field": self.field.text(),
        }

    def restore(self, state: Any) -> None:
        """Show what `state` returned."""
        kept = state if isinstance(state, dict) else {}
        self.parcels.set_layer(QgsProject.instance().mapLayer(str(kept.get("layer") or "")))
        self.parcels.set_value(kept.get("file"))
        self.parcels.set_only_selected(kept.get("selected") is True)
        self.field.set_text(str(kept.get("field") or ""))
        self.changed.emit()

    def _layer_key(self) -> str:
        layer = self.parcels.layer()
        return self.layer_id() or ("" if layer is None else str(layer.source()))

    def _layer_changed(self) -> None:
        self.field.follow(self.parcels.layer())
        self.button.setEnabled(self.parcels.layer() is not None)
        self.changed.emit()

    def _field_chosen(self, text: str) -> None:
        self.changed.emit()
        if text and self.parcels.layer() is not None:
            self.read_wanted.emit()

    def _clicked(self) -> None:
        (self.stop_wanted if self._reading else self.read_wanted).emit()
