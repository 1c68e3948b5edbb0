"""What a training will take: asked of the engine before it starts."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Set

from qgis.PyQt.QtWidgets import QWidget

from ....backend.cscl.contract.errors import UserError
from ...words import tr
from ..amounts import duration, size
from ..wrapped import WrappedLabel
from .plan import Step


class ExpectedView(WrappedLabel):
    """Time, memory and disk of the jobs of a training, in words."""

    def __init__(self, questions: Any, parent: Optional[QWidget] = None) -> None:
        super().__init__("", parent)
        self.setObjectName("cscl_expected")
        self._questions = questions
        self._asked: Set[int] = set()
        self._answers: List[Dict[str, Any]] = []
        self._refused = ""

    def ask(self, steps: Sequence[Step]) -> None:
        """Ask for the jobs; the answers take the place of earlier ones."""
        self.clear_question()
        if not steps:
            return
        self.setText(tr("Asking what it will take…"))
        for name, values in steps:
            self._ask(name, values)

    def clear_question(self) -> None:
        """Take back what was asked, and say nothing."""
        for number in self._asked:
            self._questions.forget(number)
        self._asked.clear()
        self._answers, self._refused = [], ""
        self.setText("")
        self.setToolTip("")

    def _ask(self, name: str, values: Dict[str, Any]) -> None:
        number = 0

        def answered(answer: Dict[str, Any]) -> None:
            self._asked.discard(number)
            self._answers.append(answer)
            self._show()

        def refused(error: UserError) -> None:
            self._asked.discard(number)
            self._refused = str(error)
            self._show()

        job = {"name": name, "values": values}
        number = self._questions.ask("estimate", {"job": job}, answered, refused)
        self._asked.add(number)

    def _show(self) -> None:
        if self._asked:
            return
        if self._refused:
            self.setText(tr("What it will take is not known: {reason}", reason=self._refused))
            return
        self.setText(expectation(self._answers))
        self.setToolTip("\n".join(dict.fromkeys(item["based_on"] for item in self._answers)))


def expectation(answers: Sequence[Dict[str, Any]]) -> str:
    """Return what jobs one after the other take, in words; what is not known is left out."""
    parts = []
    seconds = _all(answers, "seconds")
    if seconds:
        parts.append(tr("about {time}", time=duration(sum(seconds))))
    memory = _all(answers, "memory_bytes")
    if memory:
        parts.append(tr("{size} of memory", size=size(max(memory))))
    disk = _all(answers, "disk_bytes")
    if disk:
        parts.append(tr("{size} of disk", size=size(sum(disk))))
    if not parts:
        return tr("What it will take is not known yet.")
    free = [item["free_bytes"] for item in answers if item.get("free_bytes") is not None]
    text = tr("Expected: {parts}.", parts=", ".join(parts))
    if free and disk:
        text += " " + tr("{size} are free there.", size=size(min(free)))
    return text


def _all(answers: Sequence[Dict[str, Any]], name: str) -> List[float]:
    """Return the values of all answers, none where one of them is not known."""
    values = [item.get(name) for item in answers]
    return [float(value) for value in values if value is not None] if None not in values else []
