"""Which dates a time series leaves out because hardly a pixel of them is valid."""

from __future__ import annotations

from collections import defaultdict
from typing import Callable, Dict, FrozenSet, Optional, Sequence, Tuple

from ....backend.cscl.contract.codes import LEAST_VALID
from ...words import tr
from .images import ImageRow

_SHARE = f"{100 * LEAST_VALID:.0f}"
Shares = Callable[[ImageRow], Tuple[Optional[float], Optional[float]]]


def hardly_valid(rows: Sequence[ImageRow], shares: Shares) -> FrozenSet[str]:
    """Return the names of the images of such dates, as far as their shares are known.

    Images of one day and grid are one date of the series, of which each may show another part.
    """
    valid: Dict[Tuple[str, str], float] = defaultdict(float)
    for row in rows:
        share = shares(row)[1]
        # What is not known yet speaks for its date.
        valid[row.date, row.grid] += 1.0 if share is None else share
    return frozenset(row.id for row in rows if row.date and valid[row.date, row.grid] < LEAST_VALID)


def hardly_text(count: int) -> str:
    """Return how many images are left out for that, as a sentence."""
    if count == 1:
        return tr("One has less than {share} % valid pixels and is left out.", share=_SHARE)
    return tr(
        "{count} have less than {share} % valid pixels and are left out.",
        count=count, share=_SHARE,
    )  # fmt: skip


def hardly_tip() -> str:
    """Return why one image is left out."""
    return tr(
        "Less than {share} % of its pixels are valid: a time series leaves it out.", share=_SHARE
    )
