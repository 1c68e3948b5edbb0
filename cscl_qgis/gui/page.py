"""What every page of the dock is."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtCore import QEvent, QSize, pyqtSignal
from qgis.PyQt.QtWidgets import QSplitter, QWidget

from .parts import scroll_down
from .workspace import Workspace

# QGIS's window cannot be lower than its docks: on a small screen its lower edge would be lost.
LOWEST = 240
FRAMING = (
    QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.Show, QEvent.Type.Resize,
)  # fmt: skip


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


class PageArea(QgsScrollArea):
    """Shows a page as high as there is room for it, scrolled where that is too little."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._least = QSize()
        scroll_down(self, page)

    def event(self, event: QEvent) -> bool:
        """Ask for other room where another style draws other frames."""
        done = bool(super().event(event))
        # Splitters may get their frame after the area: that resizes what is seen of it.
        if event.type() in FRAMING and self.widget() is not None:
            least = self.minimumSizeHint()
            if least != self._least:
                self._least = least
                self.updateGeometry()
        return done

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - the name that Qt calls
        """Return the page's own width, with room for the bar, and a height for small screens."""
        least = self.widget().minimumSizeHint()
        bar = self.verticalScrollBar().sizeHint().width() if least.height() > LOWEST else 0
        return QSize(least.width() + bar + self._frames(), min(least.height(), LOWEST))

    def _frames(self) -> int:
        """Return the width of the frames that QGIS's themes draw, which Qt does not count.

        They are the area's own and those of the splitters that it lies in.
        """
        total, part = 2 * self.frameWidth(), self.parentWidget()
        while part is not None:
            total += 2 * part.frameWidth() if isinstance(part, QSplitter) else 0
            part = part.parentWidget()
        return total
