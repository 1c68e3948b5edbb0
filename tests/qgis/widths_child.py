"""Print every text of the dock that has too little room, for one scale of the screen.

Run by test_widths.py, since Qt reads the scale when it starts: the folders to import from, the
theme of QGIS, then the languages.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

sys.path[:0] = sys.argv[1:4]

from qgis.core import QgsApplication, QgsSettings  # noqa: E402 - after the path
from qgis.gui import QgsCollapsibleGroupBox  # noqa: E402
from qgis.PyQt.QtCore import Qt  # noqa: E402
from qgis.PyQt.QtWidgets import QTabBar, QTabWidget  # noqa: E402

# The button of QGIS's file widget, which its own themes make lower than its text.
THEIRS = "…"


def main() -> None:
    """Go through all pages in every language."""
    application = QgsApplication([], True)
    application.initQgis()
    from dock_windows import Window, settle, shown_dock, too_small

    words = importlib.import_module("cscl_qgis.cscl_qgis.words")
    module = importlib.import_module("cscl_qgis.cscl_qgis.gui.dock")
    found = []
    application.setUITheme(sys.argv[4])
    for language in sys.argv[5:]:
        words.use_language(language)
        QgsSettings().remove("cscl/dock")
        window = Window()
        dock = shown_dock(module, window)
        dock.show_pages()
        for box in dock.findChildren(QgsCollapsibleGroupBox):
            box.setCollapsed(False)
        for name, page in dock.pages.items():
            dock.show_page(name)
            for _ in views(page):
                settle()
                cut = [*too_small(dock), *narrow_tabs(dock)]
                found += [[language, name, text, width] for text, width in cut]
        # As narrow as the dock may be, and so low that pages scroll.
        window.resize(window.width(), 500)
        window.resizeDocks([dock], [10], Qt.Orientation.Horizontal)
        for name, page in dock.pages.items():
            dock.show_page(name)
            settle()
            needed, room = page.minimumSizeHint().width(), page.parentWidget().width()
            if needed > room:
                found.append([language, name, f"the page needs {needed}", room])
        dock.show_setup()
        settle()
        found += [[language, "setup", text, width] for text, width in too_small(dock)]
        dock.close_down()
        window.close()
        settle()
    if sys.argv[4] != "default":
        found = [item for item in found if item[2] != THEIRS]
    unique = sorted({json.dumps(item, ensure_ascii=False) for item in found})
    print(json.dumps([json.loads(item) for item in unique]))
    sys.stdout.flush()
    application.exitQgis()


def views(page: Any) -> Any:
    """Turn through the tabs of a page; without any there is one view."""
    yield page
    for tabs in page.findChildren(QTabWidget):
        for number in range(tabs.count()):
            tabs.setCurrentIndex(number)
            yield tabs


def narrow_tabs(dock: Any) -> list[tuple[str, int]]:
    """Return the tabs whose text has too little room or that lie outside their bar."""
    found = []
    for bar in dock.findChildren(QTabBar):
        if not bar.isVisible():
            continue
        for number in range(bar.count()):
            place, text = bar.tabRect(number), bar.tabText(number)
            needed = bar.fontMetrics().horizontalAdvance(text.replace("&", ""))
            if place.width() < needed or place.right() > bar.width():
                found.append((text, place.width()))
    return found


if __name__ == "__main__":
    main()
