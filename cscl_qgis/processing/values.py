"""The values of Processing parameters as values of a job's fields."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterVectorDestination,
)

from ...backend.cscl.contract.errors import UserError
from ...backend.cscl.contract.fields import Field, fields_of
from ..layers.inputs import images_crs, images_of_layers, raster_path
from ..layers.snapshot import snapshot_source
from ..words import tr
from .parameters import IMAGE_LAYERS, IMAGE_PARAMETERS, IMAGES, SERIES, any_value

Parameters = Dict[str, Any]


class Values:
    """Reads the values of one algorithm's run, one method a kind of field."""

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        self._algorithm = algorithm
        self._parameters = parameters
        self._context = context
        self._feedback = feedback
        self._images = ""

    def of(self, job: type) -> Dict[str, Any]:
        """Return the values of a job's fields; raises `UserError` or `Cancelled`.

        Layers in memory, selected or edited are written to a snapshot here, so this may take time.
        """
        # The area is given in the images' coordinates, so the images are looked at first.
        fields = sorted(fields_of(job), key=lambda field: field.kind != "images")
        return {field.name: self._value(field) for field in fields}

    def _value(self, field: Field) -> Any:
        readers: Dict[str, Callable[[Field], Any]] = {
            "images": self._read_images,
            "vector": self._read_vector,
            "points": self._read_vector,
            "raster": self._read_raster,
            "file": self._read_path,
            "folder": self._read_path,
            "output_folder": self._read_output,
            "output_file": self._read_output,
            "output_vector": self._read_output_vector,
            "integer": self._read_integer,
            "number": self._read_number,
            "boolean": self._read_boolean,
            "choice": self._read_choice,
            "fields": self._read_fields,
            "field": self._read_field,
            "extent": self._read_extent,
            "crs": self._read_crs,
        }
        return readers.get(field.kind, self._read_text)(field)

    def _given(self, field: Field) -> bool:
        return any_value(self._parameters, field.parameter)

    def _text(self, name: str) -> str:
        return self._algorithm.parameterAsString(self._parameters, name, self._context).strip()

    def _read_images(self, field: Field) -> str:
        given = [name for name in IMAGE_PARAMETERS if any_value(self._parameters, name)]
        if given == [IMAGE_LAYERS]:
            value = self._parameters[IMAGE_LAYERS]
            items = value if isinstance(value, (list, tuple)) else [value]
            self._images = images_of_layers(items, self._context.getMapLayer)
        elif given in ([IMAGES], [SERIES]):
            self._images = os.path.abspath(self._text(given[0]))
        else:
            raise UserError(
                "images_given",
                ", ".join(IMAGE_PARAMETERS),
                tr("{count} of them have a value", count=len(given)),
                tr("Give exactly one."),
            )
        return self._images

    def _read_vector(self, field: Field) -> Optional[str]:
        if not self._given(field):
            return None
        source = self._algorithm.parameterAsSource(self._parameters, field.parameter, self._context)
        if source is None:
            raise UserError(
                "layer_not_readable",
                f"{field.parameter} {self._parameters[field.parameter]!r}",
                tr("it cannot be opened as a vector layer"),
                tr("Check the path, or choose a layer."),
            )
        transforms = self._context.transformContext()
        return snapshot_source(source, transforms, self._feedback.isCanceled)

    def _read_raster(self, field: Field) -> Optional[str]:
        if not self._given(field):
            return None
        return raster_path(self._parameters[field.parameter], self._context.getMapLayer)

    def _read_path(self, field: Field) -> Optional[str]:
        text = self._text(field.parameter)
        return os.path.abspath(text) if text else None

    def _read_output(self, field: Field) -> str:
        text = self._algorithm.parameterAsFileOutput(
            self._parameters, field.parameter, self._context
        )
        return os.path.abspath(text)

    def _read_output_vector(self, field: Field) -> str:
        definition = self._algorithm.parameterDefinition(field.parameter)
        if not isinstance(definition, QgsProcessingParameterVectorDestination):
            return self._with_ending(self._read_output(field))
        text = self._algorithm.parameterAsOutputLayer(
            self._parameters, field.parameter, self._context
        )
        return os.path.abspath(text)

    def _with_ending(self, path: str) -> str:
        """Return a path with the ending of the format chosen; a temporary one has another."""
        ending = self._algorithm.parameterAsEnumString(self._parameters, "FORMAT", self._context)
        return os.path.splitext(path)[0] + f".{ending}"

    def _read_text(self, field: Field) -> Optional[str]:
        return self._text(field.parameter) or None

    def _read_integer(self, field: Field) -> Optional[int]:
        if not self._given(field):
            return field.default  # type: ignore[return-value]
        return self._algorithm.parameterAsInt(self._parameters, field.parameter, self._context)

    def _read_number(self, field: Field) -> Optional[float]:
        if not self._given(field):
            return field.default  # type: ignore[return-value]
        return self._algorithm.parameterAsDouble(self._parameters, field.parameter, self._context)

    def _read_boolean(self, field: Field) -> bool:
        return self._algorithm.parameterAsBool(self._parameters, field.parameter, self._context)

    def _read_choice(self, field: Field) -> Optional[str]:
        text = self._algorithm.parameterAsEnumString(
            self._parameters, field.parameter, self._context
        )
        return text or None

    def _read_field(self, field: Field) -> Optional[str]:
        names = self._field_names(field)
        return names[0] if names else None

    def _read_fields(self, field: Field) -> Any:
        return self._field_names(field) or None

    def _field_names(self, field: Field) -> "list[str]":
        return list(
            self._algorithm.parameterAsFields(self._parameters, field.parameter, self._context)
        )

    def _read_extent(self, field: Field) -> Optional[str]:
        if not self._given(field):
            return None
        wanted = images_crs(self._images) if self._images else QgsCoordinateReferenceSystem()
        extent = self._algorithm.parameterAsExtent(
            self._parameters, field.parameter, self._context, wanted
        )
        if extent.isEmpty():
            raise UserError(
                "empty_extent", field.parameter, tr("its extent is empty"),
                tr("Choose a larger extent."),
            )  # fmt: skip
        edges = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        return ",".join(repr(edge) for edge in edges)

    def _read_crs(self, field: Field) -> Optional[str]:
        if not self._given(field):
            return None
        crs = self._algorithm.parameterAsCrs(self._parameters, field.parameter, self._context)
        if not crs.isValid():
            raise UserError(
                "unknown_crs",
                f"{field.parameter} {self._parameters[field.parameter]!r}",
                tr("it is no known coordinate reference system"),
                tr("Choose one from the list, for example EPSG:4326."),
            )
        return crs.authid() or crs.toWkt()
