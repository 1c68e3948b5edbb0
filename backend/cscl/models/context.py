"""Within which window, and how sharply, neighbours share their answers (`cscl.models.likeness`).

Without torch: cards are read where no network is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Context:
    """The side of the window in 10 m pixels, and the sharpness of likeness by scale."""

    window: int
    sharpness: Mapping[int, float]

    def to_json(self) -> dict[str, Any]:
        """Return what the card keeps."""
        return {
            "window": self.window,
            "sharpness": {str(scale): value for scale, value in self.sharpness.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Context | None:
        """Return what `to_json` wrote; None for an empty entry."""
        if not value:
            return None
        sharpness = {int(scale): float(item) for scale, item in value["sharpness"].items()}
        return cls(value["window"], sharpness)


def context_reach(context: Context | None) -> int:
    """Return how many 10 m pixels around a pixel its answer depends on by its neighbours."""
    return 0 if context is None else context.window // 2
