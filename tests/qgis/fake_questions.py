"""An engine that answers questions from a table, for tests of what the dock does with answers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from qgis.PyQt.QtCore import QTimer

Answer = Callable[[dict[str, Any]], Any]


class FakeQuestions:
    """The face of `Questions`; what is asked and answered is held to the contract."""

    def __init__(self, plugin: SimpleNamespace, answers: dict[str, Answer]) -> None:
        self._contract = plugin.load("backend.cscl.contract.questions")
        self._error = plugin.load("backend.cscl.contract.errors").UserError
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.forgotten: list[int] = []
        self._number = 0

    def ask(
        self,
        name: str,
        values: dict[str, Any],
        answered: Callable[[dict[str, Any]], None],
        refused: Callable[[Any], None],
    ) -> int:
        """Answer in the next turn of the main loop."""
        self._number += 1
        number = self._number
        given = self._contract.checked_values(name, values)
        self.asked.append((name, given))

        def reply() -> None:
            if number in self.forgotten:
                return
            answer = self.answers[name](given)
            if isinstance(answer, self._error):
                refused(answer)
            else:
                answered(self._contract.checked_answer(name, answer))

        QTimer.singleShot(0, reply)
        return number

    def forget(self, number: int) -> None:
        """Answer no more."""
        self.forgotten.append(number)

    def close(self) -> None:
        """End."""

    def of(self, name: str) -> list[dict[str, Any]]:
        """Return the values of each question of a name."""
        return [values for asked, values in self.asked if asked == name]
