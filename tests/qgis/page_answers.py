"""Questions answered without an engine, for tests of pages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from qgis.PyQt.QtCore import QObject, QTimer

Answer = Callable[[dict[str, Any]], dict[str, Any]]
BEGAN = 1_760_000_000.0


class Asked(QObject):
    """Stands in for the client: answers a little later, from `answers`, and keeps what was asked.

    An answer that is an exception refuses.
    """

    answers: dict[str, Any] = {}
    made: list[Asked] = []

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._open: set[int] = set()
        Asked.made.append(self)

    def ask(self, name: str, values: dict[str, Any], answered: Any, refused: Any) -> int:
        number = len(self.asked) + 1
        self.asked.append((name, values))
        self._open.add(number)

        def reply() -> None:
            if number not in self._open:
                return
            self._open.discard(number)
            answer = Asked.answers[name]
            answer = answer(values) if callable(answer) else answer
            (refused if isinstance(answer, Exception) else answered)(answer)

        QTimer.singleShot(5, reply)
        return number

    def forget(self, number: int) -> None:
        self._open.discard(number)

    def close(self) -> None:
        self._open.clear()

    def values_of(self, name: str) -> list[dict[str, Any]]:
        """Return the values of all questions of a name."""
        return [values for asked, values in self.asked if asked == name]


def run_row(folder: str, job: str = "finetune", state: str = "complete", **more: Any) -> Any:
    """Return a run as the engine answers it."""
    return {
        "folder": folder, "job": job, "state": state, "began": BEGAN, "seconds": 754.0,
        "output": folder, "parameters": {"output": folder}, "figures": {}, "error": "", **more,
    }  # fmt: skip


def figures(accuracy: float, iou: float, edge: float) -> dict[str, float]:
    """Return figures of validation at 2.5 m."""
    return {
        "overall_accuracy_2m5": accuracy, "mean_iou_2m5": iou, "boundary_mean_iou_2m5": edge,
    }  # fmt: skip


RUNS = {
    "runs": [
        run_row("/home/anna/crops/model_3", state="interrupted", figures=figures(0.71, 0.52, 0.31)),
        run_row("/home/anna/crops/model_2", began=BEGAN - 9e4, figures=figures(0.894, 0.71, 0.486)),
        run_row("/home/anna/crops/model_2_pretrained", "pretrain", began=BEGAN - 9.1e4),
        run_row("/home/anna/crops/map", "map", began=BEGAN - 2e5),
        run_row("/home/anna/crops/model", state="failed", began=BEGAN - 3e5, error="x: y. z"),
    ]
}
ESTIMATE = {
    "seconds": 1500.0, "memory_bytes": 1_900_000_000, "disk_bytes": 30_000_000,
    "free_bytes": 85_000_000_000, "based_on": "measured on this machine",
}  # fmt: skip


@pytest.fixture()
def asked(plugin: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> type[Asked]:
    """Put the stand-in in the client's place, with answers that tests may change."""
    Asked.made = []
    Asked.answers = {
        "runs": lambda values: RUNS if not values else {"runs": []},
        "estimate": ESTIMATE,
        "run_size": {"bytes": 123_456_789},
    }
    monkeypatch.setattr(plugin.load("cscl_qgis.gui.workspace"), "Questions", Asked)
    return Asked
