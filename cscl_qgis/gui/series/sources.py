"""Where the images come from: layers, folders and files, added, dropped and taken away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, List, Optional

from qgis.core import QgsMimeDataUtils, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QMimeData, Qt, pyqtSignal
from qgis.PyQt.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPaintEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ....backend.cscl.contract.errors import Findings, UserError
from ....backend.cscl.contract.paths import path_problem
from ...layers.inputs import SEPARATOR, raster_path
from ...words import tr
from ..painting import painting, write_hint
from ..parts import named_tool_button
from .layers_dialog import LayersDialog, place_of

ROWS = 3
FILTER = "*.tif *.tiff *.jp2 *.vrt *.zip *.nc *.nc4 *.cdf *.json"


@dataclass(frozen=True)
class Source:
    """A file or folder, and what it is called here: a layer by its groups and name."""

    path: str
    name: str = ""


class SourceList(QListWidget):
    """A list that takes files, folders and layers that are dropped on it."""

    dropped = pyqtSignal(object)
    delete_pressed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_series_sources")
        self.setAcceptDrops(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(ROWS * (self.fontMetrics().height() + 4) + 2 * self.frameWidth())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's names
        """Take files and layers."""
        if _is_wanted(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Take them anywhere on the list."""
        if _is_wanted(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Tell what was dropped."""
        if _is_wanted(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(event.mimeData())

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        """Take away what is selected."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Say what to do where nothing is listed."""
        super().paintEvent(event)
        if self.count() == 0:
            text = tr("Add layers, folders or files with Sentinel-2 images, or drop them here.")
            with painting(self.viewport()) as painter:
                write_hint(painter, self.viewport().rect(), text, self)


class SourcesEdit(QWidget):
    """The list with its buttons."""

    changed = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._sources: List[Source] = []
        self.list = SourceList()
        self.list.setAccessibleName(tr("Images"))
        self.add_button = named_tool_button(
            "cscl_series_add", tr("Add"), tr("Add images from the project or from the disk")
        )
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.remove_button = named_tool_button(
            "cscl_series_remove", tr("Remove"),
            tr("Take the selected ones off the list; files stay"),
        )  # fmt: skip
        self.add_button.setMenu(self._menu())
        row = QHBoxLayout()
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.list)
        layout.addLayout(row)
        self.remove_button.clicked.connect(self.remove_selected)
        self.list.delete_pressed.connect(self.remove_selected)
        self.list.dropped.connect(self._dropped)
        self.list.itemSelectionChanged.connect(self._show_state)
        self._show_state()

    def sources(self) -> List[Source]:
        """Return what is listed."""
        return list(self._sources)

    def images(self) -> str:
        """Return what a job calls its images; empty where nothing is listed."""
        return SEPARATOR.join(source.path for source in self._sources)

    def add_paths(self, paths: Iterable[str]) -> None:
        """List files and folders; what cannot be named in a job is refused in words."""
        findings = Findings()
        found: List[Source] = []
        for path in paths:
            problem = path_problem(path)
            if not problem and SEPARATOR in path:
                problem = tr("its path holds a semicolon, which separates paths")
            if problem:
                findings.error("path_not_local", path, problem, tr("Choose another place for it."))
            else:
                found.append(Source(os.path.abspath(path)))
        self._add(found)
        if findings.errors:
            self.refused.emit(str(UserError.of(findings.errors)))

    def add_layers(self, layers: Iterable[QgsRasterLayer]) -> None:
        """List the files of layers; those that are no local files are refused in words."""
        findings = Findings()
        found: List[Source] = []
        for layer in layers:
            with findings.collecting():
                found.append(Source(raster_path(layer), place_of(layer)))
        self._add(found)
        if findings.errors:
            self.refused.emit(str(UserError.of(findings.errors)))

    def remove_selected(self) -> None:
        """Take the selected ones off the list."""
        places = {self.list.row(item) for item in self.list.selectedItems()}
        if places:
            self._show([item for at, item in enumerate(self._sources) if at not in places])
            self.changed.emit()

    def state(self) -> List[Any]:
        """Return what is listed as JSON's own types."""
        return [{"path": item.path, "name": item.name} for item in self._sources]

    def restore(self, state: Any) -> None:
        """List what `state` returned."""
        items = state if isinstance(state, list) else []
        texts = [item for item in items if isinstance(item, dict)]
        self._show(
            [
                Source(item["path"], str(item.get("name") or ""))
                for item in texts
                if isinstance(item.get("path"), str) and item["path"]
            ]
        )
        self.changed.emit()

    def choose_layers(self) -> None:
        """Offer the raster layers of the project."""
        dialog = LayersDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.add_layers(dialog.layers()))
        dialog.open()

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        entries = (
            (tr("Layers of the project…"), "cscl_add_layers", self.choose_layers),
            (tr("Folder…"), "cscl_add_folder", self._choose_folder),
            (tr("Files…"), "cscl_add_files", self._choose_files),
        )
        for text, name, action in entries:
            entry = menu.addAction(text)
            entry.setObjectName(name)
            entry.triggered.connect(action)
        return menu

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Folder with images, SAFE or Zarr"))
        if path:
            self.add_paths([path])

    def _choose_files(self) -> None:
        kinds = f"{tr('Images')} ({FILTER});;{tr('All files (*)')}"
        paths, _ = QFileDialog.getOpenFileNames(self, tr("Files with images"), "", kinds)
        if paths:
            self.add_paths(paths)

    def _dropped(self, data: QMimeData) -> None:
        if QgsMimeDataUtils.isUriList(data):
            project = QgsProject.instance()
            uris = QgsMimeDataUtils.decodeUriList(data)
            layers = [project.mapLayer(uri.layerId) for uri in uris if uri.layerId]
            self.add_layers([layer for layer in layers if isinstance(layer, QgsRasterLayer)])
            self.add_paths([uri.uri for uri in uris if not uri.layerId])
        else:
            self.add_paths([url.toLocalFile() for url in data.urls() if url.isLocalFile()])

    def _add(self, sources: Iterable[Source]) -> None:
        listed = {source.path for source in self._sources}
        new = []
        for source in sources:
            if source.path not in listed:
                listed.add(source.path)
                new.append(source)
        if new:
            self._show([*self._sources, *new])
            self.changed.emit()

    def _show(self, sources: List[Source]) -> None:
        self._sources = sources
        self.list.clear()
        for source in sources:
            item = QListWidgetItem(source.name or Path(source.path).name or source.path)
            item.setToolTip(source.path)
            self.list.addItem(item)
        self._show_state()

    def _show_state(self) -> None:
        self.remove_button.setEnabled(bool(self.list.selectedItems()))


def _is_wanted(data: QMimeData) -> bool:
    return bool(data.hasUrls() or QgsMimeDataUtils.isUriList(data))
