"""What came of a job: maps in a group, parcels to look at, scores, comparison and export."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import Qgis, QgsVectorLayer
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...engine.outcome import Outcome
from ...layers.results import layer_of
from ...words import tr
from ..page import Page
from ..results import export_part, on_map
from ..results.adding import GroupAdder
from ..results.compare import ComparePart
from ..results.disagreements import DisagreementList
from ..results.head import ResultsHead
from ..results.matrices import Matrix, cell_parcels
from ..results.parcel_table import ParcelRow
from ..results.scores import ScoresPart
from ..results.source import ResultsSource
from ..workspace import Workspace

# Jobs whose output folder holds a map.
MAP_JOBS = ("map", "pipeline", "demo")


class ResultsPage(Page):
    """Opens any folder of results, of this run or an earlier one."""

    name = "results"
    title = "Results"
    short = "Results"
    icon = "results.svg"
    guide = "results-in-qgis"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        self.source = ResultsSource(self)
        self.adder = GroupAdder(self)
        # Opened beside the project, so that lists work before anything is added to it.
        self._parcels: Optional[QgsVectorLayer] = None
        self._listed: Optional[QgsVectorLayer] = None
        self._unread = ""
        self.head = ResultsHead()
        self.disagreements = DisagreementList()
        self.scores = ScoresPart()
        self.compare = ComparePart(workspace.iface)
        self.export = export_part.ExportPart()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("cscl_results_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.disagreements, tr("To check"))
        self.tabs.addTab(self.scores, tr("Matrix"))
        self.tabs.addTab(self.compare, tr("Compare"))
        self.tabs.addTab(self.export, tr("Export"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.head)
        layout.addWidget(self.tabs, 1)
        self._connect()
        self._show_folder()

    def state(self) -> Dict[str, Any]:
        """Return the folder, the tab and what was entered for the export."""
        return {
            "folder": self.head.path(),
            "tab": self.tabs.currentIndex(),
            "only_unseen": self.disagreements.unseen.isChecked(),
            "export": self.export.state(),
        }

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned; the folder is read once the page is looked at."""
        folder = str(state.get("folder") or "")
        self.head.set_path(folder)
        self.source.clear()
        self._unread = folder
        tab = state.get("tab")
        self.tabs.setCurrentIndex(tab if isinstance(tab, int) else 0)
        self.disagreements.unseen.setChecked(state.get("only_unseen") is True)
        export = state.get("export")
        self.export.restore(export if isinstance(export, dict) else {})

    def shown(self) -> None:
        """Read a folder that was only restored so far."""
        if self._unread:
            self.open_folder(self._unread)

    def close_down(self) -> None:
        """Let go of the swipe and of the layers."""
        self.compare.close_down()
        self.adder.stop()
        self.source.close()
        self.scores.set_layer(None, "")
        self._parcels = self._listed = None

    def open_folder(self, folder: str) -> None:
        """Read the results of a folder and show them."""
        self._unread = ""
        self.head.set_path(folder)
        if folder:
            self.source.open(folder)
            self.head.summary.setText(tr("Reading…"))
        else:
            self.source.clear()

    def add_to_project(self) -> None:
        """Add the results as one group, or show the group that holds them already."""
        if self.source.folder is not None:
            self.adder.add(self.source.folder, self._added)

    def open_report(self) -> None:
        """Open the report with the program that the system has for it."""
        if self.source.folder is not None:
            report = self.source.folder.outputs["report"]
            QDesktopServices.openUrl(QUrl.fromLocalFile(report))

    def run_export(self) -> None:
        """Write the classified parcels to another format."""
        folder = self.source.folder
        if folder is None:
            return
        try:
            self.workspace.run(export_part.JOB, self.export.values(folder.outputs["parcels"]))
        except UserError as error:
            self.workspace.warn(str(error))

    def _connect(self) -> None:
        self.head.entered.connect(self.open_folder)
        self.head.show_button.clicked.connect(self.add_to_project)
        self.head.report_button.clicked.connect(self.open_report)
        self.export.wanted.connect(self.run_export)
        self.disagreements.picked.connect(self._picked)
        self.scores.matrix.cell_clicked.connect(self._cell_clicked)
        self.scores.field_changed.connect(self._read_parcels)
        self.source.folder_changed.connect(self._show_folder)
        self.source.parcels_changed.connect(self._show_parcels)
        self.source.refused.connect(self._refused)
        self.adder.refused.connect(lambda error: self.workspace.warn(str(error)))
        self.workspace.chosen_changed.connect(self._chosen)
        self.workspace.job_started.connect(self._show_export)
        self.workspace.job_ended.connect(self._job_ended)
        self.workspace.engine_changed.connect(self._show_export)

    def _chosen(self, name: str) -> None:
        if name == "map" and self.workspace.chosen("map"):
            self.open_folder(self.workspace.chosen("map"))

    def _job_ended(self, job: str, values: Dict[str, Any], outcome: Outcome) -> None:
        self._show_export()
        if not outcome.succeeded:
            return
        output = str(values.get("output", ""))
        folder = output if job in MAP_JOBS else str(Path(output).parent)
        if job in (*MAP_JOBS, "parcels") and folder == self.head.path():
            self.open_folder(folder)  # it has other results in it now
        elif job in MAP_JOBS:
            self.workspace.choose("map", output)
        elif job == export_part.JOB:
            name = Path(output).name
            self.workspace.tell(
                tr("The parcels were exported to {path}.", path=name), Qgis.MessageLevel.Success
            )

    def _refused(self, error: UserError) -> None:
        if self.source.folder is None:
            self.head.summary.setText(str(error))
        else:
            self.workspace.warn(str(error))

    def _show_folder(self) -> None:
        """Show what the folder holds; its parcels are read next."""
        folder = self.source.folder
        self._parcels = self._open("parcels")
        self._listed = self._open("inspection")
        self.head.show_folder(folder)
        self._show_export()
        self.scores.set_layer(self._parcels, folder.class_field if folder is not None else "")
        self.export.offer(self._parcels.fields().names() if self._parcels is not None else [])
        self._read_parcels()

    def _open(self, role: str) -> Optional[QgsVectorLayer]:
        """Open a vector result for reading alone, without its style and beside the project."""
        folder = self.source.folder
        if folder is None or role not in folder.outputs:
            return None
        options = QgsVectorLayer.LayerOptions(loadDefaultStyle=False)
        layer = QgsVectorLayer(folder.outputs[role], role, "ogr", options)
        return layer if layer.isValid() else None

    def _read_parcels(self) -> None:
        if self._parcels is None:
            self._show_parcels()
            return
        self.disagreements.say(tr("Reading…"))
        field = self.scores.class_field.currentField()
        self.source.read_parcels(self._parcels, self._listed, field)

    def _show_parcels(self) -> None:
        """Show the list and the matrices of what was read."""
        folder, rows = self.source.folder, self.source.parcels
        if folder is None:
            self.disagreements.say(tr("Choose a folder of results above."))
        elif self._parcels is None:
            self.disagreements.say(
                tr("This folder holds no classified parcels. Choose parcels on the page Map to "
                   "have them compared with the map.")
            )  # fmt: skip
        elif not any(row.agrees is not None for row in rows):
            self.disagreements.say(
                tr("The parcels were classified without a class field, so there is nothing to "
                   "compare the map with.")
            )  # fmt: skip
        else:
            self.disagreements.show_parcels(self.source.listed or rows, folder.table)
        self.scores.show_scores(folder, rows, self.source.scores)

    def _picked(self, row: ParcelRow) -> None:
        layer = self._listed if self.source.listed else self._parcels
        canvas = self.workspace.iface.mapCanvas()
        if layer is None or self.source.folder is None:
            return
        if on_map.move_to(canvas, layer, [row]):
            on_map.flash(canvas, layer, row)
        shown = layer_of(
            self.source.folder.folder, "inspection" if self.source.listed else "parcels"
        )
        if isinstance(shown, QgsVectorLayer):
            shown.selectByIds([row.feature])  # a flash is soon over

    def _cell_clicked(self, matrix: Matrix, row: int, column: int) -> None:
        folder = self.source.folder
        if folder is None or folder.table is None or self._parcels is None:
            return
        found = cell_parcels(self.source.parcels, folder.table, matrix, row, column)
        self.adder.add(folder, lambda _: self._select(folder.folder, found))

    def _select(self, folder: str, rows: List[ParcelRow]) -> None:
        layer = layer_of(folder, "parcels")
        if isinstance(layer, QgsVectorLayer):
            on_map.select(self.workspace.iface.mapCanvas(), layer, rows)
            self.workspace.tell(tr("{count} parcels are selected.", count=len(rows)))

    def _added(self, group: Any) -> None:
        folder = self.source.folder
        if folder is None or group is None:
            self.workspace.warn(tr("There is nothing in this folder that a map can show."))
            return
        layers = [node.layer() for node in group.findLayers() if node.layer() is not None]
        if layers:
            on_map.move_to_layer(self.workspace.iface.mapCanvas(), layers[-1])
        self.compare.choose(layer_of(folder.folder, "truth"))

    def _show_export(self, *_: object) -> None:
        folder = self.source.folder
        has_parcels = folder is not None and "parcels" in folder.outputs
        free = self.workspace.engine_present and not self.workspace.runner.is_running()
        self.export.button.setEnabled(free and has_parcels)
