"""Windows in QGIS's place, docks and pages in them, and how tests look at these and click."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication, QgsProject
from qgis.gui import QgsLayerTreeMapCanvasBridge, QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QLabel,
    QMainWindow,
    QPushButton,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

WIDTH = 440
CANVAS = 300


class PlainWindow(QMainWindow):
    """A window that hands out a bar and a map as QGIS's interface does; subclasses make them."""

    bar: QgsMessageBar
    canvas: QgsMapCanvas

    def mainWindow(self) -> QMainWindow:  # noqa: N802
        return self

    def messageBar(self) -> QgsMessageBar:  # noqa: N802
        return self.bar

    def mapCanvas(self) -> QgsMapCanvas:  # noqa: N802
        return self.canvas

    def message(self) -> str:
        """Return the newest message as the bar got it."""
        item = self.bar.currentItem()
        return "" if item is None else item.text()


class Window(PlainWindow):
    """A window with what the plugin asks QGIS's interface for, but no map."""

    def __init__(self) -> None:
        super().__init__()
        centre = QWidget()
        centre.setMinimumWidth(CANVAS)
        self.setCentralWidget(centre)
        self.bar = QgsMessageBar(centre)
        self.tools = QToolBar("Plugins", self)
        self.addToolBar(self.tools)
        self.menu_entries: list[Any] = []
        self.blockers: list[Any] = []
        self.options: list[Any] = []

    def addToolBarIcon(self, action: Any) -> None:  # noqa: N802
        self.tools.addAction(action)

    def removeToolBarIcon(self, action: Any) -> None:  # noqa: N802
        self.tools.removeAction(action)

    def addPluginToMenu(self, name: str, action: Any) -> None:  # noqa: N802
        self.menu_entries.append((name, action.text()))

    def removePluginMenu(self, name: str, action: Any) -> None:  # noqa: N802
        self.menu_entries.remove((name, action.text()))

    def registerApplicationExitBlocker(self, blocker: Any) -> None:  # noqa: N802
        self.blockers.append(blocker)

    def unregisterApplicationExitBlocker(self, blocker: Any) -> None:  # noqa: N802
        self.blockers.remove(blocker)

    def registerOptionsWidgetFactory(self, factory: Any) -> None:  # noqa: N802
        self.options.append(factory)

    def unregisterOptionsWidgetFactory(self, factory: Any) -> None:  # noqa: N802
        self.options.remove(factory)


class MapWindow(Window):
    """A window with a real canvas that shows the project."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas = QgsMapCanvas()
        self.canvas.setMinimumWidth(CANVAS)
        self.bar = QgsMessageBar()
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.addWidget(self.bar)
        layout.addWidget(self.canvas, 1)
        self.setCentralWidget(centre)
        root = QgsProject.instance().layerTreeRoot()
        self.bridge = QgsLayerTreeMapCanvasBridge(root, self.canvas, self.canvas)


def shown_dock(dock_module: Any, window: Window) -> Any:
    """Return a dock that lies in its window, as wide as a narrow one is in QGIS."""
    made = dock_module.CropMappingDock(window, window)
    lay_beside(window, made, WIDTH, 1000)
    return made


def lay_beside(window: PlainWindow, dock: Any, width: int, height: int) -> None:
    """Lay a dock of a width at the right of its window, and show both."""
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.resize(width + CANVAS, height)
    window.show()
    window.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
    settle()


def settle(turns: int = 6) -> None:
    """Let Qt lay out, paint and answer."""
    for _ in range(turns):
        QgsApplication.processEvents()


def press(qtbot: Any, part: Any, name: str) -> None:
    """Click a button that is there and enabled."""
    button = part.findChild(QPushButton, name)
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def too_small(part: Any) -> list[tuple[str, int]]:
    """Return every visible label and button that is narrower or lower than its text needs."""
    found = []
    for widget in part.findChildren(QWidget):
        if not isinstance(widget, (QLabel, QAbstractButton)):
            continue
        if not widget.isVisible() or not widget.text():
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() < widget.heightForWidth(widget.width()):
                found.append((widget.text(), widget.height()))
            continue
        needed = widget.minimumSizeHint()
        if isinstance(widget, (QLabel, QPushButton, QCheckBox)):
            needed = needed.expandedTo(widget.sizeHint())
        if widget.width() < needed.width() or widget.height() < needed.height():
            found.append((widget.text(), widget.width()))
    return found
