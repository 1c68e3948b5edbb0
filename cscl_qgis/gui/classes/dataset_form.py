"""What a dataset is made of besides parcels and classes: images, split, output, details."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsCollapsibleGroupBox, QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ....backend.cscl.contract.fields import Field, fields_of
from ....backend.cscl.contract.jobs import DatasetJob
from ...words import told, tr
from ..history.again import another
from ..images import ImagesEdit
from ..parcel_source import ParcelSource
from ..rows import FieldRows, field_rows
from . import rules

FOLDER = "dataset"
MAIN = ("output", "split")
# The fields that go with one kind of split alone.
OF_SPLIT = {
    "blocks": ("hold_out",),
    "folds": ("folds", "fold"),
    "field": ("split_field",),
    "layer": ("split_layer",),
}
ELSEWHERE = ("images", "parcels", "class_field", "classes", *rules.NAMES)


class DatasetForm(QWidget):
    """Edits the fields of the job that builds datasets, but for parcels and classes."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        known = {field.name: field for field in fields_of(DatasetJob)}
        self._suggested = ""
        self.images = ImagesEdit()
        self.images.setToolTip(told(known["images"].help))
        self.main = FieldRows([known[name] for name in MAIN])
        self.split_field = QgsFieldComboBox()
        self.split_field.setObjectName("cscl_split_field")
        self.split_field.setAllowEmptyFieldName(True)
        self.split_layer = _polygons("cscl_split_layer")
        self.split = {
            kind: FieldRows([known[name] for name in OF_SPLIT[kind]])
            for kind in ("blocks", "folds")
        }
        self._of_split: Dict[str, QWidget] = {
            **self.split,
            "field": _row(known["split_field"], self.split_field),
            "layer": _row(known["split_layer"], self.split_layer),
        }
        shown = {*MAIN, *ELSEWHERE, *(name for names in OF_SPLIT.values() for name in names)}
        self.details = FieldRows([item for name, item in known.items() if name not in shown])
        self.group = QgsCollapsibleGroupBox(tr("Details"))
        self.group.setObjectName("cscl_dataset_details")
        self.group.setSaveCollapsedState(False)
        self.group.setCollapsed(True)
        QVBoxLayout(self.group).addWidget(self.details)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(field_rows([(known["images"], self.images)]))
        layout.addWidget(self.main)
        for row in self._of_split.values():
            layout.addWidget(row)
        layout.addWidget(self.group)
        for part in (self.images, self.main, *self.split.values(), self.details):
            part.changed.connect(self.changed)
        self.main.changed.connect(self._show_split)
        self.images.changed.connect(self.suggest_output)
        self.split_field.fieldChanged.connect(self._tell)
        self.split_layer.layerChanged.connect(self._tell)
        self._show_split()

    def values(self) -> Dict[str, Any]:
        """Return the values of the fields; raises `UserError` where an image is no local file."""
        values = {**self.main.values(), **self.details.values()}
        kind = values["split"]
        if kind in self.split:
            values.update(self.split[kind].values())
        if kind == "field":
            values["split_field"] = self.split_field.currentField() or None
        values["images"] = self.images.value()
        return {name: value for name, value in values.items() if value is not None}

    def sources(self) -> Dict[str, ParcelSource]:
        """Return the layers among the fields: the polygons of the split, where they say it."""
        layer = self.split_layer.currentLayer()
        if self.main.values()["split"] != "layer" or not isinstance(layer, QgsVectorLayer):
            return {}
        return {"split_layer": ParcelSource(layer)}

    def suggest_output(self) -> None:
        """Name a free folder beside the project or the images, unless the person named one."""
        output, images = self.main.editors["output"], self.images.state()
        if output.value() not in (None, self._suggested):
            return
        self._suggested = _free_folder(images) if images else ""
        output.set_value(self._suggested)

    def follow(self, layer: Optional[QgsVectorLayer]) -> None:
        """Offer the fields of the parcels for the split."""
        self.split_field.setLayer(layer)

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        layer = self.split_layer.currentLayer()
        state = {
            "images": self.images.state(),
            "suggested": self._suggested,
            "split_field": self.split_field.currentField(),
            "split_layer": "" if layer is None else layer.id(),
        }
        for rows in (self.main, *self.split.values(), self.details):
            state.update(rows.state())
        return state

    def restore(self, state: Any) -> None:
        """Show what `state` returned."""
        kept = state if isinstance(state, dict) else {}
        self.images.set_value(kept.get("images"))
        for rows in (self.main, *self.split.values(), self.details):
            rows.restore(kept)
        self._suggested = str(kept.get("suggested") or "")
        self.split_field.setField(str(kept.get("split_field") or ""))
        layer = QgsProject.instance().mapLayer(str(kept.get("split_layer") or ""))
        self.split_layer.setLayer(layer)

    def _show_split(self) -> None:
        chosen = self.main.values()["split"]
        for kind, row in self._of_split.items():
            row.setVisible(kind == chosen)

    def _tell(self, *_: object) -> None:
        self.changed.emit()


def _free_folder(images: str) -> str:
    folder = QgsProject.instance().homePath() or str(Path(images).parent)
    path = str(Path(folder) / FOLDER)
    while Path(path).exists():
        path = another(path)
    return path


def _row(field: Field, widget: QWidget) -> QWidget:
    widget.setToolTip(told(field.help))
    row = QWidget()
    layout = field_rows([(field, widget)])
    layout.setContentsMargins(0, 0, 0, 0)
    row.setLayout(layout)
    return row


def _polygons(name: str) -> QgsMapLayerComboBox:
    box = QgsMapLayerComboBox()
    box.setObjectName(name)
    box.setFilters(QgsMapLayerProxyModel.PolygonLayer)
    box.setAllowEmptyLayer(True)
    box.setLayer(None)
    box.setMinimumContentsLength(12)
    box.setSizeAdjustPolicy(
        QgsMapLayerComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    )
    return box
