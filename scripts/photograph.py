"""Runs inside QGIS (`qgis.bin --code`): shows the plugin at work and photographs the window."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import processing
from osgeo import gdal
from photograph_parcels import show_parcels_page
from photograph_results import show_map_page, show_results_page
from photograph_scene import add_scene
from photograph_series import show_series_page
from photograph_setup import show_options_page, show_setup_page
from photograph_training import show_history_page, show_training_page
from qgis.core import QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QPixmap
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QToolBar, QTreeView, QWidget
from qgis.utils import iface, plugins

DEMO = Path(os.environ["CSCL_DEMO"])
PICTURES = Path(os.environ["CSCL_PICTURES"])
RESULT = os.environ["CSCL_RESULT"]
LARGEST = 390 * 1024
TOOLBOX = 430
DOCK = 400
# How long to wait for the engine's training to show a time that is left.
PATIENCE = float(os.environ.get("CSCL_PATIENCE", "600"))

Step = float | Callable[[], bool]


def story() -> Iterator[Step]:
    """Do everything in turn; each value is seconds to wait, or a condition to wait for."""
    yield 3.0
    window = iface.mainWindow()
    window.setGeometry(0, 0, 1500, 960)
    iface.newProject()
    tidy(window)
    dock = plugins["cscl_qgis"].dock
    parcels = add_scene(DEMO)
    yield 2.0
    yield from show_setup_page(window, dock, take)
    yield from show_series_page(window, dock, parcels, DEMO, take, screen)
    dock.hide()
    yield from show_toolbox(window, parcels)
    yield from show_parcels_page(window, dock, parcels, DEMO, take, screen)
    yield from show_results(window, dock)
    yield from show_results_page(window, dock, DEMO, take, screen)
    yield from show_map_page(window, dock, DEMO, take, screen)
    yield from show_history_page(window, dock, DEMO, take)
    yield from show_options_page(take)
    # Last, as these wait for the engine.
    iface.newProject()
    parcels = add_scene(DEMO)
    yield 1.0
    yield from show_dock(window, dock, parcels)
    yield from show_training_page(window, dock, DEMO, Path(RESULT) / "training", take)


def show_toolbox(window: Any, parcels: QgsVectorLayer) -> Iterator[Step]:
    """The toolbox with the provider open, and the dialog of the whole chain."""
    toolbox = window.findChild(QDockWidget, "ProcessingToolbox")
    toolbox.show()
    tree = toolbox.findChild(QTreeView)
    yield 1.0
    window.resizeDocks([toolbox], [TOOLBOX], Qt.Orientation.Horizontal)
    expand(tree, "Crop mapping (CSCL)")
    dialog = processing.createAlgorithmDialog(
        "cscl:pipeline",
        {
            "IMAGES": str(DEMO / "scene"),
            "PARCELS": parcels.id(),
            "CLASS_FIELD": "crop",
            "PRESET": "quick",
            "OUTPUT": RESULT,
        },
    )
    dialog.setGeometry(305, 104, 745, 800)
    dialog.show()
    dialog.raise_()
    yield 3.0
    take("toolbox.png", screen())
    dialog.close()
    toolbox.hide()
    yield 0.5


def show_dock(window: Any, dock: Any, parcels: QgsVectorLayer) -> Iterator[Step]:
    """The dock while the real engine trains."""
    dock.show()
    dock.show_page("whole")
    window.resizeDocks([dock], [DOCK], Qt.Orientation.Horizontal)
    dock.page("whole").form.images.set_value(str(DEMO / "scene"))
    dock.page("whole").form.parcels.set_layer(parcels)
    dock.page("whole").form.class_field.setField("crop")
    dock.page("whole").form.set_values({"preset": "quick", "output": RESULT})
    dock.page("whole").run_button.click()
    yield 1.0
    began = time.monotonic()

    def is_training() -> bool:
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"the dock still says {dock.panel.status.line.text()!r}")
        if not dock.workspace.runner.is_running():
            raise RuntimeError(f"the job ended: {dock.panel.log.toPlainText()[-1500:]}")
        line = dock.panel.status.line.text()
        return "left" in line and line.startswith(("Pretraining", "Fine-tuning"))

    yield is_training
    yield 1.0
    take("dock.png", screen())
    dock.panel.cancel_button.click()
    yield lambda: not dock.workspace.runner.is_running()
    yield 0.5


def show_results(window: Any, dock: Any) -> Iterator[Step]:
    """The demonstration's results as the dock adds them, with the legend."""
    QgsProject.instance().clear()
    iface.messageBar().clearWidgets()
    dock.page("whole").form.set_values({"output": str(DEMO)})
    dock.page("whole").open_results()
    dock.hide()
    yield 1.0
    root = QgsProject.instance().layerTreeRoot()
    layers = {node.name(): node for node in root.findLayers()}
    best = next(name for name in ("Crop map 2.5 m", "Crop map 10 m") if name in layers)
    for name, node in layers.items():
        node.setExpanded(False)
        node.setItemVisibilityChecked(name == best)
    layers["Parcels"].setItemVisibilityChecked(True)
    layers[best].setExpanded(True)
    iface.setActiveLayer(layers[best].layer())
    canvas = iface.mapCanvas()
    canvas.setExtent(filling(layers[best].layer().extent(), canvas.width(), canvas.height()))
    canvas.refresh()
    yield lambda: not canvas.isDrawing()
    yield 3.0
    take("results.png", screen())


def filling(extent: QgsRectangle, width: int, height: int) -> QgsRectangle:
    """Return the middle of an extent in the shape of the canvas, which it fills."""
    wanted_height = extent.width() * height / width
    if wanted_height > extent.height():
        return extent
    middle = extent.center().y()
    return QgsRectangle(
        extent.xMinimum(),
        middle - wanted_height / 2,
        extent.xMaximum(),
        middle + wanted_height / 2,
    )


def tidy(window: Any) -> None:
    """Hide what is not looked at: other docks and most toolbars."""
    for dock in window.findChildren(QDockWidget):
        dock.setVisible(dock.objectName() == "Layers")
    for bar in window.findChildren(QToolBar):
        bar.setVisible(bar.objectName() in ("mFileToolBar", "mMapNavToolBar", "mPluginToolBar"))
    layers = window.findChild(QDockWidget, "Layers")
    window.resizeDocks([layers], [300], Qt.Orientation.Horizontal)


def expand(tree: QTreeView, name: str) -> None:
    """Open one provider of the toolbox with its groups, and show its end."""
    model = tree.model()
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if index.data() == name:
            tree.setExpanded(index, True)
            for group in range(model.rowCount(index)):
                tree.setExpanded(model.index(group, 0, index), True)
            last = model.index(model.rowCount(index) - 1, 0, index)
            tree.scrollTo(last)
            tree.scrollTo(index, QTreeView.ScrollHint.PositionAtTop)


def screen() -> QPixmap:
    """Return a picture of what is on the screen."""
    for _ in range(5):
        QApplication.processEvents()
    return QApplication.primaryScreen().grabWindow(0)


def take(name: str, picture: QPixmap) -> None:
    """Save a picture, with fewer colours where it would be too large."""
    path = PICTURES / name
    picture.save(str(path), "PNG")
    for colours in (256, 128, 64):
        if path.stat().st_size > LARGEST:
            picture.save(str(path), "PNG")
            keep_few_colours(path, colours)


def keep_few_colours(path: Path, colours: int) -> None:
    """Write a picture with so many colours that suit it best."""
    gdal.UseExceptions()
    memory = gdal.GetDriverByName("MEM")
    picture = memory.CreateCopy("", gdal.Open(str(path)))
    bands = [picture.GetRasterBand(number) for number in (1, 2, 3)]
    table = gdal.ColorTable()
    gdal.ComputeMedianCutPCT(*bands, colours, table)
    few = memory.Create("", picture.RasterXSize, picture.RasterYSize, 1)
    few.GetRasterBand(1).SetColorTable(table)
    gdal.DitherRGB2PCT(*bands, few.GetRasterBand(1), table)
    gdal.GetDriverByName("PNG").CreateCopy(str(path), few, options=["ZLEVEL=9"])
    path.with_name(f"{path.name}.aux.xml").unlink(missing_ok=True)


class Director:
    """Goes through the story from timer to timer, then ends QGIS."""

    def __init__(self) -> None:
        self._story = story()
        self._condition: Callable[[], bool] = lambda: True
        self._timer = QTimer()
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()
        self._until = 0.0

    def _go_on(self) -> None:
        try:
            if time.monotonic() < self._until or not self._condition():
                return
            step = next(self._story)
        except StopIteration:
            self._end(0)
        except Exception:
            traceback.print_exc()
            self._end(1)
        else:
            self._condition = step if callable(step) else lambda: True
            self._until = 0.0 if callable(step) else time.monotonic() + step

    def _end(self, status: int) -> None:
        self._timer.stop()
        plugins["cscl_qgis"].dock.workspace.runner.close()
        QgsProject.instance().setDirty(False)
        print(f"photographed with status {status}", flush=True)
        os._exit(status)  # QGIS would ask about the project and its layers


# QGIS keeps no reference of its own to what this file makes.
QWidget.cscl_director = Director()
