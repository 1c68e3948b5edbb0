"""Loads the modules of the dock a few at a time, so that QGIS goes on between them."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Callable, List, Optional

from qgis.PyQt.QtCore import QObject, QTimer

PLUGIN = Path(__file__).resolve().parents[1]
# What others are made of comes first; a module that composes them is short to load then.
FOLDERS = ("engine", "layers", "gui")
SLICE = 0.02


class Opening(QObject):
    """Calls `loaded` once, when everything is loaded; nothing more after `stop`."""

    def __init__(self, loaded: Callable[[], None], parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._names = module_names()
        self._loaded = loaded
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._load)
        self._timer.start(0)

    def stop(self) -> None:
        """Load nothing more."""
        self._timer.stop()

    def _load(self) -> None:
        began = time.monotonic()
        while self._names and time.monotonic() - began < SLICE:
            importlib.import_module(self._names.pop(0), __package__)
        if not self._names:
            self.stop()
            self._loaded()


def module_names() -> List[str]:
    """Return the modules of the dock relative to this package, the deepest folders first."""
    found: List[str] = []
    for folder in FOLDERS:
        paths = sorted((PLUGIN / folder).rglob("*.py"))
        paths.sort(key=lambda path: (-len(path.parts), path.parent.name == "pages"))
        found += [".." + ".".join(path.relative_to(PLUGIN).with_suffix("").parts) for path in paths]
    return [name for name in found if not name.endswith("__init__")]
