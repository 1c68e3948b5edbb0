"""The algorithm cscl:export."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

from qgis.core import QgsProcessing, QgsProcessingContext

from ...backend.cscl.contract.jobs import ExportJob
from .base import MAPS, JobAlgorithm
from .parameters import OUTPUT
from .values import Parameters


class ExportAlgorithm(JobAlgorithm):
    """Processing's face of the job export."""

    command = "export"
    title = "Export parcels"
    section = MAPS
    tags_text = "geojson shapefile flatgeobuf geoparquet csv xlsx kml geopackage"
    job = ExportJob
    loads_results = True

    def checkParameterValues(  # noqa: N802
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> Tuple[bool, str]:
        """Check besides that the file's ending is the format's."""
        valid, reason = super().checkParameterValues(parameters, context)
        output = parameters.get(OUTPUT)
        if not valid or not isinstance(output, str) or output == QgsProcessing.TEMPORARY_OUTPUT:
            return valid, reason
        ending = Path(output).suffix.lstrip(".").lower()
        wanted = self.parameterAsEnumString(parameters, "FORMAT", context)
        if ending != wanted:
            return False, (
                f"OUTPUT {output!r}: it ends in {ending!r}, but FORMAT is {wanted!r}. Choose the "
                "format of that ending, or another ending."
            )
        return True, ""
