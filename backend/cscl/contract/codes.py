"""The one code space of labels and maps."""

from __future__ import annotations

NO_DATA = 0
FIRST_CROP = 1
LAST_CROP = 253
OUTSIDE = 254
UNKNOWN = 255

OUTSIDE_NAME = "other land"
OUTSIDE_COLOUR = "#d9d9d9"
