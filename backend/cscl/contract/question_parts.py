"""What questions and answers are made of: their kinds of values, and parts that several share.

Paths are absolute. Areas are [west, south, east, north]; areas of ground are hectares, sizes of
files bytes, shares 0..1. A classification `code` is that of the maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

KINDS = (
    "text", "integer", "number", "boolean",
    "texts", "numbers", "booleans",  # lists; numbers may hold null
    "named_texts", "named_numbers", "named_lists",  # by name; numbers may be null
    "row", "rows",  # what `Part.rows` lists, once or in a list
    "any",  # an object of JSON that is not looked into
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One value of a question or an answer.

    An optional one may be left out of a question; in an answer it stands, and may be null.
    """

    name: str
    kind: str
    help: str = ""
    optional: bool = False
    rows: Tuple["Part", ...] = ()


@dataclass(frozen=True)
class Question:
    """What a question takes and answers.

    Those of rank 0 are answered in a moment; the others wait for each other, the lower rank first.
    """

    asks: Tuple[Part, ...]
    answers: Tuple[Part, ...]
    rank: int = 0


def may(name: str, kind: str, text: str = "", rows: Tuple[Part, ...] = ()) -> Part:
    """Return an optional part."""
    return Part(name, kind, text, True, rows)


FINDING = (
    Part("code", "text"),
    Part("subject", "text"),
    Part("found", "text"),
    Part("remedy", "text"),
    Part("severity", "text"),
)
CLASS = (
    Part("code", "integer"),
    Part("name", "text"),
    Part("colour", "text"),
    Part("hcat", "text"),
)
IMAGES = Part("images", "text", "Folder or files joined by ';', as the field of the jobs.")
AREA = may("area", "numbers", "Look at this part alone.")
AREA_CRS = may("area_crs", "text", "Reference system of the area; the image's where left out.")
MASK = (
    may("mask", "text", "scl, band, omnicloudmask or none; scl where left out."),
    may("mask_band", "text"),
    may("mask_values", "text"),
    may("mask_dilation", "number"),
)
HINTS = (
    may("image_table", "text", "Path of a table as the job series takes it."),
    may("dates_of", "named_texts", "YYYY-MM-DD by image; the image * stands for all others."),
    may("bands_of", "named_texts", "Names of the bands in their order, by image; - for none."),
)
