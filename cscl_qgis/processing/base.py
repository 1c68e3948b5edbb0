"""What all algorithms share: parameters, checks, run, outputs and help, from the job's fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple, Type

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
)
from qgis.PyQt.QtGui import QIcon

from ...backend.cscl.contract.errors import Cancelled, Findings, UserError
from ...backend.cscl.contract.fields import fields_of
from ...backend.cscl.contract.jobs import make_job
from ..engine.blocking import run_job
from ..engine.locate import PLUGIN_ROOT, EngineMissing, engine_problem
from .help import help_text
from .loading import load_on_completion
from .outputs import make_outputs, typed_outputs
from .parameters import IMAGE_PARAMETERS, LOAD, OUTPUT, any_value, load_parameter, parameters_of
from .progress import Reporter
from .values import Parameters, Values

ICON = PLUGIN_ROOT / "resources" / "icons" / "algorithm.svg"
DATA, MODELS, MAPS, ALL = "Data", "Models", "Maps", "All in one"


class JobAlgorithm(QgsProcessingAlgorithm):
    """One job of the engine as a Processing algorithm; a subclass says which, and its names."""

    command = ""
    title = ""
    section = DATA
    tags_text = ""
    job: Type[Any]
    loads_results = False

    # What QGIS asks.

    def createInstance(self) -> QgsProcessingAlgorithm:  # noqa: N802
        """Return a new algorithm of this class."""
        return type(self)()

    def name(self) -> str:
        """Return the identifier, which is the command line's command."""
        return self.command

    def displayName(self) -> str:  # noqa: N802
        """Return the name in the toolbox."""
        return self.title

    def group(self) -> str:
        """Return the group in the toolbox."""
        return self.section

    def groupId(self) -> str:  # noqa: N802
        """Return the group's identifier."""
        return self.section

    def tags(self) -> List[str]:
        """Return words that the toolbox finds this algorithm by."""
        return ["crop", "sentinel", "time series", *self.tags_text.split()]

    def icon(self) -> QIcon:
        """Return the icon of the toolbox."""
        return QIcon(str(ICON))

    def shortDescription(self) -> str:  # noqa: N802
        """Return the first line of the help."""
        return str(self.job.__doc__).split("\n", 1)[0]

    def shortHelpString(self) -> str:  # noqa: N802
        """Return the help beside the dialog."""
        return help_text(self.command, self.job)

    def canExecute(self) -> Tuple[bool, str]:  # noqa: N802
        """Say whether the engine is there, and what to do where it is not."""
        problem = engine_problem()
        return not problem, problem

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: N802
        """Make the parameters and outputs."""
        for parameter in parameters_of(self.job):
            if parameter.name() == OUTPUT and self.loads_results:
                self.addParameter(load_parameter())
            self.addParameter(parameter)
        names = [definition.name() for definition in self.parameterDefinitions()]
        for output in make_outputs(self.command, names):
            self.addOutput(output)

    def checkParameterValues(  # noqa: N802
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> Tuple[bool, str]:
        """Check besides that the images are given in exactly one way."""
        valid, reason = super().checkParameterValues(self._unopened(parameters), context)
        if not valid:
            return valid, reason
        findings = Findings()
        self._check_images(parameters, findings)
        if findings.errors:
            return False, str(UserError.of(findings.errors))
        return True, ""

    def validateInputCrs(  # noqa: N802
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> bool:
        """Leave reference systems to the engine: QGIS would open every raster for this."""
        return True

    def processAlgorithm(  # noqa: N802
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Dict[str, Any]:
        """Run the job; raises `QgsProcessingException` for anything but success."""
        reporter = Reporter(self.command, feedback)
        try:
            values = Values(self, parameters, context, feedback).of(self.job)
            job = make_job(self.command, values)
            outcome = run_job(job, reporter.event, reporter.log, feedback.isCanceled)
        except Cancelled:
            raise QgsProcessingException("The job was cancelled.") from None
        except (UserError, EngineMissing) as error:
            raise QgsProcessingException(str(error)) from None
        if not outcome.succeeded:
            if outcome.details and outcome.state == "failed":
                feedback.pushDebugInfo(outcome.details)
            raise QgsProcessingException(outcome.message)
        return self._results(job, outcome.outputs, parameters, context, feedback)

    # Behind that.

    def _unopened(self, parameters: Parameters) -> Parameters:
        """Return the parameters without rasters, which are all optional here.

        To check a raster, QGIS opens it with a default style and writes statistics beside it.
        """
        kinds = (QgsProcessingParameterRasterLayer, QgsProcessingParameterMultipleLayers)
        return {
            name: value
            for name, value in parameters.items()
            if not isinstance(self.parameterDefinition(name), kinds)
        }

    def _check_images(self, parameters: Parameters, findings: Findings) -> None:
        if not any(field.kind == "images" for field in fields_of(self.job)):
            return
        given = [name for name in IMAGE_PARAMETERS if any_value(parameters, name)]
        if len(given) != 1:
            found = f"{' and '.join(given)} have values" if given else "none of them has a value"
            findings.error(
                "images_given",
                ", ".join(IMAGE_PARAMETERS),
                found,
                "Give exactly one: a folder of images, raster layers, or a time series.",
            )

    def _results(
        self,
        job: Any,
        outputs: Dict[str, str],
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Dict[str, Any]:
        names = [definition.name() for definition in self.outputDefinitions()]
        results = {OUTPUT: job.output, **typed_outputs(self.command, outputs, names)}
        missing = [path for path in results.values() if not Path(path).exists()]
        if missing:
            raise QgsProcessingException(
                f"{', '.join(missing)}: the engine said that it wrote this, but it is not there. "
                "Run the job again."
            )
        if self.loads_results and self.parameterAsBool(parameters, LOAD, context):
            title = f"{self.title}: {Path(job.output).name}"
            load_on_completion(outputs, title, context, feedback)
        return results
