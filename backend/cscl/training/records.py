"""The figures of a run over its steps: `metrics.csv`, one figure a row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cscl.context import JobContext
from cscl.contract.atomic import write_text

COLUMNS = ("step", "split", "name", "value")


@dataclass
class Records:
    """Rows (step, split, name, value) of one stage; those that are no number are left out."""

    rows: list[tuple[int, str, str, float]] = field(default_factory=list)

    def add(self, step: int, split: str, figures: Mapping[str, float]) -> None:
        """Keep figures of one split after `step` steps."""
        self.rows += [
            (step, split, name, float(value))
            for name, value in figures.items()
            if math.isfinite(value)
        ]

    def publish(self, ctx: JobContext, step: int) -> None:
        """Report the figures of one step."""
        for row_step, split, name, value in self.rows:
            if row_step == step:
                ctx.metric(f"{split}/{name}", step, value)

    def has(self, step: int) -> bool:
        """Tell whether there are figures of a step."""
        return any(row[0] == step for row in self.rows)

    def at(self, step: int, split: str) -> dict[str, float]:
        """Return the figures of one split after `step` steps."""
        return {row[2]: row[3] for row in self.rows if row[0] == step and row[1] == split}

    def write(self, path: Path) -> None:
        """Write `metrics.csv`, whole or not at all."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:3], f"{row[3]:.8g}") for row in self.rows)
        write_text(path, text.getvalue())

    def to_json(self) -> list[list[Any]]:
        """Return the rows as plain values."""
        return [list(row) for row in self.rows]

    @classmethod
    def from_json(cls, rows: list[list[Any]]) -> Records:
        """Return the records that `to_json` wrote."""
        return cls([(int(a), str(b), str(c), float(d)) for a, b, c, d in rows])
