"""Jobs that use a trained model: figures, maps, parcels, areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from . import descriptions as text
from . import job_fields as shared
from .fields import setting


@dataclass(frozen=True)
class EvaluateJob:
    """Evaluate a model on one split of a dataset."""

    dataset: str = setting("folder", "Dataset", text.DATASET)
    model: str = setting("folder", "Model", text.MODEL)
    output: str = shared.output(text.EVALUATE_OUTPUT)
    split: str = setting("choice", "Split", text.EVALUATE_SPLIT, "test", choices=text.SPLIT_NAMES)
    truth: Optional[str] = shared.truth()
    baseline: bool = shared.baseline()
    until_curve: int = setting(
        "integer", "Dates to cut at", text.UNTIL_CURVE, 0, minimum=0, maximum=36, advanced=True
    )
    device: str = shared.device()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class MapJob:
    """Map crops with a trained model."""

    images: str = shared.images()
    model: str = setting("folder", "Model", text.MODEL)
    output: str = shared.output(text.MAP_OUTPUT)
    resolution: str = shared.resolution()
    season: Optional[str] = setting("season", "Season", text.MAP_SEASON, None)
    area: Optional[str] = setting("extent", "Area of interest", text.AREA, None)
    parcels: Optional[str] = setting("vector", "Parcels", text.MAP_PARCELS, None, advanced=True)
    area_polygons: Optional[str] = setting(
        "vector", "Area polygons", text.AREA_POLYGONS, None, advanced=True
    )
    cropland: Optional[str] = setting("raster", "Cropland mask", text.CROPLAND, None, advanced=True)
    probabilities: bool = setting(
        "boolean", "Probabilities", text.PROBABILITIES, True, advanced=True
    )
    precision: str = setting(
        "choice", "Precision", text.PRECISION, "float32", choices=text.PRECISIONS, advanced=True
    )
    workers: Optional[int] = setting(
        "integer", "Workers", text.MAP_WORKERS, None, minimum=1, maximum=shared.WORKER_LIMIT,
        advanced=True,
    )  # fmt: skip
    scheduler: Optional[str] = shared.scheduler()
    device: str = shared.device()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class ParcelsJob:
    """Classify parcels from a crop map."""

    map: str = setting("folder", "Map folder", text.MAP)
    parcels: str = shared.parcels()
    output: str = shared.output(text.PARCELS_OUTPUT, "output_vector")
    class_field: Optional[str] = setting(
        "field", "Class field", text.DECLARED_FIELD, None, parent="parcels"
    )
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class PolygonsJob:
    """Draw the parcels that a map shows, where there is no layer of them."""

    map: str = setting("folder", "Map folder", text.MAP)
    output: str = shared.output(text.POLYGONS_OUTPUT, "output_vector")
    minimum_area: float = setting(
        "number", "Minimum area", text.POLYGON_AREA, 1000.0, unit="m2", minimum=0.0
    )
    strength: float = setting(
        "number", "Boundary strength", text.POLYGON_STRENGTH, 0.25, minimum=0.0, maximum=1.0,
        advanced=True,
    )  # fmt: skip
    tolerance: Optional[float] = setting(
        "number", "Tolerance", text.POLYGON_TOLERANCE, None, unit="pixels", minimum=0.0,
        maximum=20.0, advanced=True,
    )  # fmt: skip
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class SampleJob:
    """Draw a stratified random sample from a map, as points to label."""

    map: str = setting("folder", "Map folder", text.MAP)
    output: str = shared.output(text.SAMPLE_OUTPUT, "output_vector")
    points: Optional[int] = setting(
        "integer", "Points", text.POINTS, None, minimum=2, maximum=1_000_000
    )
    allocation: str = setting(
        "choice", "Allocation", text.ALLOCATION, "proportional", choices=text.ALLOCATIONS
    )
    minimum: int = setting(
        "integer", "Fewest points a class", text.MINIMUM, 50, minimum=2, maximum=10_000
    )
    standard_error: float = setting(
        "number", "Standard error", text.STANDARD_ERROR, 0.02, minimum=0.001, maximum=0.2,
        advanced=True,
    )  # fmt: skip
    expected_accuracy: float = setting(
        "number", "Expected accuracy", text.EXPECTED_ACCURACY, 0.8, minimum=0.5, maximum=0.99,
        advanced=True,
    )  # fmt: skip
    seed: int = shared.seed()
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class AreaJob:
    """Estimate the area of each class, and the map's accuracy, from a labelled sample."""

    map: str = setting("folder", "Map folder", text.MAP)
    sample: str = setting("points", "Sample", text.SAMPLE)
    output: str = shared.output(text.AREA_OUTPUT)
    reference_field: Optional[str] = setting(
        "field", "Field of the true class", text.REFERENCE_FIELD, None, parent="sample"
    )
    units: Optional[str] = setting("vector", "Administrative units", text.UNITS, None)
    unit_field: Optional[str] = setting(
        "field", "Name of a unit", text.UNIT_FIELD, None, parent="units"
    )
    strata: Optional[str] = setting("file", "Strata", text.STRATA, None, advanced=True)
    probability_sample: bool = setting(
        "boolean", "Probability sample", text.PROBABILITY_SAMPLE, False, advanced=True
    )
    overwrite: bool = shared.overwrite()


@dataclass(frozen=True)
class ExportJob:
    """Export classified parcels to a GIS format."""

    layer: str = setting("vector", "Layer", text.LAYER)
    output: str = shared.output(text.EXPORT_OUTPUT, "output_vector")
    format: str = setting("choice", "Format", text.FORMAT, "gpkg", choices=text.FORMATS)
    fields: Optional[Tuple[str, ...]] = setting("fields", "Fields", text.FIELDS, None)
    crs: Optional[str] = setting("crs", "Coordinate reference system", text.CRS, None)
    overwrite: bool = shared.overwrite()
