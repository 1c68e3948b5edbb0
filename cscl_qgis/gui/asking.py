"""One question at a time about what may change any moment: the newest alone is answered."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from ...backend.cscl.contract.errors import UserError
from ..engine.questions import Questions


class Latest:
    """Asks questions of one name; a newer one takes the older one back."""

    def __init__(self, questions: Questions, name: str) -> None:
        self._questions = questions
        self._name = name
        self._number: Optional[int] = None
        self._values: Dict[str, Any] = {}

    def is_waiting(self) -> bool:
        """Tell whether an answer is awaited."""
        return self._number is not None

    def ask(
        self,
        values: Dict[str, Any],
        answered: Callable[[Dict[str, Any]], None],
        refused: Callable[[UserError], None],
    ) -> None:
        """Ask, unless this very question waits for its answer already."""
        if self._number is not None and values == self._values:
            return
        self.forget()
        self._values = dict(values)

        def on_answer(answer: Dict[str, Any]) -> None:
            self._number = None
            answered(answer)

        def on_refusal(error: UserError) -> None:
            self._number = None
            refused(error)

        self._number = self._questions.ask(self._name, values, on_answer, on_refusal)

    def forget(self) -> None:
        """Take the question back."""
        number, self._number = self._number, None
        if number is not None:
            self._questions.forget(number)
