"""A map of crops: with which model, of which images, where, and what it will take."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..asking import Latest
from ..mapping.area import area_text
from ..mapping.estimate import in_words
from ..mapping.form import MapForm
from ..mapping.parcels_only import ParcelsOnly
from ..mapping.preview import add_preview, preview_values
from ..mapping.questions import FormQuestions
from ..mapping.run import MapRun
from ..page import Page
from ..parts import named_button, scrolled
from ..workspace import Workspace
from ..wrapped import WrappedLabel


class MapPage(Page):
    """Composes the form, what the engine says of it, the preview and the run."""

    name = "map"
    title = "Map crops"
    short = "Map"
    icon = "map.svg"
    guide = "maps"

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(workspace, parent)
        self.form = MapForm(workspace)
        self.questions = FormQuestions(workspace, self.form, self)
        self.run_part = MapRun(workspace, self)
        self.parcels_only = ParcelsOnly(workspace, self.form)
        self._preview = Latest(workspace.questions, "preview")
        self.message = WrappedLabel()
        self.message.setObjectName("cscl_map_message")
        self.preview_button = named_button(
            "cscl_preview",
            tr("Preview"),
            tr("Map a square of about a kilometre in the middle of the view"),
        )
        self.run_button = named_button(
            "cscl_run_map", tr("Run"), tr("Map the area, then classify the parcels")
        )
        self.results_button = named_button(
            "cscl_to_results", tr("Results"), tr("Turn to the page of results")
        )
        row = QHBoxLayout()
        for button in (self.preview_button, self.run_button, self.results_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(self.form), 1)
        layout.addWidget(self.message)
        layout.addWidget(self.parcels_only)
        layout.addLayout(row)
        self._connect()
        self._show_state()

    def state(self) -> Dict[str, Any]:
        """Return what is kept of the form."""
        return self.form.state()

    def restore(self, state: Dict[str, Any]) -> None:
        """Show what `state` returned."""
        self._forget_preview()
        self.form.restore(state)

    def shown(self) -> None:
        """Ask about the form, now that somebody looks."""
        self.questions.later()
        self.parcels_only.finished.again()

    def close_down(self) -> None:
        """Take the drawn area off the map and the questions back, let go of layers of files."""
        self.questions.stop()
        self._preview.forget()
        self.parcels_only.close_down()
        self.form.close_down()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's names
        """Mark the drawn area and follow the map while the page is seen."""
        super().showEvent(event)
        self.form.area.show_mark(True)
        self.form.area.follow_map(True)
        self.questions.later()

    def hideEvent(self, event: Any) -> None:  # noqa: N802
        """Take mark and questions away with the page."""
        super().hideEvent(event)
        self.questions.stop()
        self.form.area.show_mark(False)
        self.form.area.follow_map(False)

    def run(self) -> None:
        """Start the map; what is wrong with the form is said in words."""
        try:
            values = self.form.values()
            if self.form.area.wants_extent():
                values["area"] = self._view_as_area()
            self.run_part.start(
                values, self.form.sources(), self.form.parcel_source(), self.form.parcel_values()
            )
        except UserError as error:
            self.workspace.warn(str(error))

    def classify(self) -> None:
        """Classify the parcels on the map that the output folder holds."""
        parcels = self.form.parcel_source()
        if parcels is None:
            return
        try:
            values = self.form.parcel_values(self.parcels_only.map_folder())
            self.run_part.classify(parcels, values)
        except UserError as error:
            self.workspace.warn(str(error))

    def preview(self) -> None:
        """Ask for a small map of the middle of the view, or take the question back."""
        if self._preview.is_waiting():
            self._forget_preview()
            return
        try:
            values = self.form.values()
            wanted = {name: values[name] for name in ("images", "model", "resolution", "season")
                      if name in values}  # fmt: skip
            if "images" not in wanted or "model" not in wanted:
                raise UserError(
                    "missing_value", tr("Preview"), tr("model or images are missing"),
                    tr("Choose a model and images first."),
                )  # fmt: skip
            wanted.update(preview_values(self.workspace.iface.mapCanvas()))
        except UserError as error:
            self.workspace.warn(str(error))
            return
        classes = self.questions.card["classes"] if self.questions.card is not None else []

        def answered(answer: Dict[str, Any]) -> None:
            self._previewed(answer, wanted["resolution"], classes)

        # The form may be changed until the answer comes.
        self._preview.ask(wanted, answered, self._preview_refused)
        self.message.setText(tr("Mapping the middle of the view…"))
        self._show_state()

    def _connect(self) -> None:
        self.form.changed.connect(self._form_changed)
        self.form.parcels.refused.connect(self.workspace.warn)
        self.form.area.layers.refused.connect(self.workspace.warn)
        self.form.area.moved.connect(self.questions.later)
        self.parcels_only.wanted.connect(self.classify)
        self.form.fits.mended.connect(self.form.set_values)
        self.preview_button.clicked.connect(self.preview)
        self.run_button.clicked.connect(self.run)
        self.results_button.clicked.connect(self._to_results)
        self.questions.estimated.connect(self._estimated)
        self.questions.not_estimated.connect(self._not_estimated)
        self.questions.card_changed.connect(self._card_changed)
        self.run_part.finished.connect(self._finished)
        self.workspace.chosen_changed.connect(self._chosen)
        self.workspace.engine_changed.connect(self._engine_changed)
        self.workspace.job_started.connect(self._show_state)
        self.workspace.job_ended.connect(self._show_state)

    def _form_changed(self) -> None:
        self.changed.emit()
        if self.isVisible():
            self.questions.later()

    def _view_as_area(self) -> str:
        """Return what the map shows in the images' coordinates, as the field `area` wants it."""
        crs = self.questions.images_crs
        extent = self.form.area.extent(crs) if crs is not None else None
        if extent is None:
            raise UserError(
                "no_place", tr("Area"),
                tr("the images' reference system is not known, or the map shows a place that it "
                   "does not reach"),
                tr("Wait until the images have been read, move the map to them, or draw a polygon "
                   "instead."),
            )  # fmt: skip
        return area_text(extent)

    def _estimated(self, answer: Optional[Dict[str, Any]]) -> None:
        if not self._preview.is_waiting():
            self.message.setText("" if answer is None else in_words(answer))

    def _not_estimated(self, error: UserError) -> None:
        if not self._preview.is_waiting():
            self.message.setText(tr("What it will take is not known: {reason}", reason=str(error)))

    def _card_changed(self) -> None:
        card = self.questions.card
        if card is not None and card["outside"] == "ignore":
            self.form.clip.setChecked(True)  # elsewhere such a model shows crops that are not there
        self._show_state()

    def _previewed(
        self, answer: Dict[str, Any], resolution: str, classes: List[Dict[str, Any]]
    ) -> None:
        try:
            add_preview(answer["path"], resolution, classes)
        except UserError as error:
            self.workspace.warn(str(error))
            return
        notes = " ".join(answer["notes"])
        seconds = f"{answer['seconds']:.1f}"
        self.message.setText(
            tr("The preview took {seconds} seconds. {notes}", seconds=seconds, notes=notes).strip()
        )
        self._show_state()

    def _preview_refused(self, error: UserError) -> None:
        self.message.setText("")
        self.workspace.warn(str(error))
        self._show_state()

    def _forget_preview(self) -> None:
        self._preview.forget()
        self.message.setText("")
        self._show_state()

    def _finished(self, folder: str) -> None:
        self.workspace.choose("map", folder)

    def _to_results(self) -> None:
        folder = self.workspace.chosen("map")
        if folder:
            self.workspace.page_wanted.emit("results")

    def _chosen(self, name: str) -> None:
        value = self.workspace.chosen(name)
        if name == "series":
            self.form.images.set_value(value)
        elif name == "model":
            self.form.set_values({"model": value})
        elif name == "parcels" and self.form.parcels.layer() is None:
            self.form.parcels.set_layer(QgsProject.instance().mapLayer(value))
        elif name == "class_field" and not self.form.class_field.text():
            self.form.class_field.set_text(value)
        self._show_state()

    def _engine_changed(self) -> None:
        self._show_state()
        if self.isVisible():
            self.questions.again()

    def _show_state(self, *_: object) -> None:
        running = self.workspace.runner.is_running()
        free = self.workspace.engine_present and not running
        waiting = self._preview.is_waiting()
        self.form.setEnabled(not running)
        self.run_button.setEnabled(free)
        self.preview_button.setEnabled(free and self.questions.card is not None)
        self.preview_button.setText(tr("Stop") if waiting else tr("Preview"))
        self.parcels_only.show_state()
        self.results_button.setEnabled(bool(self.workspace.chosen("map")))
