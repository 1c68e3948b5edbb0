"""Asks the engine about the images: the table first, then pictures and shares, one at a time."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ....backend.cscl.contract.errors import UserError
from ...engine.questions import Questions
from ..parts import one_shot

# Edits that come within this time are looked at together.
WAIT_MS = 200
CHOICES = ("bands", "mask", "mask_band", "mask_values", "mask_dilation")


class Errand(QObject):
    """Questions of one name, asked one after the other; the next waits for an answer."""

    answered = pyqtSignal(str, dict)
    refused = pyqtSignal(str, object)

    def __init__(self, questions: Questions, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._questions = questions
        self._name = name
        self._waiting: List[Dict[str, Any]] = []
        self._number: Optional[int] = None

    def add(self, questions: List[Dict[str, Any]]) -> None:
        """Ask about images, each `values["id"]`, in this order and before those that wait."""
        self._waiting[:0] = questions
        self._next()

    def clear(self) -> None:
        """Ask nothing more, and forget what is asked."""
        self._waiting.clear()
        number, self._number = self._number, None
        if number is not None:
            self._questions.forget(number)

    def is_idle(self) -> bool:
        """Tell whether nothing is asked."""
        return self._number is None

    def _next(self) -> None:
        if self._number is None and self._waiting:
            values = self._waiting.pop(0)
            name = values["id"]

            def answered(answer: Dict[str, Any]) -> None:
                self._number = None
                self.answered.emit(name, answer)
                self._next()

            def refused(error: UserError) -> None:
                self._number = None
                if error.findings[0].subject == "engine":
                    self._waiting.clear()  # the others would be told the same
                self.refused.emit(name, error)
                self._next()

            self._number = self._questions.ask(self._name, values, answered, refused)


class Looking(QObject):
    """Looks at images again whenever they or what is said about them change."""

    began = pyqtSignal()
    answered = pyqtSignal(dict)
    refused = pyqtSignal(object)
    picture = pyqtSignal(str, str)
    no_picture = pyqtSignal(str, str)
    shares = pyqtSignal(str, float, float)
    no_shares = pyqtSignal(str, str)

    def __init__(
        self, questions: Questions, values: Callable[[], Dict[str, Any]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._questions = questions
        self._values = values
        self._asked: Dict[str, Any] = {}
        self._number: Optional[int] = None
        self._pictures = Errand(questions, "thumbnail", self)
        self._shares = Errand(questions, "clouds", self)
        self._seen: List[Dict[str, Any]] = []
        self._timer = one_shot(self, WAIT_MS, self._look)
        self._seen_timer = one_shot(self, 0, self._ask_pictures)
        self._pictures.answered.connect(lambda name, got: self.picture.emit(name, got["path"]))
        self._pictures.refused.connect(lambda name, error: self.no_picture.emit(name, str(error)))
        self._shares.answered.connect(
            lambda name, got: self.shares.emit(name, got["cloud"], got["valid"])
        )
        self._shares.refused.connect(lambda name, error: self.no_shares.emit(name, str(error)))

    def look_soon(self) -> None:
        """Look again in a moment; what is under way about the former images is forgotten."""
        self.stop()
        self._timer.start()

    def stop(self) -> None:
        """Ask nothing more."""
        self._timer.stop()
        self._seen_timer.stop()
        self._seen.clear()
        self._pictures.clear()
        self._shares.clear()
        number, self._number = self._number, None
        if number is not None:
            self._questions.forget(number)

    def want_picture(self, name: str, size: int, bands: List[str]) -> None:
        """Ask for the picture of an image; those that come into sight together keep their order."""
        images = self._asked.get("images")
        if images:
            self._seen.append({"images": images, "id": name, "size": size, "bands": bands})
            self._seen_timer.start()

    def want_shares(self, names: List[str], area: Dict[str, Any]) -> None:
        """Ask for the shares of images over an area, in this order and no others."""
        self._shares.clear()
        images = self._asked.get("images", "")
        choices = {name: self._asked[name] for name in CHOICES if name in self._asked}
        asked = [{"images": images, "id": name, **area, **choices} for name in names]
        self._shares.add(asked if images else [])

    def _ask_pictures(self) -> None:
        seen, self._seen = self._seen, []
        self._pictures.add(seen)

    def _look(self) -> None:
        values = self._values()
        self._asked = values
        if not values.get("images"):
            return
        self.began.emit()

        def answered(answer: Dict[str, Any]) -> None:
            self._number = None
            self.answered.emit(answer)

        def refused(error: UserError) -> None:
            self._number = None
            self.refused.emit(error)

        self._number = self._questions.ask("look", values, answered, refused)
