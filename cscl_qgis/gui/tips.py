"""Tooltips with text from outside, which Qt would else take for markup where it looks like it."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """Return a tooltip that shows `text` as it is."""
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>") if text else ""
