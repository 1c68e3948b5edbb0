"""Jobs that make data: scenes, time series, datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from . import descriptions as text
from . import job_fields as shared
from .fields import setting


@dataclass(frozen=True)
class SimulateJob:
    """Simulate a scene with known truth."""

    output: str = shared.output(text.SIMULATE_OUTPUT)
    size: int = setting("integer", "Size", text.SIZE, 384, unit="pixels", minimum=48, maximum=10980)
    dates: int = setting("integer", "Dates", text.SIMULATE_DATES, 30, minimum=4, maximum=146)
    crops: int = setting("integer", "Crops", text.CROPS, 8, minimum=2, maximum=10)
    difficulty: str = setting(
        "choice", "Difficulty", text.DIFFICULTY, "standard", choices=text.DIFFICULTIES
    )
    seed: int = shared.seed()
    year: int = setting(
        "integer", "Harvest year", text.YEAR, 2021, minimum=2016, maximum=2100, advanced=True
    )
    parcels: Optional[str] = shared.parcels(None)
    class_field: Optional[str] = shared.class_field(None)
    family: str = setting(
        "choice", "Family", text.FAMILY, "temperate", choices=text.FAMILIES, advanced=True
    )
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class SeriesJob:
    """Define a time series from Sentinel-2 images."""

    images: str = shared.images()
    output: str = shared.output(text.SERIES_OUTPUT, "output_file")
    season: Optional[str] = shared.season()
    bands: Optional[Tuple[str, ...]] = shared.bands()
    until: Optional[str] = shared.until()
    without: Optional[str] = setting("text", "Without days", text.WITHOUT, None, advanced=True)
    mask: str = setting(
        "choice", "Cloud mask", text.SERIES_MASK, "scl", choices=text.SERIES_MASKS, advanced=True
    )
    mask_band: Optional[str] = setting("text", "Mask band", text.MASK_BAND, None, advanced=True)
    mask_values: Optional[str] = setting(
        "text", "Mask values", text.MASK_VALUES, None, advanced=True
    )
    mask_dilation: float = setting(
        "number",
        "Mask dilation",
        text.MASK_DILATION,
        20.0,
        unit="m",
        minimum=0.0,
        maximum=1000.0,
        advanced=True,
    )
    cloud_limit: Optional[float] = setting(
        "number",
        "Cloud limit",
        text.CLOUD_LIMIT,
        None,
        unit="%",
        minimum=0.0,
        maximum=100.0,
        advanced=True,
    )
    dates: Optional[int] = shared.dates()
    composite: str = setting(
        "choice", "Composite", text.COMPOSITE, "none", choices=text.COMPOSITES, advanced=True
    )
    gaps: str = setting("choice", "Gaps", text.GAPS, "keep", choices=text.GAP_KINDS, advanced=True)
    image_table: Optional[str] = setting(
        "file", "Image table", text.IMAGE_TABLE, None, advanced=True
    )
    workers: Optional[int] = shared.workers()
    scheduler: Optional[str] = shared.scheduler()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class DatasetJob:
    """Build a dataset from a time series and parcels."""

    images: str = shared.images()
    parcels: str = shared.parcels()
    class_field: str = shared.class_field()
    output: str = shared.output(text.DATASET_OUTPUT)
    season: Optional[str] = shared.season()
    classes: Optional[str] = shared.classes()
    outside: str = shared.outside()
    inner_buffer: float = shared.inner_buffer()
    minimum_area: float = shared.minimum_area()
    minimum_width: float = shared.minimum_width()
    rare_pixels: int = shared.rare_pixels()
    rare: str = shared.rare()
    chip: Optional[int] = shared.chip()
    margin: int = setting(
        "integer", "Margin", text.MARGIN, 0, unit="pixels", minimum=0, maximum=128, advanced=True
    )
    chips: str = setting("choice", "Chips", text.CHIPS, "grid", choices=text.CHIP_KINDS,
                         advanced=True)  # fmt: skip
    factor: Optional[int] = setting(
        "integer", "Fine labels", text.FACTOR, None, minimum=2, maximum=10, advanced=True
    )
    append: Optional[str] = setting("folder", "Append to", text.APPEND, None, advanced=True)
    split: str = setting("choice", "Split", text.SPLIT, "blocks", choices=text.SPLITS)
    split_field: Optional[str] = setting(
        "field", "Split field", text.SPLIT_FIELD, None, advanced=True, parent="parcels"
    )
    split_layer: Optional[str] = setting(
        "vector", "Split layer", text.SPLIT_LAYER, None, advanced=True
    )
    folds: Optional[int] = setting(
        "integer", "Folds", text.FOLDS, None, minimum=3, maximum=20, advanced=True
    )
    fold: Optional[int] = setting(
        "integer", "Fold", text.FOLD, None, minimum=1, maximum=20, advanced=True
    )
    hold_out: Optional[str] = setting("text", "Hold out", text.HOLD_OUT, None, advanced=True)
    resolution: str = shared.resolution()
    bands: Optional[Tuple[str, ...]] = shared.bands()
    mask: str = shared.mask()
    dates: Optional[int] = shared.dates()
    seed: int = shared.seed()
    workers: Optional[int] = shared.workers()
    scheduler: Optional[str] = shared.scheduler()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class ReportJob:
    """Show a dataset as one page: split, classes, season curves, dates, sample chips."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    output: str = shared.output(text.REPORT_OUTPUT)
    bands: Optional[Tuple[str, ...]] = setting(
        "bands", "Bands", text.REPORT_BANDS, None, advanced=True
    )
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class ImportJob:
    """Turn a published dataset into one of ours."""

    source: str = setting("folder", "Source", text.IMPORT_SOURCE)
    output: str = shared.output(text.DATASET_OUTPUT)
    layout: str = setting("choice", "Layout", text.LAYOUT, "pastis", choices=text.LAYOUTS)
    fold: Optional[int] = setting(
        "integer", "Fold", text.IMPORT_FOLD, None, minimum=0, maximum=9, advanced=True
    )
    year: Optional[int] = setting(
        "integer", "Year", text.IMPORT_YEAR, None, minimum=2015, maximum=2100, advanced=True
    )
    season: Optional[str] = shared.season()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class ExportDatasetJob:
    """Write a dataset's chips in the layout of a published one."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    output: str = shared.output(text.EXPORT_DATASET_OUTPUT)
    layout: str = setting(
        "choice", "Layout", text.LAYOUT, "pastis", choices=text.EXPORT_LAYOUTS, advanced=True
    )
    overwrite: bool = shared.overwrite()
