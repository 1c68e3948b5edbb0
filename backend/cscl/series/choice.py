"""What a series does to its dates before a network sees them; training and mapping agree on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cscl.contract.errors import UserError
from cscl.models.card import ModelCard
from cscl.models.card_checks import UNCHANGED
from cscl.series.composite import COMPOSITES, GAPS, frames_text
from cscl.series.mask import CloudMask
from cscl.series.model import TimeSeries


@dataclass(frozen=True)
class SeriesChoice:
    """How clouds are masked and dates become frames: what a dataset and a model's card keep."""

    mask: CloudMask = CloudMask()
    composite: str = "none"
    gaps: str = "keep"

    @classmethod
    def of(cls, series: TimeSeries) -> SeriesChoice:
        """Return the choice that a series was made with."""
        return cls(series.mask, series.composite, series.gaps)

    @classmethod
    def from_json(cls, value: Mapping[str, Any], mask: str = "scl") -> SeriesChoice:
        """Return the choice that `to_json` wrote; `mask` is the method where it tells none.

        Raises KeyError, TypeError or ValueError where it is none.
        """
        found = cls(
            CloudMask.from_json(value.get("mask", mask)),
            str(value.get("composite", "none")),
            str(value.get("gaps", "keep")),
        )
        if found.composite not in COMPOSITES or found.gaps not in GAPS:
            raise ValueError(dict(value))
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"mask": self.mask.to_json(), "composite": self.composite, "gaps": self.gaps}

    def __str__(self) -> str:
        return f"{self.mask}, {frames_text(self.composite, self.gaps)}"


def choice_of(card: ModelCard, subject: object = "model card") -> SeriesChoice:
    """Return how the model's series masked clouds and made frames of dates.

    Cards of before tell the mask's method alone, in their training record. Raises `UserError`
    where a card tells something else.
    """
    try:
        return SeriesChoice.from_json(card.series, str(card.training.get("mask", "scl")))
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            "invalid_card", f"{subject}, series", f"it is damaged ({error!r})", UNCHANGED
        ) from None
