"""Questions about models and maps to come, and about jobs that ran."""

from __future__ import annotations

from .question_parts import CLASS, HINTS, IMAGES, Part, Question, may

CARD = Question(
    (Part("model", "text", "Folder of a model."),),
    (
        Part("name", "text"),
        Part("architecture", "text"),
        Part("width", "number"),
        Part("stage", "text", "pretrained or finetuned."),
        Part("bands", "texts"),
        may("dates", "integer", "Frames of the series it was trained on, where it is told."),
        Part("season", "texts", "Two MM-DD."),
        Part("year", "integer"),
        Part("level", "text"),
        Part("series", "text", "Cloud mask and composite in words."),
        Part("classes", "rows", rows=CLASS),
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
        may("images", "text"),
        may("series", "text"),
        Part("model", "text"),
        may("season", "text"),
        may("until", "text"),
        may("resolution", "text", "Of the map, in metres."),
        *HINTS,
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
                may("mend", "named_texts", "Values of fields of the job map that mend it."),
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
        may("seconds", "number", "Null where there is nothing to go by."),
        may("memory_bytes", "integer"),
        may("disk_bytes", "integer"),
        may("free_bytes", "integer", "Of the disk of the output."),
        Part("based_on", "text"),
    ),
    rank=1,
)

PREVIEW = Question(
    (
        IMAGES,
        Part("model", "text"),
        may("season", "text"),
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
    (may("folder", "text", "Look in this folder instead of where jobs are known to have run."),),
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
                may("seconds", "number"),
                Part("output", "text"),
                Part("parameters", "any"),
                Part("figures", "named_numbers"),
                Part("error", "text"),
            ),
        ),
    ),
)

RUN_SIZE = Question((Part("folders", "texts"),), (Part("bytes", "integer"),), rank=3)
