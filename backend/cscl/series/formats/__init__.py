"""The forms in which images come; each says which files are its own and what they hold."""

from __future__ import annotations

from cscl.series.formats.stack import STACK
from cscl.series.images import Format

# The first that claims a file has it.
FORMATS: tuple[Format, ...] = (STACK,)
