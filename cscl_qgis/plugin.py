"""What QGIS loads: menu entry, toolbar button, dock and Processing provider, and their end."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from .engine.locate import PLUGIN_ROOT
from .processing.provider import CropMappingProvider
from .words import tr

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
        self._opening: Any = None
        self._dock: Any = None

    def initProcessing(self) -> None:  # noqa: N802 - the name that QGIS calls
        """Add the algorithms to Processing."""
        self._provider = CropMappingProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:  # noqa: N802
        """Add the algorithms and the ways to the dock, which is made when QGIS has time for it."""
        from .gui.opening import Opening
        from .gui.options_entry import OptionsFactory
        from .gui.state import read_state

        self.initProcessing()
        icon = QIcon(str(ICON))
        self._action = QAction(icon, TITLE, self._iface.mainWindow())
        self._action.setObjectName("cscl_open_dock")
        self._action.setCheckable(True)
        self._action.setToolTip(tr("Show or hide the dock for crop mapping"))
        self._action.triggered.connect(self._first_shown)
        self._iface.addToolBarIcon(self._action)
        self._iface.addPluginToMenu(MENU, self._action)
        self._options = OptionsFactory(TITLE, icon, lambda: self.dock)
        self._iface.registerOptionsWidgetFactory(self._options)
        # The first start shows the dock by itself, later ones as it was left.
        if read_state().get("shown", True) is True:
            self._opening = Opening(self._make_dock, self._action)

    @property
    def dock(self) -> Any:
        """The dock; made now where nobody asked for it before."""
        if self._dock is None:
            self._make_dock()
        return self._dock

    def _make_dock(self) -> None:
        from .gui.closing import ClosingGuard
        from .gui.dock import CropMappingDock

        self._stop_opening()
        self._dock = CropMappingDock(self._iface, self._iface.mainWindow())
        self._guard = ClosingGuard(self._iface, self._dock.workspace)
        if self._action is not None:
            self._action.triggered.disconnect(self._first_shown)
        self._dock.setToggleVisibilityAction(self._action)
        # QGIS has put its docks in their places before this one was there.
        if not self._iface.mainWindow().restoreDockWidget(self._dock):
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        # Added, every dock is shown; this one stays as the person left it.
        self._dock.setVisible(self._dock.was_shown)

    def _stop_opening(self) -> None:
        if self._opening is not None:
            self._opening.stop()
            self._opening = None

    def _first_shown(self, *_: object) -> None:
        self.dock.setUserVisible(True)

    def unload(self) -> None:
        """Take everything out again; a job that still runs is stopped and stays resumable."""
        self._stop_opening()
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
        if self._dock is not None:
            self._dock.close_down()
            self._iface.removeDockWidget(self._dock)
            self._dock.deleteLater()
            self._dock = None
        if self._action is not None:
            self._iface.removeToolBarIcon(self._action)
            self._iface.removePluginMenu(MENU, self._action)
            self._action.deleteLater()
            self._action = None
