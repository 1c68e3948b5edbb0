"""Raster layers of the project, with their groups, to choose from."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeLayer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...words import tr
from ..parts import plain_label

LAYER = Qt.ItemDataRole.UserRole


class LayersDialog(QDialog):
    """Offers the raster layers in the tree that the project has; a ticked group ticks its own."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_layers_dialog")
        self.setWindowTitle(tr("Add raster layers"))
        self.tree = QTreeWidget()
        self.tree.setObjectName("cscl_layers_tree")
        self.tree.setHeaderHidden(True)
        hint = plain_label()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.tree.itemChanged.connect(self._show_state)
        count = self._fill(QgsProject.instance().layerTreeRoot(), self.tree.invisibleRootItem())
        hint.setText(
            tr("Tick the layers, or whole groups, that hold the images.")
            if count
            else tr("The project has no raster layers. Add images to it, or add files and folders.")
        )
        self.tree.expandAll()
        self._show_state()
        width = self.fontMetrics().averageCharWidth()
        self.resize(width * 60, self.fontMetrics().height() * 24)

    def layers(self) -> List[QgsRasterLayer]:
        """Return the ticked layers in the order of the tree."""
        found: List[QgsRasterLayer] = []
        pending = [self.tree.invisibleRootItem()]
        while pending:
            item = pending.pop(0)
            children = [item.child(place) for place in range(item.childCount())]
            pending = children + pending
            identifier = item.data(0, LAYER)
            if identifier and item.checkState(0) == Qt.CheckState.Checked:
                layer = QgsProject.instance().mapLayer(identifier)
                if isinstance(layer, QgsRasterLayer):
                    found.append(layer)
        return found

    def _fill(self, group: QgsLayerTreeGroup, parent: QTreeWidgetItem) -> int:
        """Add what lies in a group, and return how many layers that is."""
        count = 0
        for node in group.children():
            item = QTreeWidgetItem([node.name()])
            item.setCheckState(0, Qt.CheckState.Unchecked)
            if isinstance(node, QgsLayerTreeLayer) and isinstance(node.layer(), QgsRasterLayer):
                item.setData(0, LAYER, node.layerId())
                item.setToolTip(0, node.layer().source())
                found = 1
            elif isinstance(node, QgsLayerTreeGroup):
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsAutoTristate)
                found = self._fill(node, item)
            else:
                found = 0
            if found:
                parent.addChild(item)
                count += found
        return count

    def _show_state(self, *_: object) -> None:
        button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        button.setEnabled(bool(self.layers()))


def place_of(layer: QgsRasterLayer) -> str:
    """Return a layer's name behind those of its groups."""
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    names = [layer.name()]
    above = node.parent() if node is not None else None
    while above is not None and above.parent() is not None:
        names.insert(0, above.name())
        above = above.parent()
    return " / ".join(names)
