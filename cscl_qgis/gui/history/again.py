"""Asks where an earlier job shall write when it runs again."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from ...words import tr
from ..closing import job_title
from ..workspace import TITLE
from ..wrapped import WrappedLabel
from .runs import Run


class AgainDialog(QDialog):
    """Offers another output for a job with the same parameters."""

    def __init__(self, run: Run, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("cscl_again")
        self.setWindowTitle(TITLE)
        text = WrappedLabel(
            tr("{job}, with the parameters of {name}. It writes to:", job=job_title(run.job),
               name=run.name)
        )  # fmt: skip
        self._output = QgsFileWidget()
        self._output.setObjectName("cscl_again_output")
        path = Path(run.output)
        is_file = bool(path.suffix)
        modes = QgsFileWidget.StorageMode
        self._output.setStorageMode(modes.SaveFile if is_file else modes.GetDirectory)
        self._output.setFilePath(another(run.output))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        start = buttons.addButton(tr("Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        start.setObjectName("cscl_again_run")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(self._output)
        layout.addWidget(buttons)
        self.resize(max(self.sizeHint().width(), 48 * self.fontMetrics().averageCharWidth()), 0)

    def output(self) -> str:
        """Return the output that was chosen."""
        return str(self._output.filePath()).strip()


def another(output: str) -> str:
    """Return a path beside an output with the next number: map, map_2, map_3."""
    path = Path(output)
    # A name such as fields.series.json keeps its whole ending.
    stem, dot, ending = path.name.partition(".")
    head, _, number = stem.rpartition("_")
    if head and number.isdigit():
        stem, following = head, int(number) + 1
    else:
        following = 2
    return str(path.with_name(f"{stem}_{following}{dot}{ending}"))
