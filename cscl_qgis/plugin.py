"""What QGIS loads: menu entry, toolbar button, dock and Processing provider, and their end."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from .engine.locate import PLUGIN_ROOT
from .processing.provider import CropMappingProvider

TITLE = "Crop mapping (CSCL)"
MENU = "&Crop mapping (CSCL)"
ICON = PLUGIN_ROOT / "resources" / "icons" / "icon.svg"


class CropMappingPlugin:
    """Puts the parts together; `iface` is `None` in qgis_process, which has no window."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: Optional[CropMappingProvider] = None
        self._action: Optional[QAction] = None
        self._guard: Any = None
        self._options: Any = None
        self.dock: Any = None

    def initProcessing(self) -> None:  # noqa: N802 - the name that QGIS calls
        """Add the algorithms to Processing."""
        self._provider = CropMappingProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:  # noqa: N802
        """Add the algorithms, the dock and the ways to it."""
        from .gui.closing import ClosingGuard
        from .gui.dock import CropMappingDock
        from .gui.options import OptionsFactory

        self.initProcessing()
        window = self._iface.mainWindow()
        self.dock = CropMappingDock(self._iface, window)
        self._guard = ClosingGuard(self._iface, self.dock.workspace)
        self._options = OptionsFactory(self.dock, QIcon(str(ICON)))
        self._iface.registerOptionsWidgetFactory(self._options)
        self._action = QAction(QIcon(str(ICON)), TITLE, window)
        self._action.setObjectName("cscl_open_dock")
        self._action.setCheckable(True)
        self._action.setToolTip("Show or hide the dock for crop mapping")
        self.dock.setToggleVisibilityAction(self._action)
        self._iface.addToolBarIcon(self._action)
        self._iface.addPluginToMenu(MENU, self._action)
        self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        # QGIS shows every dock that is added; this one stays as the person left it.
        self.dock.setVisible(self.dock.was_shown)

    def unload(self) -> None:
        """Take everything out again; a job that still runs is stopped and stays resumable."""
        if self._guard is not None:
            self._guard.before_unload()
            self._guard.close_down()
            self._guard = None
        if self._options is not None:
            self._iface.unregisterOptionsWidgetFactory(self._options)
            self._options = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        if self.dock is not None:
            self.dock.close_down()
            self._iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
            self.dock = None
        if self._action is not None:
            self._iface.removeToolBarIcon(self._action)
            self._iface.removePluginMenu(MENU, self._action)
            self._action.deleteLater()
            self._action = None
