"""The season's curve of the place that is clicked on the map."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..chart import LineChart
from ..editors import ChoiceBox
from ..maptools.curve import PlaceTool
from ..parts import named_button, named_tool_button, plain_label
from ..workspace import Workspace
from .curve_asking import CurveAsking
from .curve_lines import ALL, NDVI, choices_of, class_lines, curve_lines

PIXEL, PARCEL = "pixel", "parcel"
SHORTEST = 9  # characters that a box has room for


class CurvePanel(QWidget):
    """Draws curves of pixels or parcels before those of the chosen dataset's classes.

    `series` gives the values of the question `curve` that name images or a time series.
    """

    changed = pyqtSignal()

    def __init__(
        self, workspace: Workspace, series: Callable[[], Dict[str, Any]],
        parent: Optional[QWidget] = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._workspace = workspace
        self._asking = CurveAsking(workspace, series, self)
        self._tool: Optional[PlaceTool] = None
        self._answer: Optional[Dict[str, Any]] = None
        self._classes: Optional[Dict[str, Any]] = None
        self._is_parcel = False
        self.click_button = named_button(
            "cscl_curve_click", tr("Click on the map"),
            tr("Draw the curve of the places that you click on the map"),
        )  # fmt: skip
        self.click_button.setCheckable(True)
        self.place_box = ChoiceBox()
        self.place_box.setObjectName("cscl_curve_place")
        self.place_box.addItem(tr("Pixel"), PIXEL)
        self.place_box.addItem(tr("Parcel"), PARCEL)
        self.place_box.setToolTip(tr("Curve of the pixel, or of the parcel under the click"))
        self.shown_box = ChoiceBox()
        self.shown_box.setObjectName("cscl_curve_shown")
        self.shown_box.setToolTip(tr("NDVI, the reflectance of one band, or of all bands"))
        self.shown_box.addItem("NDVI", NDVI)
        for box in (self.place_box, self.shown_box):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumContentsLength(SHORTEST)
        self.class_button = named_tool_button(
            "cscl_curve_classes", tr("Classes"),
            tr("Curves of the classes of the chosen dataset, drawn behind; one alone has its "
               "range"),
        )  # fmt: skip
        self.class_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.class_button.setMenu(QMenu(self.class_button))
        self.chart = LineChart()
        self.chart.setObjectName("cscl_curve_chart")
        self.chart.set_empty(
            tr("Press “Click on the map” and click: the season's curve of the place appears here.")
        )
        self.line = plain_label("cscl_curve_line")
        self._lay_out()
        self._connect()
        self._show_state()

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        return {"place": self.place_box.currentData()}

    def restore(self, state: Any) -> None:
        """Show what `state` returned; no curve."""
        kept = state if isinstance(state, dict) else {}
        place = self.place_box.findData(kept.get("place"))
        self.place_box.setCurrentIndex(max(place, 0))
        self.forget()

    def forget(self) -> None:
        """Draw nothing: the images are others now."""
        self._asking.stop()
        self._answer = None
        if self._tool is not None:
            self._tool.unmark()
        self._draw()

    def turn_off(self) -> None:
        """Give the map's clicks back."""
        if self._tool is not None:
            self._tool.turn_off()

    def close_down(self) -> None:
        """Stop all that is under way, and leave the map as it was."""
        self._asking.close()
        self.turn_off()
        self._workspace.chosen_changed.disconnect(self._chosen)

    def pick(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Ask for the curve of a place of the map."""
        self.line.setText(tr("Reading…"))
        wanted = self.place_box.currentData() == PARCEL
        self._asking.ask_at(point, crs, self._parcels() if wanted else None)

    def _answered(self, answer: Dict[str, Any], is_parcel: bool) -> None:
        self._answer, self._is_parcel = answer, is_parcel
        self._offer(choices_of(answer))
        dataset = self._workspace.chosen("dataset")
        if dataset and self._classes is None:
            self._asking.ask_classes(dataset)
        self._draw()

    def _classes_answered(self, answer: Dict[str, Any]) -> None:
        self._classes = answer
        self._list_classes()
        self._draw()

    def _refused(self, error: UserError) -> None:
        self._answer = None
        self._draw()
        self.line.setText(str(error))

    def _draw(self, *_: object) -> None:
        answer, shown = self._answer, self.shown_box.currentData()
        if answer is None or not answer["dates"]:
            self.chart.show_lines([])
            self.line.setText("")
            return
        behind = class_lines(self._classes, self._ticked(), shown, answer["dates"][0])
        title = "NDVI" if shown == NDVI else tr("Reflectance")
        place = tr("Parcel") if self._is_parcel else tr("Pixel")
        self.chart.show_lines([*behind, *curve_lines(answer, shown, place)], "", title, dates=True)
        clear, dates = sum(1 for item in answer["clear"] if item), len(answer["dates"])
        where = (
            tr("Parcel of {pixels} pixels", pixels=answer["pixels"])
            if self._is_parcel
            else tr("Pixel")
        )
        self.line.setText(
            tr("{where}: {clear} of {dates} dates are clear, the cloudy ones hollow.",
               where=where, clear=clear, dates=dates)
        )  # fmt: skip

    def _offer(self, choices: List[str]) -> None:
        """Offer what the answer holds; what was drawn before stays chosen if it is there."""
        before = self.shown_box.currentData()
        names = {NDVI: "NDVI", ALL: tr("All bands")}
        self.shown_box.blockSignals(True)
        self.shown_box.clear()
        for choice in choices:
            self.shown_box.addItem(names.get(choice, choice), choice)
        self.shown_box.setCurrentIndex(max(self.shown_box.findData(before), 0))
        self.shown_box.blockSignals(False)

    def _list_classes(self) -> None:
        menu = self.class_button.menu()
        menu.clear()
        for row in self._classes["classes"] if self._classes else ():
            action = menu.addAction(row["name"].replace("&", "&&"))
            action.setData(row["code"])
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(self._draw)
        self._show_state()

    def _ticked(self) -> List[int]:
        return [item.data() for item in self.class_button.menu().actions() if item.isChecked()]

    def _parcels(self) -> Optional[QgsVectorLayer]:
        layer = QgsProject.instance().mapLayer(self._workspace.chosen("parcels"))
        return layer if isinstance(layer, QgsVectorLayer) else None

    def _switch(self, on: bool) -> None:
        if on and self._tool is None:
            self._tool = PlaceTool(self._workspace.iface.mapCanvas(), self)
            self._tool.picked.connect(self.pick)
            self._tool.switched.connect(self.click_button.setChecked)
            self._asking.at_point.connect(self._tool.mark_point)
            self._asking.at_parcel.connect(self._tool.mark_polygon)
        if self._tool is not None and on:
            self._tool.turn_on()
            canvas = self._workspace.iface.mapCanvas()
            self._asking.prepare(canvas.center(), canvas.mapSettings().destinationCrs())
        elif self._tool is not None and self._tool.is_on():
            self._tool.turn_off()

    def _chosen(self, name: str) -> None:
        if name == "dataset":
            self._asking.forget_classes()
            self._classes = None
            self._list_classes()
            if self._answer is not None and self._workspace.chosen("dataset"):
                self._asking.ask_classes(self._workspace.chosen("dataset"))
            self._draw()
        elif name == "parcels":
            self._show_state()
            if self._parcels() is not None:
                self.place_box.setCurrentIndex(self.place_box.findData(PARCEL))

    def _show_state(self) -> None:
        self.class_button.setVisible(bool(self._classes))
        parcels = self._parcels() is not None
        self.place_box.setEnabled(parcels)
        if not parcels:
            self.place_box.setCurrentIndex(self.place_box.findData(PIXEL))

    def _lay_out(self) -> None:
        upper = QHBoxLayout()
        upper.addWidget(self.click_button, 1)
        upper.addWidget(self.place_box)
        lower = QHBoxLayout()
        lower.addWidget(self.shown_box)
        lower.addStretch(1)
        lower.addWidget(self.class_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(upper)
        layout.addLayout(lower)
        layout.addWidget(self.chart, 1)
        layout.addWidget(self.line)

    def _connect(self) -> None:
        self.click_button.toggled.connect(self._switch)
        self.shown_box.currentIndexChanged.connect(self._draw)
        self.place_box.currentIndexChanged.connect(lambda _: self.changed.emit())
        self._asking.answered.connect(self._answered)
        self._asking.classes_answered.connect(self._classes_answered)
        self._asking.refused.connect(self._refused)
        self._workspace.chosen_changed.connect(self._chosen)
