"""Processing parameters made from the fields of a job."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from qgis.core import (
    NULL,
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ...backend.cscl.contract import descriptions
from ...backend.cscl.contract.fields import Field, fields_of
from ..words import told, tr

IMAGES, IMAGE_LAYERS, SERIES = "IMAGES", "IMAGE_LAYERS", "SERIES"
IMAGE_PARAMETERS = (IMAGES, IMAGE_LAYERS, SERIES)
OUTPUT = "OUTPUT"
LOAD = "LOAD"
SERIES_ENDING = ".series.json"
SERIES_FILTER = f"Time series (*{SERIES_ENDING})"
LONGEST_LABEL = 64

Maker = Callable[[Field], QgsProcessingParameterDefinition]


def parameters_of(job: type) -> List[QgsProcessingParameterDefinition]:
    """Return the parameters of a job, its destination last, as the dialogs of QGIS have it."""
    made: List[QgsProcessingParameterDefinition] = []
    fields = fields_of(job)
    for field in sorted(fields, key=lambda item: item.name == "output"):
        if field.kind == "images":
            made.extend(_images(field))
            continue
        if field.kind == "fields":
            parameter: QgsProcessingParameterDefinition = _fields(field, fields)
        elif field.kind == "output_vector" and job_has(job, "format"):
            parameter = _vector_file(field)
        else:
            parameter = _MAKERS[field.kind](field)
        parameter.setHelp(help_of(field))
        if field.advanced:
            set_advanced(parameter)
        made.append(parameter)
    return made


def job_has(job: type, name: str) -> bool:
    """Tell whether a job has a field of this name."""
    return any(field.name == name for field in fields_of(job))


def load_parameter() -> QgsProcessingParameterDefinition:
    """Return the parameter that says whether the results are added to the project."""
    parameter = QgsProcessingParameterBoolean(LOAD, tr("Add the results to the project"), True)
    parameter.setHelp(tr("Adds the results as one styled group on top of the layer tree."))
    return parameter


def set_advanced(parameter: QgsProcessingParameterDefinition) -> None:
    """Put a parameter among the advanced ones."""
    advanced = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    parameter.setFlags(parameter.flags() | advanced)


def help_of(field: Field) -> str:
    """Return a field's help with the meaning of its choices."""
    if not field.choices:
        return told(field.help)
    return f"{told(field.help)} {'; '.join(_meanings(field))}."


def _meanings(field: Field) -> List[str]:
    """Return each choice with its title, which need not be said where it starts with the choice."""
    return [
        title if title.lower().startswith(value.lower()) else f"{value} = {title}"
        for value, title in _told_choices(field)
    ]


def _told_choices(field: Field) -> "List[Tuple[str, str]]":
    return [(value, told(title)) for value, title in field.choices]


def label_of(field: Field) -> str:
    """Return a field's title with its unit, or with its choices where they are short."""
    title = told(field.title)
    if field.unit:
        return f"{title} [{told(field.unit)}]"
    if field.choices:
        named = "; ".join(f"{value} = {words}" for value, words in _told_choices(field))
        label = f"{title} ({named})"
        if len(label) <= LONGEST_LABEL:
            return label
    return title


def _images(field: Field) -> Tuple[QgsProcessingParameterDefinition, ...]:
    folder = QgsProcessingParameterFile(
        IMAGES,
        tr("Images: a folder, or the path of a file"),
        behavior=QgsProcessingParameterFile.Behavior.Folder,
        optional=True,
    )
    layers = QgsProcessingParameterMultipleLayers(
        IMAGE_LAYERS,
        tr("Images: or raster layers, one a date"),
        QgsProcessing.SourceType.TypeRaster,
        optional=True,
    )
    series = QgsProcessingParameterFile(
        SERIES, tr("Images: or a time series"), fileFilter=SERIES_FILTER, optional=True
    )
    for parameter in (folder, layers, series):
        names = ", ".join(IMAGE_PARAMETERS)
        parameter.setHelp(tr("{help} Give one of {names}.", help=told(field.help), names=names))
    return folder, layers, series


def _vector(field: Field) -> QgsProcessingParameterDefinition:
    kind = QgsProcessing.SourceType
    return QgsProcessingParameterFeatureSource(
        field.parameter,
        label_of(field),
        [kind.TypeVectorPoint if field.kind == "points" else kind.TypeVectorPolygon],
        optional=not field.required,
    )


def _raster(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterRasterLayer(
        field.parameter, label_of(field), optional=not field.required
    )


def _file(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterFile(field.parameter, label_of(field), optional=not field.required)


def _folder(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterFile(
        field.parameter,
        label_of(field),
        behavior=QgsProcessingParameterFile.Behavior.Folder,
        optional=not field.required,
    )


def _output_folder(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterFolderDestination(field.parameter, label_of(field))


def _output_file(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterFileDestination(
        field.parameter, label_of(field), fileFilter=SERIES_FILTER
    )


def _output_vector(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterVectorDestination(
        field.parameter, label_of(field), QgsProcessing.SourceType.TypeVectorAnyGeometry
    )


def _vector_file(field: Field) -> QgsProcessingParameterDefinition:
    """Return a destination for a file whose format another parameter chooses."""
    file_filter = ";;".join(f"{told(title)} (*.{value})" for value, title in descriptions.FORMATS)
    return QgsProcessingParameterFileDestination(
        field.parameter, label_of(field), fileFilter=file_filter
    )


def _text(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterString(
        field.parameter,
        label_of(field),
        defaultValue=field.default,
        optional=not field.required,
    )


def _number(field: Field) -> QgsProcessingParameterDefinition:
    kind = QgsProcessingParameterNumber.Type
    limits: Dict[str, float] = {}
    if field.minimum is not None:
        limits["minValue"] = field.minimum
    if field.maximum is not None:
        limits["maxValue"] = field.maximum
    return QgsProcessingParameterNumber(
        field.parameter,
        label_of(field),
        type=kind.Integer if field.kind == "integer" else kind.Double,
        defaultValue=field.default,
        optional=not field.required and field.default is None,
        **limits,
    )


def _boolean(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterBoolean(field.parameter, label_of(field), bool(field.default))


def _choice(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterEnum(
        field.parameter,
        label_of(field),
        options=[value for value, _ in field.choices],
        defaultValue=field.default,
        optional=not field.required and field.default is None,
        usesStaticStrings=True,
    )


def _field(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterField(
        field.parameter,
        label_of(field),
        parentLayerParameterName=field.parent.upper(),
        optional=not field.required,
    )


def _fields(field: Field, siblings: Tuple[Field, ...]) -> QgsProcessingParameterDefinition:
    parent = next(item for item in siblings if item.kind == "vector")
    return QgsProcessingParameterField(
        field.parameter,
        label_of(field),
        parentLayerParameterName=parent.parameter,
        allowMultiple=True,
        optional=not field.required,
    )


def _extent(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterExtent(
        field.parameter, label_of(field), optional=not field.required
    )


def _crs(field: Field) -> QgsProcessingParameterDefinition:
    return QgsProcessingParameterCrs(
        field.parameter, label_of(field), defaultValue=field.default, optional=not field.required
    )


_MAKERS: Dict[str, Maker] = {
    "vector": _vector,
    "points": _vector,
    "raster": _raster,
    "file": _file,
    "folder": _folder,
    "output_folder": _output_folder,
    "output_file": _output_file,
    "output_vector": _output_vector,
    "text": _text,
    "season": _text,
    "bands": _text,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "field": _field,
    "extent": _extent,
    "crs": _crs,
}


def any_value(parameters: Dict[str, Any], name: str) -> bool:
    """Tell whether a parameter was given a value; dialogs give NULL for an empty path."""
    value = parameters.get(name)
    return value is not None and value != NULL and value != "" and value != []
