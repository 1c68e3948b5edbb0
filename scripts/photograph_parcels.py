"""The part of scripts/photograph.py that shows parcels, their classes and what is wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPixmap
from qgis.PyQt.QtWidgets import QScrollArea
from qgis.utils import iface

SHIFT = 60.0  # metres by which the parcel that overlaps others is moved
WIDTH = 470
CEREALS = ("winter wheat", "winter barley", "triticale")

Step = float | Callable[[], bool]


def show_parcels_page(
    window: Any, dock: Any, parcels: QgsVectorLayer, demo: Path,
    take: Callable[[str, QPixmap], None], screen: Callable[[], QPixmap],
) -> Iterator[Step]:  # fmt: skip
    """The legend with a merged class, then the map at a finding."""
    page = dock.page("parcels")
    dock.show()
    dock.show_page("parcels")
    window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal)
    add_overlap(parcels)
    page.choice.parcels.set_layer(parcels)
    page.choice.field.set_text("crop")
    page.dataset.images.set_value(str(demo / "scene"))
    page.read()
    yield lambda: page.findings.next.isEnabled()
    legend = page.table.model.legend
    merged = [row for row, item in enumerate(legend.rows) if item.value in CEREALS]
    page.table.model.change(lambda: legend.merge(merged))
    page.table.model.change(lambda: legend.rename(merged[0], "winter cereals"))
    take("parcels-page.png", dock.grab())
    page.findings.layer.click()
    page.findings.next.click()
    canvas = iface.mapCanvas()
    yield 1.0
    canvas.zoomByFactor(3.0)
    page.findChild(QScrollArea).ensureWidgetVisible(page.view)
    yield lambda: not canvas.isDrawing()
    yield 2.0
    take("parcels-findings.png", screen())
    parcels.rollBack()
    page.restore({})
    root = QgsProject.instance().layerTreeRoot()
    root.removeChildNode(root.findGroup("Findings in parcels"))
    yield 0.5


def add_overlap(parcels: QgsVectorLayer) -> None:
    """Add a parcel that lies on others, as an edit that is not saved."""
    first = max(parcels.getFeatures(), key=lambda item: item.geometry().area())
    moved = QgsGeometry(first.geometry())
    moved.translate(SHIFT, SHIFT)
    other = QgsFeature(parcels.fields())
    other.setAttribute("crop", "maize" if first["crop"] != "maize" else "grassland")
    other.setGeometry(moved)
    parcels.startEditing()
    parcels.addFeature(other)
