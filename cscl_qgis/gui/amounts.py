"""Times and sizes in words that are read at a glance."""

from __future__ import annotations

from ..words import tr


def duration(seconds: float) -> str:
    """Return a time, no finer than an estimate can be."""
    if seconds < 90:
        return tr("{count} s", count=max(1, round(seconds)))
    if seconds < 90 * 60:
        return tr("{count} min", count=round(seconds / 60))
    hours = seconds / 3600
    return tr("{count} h", count=f"{hours:.1f}" if hours < 10 else f"{hours:.0f}")


def size(bytes_: float) -> str:
    """Return a size of files or memory with two digits."""
    megabytes = bytes_ / 1e6
    if megabytes < 1000:
        return tr("{count} MB", count=f"{max(megabytes, 1):.0f}")
    gigabytes = megabytes / 1000
    return tr("{count} GB", count=f"{gigabytes:.1f}" if gigabytes < 10 else f"{gigabytes:.0f}")
