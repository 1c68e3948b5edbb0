"""What every page of the dock is."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from .workspace import Workspace


class Page(QWidget):
    """One step of the work, usable by itself.

    A subclass sets `name` (for settings and tests), `title` and `short` (English; shown through
    `tr`), `icon` (a file of resources/icons) and `guide` (a page of docs/, without ending).
    """

    name = ""
    title = ""
    short = ""
    icon = "algorithm.svg"
    guide = "index"
    changed = pyqtSignal()

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.setObjectName(f"cscl_page_{self.name}")

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps of this page: JSON's own types only."""
        return {}

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned; what is missing or wrong in it is as in a new project."""

    def shown(self) -> None:
        """The person turned to this page."""

    def close_down(self) -> None:
        """Let go of map tools, layers and signals; for the end of the plugin or of QGIS."""
