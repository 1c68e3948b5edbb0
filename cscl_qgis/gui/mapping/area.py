"""Which part of the images is mapped: all, what the map shows, a drawn polygon, or a layer's."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QVBoxLayout, QWidget

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..editors import ChoiceBox
from ..parcel_source import ParcelSource
from ..parcels import ParcelsEdit
from ..parts import named_button
from ..workspace import Workspace
from ..wrapped import WrappedLabel
from .draw import DrawPolygon, outline

WHOLE, VIEW, DRAWN, LAYER = "whole", "view", "drawn", "layer"


class AreaEdit(QWidget):
    """Chooses the area; rectangles become the field `area`, polygons `area_polygons`."""

    changed = pyqtSignal()
    # The map shows another place, which is the area where it follows the map.
    moved = pyqtSignal()

    def __init__(self, workspace: Workspace, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shape: Optional[QgsGeometry] = None
        self._shape_crs = QgsCoordinateReferenceSystem()
        self._tool: Optional[DrawPolygon] = None
        self._mark: Optional[QgsRubberBand] = None
        self._following = False
        self.choice = ChoiceBox()
        self.choice.setObjectName("cscl_area_choice")
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        for title, key in (
            (tr("Whole images"), WHOLE), (tr("What the map shows"), VIEW),
            (tr("A polygon that I draw"), DRAWN), (tr("Polygons of a layer"), LAYER),
        ):  # fmt: skip
            self.choice.addItem(title, key)
        self.draw_button = named_button(
            "cscl_draw_area", tr("Draw"),
            tr("Click the corners on the map; the right button ends it"),
        )  # fmt: skip
        self.draw_button.setCheckable(True)
        self.hint = WrappedLabel()
        self.hint.setObjectName("cscl_area_hint")
        self.layers = ParcelsEdit()
        self.layers.setObjectName("cscl_area_layer")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.choice, self.draw_button, self.layers, self.hint):
            layout.addWidget(widget)
        self.choice.currentIndexChanged.connect(self._show)
        self.draw_button.toggled.connect(self._draw_toggled)
        self.layers.changed.connect(self.changed)
        self._show()

    def extent(self, crs: QgsCoordinateReferenceSystem) -> Optional[QgsRectangle]:
        """Return the rectangle around the area in a reference system; `None` for all."""
        kind = self.choice.currentData()
        layer = self.layers.layer()
        if kind == VIEW:
            canvas = self._workspace.iface.mapCanvas()
            return _moved(canvas.extent(), canvas.mapSettings().destinationCrs(), crs)
        if kind == DRAWN and self._shape is not None:
            return _moved(self._shape.boundingBox(), self._shape_crs, crs)
        if kind == LAYER and layer is not None:
            return _moved(layer.extent(), layer.crs(), crs)
        return None

    def wants_extent(self) -> bool:
        """Tell whether the area is a rectangle, for the field `area`."""
        return bool(self.choice.currentData() == VIEW)

    def source(self) -> Optional[ParcelSource]:
        """Return the polygons for the field `area_polygons`; raises `UserError` where none are."""
        kind = self.choice.currentData()
        if kind == DRAWN:
            if self._shape is None:
                raise UserError(
                    "missing_value", tr("Area"), tr("no polygon is drawn"),
                    tr("Draw one on the map, or choose another area."),
                )  # fmt: skip
            return ParcelSource(_layer_of(self._shape, self._shape_crs))
        if kind == LAYER:
            layer = self.layers.layer()
            if layer is None:
                raise UserError(
                    "missing_value", tr("Area"), tr("no layer is chosen"),
                    tr("Choose a polygon layer, or another area."),
                )  # fmt: skip
            return ParcelSource(layer, self.layers.only_selected())
        return None

    def state(self) -> Dict[str, Any]:
        """Return what the project keeps."""
        layer = self.layers.layer()
        known = layer is not None and QgsProject.instance().mapLayer(layer.id()) is not None
        return {
            "kind": self.choice.currentData(),
            "shape": self._shape.asWkt(3) if self._shape is not None else "",
            "crs": self._shape_crs.toWkt() if self._shape is not None else "",
            "layer": layer.id() if layer is not None and known else "",
            "file": self.layers.state(),
        }

    def restore(self, state: Any) -> None:
        """Show what `state` returned."""
        kept = state if isinstance(state, dict) else {}
        shape = QgsGeometry.fromWkt(str(kept.get("shape") or ""))
        crs = QgsCoordinateReferenceSystem.fromWkt(str(kept.get("crs") or ""))
        self._shape = None if shape.isNull() else shape
        self._shape_crs = crs
        self.layers.set_layer(QgsProject.instance().mapLayer(str(kept.get("layer") or "")))
        self.layers.set_value(kept.get("file"))
        self.choice.setCurrentIndex(max(self.choice.findData(kept.get("kind")), 0))
        self._show()

    def show_mark(self, wanted: bool) -> None:
        """Mark the drawn polygon on the map while the page is seen."""
        if self._mark is not None:
            self._workspace.iface.mapCanvas().scene().removeItem(self._mark)
            self._mark = None
        if wanted and self._shape is not None and self.choice.currentData() == DRAWN:
            canvas = self._workspace.iface.mapCanvas()
            self._mark = outline(canvas, self._shape, self._shape_crs)

    def follow_map(self, wanted: bool) -> None:
        """Tell of each move of the map as long as the page is seen and the area is its view."""
        wanted = wanted and self.wants_extent()
        if wanted == self._following:
            return
        self._following = wanted
        canvas = self._workspace.iface.mapCanvas()
        for signal in (canvas.extentsChanged, canvas.destinationCrsChanged):
            (signal.connect if wanted else signal.disconnect)(self.moved)

    def close_down(self) -> None:
        """Take tool and mark off the map, and let go of the layer of a file."""
        self.show_mark(False)
        self.follow_map(False)
        self.layers.close_down()
        tool, self._tool = self._tool, None
        if tool is not None:
            canvas = self._workspace.iface.mapCanvas()
            if canvas.mapTool() is tool:
                canvas.unsetMapTool(tool)
            tool.deleteLater()

    def _show(self, *_: object) -> None:
        kind = self.choice.currentData()
        self.draw_button.setVisible(kind == DRAWN)
        self.layers.setVisible(kind == LAYER)
        texts = {
            VIEW: tr("The rectangle that the map shows when the job starts."),
            DRAWN: "" if self._shape is not None else tr("No polygon is drawn yet."),
        }
        self.hint.setText(texts.get(kind, ""))
        self.hint.setVisible(bool(self.hint.text()))
        self.draw_button.setText(tr("Draw anew") if self._shape is not None else tr("Draw"))
        if self._mark is not None or self.isVisible():
            self.show_mark(self.isVisible())
        self.follow_map(self.isVisible())
        self.changed.emit()

    def _draw_toggled(self, wanted: bool) -> None:
        canvas = self._workspace.iface.mapCanvas()
        if not wanted:
            if self._tool is not None and canvas.mapTool() is self._tool:
                canvas.unsetMapTool(self._tool)
            return
        if self._tool is None:
            self._tool = DrawPolygon(canvas)
            self._tool.drawn.connect(self._drawn)
            self._tool.left.connect(lambda: self.draw_button.setChecked(False))
        canvas.setMapTool(self._tool)
        canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drawn(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        self._shape, self._shape_crs = QgsGeometry(shape), QgsCoordinateReferenceSystem(crs)
        self._show()


def area_text(extent: QgsRectangle) -> str:
    """Return an extent as the field `area` takes it."""
    corners = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
    return ",".join(f"{value:.3f}" for value in corners)


def _moved(
    extent: QgsRectangle,
    source: QgsCoordinateReferenceSystem,
    target: QgsCoordinateReferenceSystem,
) -> Optional[QgsRectangle]:
    transform = QgsCoordinateTransform(source, target, QgsProject.instance())
    try:
        moved = transform.transformBoundingBox(extent)
    except QgsCsException:
        return None
    return moved if moved.isFinite() and not moved.isEmpty() else None


def _layer_of(shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Return the polygon as a layer in memory, which is in no project."""
    layer = QgsVectorLayer("Polygon", tr("Drawn area"), "memory")
    layer.setCrs(crs)
    feature = QgsFeature()
    feature.setGeometry(shape)
    layer.dataProvider().addFeatures([feature])
    return layer
