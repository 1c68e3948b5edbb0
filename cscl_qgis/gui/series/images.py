"""One image as the engine tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

PRODUCTS = (".safe", ".zip")


@dataclass(frozen=True)
class ImageRow:
    """A row of the answer to `look`; shares are 0..1, or `None` while nobody has looked."""

    id: str
    date: str
    source: str
    path: str
    bands: Tuple[str, ...]
    level: str
    baseline: str
    resolution: Optional[float]
    grid: str
    used: bool
    problem: str
    asked: Tuple[str, ...]
    cloud: Optional[float] = None
    valid: Optional[float] = None

    @classmethod
    def of(cls, row: Dict[str, Any]) -> "ImageRow":
        """Return the row of an answer that was checked."""
        values = {**row, "date": row["date"] or ""}
        values["bands"], values["asked"] = tuple(row["bands"]), tuple(row["asked"])
        # What stands against a cube is told of each of its steps.
        values["problem"] = "\n".join(dict.fromkeys(row["problem"].split("\n")))
        return cls(**values)

    @property
    def is_step(self) -> bool:
        """Whether it is one of several dates of a cube."""
        return self.source.startswith(f"{Path(self.path).name}: step ")

    @property
    def told_name(self) -> str:
        """What an image table calls it: the cube's file for its steps."""
        return Path(self.path).name if self.is_step else self.source

    @property
    def takes_bands(self) -> bool:
        """Whether names of bands can be said of it; products tell theirs themselves."""
        return Path(self.path).suffix.lower() not in PRODUCTS

    @property
    def takes_date(self) -> bool:
        """Whether a date can be said of it; steps of a cube have each their own."""
        return self.takes_bands and not self.is_step
