"""The results of a finished job, found again by its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.manifest import output_paths, read_manifest
from ..words import tr
from .background import Background
from .parts import one_shot

# A folder is typed letter by letter, and may lie on a disk that takes its time.
WAIT_MS = 200


def outputs_in(folder: str) -> Dict[str, str]:
    """Return the outputs of the complete job in a folder by role; empty where there is none.

    A manifest that is damaged, or names files outside of its folder, counts as none.
    """
    path = Path(folder)
    if not folder or not path.is_dir():
        return {}
    try:
        manifest = read_manifest(path)
        if manifest is None or manifest.state != "complete":
            return {}
        return {role: str(found) for role, found in output_paths(path, manifest).items()}
    except UserError:
        return {}


class FinishedOutputs(QObject):
    """Knows what lies finished in the folder that a form names, read beside the main thread."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.outputs: Dict[str, str] = {}
        self._folder = ""
        self._reading = Background(self)
        self._timer = one_shot(self, WAIT_MS, self._read)

    def look(self, folder: str) -> None:
        """Look into a folder soon; until then nothing is known of it."""
        if folder != self._folder:
            self.forget()
            self._folder = folder
            self.again()

    def again(self) -> None:
        """Look into the same folder soon, as something may have been made there."""
        if self._folder:
            self._timer.start()

    def forget(self) -> None:
        """Know nothing of the folder until it is looked into again."""
        self._timer.stop()
        self._reading.stop()
        self._tell({})

    def close(self) -> None:
        """Stop and wait for the end of the thread."""
        self._timer.stop()
        self._reading.close()

    def _read(self) -> None:
        folder = self._folder
        self._reading.do(
            tr("Looking for results"), lambda _: outputs_in(folder), self._tell, lambda _: None
        )

    def _tell(self, outputs: Dict[str, str]) -> None:
        if outputs != self.outputs:
            self.outputs = outputs
            self.changed.emit()
