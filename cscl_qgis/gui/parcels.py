"""The parcel layer, from the project or from a file, and its class field."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional

from qgis.core import QgsMapLayerProxyModel, QgsVectorLayer, QgsWkbTypes
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ...backend.cscl.contract.errors import UserError
from ..words import tr
from .parts import named_tool_button

MAXIMUM_NAME = 14


class ParcelsEdit(QWidget):
    """Chooses a polygon layer of the project, or one of a file that the project lacks."""

    changed = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._opened: List[QgsVectorLayer] = []
        self._layers = QgsMapLayerComboBox()
        self._layers.setObjectName("cscl_parcels_layer")
        self._layers.setFilters(QgsMapLayerProxyModel.PolygonLayer)
        self._layers.setAllowEmptyLayer(True)
        self._layers.setMinimumContentsLength(MAXIMUM_NAME)
        self._layers.setSizeAdjustPolicy(
            QgsMapLayerComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        policy = self._layers.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        self._layers.setSizePolicy(policy)
        self._browse = named_tool_button(
            "cscl_parcels_browse", "…", tr("Choose a file with parcels")
        )
        self._selected = QCheckBox(tr("Selected features only"))
        self._selected.setObjectName("cscl_parcels_selected")
        self._selected.setToolTip(tr("Use the features that are selected in the map alone"))
        row = QHBoxLayout()
        row.addWidget(self._layers, 1)
        row.addWidget(self._browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self._selected)
        self._browse.clicked.connect(self._choose_file)
        self._layers.layerChanged.connect(self._layer_changed)
        self._layer_changed()

    def layer(self) -> Optional[QgsVectorLayer]:
        """Return the chosen layer."""
        layer = self._layers.currentLayer()
        return layer if isinstance(layer, QgsVectorLayer) else None

    def only_selected(self) -> bool:
        """Tell whether only the selected features are wanted."""
        return bool(self._selected.isEnabled() and self._selected.isChecked())

    def set_only_selected(self, wanted: bool) -> None:
        """Say whether only the selected features are wanted."""
        self._selected.setChecked(wanted)

    def set_layer(self, layer: Optional[QgsVectorLayer]) -> None:
        """Choose a layer of the project."""
        self._layers.setLayer(layer)

    def open_file(self, path: str) -> None:
        """Choose the polygons of a file without adding them to the project.

        Raises `UserError` where the file holds none.
        """
        options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
        layer = QgsVectorLayer(path, Path(path).stem, "ogr", options)
        if not layer.isValid():
            raise UserError(
                "layer_not_readable", path, tr("QGIS cannot open it as a vector layer"),
                tr("Choose a file in a vector format."),
            )  # fmt: skip
        if layer.geometryType() != QgsWkbTypes.PolygonGeometry:
            raise UserError(
                "no_polygons", path, tr("its first layer holds no polygons"),
                tr("Choose a polygon layer, or add the file to the project and choose its layer."),
            )  # fmt: skip
        self._opened = [layer]
        self._layers.setAdditionalLayers(self._opened)
        self._layers.setLayer(layer)

    def close_down(self) -> None:
        """Let go of the layer of a file, which must not outlive the list that shows it."""
        self._layers.setLayer(None)
        self._layers.setAdditionalLayers([])
        self._opened = []

    def state(self) -> str:
        """Return the file of a layer that came from one, for the settings."""
        layer = self.layer()
        return str(layer.source()) if layer in self._opened else ""

    def set_value(self, value: Any) -> None:
        """Show the file of the settings if it is there still."""
        path = str(value or "")
        if Path(path.split("|")[0]).is_file():
            try:
                self.open_file(path)
            except UserError:
                self._layers.setLayer(None)  # the file has changed since: nothing is chosen

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Parcels"))
        if path:
            try:
                self.open_file(path)
            except UserError as error:
                self.refused.emit(str(error))

    def _layer_changed(self, *_: object) -> None:
        layer = self.layer()
        self._selected.setEnabled(layer is not None and layer not in self._opened)
        self.changed.emit()


def class_field_box(parcels: ParcelsEdit) -> QgsFieldComboBox:
    """Return a box with the fields of the chosen layer, which follows the layer."""
    box = QgsFieldComboBox()
    box.setObjectName("cscl_class_field")
    box.setAllowEmptyFieldName(True)

    def follow() -> None:
        if box.layer() is not parcels.layer():
            box.setLayer(parcels.layer())

    parcels.changed.connect(follow)
    follow()
    return box
