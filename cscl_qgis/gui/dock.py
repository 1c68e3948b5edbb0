"""The dock: a list of pages, the page that is shown, and the running job below."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsProject
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QFontInfo, QIcon
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ..words import tr
from .guide import open_guide
from .page import Page, PageArea
from .pages import PAGES
from .parts import named_tool_button
from .run_panel import RunPanel
from .setup.banner import SetupBanner
from .setup.page import SetupPage
from .state import read_project, read_state, write_project, write_state
from .workspace import TITLE, Workspace

ICON_SIZE = 24
LARGER = 1.2
# The whole of a page's place shows that it is chosen. Ground and text are the theme's own: those of
# dark themes are in no palette.
LIST_STYLE = """
QListWidget { border: none; background: transparent; outline: 0; }
QListWidget::item { border-radius: 5px; padding: 3px 0px; }
QListWidget::item:hover { background: rgba(128, 128, 128, 40); }
QListWidget::item:selected { background: palette(highlight); color: palette(highlighted-text); }
"""


class CropMappingDock(QgsDockWidget):
    """Shows one page at a time; the project keeps what was entered in each."""

    def __init__(self, iface: Any, parent: Optional[QWidget] = None) -> None:
        super().__init__(TITLE, parent)
        self.setObjectName("CsclCropMappingDock")
        self._closed = False
        self.workspace = Workspace(iface, self)
        self.setup = SetupPage(self.workspace)
        self._banner = SetupBanner()
        self.pages: Dict[str, Page] = {kind.name: kind(self.workspace) for kind in PAGES}
        self.panel = RunPanel(self.workspace)
        self._list = self._page_list()
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(PageArea(page))
        self._heading = QLabel()
        self._heading.setObjectName("cscl_heading")
        self._heading.setTextFormat(Qt.TextFormat.PlainText)
        font = self._heading.font()
        font.setBold(True)
        font.setPointSizeF(LARGER * QFontInfo(font).pointSizeF())
        self._heading.setFont(font)
        self.setWidget(self._content())
        self._connect()
        state = read_state()
        # The first start shows itself; later it is as the person left it.
        self.was_shown = state.get("shown", True) is True
        self._restore(read_project() or state)
        self._engine_looked_for()
        if not self.setup.present:
            self.show_setup()

    def page(self, name: str) -> Page:
        """Return a page by its name."""
        return self.pages[name]

    def show_page(self, name: str) -> None:
        """Turn to a page."""
        self._list.setCurrentRow(list(self.pages).index(name))

    def show_setup(self) -> None:
        """Show the way to an engine in place of the pages."""
        self._right.setCurrentWidget(self.setup)

    def show_pages(self, *_: object) -> None:
        """Show the pages again; without an engine they can be looked at."""
        self._right.setCurrentIndex(0)

    def close_down(self) -> None:
        """Stop a running job, keep the state; for the end of the plugin or of QGIS."""
        if self._closed:
            return
        self._closed = True
        write_state({**self._state(), "shown": not self.isHidden()})
        project = QgsProject.instance()
        project.readProject.disconnect(self._project_read)
        project.cleared.disconnect(self._project_cleared)
        project.writeProject.disconnect(self._project_written)
        for page in self.pages.values():
            page.close_down()
        self.setup.close_down()
        self.workspace.close_down()

    def _content(self) -> QWidget:
        help_button = named_tool_button("cscl_help", "?", tr("Open the guide at this page"))
        help_button.setAutoRaise(True)
        help_button.clicked.connect(lambda: open_guide(self._page_shown().guide))
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(help_button)
        upper = QWidget()
        layout = QVBoxLayout(upper)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(upper)
        splitter.addWidget(self.panel)
        splitter.setStretchFactor(0, 1)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._banner)
        column.addWidget(splitter, 1)
        self._right = QStackedWidget()
        self._right.setContentsMargins(6, 4, 6, 4)
        self._right.addWidget(work)
        self._right.addWidget(self.setup)
        content = QWidget()
        outer = QHBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._list)
        outer.addWidget(self._right, 1)
        return content

    def _page_list(self) -> QListWidget:
        """Return the list of pages, icons above their names, as narrow as the names allow."""
        names = QListWidget()
        names.setObjectName("cscl_pages")
        names.setViewMode(QListWidget.ViewMode.IconMode)
        names.setFlow(QListWidget.Flow.TopToBottom)
        names.setMovement(QListWidget.Movement.Static)
        names.setWrapping(False)
        names.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        names.setStyleSheet(LIST_STYLE)
        names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        metrics = names.fontMetrics()
        width = max(metrics.horizontalAdvance(tr(page.short)) for page in self.pages.values()) + 12
        size = QSize(max(width, 56), ICON_SIZE + metrics.height() + 20)
        for page in self.pages.values():
            drawn = QIcon(self.workspace.icon_path(page.icon)).pixmap(4 * ICON_SIZE)
            icon = QIcon(drawn)
            icon.addPixmap(drawn, QIcon.Mode.Selected)  # in its colours, which Qt would tint
            item = QListWidgetItem(icon, tr(page.short))
            item.setToolTip(tr(page.title))
            item.setSizeHint(size)
            names.addItem(item)
        names.setFixedWidth(size.width() + 2 * names.frameWidth() + 4)
        return names

    def _connect(self) -> None:
        self._list.currentRowChanged.connect(self._turned)
        self.workspace.page_wanted.connect(self.show_page)
        self._list.itemClicked.connect(self.show_pages)
        self.workspace.page_wanted.connect(self.show_pages)
        self.setup.changed.connect(self._engine_looked_for)
        self.setup.left.connect(self.show_pages)
        self._banner.wanted.connect(self.show_setup)
        project = QgsProject.instance()
        project.readProject.connect(self._project_read)
        project.cleared.connect(self._project_cleared)
        project.writeProject.connect(self._project_written)

    def _turned(self, row: int) -> None:
        if row < 0:
            return
        self._stack.setCurrentIndex(row)
        page = self._page_shown()
        self._heading.setText(tr(page.title))
        page.shown()

    def _page_shown(self) -> Page:
        return list(self.pages.values())[max(self._list.currentRow(), 0)]

    def _engine_looked_for(self) -> None:
        self._banner.setVisible(not self.setup.present)
        self.workspace.set_engine(self.setup.present)

    def _state(self) -> Dict[str, Any]:
        pages = {name: page.state() for name, page in self.pages.items()}
        return {"page": self._page_shown().name, "pages": pages}

    def _restore(self, state: Dict[str, Any]) -> None:
        pages = state.get("pages")
        for name, page in self.pages.items():
            kept = pages.get(name) if isinstance(pages, dict) else None
            page.restore(kept if isinstance(kept, dict) else {})
        wanted = state.get("page")
        self.show_page(wanted if wanted in self.pages else next(iter(self.pages)))

    def _project_read(self, *_: object) -> None:
        state = read_project()
        if state:
            self._restore(state)

    def _project_cleared(self) -> None:
        for page in self.pages.values():
            page.restore({})

    def _project_written(self, *_: object) -> None:
        write_project(self._state())
