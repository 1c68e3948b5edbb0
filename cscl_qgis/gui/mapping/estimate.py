"""What a map will take, in words."""

from __future__ import annotations

from typing import Any, Dict

from ...words import tr
from ..amounts import duration, size


def in_words(answer: Dict[str, Any]) -> str:
    """Return an answer to the question `estimate` as one or two sentences."""
    parts = []
    if answer["seconds"] is not None:
        parts.append(tr("about {time}", time=duration(answer["seconds"])))
    if answer["memory_bytes"] is not None:
        parts.append(tr("{size} of memory", size=size(answer["memory_bytes"])))
    if answer["disk_bytes"] is not None:
        parts.append(tr("{size} on the disk", size=size(answer["disk_bytes"])))
    text = tr("Expected: {parts}.", parts=", ".join(parts)) if parts else ""
    need, free = answer["disk_bytes"], answer["free_bytes"]
    if need is not None and free is not None and need > free:
        text += " " + tr("The disk has only {size} left.", size=size(free))
    return f"{text} {answer['based_on']}".strip()
