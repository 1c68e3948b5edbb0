"""Questions about images and series: what there is, clouds, pictures, curves."""

from __future__ import annotations

from .question_parts import AREA, AREA_CRS, FINDING, HINTS, IMAGES, MASK, Part, Question, may

LOOK = Question(
    (
        IMAGES,
        may("bands", "texts", "Bands that the images must have; the usual ten where left out."),
        may("season", "text", "START/END."),
        may("until", "text", "Use no image after this day."),
        may("without", "text", "Days that are not used, as the field of the job series."),
        *MASK,
        *HINTS,
    ),
    (
        Part(
            "rows",
            "rows",
            "One an image, by date; those that cannot be used are there too.",
            rows=(
                Part("id", "text", "Names the image to the other questions."),
                may("date", "text", "YYYY-MM-DD; null where none is told."),
                Part("source", "text", "Product, file or item."),
                Part("path", "text", "File or folder that stands for it."),
                Part("bands", "texts", "All bands found, masks included."),
                Part("level", "text", "L1C, L2A or empty."),
                Part("baseline", "text", "Processing baseline such as 04.00, or empty."),
                may("cloud", "number", "Of a time series; of images null until asked for."),
                may("valid", "number", "As cloud."),
                may("resolution", "number", "Metres of the finest pixel."),
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
        may("season", "text", "The season that is used, START/END."),
        Part("findings", "rows", "All that stands against them, joined as the jobs say it.",
             rows=FINDING),
        Part("notes", "texts", "What was assumed."),
        Part("wanted_bands", "texts", "The bands that were looked for, the mask's included."),
    ),
    rank=1,
)  # fmt: skip

CLOUDS = Question(
    (IMAGES, Part("id", "text"), may("bands", "texts"), AREA, AREA_CRS, *MASK),
    (
        Part("id", "text"),
        Part("cloud", "number", "Share of clouds and their shadows, as the series counts it."),
        Part("valid", "number", "Share of pixels that are known and clear in all bands."),
    ),
    rank=3,
)

THUMBNAIL = Question(
    (
        IMAGES,
        Part("id", "text"),
        Part("size", "integer", "Pixels of the longer side."),
        may("bands", "texts", "Red, green, blue; B04, B03, B02 where left out."),
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
        may("x", "number"),
        may("y", "number"),
        may("wkt", "text", "A polygon instead of a point."),
        Part("crs", "text", "Reference system of the point or polygon."),
        may("bands", "texts", "All of the series where left out."),
        *MASK,
        *HINTS,
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
