"""Questions about parcels, class tables and datasets."""

from __future__ import annotations

from .question_parts import CLASS, FINDING, Part, Question, may

CLASS_CURVES = Question(
    (Part("dataset", "text"), may("bands", "texts")),
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

PARCELS = Question(
    (
        Part("parcels", "text"),
        Part("class_field", "text"),
        may("classes", "text", "Path of a class table."),
        may("series", "text", "Time series or images: what lies beyond them is left out."),
        may("inner_buffer", "number"),
        may("minimum_area", "number"),
        may("minimum_width", "number"),
    ),
    (
        Part(
            "classes",
            "rows",
            "One a value of the field, by value.",
            rows=(
                Part("value", "text"),
                *(Part(item.name, item.kind, item.help, True) for item in CLASS),
                Part("count", "integer", "Parcels."),
                Part("area_ha", "number"),
                may(
                    "pixels", "integer", "Of its area in pixels of the series, as the rules leave."
                ),
            ),
        ),
        Part("parcels", "integer", "Parcels that were read."),
        Part("findings", "rows", rows=FINDING),
        Part("notes", "texts"),
        may("findings_layer", "text", "GeoPackage of the parcels with findings, or null."),
    ),
    rank=1,
)

_TABLE_ROWS = (Part("value", "text"), *CLASS)

CLASS_TABLE = Question(
    (Part("path", "text"),),
    (Part("rows", "rows", "One a source value.", rows=_TABLE_ROWS), Part("notes", "texts")),
)

SAVE_CLASS_TABLE = Question(
    (Part("path", "text"), Part("rows", "rows", rows=_TABLE_ROWS)),
    (Part("path", "text"),),
)
