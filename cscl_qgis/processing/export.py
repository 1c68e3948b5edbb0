"""The algorithm cscl:export."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessing, QgsProcessingContext

from ...backend.cscl.contract.errors import Findings
from ...backend.cscl.contract.jobs import ExportJob
from ..words import tr
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

    def check_more(
        self, parameters: Parameters, context: QgsProcessingContext, findings: Findings
    ) -> None:
        """Check that the file's ending is the format's."""
        output = parameters.get(OUTPUT)
        if not isinstance(output, str) or output == QgsProcessing.TEMPORARY_OUTPUT:
            return
        ending = Path(output).suffix.lstrip(".").lower()
        wanted = self.parameterAsEnumString(parameters, "FORMAT", context)
        if ending != wanted:
            findings.error(
                "wrong_ending",
                f"{OUTPUT} {output!r}",
                tr(
                    "it ends in {ending}, but FORMAT is {wanted}",
                    ending=repr(ending), wanted=repr(wanted),
                ),
                tr("Choose the format of that ending, or another ending."),
            )  # fmt: skip
