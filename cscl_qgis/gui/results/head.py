"""The head of the results' page: which folder, what it holds, and the ways to see it."""

from __future__ import annotations

import time
from typing import Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...layers.folder import ResultsFolder
from ...words import tr
from ..parts import named_button, plain_label


class ResultsHead(QWidget):
    """Chooses the folder; `entered` gives its path, empty where there is none."""

    entered = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.chooser = QgsFileWidget()
        self.chooser.setObjectName("cscl_results_folder")
        self.chooser.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.chooser.setDialogTitle(tr("Folder of results"))
        self.chooser.setToolTip(tr("The output folder of a map, or of the whole chain"))
        self.chooser.lineEdit().setPlaceholderText(tr("Output folder of a map"))
        label = QLabel(tr("Folder of results"))
        label.setBuddy(self.chooser)
        self.summary = plain_label("cscl_results_summary")
        self.show_button = named_button(
            "cscl_show", tr("Show on the map"), tr("Add the results to the project as one group")
        )
        self.report_button = named_button(
            "cscl_report", tr("Report"), tr("Open the report in a browser")
        )
        row = QHBoxLayout()
        row.addWidget(self.show_button)
        row.addWidget(self.report_button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label)
        layout.addWidget(self.chooser)
        layout.addWidget(self.summary)
        layout.addLayout(row)
        self.chooser.fileChanged.connect(lambda path: self.entered.emit(path.strip()))

    def path(self) -> str:
        """Return the folder as entered."""
        return str(self.chooser.filePath()).strip()

    def set_path(self, path: str) -> None:
        """Show a folder without reading it."""
        self.chooser.blockSignals(True)
        self.chooser.setFilePath(path)
        self.chooser.blockSignals(False)

    def show_folder(self, folder: Optional[ResultsFolder]) -> None:
        """Say what was read."""
        self.summary.setText(_in_words(folder))
        self.show_button.setEnabled(folder is not None and bool(folder.outputs))
        self.report_button.setEnabled(folder is not None and "report" in folder.outputs)


def _in_words(folder: Optional[ResultsFolder]) -> str:
    if folder is None:
        return tr("Results of this or an earlier run can be opened here.")
    ended = time.localtime(folder.manifest.finished or folder.manifest.started)
    lines = [
        tr("Job {job} of {day}", job=folder.manifest.job,
           day=time.strftime("%Y-%m-%d %H:%M", ended))
    ]  # fmt: skip
    if len(folder.season) == 2:
        lines.append(
            tr("Season {start} to {end}, {count} dates", start=folder.season[0],
               end=folder.season[1], count=len(folder.dates))
        )  # fmt: skip
    return "\n".join(lines)
