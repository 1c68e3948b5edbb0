"""The user's guide, opened at a page."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices

DOCS = Path(__file__).resolve().parents[2] / "docs"


def guide_path(page: str) -> Path:
    """Return the file of a page: of the built site where there is one, else its text."""
    built = DOCS / "site" / f"{page}.html"
    return built if built.is_file() else DOCS / f"{page}.md"


def open_guide(page: str) -> None:
    """Open a page with the program that the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(guide_path(page))))
