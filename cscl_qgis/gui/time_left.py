"""How long a job still takes, from the share that is done."""

from __future__ import annotations

from typing import Optional

from ..words import tr

FIRST_SHARE = 0.02
FIRST_SECONDS = 5.0


def seconds_left(elapsed: float, share: float) -> Optional[float]:
    """Return the seconds that are left at the pace so far; `None` while that says too little."""
    if share < FIRST_SHARE or elapsed < FIRST_SECONDS:
        return None
    return elapsed * (1.0 - min(share, 1.0)) / share


def in_words(seconds: Optional[float]) -> str:
    """Return a time that is left in words, coarse enough not to flicker."""
    if seconds is None:
        return ""
    if seconds < 45:
        return tr("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr("about {minutes} min left", minutes=max(1, minutes))
    hours = round(minutes / 60)
    return tr("about {hours} h left", hours=hours)
