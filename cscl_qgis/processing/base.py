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
from ...backend.cscl.contract.jobs import make_job
from ..engine.blocking import run_job
from ..engine.locate import PLUGIN_ROOT, EngineMissing, engine_problem
from ..words import told, tr
from .checks import check_parameters, never_markup
from .help import help_text, summary_of
from .loading import load_on_completion
from .outputs import make_outputs, typed_outputs
from .parameters import LOAD, OUTPUT, load_parameter, parameters_of
from .progress import Reporter
from .values import Parameters, Values

ICONS = PLUGIN_ROOT / "resources" / "icons" / "algorithms"
DATA, MODELS, MAPS, ALL = "data", "models", "maps", "all"


def section_title(section: str) -> str:
    """Return the name of a group of the toolbox."""
    titles = {
        DATA: tr("Data"), MODELS: tr("Models"), MAPS: tr("Maps"), ALL: tr("All in one"),
    }  # fmt: skip
    return titles[section]


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
        return told(self.title)

    def group(self) -> str:
        """Return the group in the toolbox."""
        return section_title(self.section)

    def groupId(self) -> str:  # noqa: N802
        """Return the group's identifier; a model's is the title, and it stands beside its like."""
        return self.group() if self.section == ALL else self.section

    def tags(self) -> List[str]:
        """Return words that the toolbox finds this algorithm by."""
        return ["crop", "sentinel", "time series", *self.tags_text.split()]

    def icon(self) -> QIcon:
        """Return the icon of the toolbox."""
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:  # noqa: N802
        """Return the file of the icon, which models draw at any size."""
        return str(ICONS / f"{self.command}.svg")

    def shortDescription(self) -> str:  # noqa: N802
        """Return the first line of the help."""
        return told(summary_of(self.job))

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
        """Say everything that is wrong and what to change; then let QGIS check the rest."""
        findings = Findings()
        check_parameters(self.job, parameters, findings)
        self.check_more(parameters, context, findings)
        if findings.errors:
            return False, never_markup(str(UserError.of(findings.errors)))
        return super().checkParameterValues(self._unopened(parameters), context)

    def check_more(
        self, parameters: Parameters, context: QgsProcessingContext, findings: Findings
    ) -> None:
        """Add what is wrong with parameters that only one algorithm has."""

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
            raise QgsProcessingException(tr("The job was cancelled.")) from None
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
                tr(
                    "{paths}: the engine said that it wrote this, but it is not there. Run the job "
                    "again.",
                    paths=", ".join(missing),
                )
            )
        if self.loads_results and self.parameterAsBool(parameters, LOAD, context):
            title = f"{self.displayName()}: {Path(job.output).name}"
            load_on_completion(job, outputs, title, context, feedback)
        return results
