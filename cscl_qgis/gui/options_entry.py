"""The entry under Settings > Options, which costs nothing until the dialog is opened."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page whenever the dialog is opened; `dock` returns the dock it belongs to."""

    def __init__(self, title: str, icon: QIcon, dock: Callable[[], Any]) -> None:
        super().__init__(title, icon)
        self._dock = dock

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:  # noqa: N802
        """Return the page; called by QGIS."""
        from .options import OptionsPage

        return OptionsPage(self._dock(), parent)
