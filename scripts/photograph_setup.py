"""The part of scripts/photograph.py that shows the way to an engine, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QPixmap
from qgis.PyQt.QtWidgets import QApplication, QDialog, QWidget
from qgis.utils import iface

WIDTH = 470
OPTIONS = (900, 560)

Step = float | Callable[[], bool]


def show_setup_page(window: Any, dock: Any, take: Callable[[str, QPixmap], None]) -> Iterator[Step]:
    """What would be installed, where and how large, as the machine has it."""
    dock.show()
    dock.show_setup()
    window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal)
    yield 5.0  # it looks for a Python and a graphics card
    take("setup.png", dock.grab())
    dock.show_pages()


def show_options_page(take: Callable[[str, QPixmap], None]) -> Iterator[Step]:
    """The page under Settings > Options; QGIS's dialog has a loop of its own."""
    QTimer.singleShot(0, lambda: iface.showOptionsDialog(iface.mainWindow(), "cscl_options"))
    yield lambda: _page() is not None
    dialog = _page().window()
    dialog.resize(*OPTIONS)
    yield 4.0  # sizes of folders come from a task
    take("options.png", dialog.grab())
    dialog.reject()
    yield 1.0


def _page() -> Any:
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible():
            page = dialog.findChild(QWidget, "cscl_options")
            if page is not None and page.isVisible():
                return page
    return None
