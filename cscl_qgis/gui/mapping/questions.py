"""What the page asks while the form is filled in: the card, the images, whether they fit, costs."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..asking import Latest
from ..parts import one_shot
from ..workspace import Workspace
from .area import area_text
from .form import MapForm

# Edits that come within this time are asked about together.
WAIT_MS = 300
JOB = "map"
# What rests on the images.
OF_IMAGES = ("look", "fits", "estimate")


class FormQuestions(QObject):
    """Asks anew whenever that on which an answer rests has changed."""

    card_changed = pyqtSignal()
    # An answer, or `None` where there is none any more.
    estimated = pyqtSignal(object)
    not_estimated = pyqtSignal(object)

    def __init__(self, workspace: Workspace, form: MapForm, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._form = form
        self.card: Optional[Dict[str, Any]] = None
        # The reference system of the images, once they have been looked at.
        self.images_crs: Optional[QgsCoordinateReferenceSystem] = None
        self._asked: Dict[str, Any] = {}
        self._handlers = {
            "card": (self._card_waits, self._card_answered, self._card_refused),
            "look": (self._look_waits, self._look_answered, self._look_refused),
            "fits": (self._fits_waits, self._fits_answered, self._fits_refused),
            "estimate": (self._estimate_waits, self._estimate_answered, self._estimate_refused),
        }
        self._latest = {name: Latest(workspace.questions, name) for name in self._handlers}
        self._timer = one_shot(self, WAIT_MS, self.ask)

    def later(self) -> None:
        """Ask soon, as more edits may come."""
        self._timer.start()

    def ask(self) -> None:
        """Ask what is not known yet of the form as it stands."""
        self._timer.stop()
        if not self._workspace.engine_present:
            return
        try:
            values = self._form.values()
        except UserError as error:
            self._forget_images()
            self._form.fits.say(str(error))
            return
        model, images = values.get("model"), values.get("images")
        self._ask("card", {"model": model} if model else None)
        self._ask("look", {"images": images} if images else None)
        shared = {"images": images, "model": model, "resolution": values["resolution"]}
        if values.get("season"):
            shared["season"] = values["season"]
        self._ask("fits", shared if model and images else None)
        self._ask("estimate", self._estimate_values(values) if model and images else None)

    def again(self) -> None:
        """Ask everything anew, as files may have changed."""
        self._asked.clear()
        self.ask()

    def stop(self) -> None:
        """Take all questions back."""
        self._timer.stop()
        for name, latest in self._latest.items():
            if latest.is_waiting():
                self._asked.pop(name, None)
            latest.forget()

    def _ask(self, name: str, values: Optional[Dict[str, Any]]) -> None:
        """Ask where the values are others than before; `None` where there is nothing to ask."""
        if name in self._asked and self._asked[name] == values:
            return
        self._asked[name] = values
        waits, answered, refused = self._handlers[name]
        self._latest[name].forget()
        waits(values is not None)
        if values is not None:
            self._latest[name].ask(values, answered, refused)

    def _forget_images(self) -> None:
        """Know nothing of the images any more, so that the next ones are asked about."""
        for name in OF_IMAGES:
            self._ask(name, None)
            del self._asked[name]

    def _estimate_values(self, values: Dict[str, Any]) -> Dict[str, Any]:
        """Return the job as it would run; of polygons the rectangle around them counts."""
        known = dict(values)
        if self.images_crs is not None:
            extent = self._form.area.extent(self.images_crs)
            if extent is not None:
                known["area"] = area_text(extent)
        return {"job": {"name": JOB, "values": known}}

    def _card_waits(self, asked: bool) -> None:
        self.card = None
        self._form.card.say(
            tr("Reading the model…") if asked else tr("Choose the folder of a trained model.")
        )
        self.card_changed.emit()

    def _card_answered(self, answer: Dict[str, Any]) -> None:
        self.card = answer
        self._form.card.show_card(answer)
        self.card_changed.emit()

    def _card_refused(self, error: UserError) -> None:
        self._form.card.say(str(error))

    def _look_waits(self, asked: bool) -> None:
        self.images_crs = None

    def _look_answered(self, answer: Dict[str, Any]) -> None:
        if answer["grids"]:
            crs = QgsCoordinateReferenceSystem(answer["grids"][0]["crs"])
            self.images_crs = crs if crs.isValid() else None
        self.ask()  # the estimate may know the area now

    def _look_refused(self, error: UserError) -> None:
        """What is wrong with the images is said by the check against the model."""

    def _fits_waits(self, asked: bool) -> None:
        if asked:
            self._form.fits.say(tr("Comparing the images with the model…"))
        else:
            self._form.fits.clear()

    def _fits_answered(self, answer: Dict[str, Any]) -> None:
        self._form.fits.show_answer(answer)

    def _fits_refused(self, error: UserError) -> None:
        self._form.fits.say(str(error))

    def _estimate_waits(self, asked: bool) -> None:
        self.estimated.emit(None)

    def _estimate_answered(self, answer: Dict[str, Any]) -> None:
        self.estimated.emit(answer)

    def _estimate_refused(self, error: UserError) -> None:
        self.not_estimated.emit(error)
