"""An engine that answers questions from a table, for tests of what the dock does with answers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from qgis.PyQt.QtCore import QObject, QTimer


class FakeQuestions(QObject):
    """The face of `Questions`; what is asked and answered is held to the contract.

    `answers` holds for each question an answer, an error to refuse with, a function of the values
    that returns one of these, or None for no answer at all.
    """

    def __init__(self, plugin: SimpleNamespace, answers: dict[str, Any]) -> None:
        super().__init__()
        self._contract = plugin.load("backend.cscl.contract.questions")
        self._error = plugin.load("backend.cscl.contract.errors").UserError
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.forgotten: list[int] = []

    def ask(
        self,
        name: str,
        values: dict[str, Any],
        answered: Callable[[dict[str, Any]], None],
        refused: Callable[[Any], None],
    ) -> int:
        """Answer in the next turn of the main loop."""
        given = self._contract.checked_values(name, values)
        self.asked.append((name, given))
        number = len(self.asked)

        def reply() -> None:
            if number in self.forgotten:
                return
            known = self.answers[name]
            answer = known(given) if callable(known) else known
            if isinstance(answer, self._error):
                refused(answer)
            elif answer is not None:
                answered(self._contract.checked_answer(name, answer))

        QTimer.singleShot(0, reply)
        return number

    def forget(self, number: int) -> None:
        """Answer no more."""
        self.forgotten.append(number)

    def close(self) -> None:
        """There is no process to end."""

    def of(self, name: str) -> list[dict[str, Any]]:
        """Return the values of each question of a name."""
        return [values for asked, values in self.asked if asked == name]
