"""The forms in which images come; each says which files are its own and what they hold."""

from __future__ import annotations

from cscl.series.formats.catalog import CATALOG
from cscl.series.formats.cube import CUBE
from cscl.series.formats.files import SINGLE_BANDS
from cscl.series.formats.safe import SAFE
from cscl.series.formats.stack import STACK
from cscl.series.images import Format

# The first that claims a file has it; items of a catalogue name files of the others' forms.
FORMATS: tuple[Format, ...] = (CATALOG, CUBE, SAFE, SINGLE_BANDS, STACK)
