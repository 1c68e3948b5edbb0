"""Asks for the curve of a place: the parcel under it is looked for first, if one is wanted."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..background import Background
from ..workspace import Workspace
from .picking import search_at

CENTIMETRES, DEGREES = 2, 8  # decimals of outlines in a question


class CurveAsking(QObject):
    """One place at a time; a newer click forgets the one before."""

    # The place that is asked for: a point, or an outline with its reference system.
    at_point = pyqtSignal(QgsPointXY)
    at_parcel = pyqtSignal(QgsGeometry, QgsCoordinateReferenceSystem)
    # The answer, and whether it is of a parcel.
    answered = pyqtSignal(dict, bool)
    classes_answered = pyqtSignal(dict)
    refused = pyqtSignal(object)

    def __init__(
        self, workspace: Workspace, series: Callable[[], Dict[str, Any]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._series = series
        self._search = Background(self)
        self._number: Optional[int] = None
        self._class_number: Optional[int] = None
        self._preparing: Optional[int] = None

    def ask_at(
        self,
        point: QgsPointXY,
        crs: QgsCoordinateReferenceSystem,
        parcels: Optional[QgsVectorLayer],
    ) -> None:
        """Ask for the parcel at a place of the map, or the pixel where none is there or wanted."""
        self.stop()
        if parcels is None:
            self._ask_pixel(point, crs)
            return
        own_crs = parcels.crs()

        def found(shape: Optional[QgsGeometry]) -> None:
            if shape is None:
                self._ask_pixel(point, crs)
            else:
                self._ask_parcel(shape, own_crs)

        try:
            search = search_at(parcels, point, crs)
        except UserError as error:
            self.refused.emit(error)
            return
        self._search.do(
            tr("Crop mapping: parcel under the click"), search, found, self.refused.emit
        )

    def prepare(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Let the engine open the images, so that the first click is as quick as the others."""
        values = {**self._series(), "x": point.x(), "y": point.y(), "crs": _text_of(crs)}
        if values.get("series") and self._preparing is None:
            self._preparing = self._workspace.questions.ask(
                "curve", values, self._prepared, self._prepared
            )

    def _prepared(self, _: object) -> None:
        self._preparing = None

    def ask_classes(self, dataset: str) -> None:
        """Ask for the curves of a dataset's classes."""
        self.forget_classes()

        def answered(answer: Dict[str, Any]) -> None:
            self._class_number = None
            self.classes_answered.emit(answer)

        def refused(error: UserError) -> None:
            self._class_number = None
            self._workspace.warn(str(error))

        self._class_number = self._workspace.questions.ask(
            "class_curves", {"dataset": dataset}, answered, refused
        )

    def forget_classes(self) -> None:
        """Leave the question about a dataset that is not chosen any more."""
        number, self._class_number = self._class_number, None
        if number is not None:
            self._workspace.questions.forget(number)

    def stop(self) -> None:
        """Leave the place that was asked for."""
        self._search.stop()
        number, self._number = self._number, None
        if number is not None:
            self._workspace.questions.forget(number)

    def close(self) -> None:
        """Leave all questions, and wait for the search: its layer may go away."""
        self.stop()
        self.forget_classes()
        number, self._preparing = self._preparing, None
        if number is not None:
            self._workspace.questions.forget(number)
        self._search.close()

    def _ask_pixel(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        self.at_point.emit(point)
        self._ask({"x": point.x(), "y": point.y()}, crs, is_parcel=False)

    def _ask_parcel(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        self.at_parcel.emit(shape, crs)
        decimals = DEGREES if crs.isGeographic() else CENTIMETRES
        self._ask({"wkt": shape.asWkt(decimals)}, crs, is_parcel=True)

    def _ask(
        self, place: Dict[str, Any], crs: QgsCoordinateReferenceSystem, is_parcel: bool
    ) -> None:
        values = {**self._series(), **place, "crs": _text_of(crs)}
        if not values.get("series"):
            self.refused.emit(
                UserError(
                    "no_images", tr("Images"), tr("none are listed"),
                    tr("Add layers, folders or files above."),
                )
            )  # fmt: skip
            return

        def answered(answer: Dict[str, Any]) -> None:
            self._number = None
            self.answered.emit(answer, is_parcel)

        def refused(error: UserError) -> None:
            self._number = None
            self.refused.emit(error)

        self._number = self._workspace.questions.ask("curve", values, answered, refused)


def _text_of(crs: QgsCoordinateReferenceSystem) -> str:
    return str(crs.authid() or crs.toWkt())
