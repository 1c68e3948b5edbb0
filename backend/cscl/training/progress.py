"""Where a training run stands: with its tensors, all that a checkpoint holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from cscl.training.records import Records


@dataclass
class Progress:
    """Where a run stands.

    `seconds` counts everything, `step_seconds` the steps alone: on the processor those of the
    thread that trains, elsewhere by the clock. `validations` counts those so far, `stale` those
    since the best, `idle` the last steps in which nothing was learnt. `parts` is the
    number of parts in which a batch is computed where memory is short; their gradients are added,
    so that a step still takes the whole batch.
    """

    step: int = 0
    seconds: float = 0.0
    step_seconds: float = 0.0
    validations: int = 0
    stale: int = 0
    idle: int = 0
    parts: int = 1
    best_step: int = -1
    best_score: float = -math.inf
    recent: list[float] = field(default_factory=list)
    records: Records = field(default_factory=Records)

    def judge(self, score: float) -> bool:
        """Count a validation of the present step; tell whether its score is the best so far."""
        self.validations += 1
        self.stale += 1
        # NaN is no better than anything.
        if not score > self.best_score:
            return False
        self.best_score, self.best_step, self.stale = score, self.step, 0
        return True

    def to_json(self) -> dict[str, Any]:
        """Return plain values; a missing best score is None."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "step_seconds": self.step_seconds,
            "validations": self.validations,
            "stale": self.stale,
            "idle": self.idle,
            "parts": self.parts,
            "best_step": self.best_step,
            "best_score": self.best_score if self.best_step >= 0 else None,
            "recent": self.recent,
            "records": self.records.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Progress:
        """Return the progress that `to_json` wrote."""
        best = value["best_score"]
        return cls(
            int(value["step"]),
            float(value["seconds"]),
            float(value["step_seconds"]),
            int(value["validations"]),
            int(value["stale"]),
            int(value["idle"]),
            int(value["parts"]),
            int(value["best_step"]),
            -math.inf if best is None else float(best),
            [float(item) for item in value["recent"]],
            Records.from_json(value["records"]),
        )
