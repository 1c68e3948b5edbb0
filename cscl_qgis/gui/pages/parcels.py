"""Parcels and classes: which crop is in which parcel, what is wrong there, and the dataset."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ....backend.cscl.contract.classes import PALETTE, ClassTable
from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..classes.balance import class_bars
from ..classes.bars import Bars
from ..classes.dataset_form import DatasetForm
from ..classes.dataset_run import BUILD, DatasetRuns, DatasetView
from ..classes.exchange import TableExchange
from ..classes.findings import FindingsPanel
from ..classes.keeping import ClassFile
from ..classes.legend import Row
from ..classes.reading import ParcelReading
from ..classes.rules import RulesForm
from ..classes.source import ParcelsChoice
from ..classes.table import LegendTable
from ..page import Page
from ..parcel_source import ParcelSource
from ..parts import named_button, plain_label, scrolled
from ..workspace import Workspace

SERIES_ENDING = ".series.json"


class ParcelsPage(Page):
    """Composes the parts of the page and passes on what one says to the others."""

    name = "parcels"
    title = "Parcels and classes"
    short = "Parcels"
    icon = "parcels.svg"
    guide = "parcels"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        # Layer and field that the legend is of, and those that are being read.
        self._read_of = self._asked_of = ("", "")
        self.choice = ParcelsChoice()
        self.table = LegendTable()
        self.exchange = TableExchange(workspace, self.table.model)
        self.balance = Bars()
        self.balance.setObjectName("cscl_class_balance")
        self.rules = RulesForm()
        self.findings = FindingsPanel(workspace)
        self.dataset = DatasetForm()
        self.view = DatasetView()
        self.reading = ParcelReading(workspace, self)
        self.runs = DatasetRuns(workspace, self.view, self)
        self.hint = plain_label(text=tr(
            "Choose a polygon layer and the field that holds the declared crop. Its values become "
            "the classes of the map, to be named, merged or left out here."
        ))  # fmt: skip
        self.build_button = named_button(
            "cscl_build", tr("Build dataset"), tr("Make training data of the images and parcels")
        )
        self.report_button = named_button(
            "cscl_dataset_report", tr("Report"),
            tr("Show the dataset as a page: split, classes, season curves, sample chips"),
        )  # fmt: skip
        self.classes = ClassFile(workspace, self._table_of_parcels, self)
        self._lay_out()
        self._connect()
        self._table_changed()
        self._show_state()

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps of the page."""
        return {
            "parcels": self.choice.state(),
            "read_of": list(self._read_of),
            "classes": self.table.model.legend.state(),
            "rules": self.rules.state(),
            "dataset": self.dataset.state(),
            "built": self.runs.dataset,
        }

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self.reading.stop()
        self.findings.clear()
        self.choice.restore(state.get("parcels"))
        self.choice.show_reading(False)
        kept = state.get("read_of")
        whole = isinstance(kept, list) and len(kept) == 2
        self._read_of = (str(kept[0]), str(kept[1])) if whole else ("", "")
        self.rules.restore(state.get("rules"))
        self.dataset.restore(state.get("dataset"))
        self.runs.keep(str(state.get("built") or ""))
        self.table.restore(state.get("classes"))

    def shown(self) -> None:
        """Tell of the dataset that the project knows, now that somebody looks."""
        if self.runs.dataset and not self.runs.is_shown():
            self.runs.show_dataset(self.runs.dataset)

    def close_down(self) -> None:
        """Stop reading, and let go of layers that are not the project's."""
        self.classes.close_down()
        self.reading.close_down()
        self.findings.close_down()
        self.runs.forget()
        self.choice.parcels.close_down()

    def read(self) -> None:
        """Read the values of the field and check the parcels."""
        try:
            source = self.choice.source()
        except UserError as error:
            self.workspace.warn(str(error))
            return
        images = self.dataset.state()["images"]
        series = images if images.endswith(SERIES_ENDING) else None
        field = self.choice.field.text()
        values = {"class_field": field, "series": series, **self.rules.checked()}
        self._asked_of = self.choice.key()
        self.choice.show_reading(True, tr("Reading parcels…"))
        self.reading.start(source, values)

    def stop(self) -> None:
        """Stop reading."""
        self.reading.stop()
        self.choice.show_reading(False)

    def build(self) -> None:
        """Start the job that builds the dataset; what is wrong is said in words."""
        try:
            sources = {"parcels": self.choice.source(), **self.dataset.sources()}
            values = {
                **self.dataset.values(), **self.rules.values(),
                "class_field": self.choice.field.text(),
            }  # fmt: skip
        except UserError as error:
            self.workspace.warn(str(error))
            return
        self.build_button.setEnabled(False)
        self.classes.demand(lambda path: self._start(values, path, sources), self._not_started)

    def _start(
        self, values: Dict[str, Any], classes: str, sources: Dict[str, ParcelSource]
    ) -> None:
        try:
            self.workspace.run(BUILD, {**values, "classes": classes or None}, sources)
        except UserError as error:
            self.workspace.warn(str(error))
        self._show_state()

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 6, 0)
        for part in (
            self.choice, _heading(tr("Classes")), self.hint, self.table, self.exchange,
            self.balance, self.rules, _heading(tr("Findings")), self.findings,
            _heading(tr("Dataset")), self.dataset, self.view,
        ):  # fmt: skip
            if isinstance(part, QLabel) and part is not self.hint:
                layout.addSpacing(part.fontMetrics().height() // 2)
            layout.addWidget(part)
        layout.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self.build_button)
        row.addWidget(self.report_button)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner), 1)
        outer.addLayout(row)

    def _connect(self) -> None:
        self.choice.read_wanted.connect(self.read)
        self.choice.stop_wanted.connect(self.stop)
        self.choice.parcels.refused.connect(self.workspace.warn)
        self.choice.changed.connect(self._choice_changed)
        self.reading.answered.connect(self._answered)
        self.reading.refused.connect(self._refused)
        self.table.changed.connect(self._table_changed)
        self.exchange.imported.connect(self.table.sort_by_area)
        self.rules.changed.connect(self.changed)
        self.dataset.changed.connect(self._show_state)
        self.build_button.clicked.connect(self.build)
        self.report_button.clicked.connect(self.runs.report)
        self.runs.changed.connect(self._show_state)
        self.workspace.chosen_changed.connect(self._chosen)
        self.workspace.engine_changed.connect(self._show_state)
        self.workspace.job_started.connect(self._show_state)
        self.workspace.job_ended.connect(self._ended)

    def _answered(self, answer: Dict[str, Any]) -> None:
        of_other = self._read_of not in (self._asked_of, ("", ""))
        self._read_of = self._asked_of
        rows = [_row(item, place) for place, item in enumerate(answer["classes"]) if item["value"]]
        new = self.table.read(rows, afresh=of_other)
        self.choice.show_reading(False, tr("{count} parcels", count=answer["parcels"]))
        self.findings.load(answer["findings"], answer["findings_layer"])
        for note in answer["notes"]:
            self.workspace.said.emit(tr("Note: {text}", text=note))
        if new:
            self.workspace.tell(
                tr("Values that are not in the table: {count}. They are ignored until you tick "
                   "them.", count=new)
            )  # fmt: skip

    def _refused(self, text: str) -> None:
        self.choice.show_reading(False)
        self.workspace.warn(text)

    def _choice_changed(self) -> None:
        self.dataset.follow(self.choice.parcels.layer())
        self.workspace.choose("parcels", self.choice.layer_id())
        self.workspace.choose("class_field", self.choice.field.text())
        if not self.reading.is_reading():
            of_other = self._read_of != ("", "") and self._read_of != self.choice.key()
            self.choice.show_reading(
                False, tr("The classes below are of another layer or field.") if of_other else ""
            )
        self._table_changed()

    def _table_changed(self) -> None:
        rows = self.table.model.legend.rows
        self.hint.setVisible(not rows)
        self.table.setVisible(bool(rows))
        self.balance.show_bars(class_bars(self.table.model.legend.classes()))
        self.classes.offer()
        self.changed.emit()

    def _table_of_parcels(self) -> Optional[ClassTable]:
        """Return the class table, `None` where it is empty or of other parcels."""
        table = self.table.model.legend.table()
        fits = self._read_of in (self.choice.key(), ("", ""))
        return table if table.classes and fits else None

    def _not_started(self, error: UserError) -> None:
        self.workspace.warn(str(error))
        self._show_state()

    def _chosen(self, name: str) -> None:
        if name == "series" and self.workspace.chosen("series"):
            self.dataset.images.set_value(self.workspace.chosen("series"))

    def _ended(self, *_: object) -> None:
        # The next dataset must not lie where this one does.
        self.dataset.suggest_output()
        self._show_state()

    def _show_state(self, *_: object) -> None:
        running = self.workspace.runner.is_running()
        ready = not running and not self.classes.is_busy() and self.workspace.engine_present
        self.build_button.setEnabled(ready)
        self.report_button.setEnabled(ready and bool(self.runs.dataset))
        self.changed.emit()


def _row(item: Dict[str, Any], place: int) -> Row:
    """Return the row of one value as the engine told it."""
    name, hcat = item["name"] or item["value"], item["hcat"] or ""
    colour = item["colour"] or PALETTE[place % len(PALETTE)]
    area = float(item["area_ha"])
    return Row(item["value"], name, item["code"], colour, hcat, name, hcat, item["count"], area)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label
