"""Where the images come from: a folder, a time series, or raster layers of the project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, List, Optional, Set

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ..layers.inputs import images_of_layers
from ..words import tr

FOLDER, SERIES, LAYERS = range(3)
LIST_ROWS = 5


class ImagesEdit(QWidget):
    """Chooses the images of a job in one of three ways."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._source = QComboBox()
        self._source.setObjectName("cscl_images_source")
        self._source.addItems([tr("Folder of images"), tr("Time series file"), tr("Raster layers")])
        self._folder = QgsFileWidget()
        self._folder.setObjectName("cscl_images_folder")
        self._folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self._folder.lineEdit().setPlaceholderText(tr("One GeoTIFF a date"))
        self._series = QgsFileWidget()
        self._series.setObjectName("cscl_images_series")
        self._series.setFilter(tr("Time series (*.series.json);;All files (*)"))
        self._series.lineEdit().setPlaceholderText("NAME.series.json")
        self._layers = QListWidget()
        self._layers.setObjectName("cscl_images_layers")
        self._layers.setFixedHeight(LIST_ROWS * self._layers.fontMetrics().height() + 8)
        self._pages = QStackedWidget()
        for page in (self._folder, self._series, self._layers):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._source)
        layout.addWidget(self._pages)
        self._list_layers()
        self._show_page(FOLDER)
        self._source.currentIndexChanged.connect(self._show_page)
        for chooser in (self._folder, self._series):
            chooser.fileChanged.connect(self._tell)
        self._layers.itemChanged.connect(self._tell)
        project = QgsProject.instance()
        project.layersAdded.connect(self._list_layers)
        project.layersRemoved.connect(self._list_layers)

    def value(self) -> Optional[str]:
        """Return what a job calls its images; raises `UserError` where a layer is no local file."""
        source = self._source.currentIndex()
        if source == LAYERS:
            return images_of_layers(self._checked_layers())
        chooser = self._folder if source == FOLDER else self._series
        return os.path.expanduser(str(chooser.filePath()).strip()) or None

    def state(self) -> str:
        """Return the path for the settings; layers are the project's, so they are not kept."""
        if self._source.currentIndex() == LAYERS:
            return ""
        return self.value() or ""

    def set_value(self, value: Any) -> None:
        """Show the path of a folder or a series."""
        text = str(value or "")
        is_series = bool(text) and (text.endswith(".json") or Path(text).is_file())
        self._source.setCurrentIndex(SERIES if is_series else FOLDER)
        self._series.setFilePath(text if is_series else "")
        self._folder.setFilePath("" if is_series else text)

    def choose_layers(self, layers: List[QgsRasterLayer]) -> None:
        """Check these layers and no others."""
        self._source.setCurrentIndex(LAYERS)
        wanted = {layer.id() for layer in layers}
        for row in range(self._layers.count()):
            item = self._layers.item(row)
            checked = item.data(Qt.ItemDataRole.UserRole) in wanted
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)

    def _checked_ids(self) -> Set[str]:
        items = [self._layers.item(row) for row in range(self._layers.count())]
        return {
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        }

    def _checked_layers(self) -> List[QgsMapLayer]:
        checked = self._checked_ids()
        found = QgsProject.instance().mapLayers()
        return [layer for key, layer in found.items() if key in checked]

    def _list_layers(self, *_: object) -> None:
        checked = self._checked_ids()
        self._layers.blockSignals(True)
        self._layers.clear()
        layers = QgsProject.instance().mapLayers().values()
        for layer in sorted(layers, key=lambda item: str(item.name())):
            if isinstance(layer, QgsRasterLayer):
                item = QListWidgetItem(layer.name())
                item.setData(Qt.ItemDataRole.UserRole, layer.id())
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                known = layer.id() in checked
                item.setCheckState(Qt.CheckState.Checked if known else Qt.CheckState.Unchecked)
                self._layers.addItem(item)
        self._layers.blockSignals(False)

    def _show_page(self, source: int) -> None:
        for index in range(self._pages.count()):
            # A hidden page must not make room for itself.
            policy = self._pages.widget(index).sizePolicy()
            shown = policy.Policy.Preferred if index == source else policy.Policy.Ignored
            policy.setVerticalPolicy(shown)
            self._pages.widget(index).setSizePolicy(policy)
        self._pages.setCurrentIndex(source)
        self._pages.setMaximumHeight(self._pages.currentWidget().sizeHint().height())
        self.changed.emit()

    def _tell(self, *_: object) -> None:
        self.changed.emit()
