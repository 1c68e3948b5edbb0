"""The parts of scripts/photograph.py that show maps beside the truth, and the pages around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QRect, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPixmap
from qgis.utils import iface

PANELS = (
    ("Crop map 10 m", "Map at 10 m"),
    ("Crop map 2.5 m", "Map at 2.5 m"),
    ("Truth 2.5 m", "Truth"),
)
PANEL, GAP, CAPTION = 480, 12, 30
# A part of the scene that is small enough for single pixels to be seen.
SIDE = 620
WAIT = 120.0

Step = float | Callable[[], bool]


def show_results_page(
    window: Any, dock: Any, demo: Path, take: Callable[[str, QPixmap], None],
    screen: Callable[[], QPixmap],
) -> Iterator[Step]:  # fmt: skip
    """Maps beside the truth, the matrix with a chosen cell, and the swipe."""
    QgsProject.instance().clear()
    page = dock.page("results")
    dock.show()
    dock.show_page("results")
    page.open_folder(str(demo))
    yield lambda: page.source.folder is not None and not page.source.is_reading()
    page.head.show_button.click()
    yield 4.0
    yield from panels(take)
    only(("Parcels", "Crop map 2.5 m"))
    iface.mapCanvas().setExtent(whole("Crop map 2.5 m"))
    window.resizeDocks([dock], [470], Qt.Orientation.Horizontal)
    page.tabs.setCurrentIndex(0)
    page.disagreements.view.setCurrentIndex(page.disagreements.model.index(1, 0))
    yield from drawn()
    take("results-list.png", screen())
    page.tabs.setCurrentIndex(1)
    matrix = page.scores.matrix
    matrix.choice.setCurrentIndex(matrix.choice.findData("parcels"))
    shown = matrix.model
    worst = max(
        (int(shown.data(shown.index(row, column)) or 0), row, column)
        for row in range(shown.size) for column in range(shown.size) if row != column
    )  # fmt: skip
    matrix.table.setCurrentIndex(shown.index(*worst[1:]))
    matrix.table.clicked.emit(shown.index(*worst[1:]))
    yield from drawn()
    take("results-matrix.png", screen())
    iface.messageBar().clearWidgets()
    only(("Crop map 2.5 m",))
    iface.mapCanvas().setExtent(whole("Crop map 2.5 m"))
    page.tabs.setCurrentIndex(2)
    page.compare.button.click()
    yield from drawn()
    take("results-swipe.png", screen())
    page.compare.button.click()


def show_map_page(
    window: Any, dock: Any, demo: Path, take: Callable[[str, QPixmap], None],
    screen: Callable[[], QPixmap],
) -> Iterator[Step]:  # fmt: skip
    """The page of the map with a model's card and a preview."""
    page = dock.page("map")
    dock.show_page("map")
    only(())
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32631"))
    page.form.set_values(
        {"model": str(demo / "model"), "images": str(demo / "scene"),
         "output": str(demo.with_name("crop-map"))}
    )  # fmt: skip
    # What the engine says of model and images comes in turn.
    yield lambda: page.questions.card is not None and page.questions.images_crs is not None
    yield 3.0
    canvas.setExtent(whole("Crop map 2.5 m"))
    only(("Parcels",))
    yield from drawn()
    page.preview_button.click()
    yield lambda: page.preview_button.text() == "Preview"
    layer = QgsProject.instance().mapLayersByName("Preview 2.5 m")[0]
    area = QgsRectangle(layer.extent())
    area.scale(1.3)
    canvas.setExtent(area)
    yield from drawn()
    take("map-page.png", screen())


def panels(take: Callable[[str, QPixmap], None]) -> Iterator[Step]:
    """The same ground three times: at 10 m, at 2.5 m, and as it is."""
    canvas = iface.mapCanvas()
    found: list[tuple[str, QPixmap]] = []
    for layer, caption in PANELS:
        only((layer,))
        middle = whole(layer).center()
        canvas.setExtent(
            QgsRectangle(
                middle.x() - SIDE, middle.y() - SIDE / 2, middle.x() + SIDE, middle.y() + SIDE / 2
            )
        )
        yield from drawn()
        picture = canvas.grab()
        side = min(picture.width(), picture.height())
        square = picture.copy(
            QRect((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
        )
        found.append((caption, square.scaled(QSize(PANEL, PANEL))))
    take("maps-beside-truth.png", side_by_side(found))


def side_by_side(pictures: list[tuple[str, QPixmap]]) -> QPixmap:
    """Return pictures in a row with their captions below."""
    width = len(pictures) * (PANEL + GAP) - GAP
    sheet = QPixmap(width, PANEL + CAPTION)
    sheet.fill(QColor("white"))
    painter = QPainter(sheet)
    font = painter.font()
    font.setPixelSize(18)
    painter.setFont(font)
    painter.setPen(QColor("#333333"))
    for at, (caption, picture) in enumerate(pictures):
        left = at * (PANEL + GAP)
        painter.drawPixmap(left, 0, picture)
        painter.drawText(QRect(left, PANEL, PANEL, CAPTION), Qt.AlignmentFlag.AlignCenter, caption)
    painter.end()
    return sheet


def only(names: tuple[str, ...]) -> None:
    """Show these layers and no others."""
    for node in QgsProject.instance().layerTreeRoot().findLayers():
        node.setItemVisibilityChecked(node.name() in names)
        node.setExpanded(node.name() in names and node.name() != "Parcels")


def whole(name: str) -> QgsRectangle:
    """Return a layer's extent."""
    return QgsProject.instance().mapLayersByName(name)[0].extent()


def drawn() -> Iterator[Step]:
    """Wait for the map to be drawn."""
    canvas = iface.mapCanvas()
    canvas.refresh()
    yield 0.5
    yield lambda: not canvas.isDrawing()
    yield 2.0
