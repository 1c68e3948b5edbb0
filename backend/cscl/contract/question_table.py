"""Every question with what it takes and what it answers.

Paths are absolute. Areas are [west, south, east, north]; areas of ground are hectares, sizes of
files bytes, shares 0..1. A classification `code` is that of the maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Tuple

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


def _may(name: str, kind: str, text: str = "", rows: Tuple[Part, ...] = ()) -> Part:
    return Part(name, kind, text, True, rows)


_FINDING = (
    Part("code", "text"),
    Part("subject", "text"),
    Part("found", "text"),
    Part("remedy", "text"),
    Part("severity", "text"),
)
_IMAGES = Part("images", "text", "Folder or files joined by ';', as the field of the jobs.")
_AREA = _may("area", "numbers", "Look at this part alone.")
_AREA_CRS = _may("area_crs", "text", "Reference system of the area; the image's where left out.")
_MASK = (
    _may("mask", "text", "scl, band, omnicloudmask or none; scl where left out."),
    _may("mask_band", "text"),
    _may("mask_values", "text"),
    _may("mask_dilation", "number"),
)
_HINTS = (
    _may("image_table", "text", "Path of a table as the job series takes it."),
    _may("dates_of", "named_texts", "YYYY-MM-DD by image; the image * stands for all others."),
    _may("bands_of", "named_texts", "Names of the bands in their order, by image; - for none."),
)

LOOK = Question(
    (
        _IMAGES,
        _may("bands", "texts", "Bands that the images must have; the usual ten where left out."),
        _may("season", "text", "START/END."),
        _may("until", "text", "Use no image after this day."),
        _may("without", "text", "Days that are not used, as the field of the job series."),
        *_MASK,
        *_HINTS,
    ),
    (
        Part(
            "rows",
            "rows",
            "One an image, by date; those that cannot be used are there too.",
            rows=(
                Part("id", "text", "Names the image to the other questions."),
                _may("date", "text", "YYYY-MM-DD; null where none is told."),
                Part("source", "text", "Product, file or item."),
                Part("path", "text", "File or folder that stands for it."),
                Part("bands", "texts", "All bands found, masks included."),
                Part("level", "text", "L1C, L2A or empty."),
                Part("baseline", "text", "Processing baseline such as 04.00, or empty."),
                _may("cloud", "number", "Of a time series; of images null until asked for."),
                _may("valid", "number", "As cloud."),
                _may("resolution", "number", "Metres of the finest pixel."),
                Part("grid", "text", "Name in grids, or empty."),
                Part("used", "boolean", "Whether the series would take it as things stand."),
                Part("problem", "text", "Why it cannot be used and what to do, or empty."),
                Part("asked", "texts", "What may be told of it: date, bands, scale."),
            ),
        ),
        Part(
            "grids",
            "rows",
            rows=(
                Part("name", "text"),
                Part("crs", "text"),
                Part("extent", "numbers"),
                Part("size", "numbers", "Rows and columns of the finest pixels."),
                Part("images", "integer"),
            ),
        ),
        _may("season", "text", "The season that is used, START/END."),
        Part("findings", "rows", "All that stands against them, joined as the jobs say it.",
             rows=_FINDING),
        Part("notes", "texts", "What was assumed."),
        Part("wanted_bands", "texts", "The bands that were looked for, the mask's included."),
    ),
    rank=1,
)  # fmt: skip

CLOUDS = Question(
    (_IMAGES, Part("id", "text"), _may("bands", "texts"), _AREA, _AREA_CRS, *_MASK),
    (
        Part("id", "text"),
        Part("cloud", "number", "Share of clouds and their shadows, as the series counts it."),
        Part("valid", "number", "Share of pixels that are known and clear in all bands."),
    ),
    rank=3,
)

THUMBNAIL = Question(
    (
        _IMAGES,
        Part("id", "text"),
        Part("size", "integer", "Pixels of the longer side."),
        _may("bands", "texts", "Red, green, blue; B04, B03, B02 where left out."),
    ),
    (
        Part("path", "text", "PNG."),
        Part("width", "integer"),
        Part("height", "integer"),
        Part("extent", "numbers", "The picture's corners in the image's reference system."),
        Part("crs", "text"),
    ),
    rank=2,
)

CURVE = Question(
    (
        Part("series", "text", "Path of a .series.json, or images as the jobs take them."),
        _may("x", "number"),
        _may("y", "number"),
        _may("wkt", "text", "A polygon instead of a point."),
        Part("crs", "text", "Reference system of the point or polygon."),
        _may("bands", "texts", "All of the series where left out."),
        *_MASK,
        *_HINTS,
    ),
    (
        Part("dates", "texts", "YYYY-MM-DD, every date of the series."),
        Part(
            "bands",
            "named_lists",
            "Mean reflectance by date of the clear pixels, or of all known ones where fewer than "
            "half are clear; null where none is known.",
        ),
        Part("ndvi", "numbers", "Of the mean reflectance; null where red or infrared is lacking."),
        Part("clear", "booleans", "Whether half of the pixels or more are known and clear."),
        Part("pixels", "integer", "How many pixels."),
    ),
)

CLASS_CURVES = Question(
    (Part("dataset", "text"), _may("bands", "texts")),
    (
        Part(
            "classes",
            "rows",
            rows=(
                Part("code", "integer"),
                Part("name", "text"),
                Part("colour", "text"),
                Part("dates", "numbers", "Days of the year, 1..366."),
                Part("days", "numbers", "Days since the season's first."),
                Part("ndvi", "numbers", "Mean."),
                Part("low", "numbers", "NDVI that a tenth of the pixels lies below."),
                Part("high", "numbers", "NDVI that a tenth of the pixels lies above."),
                Part("mean", "named_lists", "Mean reflectance by band."),
                Part("band_low", "named_lists", "As low, by band."),
                Part("band_high", "named_lists", "As high, by band."),
            ),
        ),
        Part("season", "text", "START/END."),
        Part("based_on", "text", "How many chips were read."),
    ),
    rank=1,
)

_SHARE = (
    Part("parcels", "integer"),
    Part("hectares", "number"),
    Part("pixels", "integer", "Labelled pixels of 10 m, after the guard between splits."),
)

BALANCE = Question(
    (Part("dataset", "text"),),
    (
        Part(
            "classes",
            "rows",
            "By code; land outside parcels is the last, where it has pixels.",
            rows=(
                Part("code", "integer"),
                Part("name", "text"),
                Part("colour", "text"),
                Part("training", "row", rows=_SHARE),
                Part("validation", "row", rows=_SHARE),
                Part("test", "row", rows=_SHARE),
            ),
        ),
    ),
    rank=1,
)

_CLASS = (
    Part("code", "integer"),
    Part("name", "text"),
    Part("colour", "text"),
    Part("hcat", "text"),
)

PARCELS = Question(
    (
        Part("parcels", "text"),
        Part("class_field", "text"),
        _may("classes", "text", "Path of a class table."),
        _may("series", "text", "Time series or images: what lies beyond them is left out."),
        _may("inner_buffer", "number"),
        _may("minimum_area", "number"),
        _may("minimum_width", "number"),
    ),
    (
        Part(
            "classes",
            "rows",
            "One a value of the field, by value.",
            rows=(
                Part("value", "text"),
                *(Part(item.name, item.kind, item.help, True) for item in _CLASS),
                Part("count", "integer", "Parcels."),
                Part("area_ha", "number"),
                _may(
                    "pixels", "integer", "Of its area in pixels of the series, as the rules leave."
                ),
            ),
        ),
        Part("parcels", "integer", "Parcels that were read."),
        Part("findings", "rows", rows=_FINDING),
        Part("notes", "texts"),
        _may("findings_layer", "text", "GeoPackage of the parcels with findings, or null."),
    ),
    rank=1,
)

_TABLE_ROWS = (Part("value", "text"), *_CLASS)

CLASS_TABLE = Question(
    (Part("path", "text"),),
    (Part("rows", "rows", "One a source value.", rows=_TABLE_ROWS), Part("notes", "texts")),
)

SAVE_CLASS_TABLE = Question(
    (Part("path", "text"), Part("rows", "rows", rows=_TABLE_ROWS)),
    (Part("path", "text"),),
)

CARD = Question(
    (Part("model", "text", "Folder of a model."),),
    (
        Part("name", "text"),
        Part("architecture", "text"),
        Part("width", "number"),
        Part("stage", "text", "pretrained or finetuned."),
        Part("bands", "texts"),
        _may("dates", "integer", "Frames of the series it was trained on, where it is told."),
        Part("season", "texts", "Two MM-DD."),
        Part("year", "integer"),
        Part("level", "text"),
        Part("series", "text", "Cloud mask and composite in words."),
        Part("classes", "rows", rows=_CLASS),
        Part("heads", "texts", "Resolutions in metres that it maps at."),
        Part("outside", "text", "class or ignore."),
        Part("projections", "boolean", "Whether it keeps the projections of its losses."),
        Part("trained", "any", "The record of its training."),
        Part("figures", "named_numbers", "What validation and tests said of it."),
        Part("size", "integer", "Bytes of its weights."),
    ),
)

FITS = Question(
    (
        _may("images", "text"),
        _may("series", "text"),
        Part("model", "text"),
        _may("season", "text"),
        _may("until", "text"),
        _may("resolution", "text", "Of the map, in metres."),
        *_HINTS,
    ),
    (
        Part("fits", "boolean", "Whether nothing stands against a map."),
        Part(
            "mismatches",
            "rows",
            rows=(
                Part(
                    "what",
                    "text",
                    "bands, level, season, dates, mask, resolution, model, images, grids or "
                    "reflectance.",
                ),
                Part("model", "text", "What the model needs."),
                Part("series", "text", "What there is."),
                Part("remedy", "text"),
                _may("mend", "named_texts", "Values of fields of the job map that mend it."),
                Part("severity", "text", "error, warning or note."),
            ),
        ),
    ),
    rank=1,
)

ESTIMATE = Question(
    (
        Part(
            "job",
            "row",
            rows=(Part("name", "text"), Part("values", "any")),
        ),
    ),
    (
        _may("seconds", "number", "Null where there is nothing to go by."),
        _may("memory_bytes", "integer"),
        _may("disk_bytes", "integer"),
        _may("free_bytes", "integer", "Of the disk of the output."),
        Part("based_on", "text"),
    ),
    rank=1,
)

PREVIEW = Question(
    (
        _IMAGES,
        Part("model", "text"),
        _may("season", "text"),
        Part("resolution", "text"),
        Part("centre", "numbers", "x and y."),
        Part("crs", "text", "Reference system of the centre."),
        Part("size", "integer", "Side in pixels of the images."),
    ),
    (
        Part("path", "text", "GeoTIFF of codes with their colours."),
        Part("seconds", "number"),
        Part("notes", "texts"),
    ),
    rank=1,
)

RUNS = Question(
    (_may("folder", "text", "Look in this folder instead of where jobs are known to have run."),),
    (
        Part(
            "runs",
            "rows",
            "The latest first.",
            rows=(
                Part("folder", "text"),
                Part("job", "text"),
                Part("state", "text", "running, complete, failed, cancelled or interrupted."),
                Part("began", "number", "Seconds since 1970."),
                _may("seconds", "number"),
                Part("output", "text"),
                Part("parameters", "any"),
                Part("figures", "named_numbers"),
                Part("error", "text"),
            ),
        ),
    ),
)

RUN_SIZE = Question((Part("folders", "texts"),), (Part("bytes", "integer"),), rank=3)

QUESTIONS: Dict[str, Question] = {
    "look": LOOK,
    "clouds": CLOUDS,
    "thumbnail": THUMBNAIL,
    "curve": CURVE,
    "class_curves": CLASS_CURVES,
    "balance": BALANCE,
    "parcels": PARCELS,
    "class_table": CLASS_TABLE,
    "save_class_table": SAVE_CLASS_TABLE,
    "card": CARD,
    "fits": FITS,
    "estimate": ESTIMATE,
    "preview": PREVIEW,
    "runs": RUNS,
    "run_size": RUN_SIZE,
}
