"""Fields that several jobs share: title, help, unit, range and choices, written once."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import descriptions as text
from .fields import setting

SEED_LIMIT = 2**31 - 1
# A process can wait for no more than 63 pipes at once on Windows.
WORKER_LIMIT = 60


def images(default: Any = dataclasses.MISSING) -> Any:
    """Return the field `images`."""
    return setting("images", "Images", text.IMAGES, default)


def parcels(default: Any = dataclasses.MISSING) -> Any:
    """Return the field `parcels`."""
    return setting("vector", "Parcels", text.PARCELS, default)


def class_field(default: Any = dataclasses.MISSING) -> Any:
    """Return the field `class_field`."""
    return setting("field", "Class field", text.CLASS_FIELD, default, parent="parcels")


def output(help_text: str, kind: str = "output_folder") -> Any:
    """Return the field `output`."""
    return setting(kind, "Output", help_text)


def overwrite() -> Any:
    """Return the field `overwrite`."""
    return setting("boolean", "Overwrite", text.OVERWRITE, False, advanced=True)


def seed() -> Any:
    """Return the field `seed`."""
    return setting("integer", "Seed", text.SEED, 1, minimum=0, maximum=SEED_LIMIT, advanced=True)


def season() -> Any:
    """Return the field `season`."""
    return setting("season", "Season", text.SEASON, None)


def bands() -> Any:
    """Return the field `bands`."""
    return setting("bands", "Bands", text.BANDS, None, advanced=True)


def until() -> Any:
    """Return the field `until`."""
    return setting("text", "Until", text.UNTIL, None, advanced=True)


def mask() -> Any:
    """Return the field `mask`."""
    return setting("choice", "Cloud mask", text.MASK, "scl", choices=text.MASKS, advanced=True)


def dates(description: str = text.ALL_DATES) -> Any:
    """Return the field `dates`."""
    return setting("integer", "Dates", description, None, minimum=2, maximum=400, advanced=True)


def classes() -> Any:
    """Return the field `classes`."""
    return setting("file", "Class table", text.CLASSES, None, advanced=True)


def outside() -> Any:
    """Return the field `outside`."""
    return setting(
        "choice", "Outside parcels", text.OUTSIDE, "class", choices=text.OUTSIDES, advanced=True
    )


def chip() -> Any:
    """Return the field `chip`."""
    return setting(
        "integer",
        "Chip size",
        text.CHIP,
        None,
        unit="pixels",
        minimum=8,
        maximum=512,
        advanced=True,
    )


def inner_buffer() -> Any:
    """Return the field `inner_buffer`."""
    return setting(
        "number",
        "Inner buffer",
        text.INNER_BUFFER,
        0.0,
        unit="m",
        minimum=0.0,
        maximum=100.0,
        advanced=True,
    )


def minimum_area() -> Any:
    """Return the field `minimum_area`."""
    return setting(
        "number", "Minimum area", text.MINIMUM_AREA, 0.0, unit="m2", minimum=0.0, advanced=True
    )


def minimum_width() -> Any:
    """Return the field `minimum_width`."""
    return setting(
        "number", "Minimum width", text.MINIMUM_WIDTH, 0.0, unit="m", minimum=0.0, advanced=True
    )


def rare_pixels() -> Any:
    """Return the field `rare_pixels`."""
    return setting(
        "integer",
        "Pixels of a rare class",
        text.RARE_PIXELS,
        0,
        unit="pixels",
        minimum=0,
        advanced=True,
    )


def rare() -> Any:
    """Return the field `rare`."""
    return setting(
        "choice", "Rare classes", text.RARE, "merge", choices=text.RARE_WAYS, advanced=True
    )


def preset(default: str = "standard") -> Any:
    """Return the field `preset`."""
    return setting("choice", "Preset", text.PRESET, default, choices=text.PRESETS)


def backbone() -> Any:
    """Return the field `backbone`."""
    return setting(
        "choice", "Backbone", text.BACKBONE, "unet3df", choices=text.BACKBONES, advanced=True
    )


def width() -> Any:
    """Return the field `width`."""
    return setting("number", "Width", text.WIDTH, None, minimum=0.125, maximum=4.0, advanced=True)


def epochs() -> Any:
    """Return the field `epochs`."""
    return setting("integer", "Epochs", text.EPOCHS, None, minimum=1, maximum=10000, advanced=True)


def device() -> Any:
    """Return the field `device`."""
    return setting("text", "Device", text.DEVICE, "auto", advanced=True)


def window() -> Any:
    """Return the field `window`."""
    return setting(
        "integer", "Window", text.WINDOW, 3, unit="pixels", minimum=3, maximum=15, advanced=True
    )


def dilation() -> Any:
    """Return the field `dilation`."""
    return setting("integer", "Dilation", text.DILATION, 1, minimum=1, maximum=16, advanced=True)


def positive_weight() -> Any:
    """Return the field `positive_weight`."""
    return setting("text", "Positive weight", text.POSITIVE_WEIGHT, "balanced", advanced=True)


def temperature() -> Any:
    """Return the field `temperature`."""
    return setting(
        "number", "Temperature", text.TEMPERATURE, None, minimum=0.01, maximum=10.0, advanced=True
    )


def pair_labels() -> Any:
    """Return the field `pair_labels`."""
    return setting(
        "choice", "Labels", text.PAIR_LABELS, "crop", choices=text.PAIR_LABEL_KINDS, advanced=True
    )


def context() -> Any:
    """Return the field `context`."""
    return setting("integer", "Context", text.CONTEXT, 9, minimum=0, maximum=15, advanced=True)


def boundary_weight(default: float) -> Any:
    """Return the field `boundary_weight`."""
    return setting(
        "number",
        "Boundary weight",
        text.BOUNDARY_WEIGHT,
        default,
        minimum=0.0,
        maximum=100.0,
        advanced=True,
    )


def checkpointing() -> Any:
    """Return the field `checkpointing`."""
    return setting("boolean", "Gradient checkpointing", text.CHECKPOINTING, False, advanced=True)


def label_share() -> Any:
    """Return the field `label_share`."""
    return setting(
        "number",
        "Share of labels",
        text.LABEL_SHARE,
        1.0,
        minimum=0.001,
        maximum=1.0,
        advanced=True,
    )


def workers() -> Any:
    """Return the field `workers`."""
    return setting(
        "integer", "Workers", text.WORKERS, None, minimum=1, maximum=WORKER_LIMIT, advanced=True
    )


def scheduler() -> Any:
    """Return the field `scheduler`."""
    return setting("text", "Scheduler", text.SCHEDULER, None, advanced=True)


def resolution() -> Any:
    """Return the field `resolution`."""
    return setting("choice", "Resolution", text.RESOLUTION, "2.5", choices=text.RESOLUTIONS)


def truth() -> Any:
    """Return the field `truth`."""
    return setting("raster", "Reference map", text.TRUTH, None, advanced=True)


def baseline() -> Any:
    """Return the field `baseline`."""
    return setting("boolean", "Random forest beside", text.BASELINE, True, advanced=True)
