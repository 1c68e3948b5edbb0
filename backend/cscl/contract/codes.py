"""The one code space of labels and maps, and what counts as a date of a series."""

from __future__ import annotations

NO_DATA = 0
FIRST_CROP = 1
LAST_CROP = 253
OUTSIDE = 254
UNKNOWN = 255

# Dates with less of the grid valid than this share add nothing but noise.
LEAST_VALID = 0.05

OUTSIDE_NAME = "other land"
OUTSIDE_COLOUR = "#d9d9d9"
