"""The map beside something else: which layer, and the line over the map that parts the two."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ...words import tr
from ..parts import named_button, plain_label
from .swipe import SwipeTool


class ComparePart(QWidget):
    """Chooses a layer of the project and starts or ends the swipe."""

    def __init__(self, iface: Any, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._iface = iface
        self._tool: Optional[SwipeTool] = None
        self.layers = _layer_box()
        label = QLabel(tr("Lay over the right of the map"))
        label.setBuddy(self.layers)
        self.button = named_button(
            "cscl_swipe", tr("Swipe"),
            tr("Draw a line over the map; the other layer lies to its right"),
        )  # fmt: skip
        self.button.setCheckable(True)
        self.hint = plain_label("cscl_swipe_hint")
        layout = QVBoxLayout(self)
        layout.addWidget(label)
        layout.addWidget(self.layers)
        layout.addWidget(self.button)
        layout.addWidget(self.hint)
        layout.addStretch(1)
        self.button.toggled.connect(self._toggled)
        self.layers.layerChanged.connect(self._layer_changed)
        self._layer_changed()

    def choose(self, layer: Optional[QgsMapLayer]) -> None:
        """Offer a layer first, such as the truth of a simulated scene."""
        if layer is not None:
            self.layers.setLayer(layer)

    def close_down(self) -> None:
        """Take the line off the map."""
        tool, self._tool = self._tool, None
        if tool is not None:
            tool.ended.disconnect(self._ended)
            tool.close()

    def _toggled(self, wanted: bool) -> None:
        canvas = self._iface.mapCanvas()
        if not wanted:
            if self._tool is not None and canvas.mapTool() is self._tool:
                canvas.unsetMapTool(self._tool)
            return
        if self._tool is None:
            self._tool = SwipeTool(canvas)
            self._tool.ended.connect(self._ended)
        self._tool.compare([self.layers.currentLayer()])

    def _ended(self) -> None:
        self.button.setChecked(False)

    def _layer_changed(self, *_: object) -> None:
        layer = self.layers.currentLayer()
        self.button.setEnabled(layer is not None)
        if layer is None:
            self.button.setChecked(False)
            self.hint.setText(
                tr("Add an image or a reference map to the project to lay it beside the map.")
            )
            return
        self.hint.setText(
            tr("Drag the line over the map, or move it with the arrow keys. Escape or another tool "
               "ends it.")
        )  # fmt: skip
        if self.button.isChecked() and self._tool is not None:
            self._tool.compare([layer])


def _layer_box() -> QgsMapLayerComboBox:
    box = QgsMapLayerComboBox()
    box.setObjectName("cscl_compare_layer")
    box.setFilters(QgsMapLayerProxyModel.RasterLayer | QgsMapLayerProxyModel.VectorLayer)
    box.setSizeAdjustPolicy(
        QgsMapLayerComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    )
    box.setMinimumContentsLength(12)
    policy = box.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
    box.setSizePolicy(policy)
    return box
