"""The part of scripts/photograph.py that shows a season: its dates, and the curve of a parcel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPixmap
from qgis.utils import iface

WIDTH = 500
CROP = "maize"  # its soil is bare until June, which is seen in the curve

Step = float | Callable[[], bool]


def show_series_page(
    window: Any, dock: Any, parcels: QgsVectorLayer, demo: Path,
    take: Callable[[str, QPixmap], None], screen: Callable[[], QPixmap],
) -> Iterator[Step]:  # fmt: skip
    """The table of dates with pictures and clouds, then a parcel's curve before the crops'."""
    page = dock.page("series")
    dock.show()
    dock.show_page("series")
    window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal)
    page.sources.add_paths([str(demo / "scene")])
    model = page.dates.model
    yield lambda: bool(model.rows) and all(model.has_shares(row) for row in model.rows)
    yield 4.0  # pictures come in turn
    page.tabs.setCurrentIndex(0)
    take("series-dates.png", dock.grab())
    yield from show_curve(dock, page, parcels, demo, take, screen)
    page.restore({})


def show_curve(
    dock: Any, page: Any, parcels: QgsVectorLayer, demo: Path,
    take: Callable[[str, QPixmap], None], screen: Callable[[], QPixmap],
) -> Iterator[Step]:  # fmt: skip
    """The curve of a large parcel, which is marked on the map."""
    dock.workspace.choose("parcels", parcels.id())
    dock.workspace.choose("dataset", str(demo / "dataset"))
    page.tabs.setCurrentIndex(1)
    page.curve.click_button.click()
    yield 1.0
    found = [item for item in parcels.getFeatures() if item["crop"] == CROP]
    parcel = max(found, key=lambda item: item.geometry().area())
    page.curve.pick(parcel.geometry().pointOnSurface().asPoint(), parcels.crs())
    menu = page.curve.class_button.menu()
    yield lambda: bool(page.curve.chart.lines()) and bool(menu.actions())
    for action in menu.actions():
        action.setChecked(action.text() == CROP)
    canvas = iface.mapCanvas()
    canvas.refresh()
    yield 1.0
    yield lambda: not canvas.isDrawing()
    yield 1.0
    take("series-curve.png", screen())
    page.curve.turn_off()
    for name in ("parcels", "dataset"):
        dock.workspace.choose(name, "")
